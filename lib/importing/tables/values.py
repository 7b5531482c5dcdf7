"""Makes plain numbers of cells that hold them in another writing: decimal commas, and the two numbers of a point."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from lib.importing.choices import answer
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables import number_lists
from lib.importing.tables.units import without_unit

#: Name of the answer: what the comma in cells such as "1,234" is.
COMMA = "comma"
DECIMAL, THOUSANDS, LIST = "decimal", "thousands", "list"
_ANSWERS = (DECIMAL, THOUSANDS, LIST)
#: Cells that hold nothing.
MISSING = frozenset(("", "nan", "na", "n/a", "null", "none", "?", "-"))
#: Usual names of columns with several labels a cell, and with one.
SEVERAL_NAMES = frozenset(("labels", "tags", "classes", "categories", "targets", "keywords", "objects"))
LABEL_NAMES = frozenset(
    [
        "label",
        "class",
        "target",
        "category",
        "class_id",
        "label_id",
        "tag",
        "class_name",
        "classname",
        "label_name",
        "labelname",
        "category_name",
        "species",
        "breed",
        "diagnosis",
        "dx",
        "object",
        "object_name",
        "name",
    ]
)
_LOOKED_AT = 100  # cells that tell whether to look at all
_MOST = 0.9  # of a column's cells; the others are slips, which readers name
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_PLAIN = re.compile(_NUMBER)
_DECIMAL = re.compile(r"[+-]?(?:\d{1,3}(?:\.\d{3})+|\d*),\d+(?:[eE][+-]?\d{1,3})?")
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_BRACKETS = re.compile(rf"[(\[]\s*({_NUMBER})(?:\s*[,;]\s*|\s+)({_NUMBER})\s*[)\]]")
_BARE = re.compile(rf"({_NUMBER})\s+({_NUMBER})")
_POINT_NAMES = re.compile(
    r"(?:^|[_ .-])(?:point|pt|kp|keypoint|landmark|xy|coord\w*|pos\w*|cent(?:er|re)|tip)s?(?:$|[_ .\d-])"
)


@dataclass
class Values:
    """Columns of a table after `plain`, with what was noticed, as in `lib.importing.tables.cells.Cells`."""

    header: list[str]
    cells: pd.DataFrame
    notes: list[tuple[str, str]] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    unsure: UnsureError | None = None


def plain(header: list[str], cells: pd.DataFrame, file: str, choices: Mapping[str, str]) -> Values:
    """Return the columns with numbers as Python writes them, and a column of points as two, ``…_x`` and ``…_y``.

    Parameters
    ----------
    header : list of str
    cells : pandas.DataFrame
        Text; its columns are called 0, 1, 2, …
    file : str
        What the table is called in messages.
    choices : mapping
        The user's answers.
    """
    chosen = answer(choices, COMMA, _ANSWERS)
    values = Values(list(header), cells)
    _take_units(values, file)
    texts = {i: "".join(values.cells[i].tolist()) for i in values.cells}
    _commas(values, file, chosen, [i for i in texts if "," in texts[i]])
    _points(values, file, [i for i in texts if any(sign in texts[i] for sign in "([ ")])
    return values


def _take_units(values: Values, file: str) -> None:
    for i in values.cells:
        name, column = values.header[i], values.cells[i]
        if not any(cell[:1].isdigit() and not cell[-1:].isdigit() for cell in column.head(_LOOKED_AT)):
            continue
        taken = without_unit(name, column, filled(column))
        if taken is not None:
            values.cells = values.cells.copy()
            values.cells[i] = taken[0]
            values.notes.append(("units", f"{file}, column {name!r}: {taken[1]}"))


def filled(column: pd.Series) -> list[str]:
    """Return the different cells of a column that hold something."""
    return [cell for cell in pd.unique(column) if cell.lower() not in MISSING]


def _share(cells: list[str], test: Callable[[str], object]) -> float:
    return sum(test(cell) is not None for cell in cells) / len(cells) if cells else 0.0


def _commas(values: Values, file: str, chosen: str | None, possible: list[int]) -> None:
    meanings = {}
    for i in possible:
        name = values.header[i].lower()
        if name not in SEVERAL_NAMES and (meaning := _meaning(filled(values.cells[i]))):
            meanings[i] = meaning
    sure = {meaning for meaning in meanings.values() if meaning in _ANSWERS}
    for i, meaning in meanings.items():
        name = values.header[i]
        if chosen is not None:
            meaning = chosen
        elif meaning == "?" and len(sure) == 1:  # as the other columns
            meaning = next(iter(sure))
        elif meaning == "?" or (meaning == DECIMAL and name.lower() in LABEL_NAMES):
            values.unsure = values.unsure or _unsure(file, name, filled(values.cells[i]), meaning)
            continue
        if meaning == LIST:
            continue
        known = {cell: _as_plain(cell, meaning) for cell in pd.unique(values.cells[i])}
        values.cells[i] = values.cells[i].map(known)
        kind = "decimal-commas" if meaning == DECIMAL else THOUSANDS
        values.notes.append((kind, f"{file}, column {name!r}"))
        if chosen is None and meaning == DECIMAL:
            question = f"{file}, column {name!r}: the commas are read as decimal commas."
            values.fixes.append(Fix(kind, question, COMMA, LIST, "Read commas as what parts labels"))


def _meaning(cells: list[str]) -> str | None:
    """Return what the commas of a column are, "?" where both are possible, None where its cells are no numbers."""
    commas = [cell for cell in cells if "," in cell]
    decimal = {cell for cell in commas if _DECIMAL.fullmatch(cell)}
    thousands = {cell for cell in commas if _THOUSANDS.fullmatch(cell)}
    others = [cell for cell in cells if "," not in cell]
    numbers = len(decimal | thousands) + sum(_PLAIN.fullmatch(cell) is not None for cell in others)
    if not commas or numbers < _MOST * len(cells):
        return None
    points = any("." in cell and _PLAIN.fullmatch(cell) for cell in others)
    only_decimal, only_thousands = bool(decimal - thousands), bool(thousands - decimal) or points
    if only_decimal and only_thousands:
        return None
    return DECIMAL if only_decimal else THOUSANDS if only_thousands else "?"


def _as_plain(cell: str, meaning: str) -> str:
    if meaning == THOUSANDS:
        return cell.replace(",", "") if _THOUSANDS.fullmatch(cell) else cell
    return cell.replace(".", "").replace(",", ".") if _DECIMAL.fullmatch(cell) else cell


def _unsure(file: str, name: str, cells: list[str], meaning: str) -> UnsureError:
    example = next(cell for cell in cells if "," in cell)
    question = (
        f"{file}, column {name!r}: {example!r} may be a number with a decimal comma"
        + (", or one with its thousands set off" if meaning == "?" else ", or a list of labels")
        + ": nothing tells which. Say it."
    )
    other = (THOUSANDS, "The comma sets off thousands") if meaning == "?" else (LIST, "The comma parts labels")
    return UnsureError(
        question,
        [Fix("", question, COMMA, DECIMAL, "Decimal comma"), Fix("", question, COMMA, *other)],
    )


def _points(values: Values, file: str, possible: list[int]) -> None:
    header: list[str] = []
    columns: list[pd.Series] = []
    for i, name in enumerate(values.header):
        column = values.cells[i]
        may = i in possible and name.lower() not in SEVERAL_NAMES | LABEL_NAMES
        pattern = _point_pattern(name, filled(column)) if may else None
        count = number_lists.points(filled(column)) if may and _POINT_NAMES.search(name.lower()) else 0
        if count:
            lists = {cell: number_lists.numbers(cell) or [""] * 2 * count for cell in pd.unique(column)}
            for place in range(2 * count):
                header.append(f"{name}_{place // 2 + 1}_{'xy'[place % 2]}")
                columns.append(column.map({cell: each[place] for cell, each in lists.items()}))
            values.notes.append(("point-lists", f"{file}, column {name!r}: {count:,} points"))
            continue
        if pattern is None:
            header.append(name)
            columns.append(column)
            continue
        pairs = {cell: _pair(pattern, cell) for cell in pd.unique(column)}
        for axis, letter in enumerate("xy"):
            header.append(f"{name}_{letter}")
            columns.append(column.map({cell: pair[axis] for cell, pair in pairs.items()}))
        values.notes.append(("point-cells", f"{file}, column {name!r}"))
    if len(header) > len(values.header):
        values.header = header
        values.cells = pd.concat(columns, axis=1).set_axis(range(len(header)), axis=1)


def _point_pattern(name: str, cells: list[str]) -> re.Pattern[str] | None:
    if _share(cells, _BRACKETS.fullmatch) >= _MOST:
        return _BRACKETS
    if _share(cells, _BARE.fullmatch) < _MOST:
        return None
    numbers = [number for cell in cells for number in cell.split()]
    # Numbers of classes come again and again, and are whole.
    differing = any("." in number for number in numbers) or len(set(numbers)) > 0.6 * len(numbers)
    return _BARE if differing or _POINT_NAMES.search(name.lower()) else None


def _pair(pattern: re.Pattern[str], cell: str) -> tuple[str, str]:
    match = pattern.fullmatch(cell)
    if match is None:
        return ("", "") if cell.lower() in MISSING else (cell, cell)
    return match[1], match[2]
