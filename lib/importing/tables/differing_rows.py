"""Makes one row of those of a picture that are equal, and asks, or answers, where they differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

import pandas as pd

from lib.core import sentences
from lib.importing.tables.object_rows import verified, verified_labels
from lib.importing.tables.row_roles import CONFIDENCES
from lib.importing.tables.united import (
    CHOICE,
    FIRST,
    MAJORITY,
    MEAN,
    UNION,
    Rows,
    United,
    ask,
    fixes_of,
    labels_of,
    listed,
    parts,
    separator_of,
    targets_of,
)
from lib.importing.tables.values import MISSING

_LABELS = ("labels", "01")
_NUMBERS = ("number", "x", "y", "visible")
#: From this part of the pictures on, several rows with different labels are the table's form and no slip.
_MANY = 1 / 3


def others(table: Rows, rows_of: dict[str, list[int]], choices: Mapping[str, str]) -> United:
    """Make one row of those that are equal, and ask about those that are not."""
    labels, numbers = table.named(*_LABELS), table.named(*_NUMBERS)
    there = verified(table) if table.named("labels") else None
    if there is not None:
        return verified_labels(table, rows_of, table.named("labels")[0], there)
    if labels:  # how sure somebody is of a label is no target
        numbers = [name for name in numbers if name.lower() not in CONFIDENCES]
        labels = [name for name in labels if name.lower() not in CONFIDENCES]
    names = [*labels, *numbers]
    lists = {name: table.cells[name].tolist() for name in names}
    annotated = bool(table.named("annotator"))
    different: dict[str, list[str]] = {}  # columns by picture
    notes: list[tuple[str, str]] = []
    equal_rows = 0
    for picture, rows in rows_of.items():
        if len(rows) == 1:
            continue
        columns = [name for name in names if len({lists[name][row] for row in rows}) > 1]
        if columns:
            different[picture] = columns
            equal_rows += len(rows) - len({tuple(lists[name][row] for name in names) for row in rows})
        elif not annotated:
            lines = [table.where[row] for row in rows]
            notes += [("duplicate-row", f"{line}: {picture} (first in {lines[0]})") for line in lines[1:]]
            equal_rows += len(rows) - 1
    firsts = [rows[0] for rows in rows_of.values()]
    lost = [row for row, picture in enumerate(table.pictures) if picture is None]
    kept = [*firsts, *lost]
    aside = [name for name in table.cells if labels and name not in names and name.lower() in CONFIDENCES]
    united = targets_of(table, table.cells.iloc[kept].drop(columns=aside), kept)
    united.notes += notes
    if not different:
        return united
    used = {name for columns in different.values() for name in columns}
    only_labels = used <= set(labels)
    chosen = choices.get(CHOICE)
    in_words = used <= set(table.named("labels"))
    if chosen is None and in_words and not annotated and not equal_rows and _is_form(rows_of, different):
        chosen = UNION
        united.notes += [("label-rows", f"{table.where[rows_of[picture][0]]}: {picture}") for picture in different]
        united.fixes = fixes_of(
            "label-rows",
            f"{sentences.count(len(different), 'image has', 'images have')} several rows with "
            "different labels, read as a row a label.",
            (MAJORITY, FIRST),
        )
    else:
        offered = (UNION, MAJORITY, FIRST) if only_labels else (MEAN, FIRST) if used <= set(numbers) else (FIRST,)
        chosen = _ask_about(table, rows_of, different, offered, choices)
        united.notes += [("different-rows", f"{picture}: {chosen}") for picture in different]
    united.changed = True
    _answer(table, united, rows_of, different, chosen, len(lost))
    return united


def _is_form(rows_of: dict[str, list[int]], different: dict[str, list[str]]) -> bool:
    """Return whether one row a label is how a table is written: in many pictures, whose rows follow each other."""
    together = all(rows_of[picture][-1] - rows_of[picture][0] == len(rows_of[picture]) - 1 for picture in different)
    return together and len(different) >= _MANY * len(rows_of)


def _answer(
    table: Rows, united: United, rows_of: dict[str, list[int]], different: dict[str, list[str]], chosen: str, lost: int
) -> None:
    roles = {column.name: column.role for column in table.columns}
    for name in dict.fromkeys(name for columns in different.values() for name in columns):
        cells = table.cells[name].tolist()
        each = {picture: [cells[row] for row in rows] for picture, rows in rows_of.items()}
        if chosen == FIRST:
            continue
        join: Callable[[list[str]], str]
        if roles[name] == "labels":
            separator = separator_of(name, cells)
            labels = {cell: parts(cell, separator) for cell in set(cells)}
            sets = {picture: [labels[cell] for cell in own] for picture, own in each.items()}
            one = all(len(some) <= 1 for own in sets.values() for some in own)
            joined = {picture: labels_of(own, chosen, one=one) for picture, own in sets.items()}
            plain = one and chosen == MAJORITY
            united.counts = dict(Counter(label for own in sets.values() for some in own for label in some))
            column = ["".join(some) if plain else listed(some) for some in joined.values()]
            united.cells[name] = column + [cells[row] for row in united.rows[len(united.rows) - lost :]]
            continue
        join = _most if chosen == MAJORITY else _any if chosen == UNION else _mean
        column = [join(own) if name in different.get(picture, ()) else own[0] for picture, own in each.items()]
        united.cells[name] = column + [cells[row] for row in united.rows[len(united.rows) - lost :]]


def _any(cells: list[str]) -> str:
    return next((cell for cell in cells if cell.lower() in ("1", "1.0", "true", "yes", "y", "x")), cells[0])


def _most(cells: list[str]) -> str:
    best = Counter(cell for cell in cells if cell.lower() not in MISSING).most_common(2)
    return best[0][0] if best and (len(best) == 1 or best[0][1] > best[1][1]) else ""


def _mean(cells: list[str]) -> str:
    numbers = pd.to_numeric(pd.Series([cell for cell in cells if cell.lower() not in MISSING]), errors="coerce")
    return repr(float(numbers.mean())) if len(numbers) and bool(numbers.notna().all()) else ""


def _ask_about(
    table: Rows,
    rows_of: dict[str, list[int]],
    different: dict[str, list[str]],
    offered: tuple[str, ...],
    choices: Mapping[str, str],
) -> str:
    picture, columns = next(iter(different.items()))
    cells, rows = table.cells[columns[0]], rows_of[picture]
    second = next(row for row in rows if cells.iat[row] != cells.iat[rows[0]])
    who = table.named("annotator")
    what = f"{picture} has {cells.iat[rows[0]]!r} and {cells.iat[second]!r} in column {columns[0]!r}"
    if who:
        names = table.cells[who[0]]
        what += f", by {names.iat[rows[0]]!r} and {names.iat[second]!r} (column {who[0]!r}, annotator)"
    return ask(table, what, rows[0], second, len(different), offered, choices)
