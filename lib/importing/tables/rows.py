"""Makes one row a picture of several: rows of objects, of labels, of points, and of annotators who may differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables import point_rows
from lib.importing.tables.cells import LISTED, MAX_CELLS
from lib.importing.tables.columns import Column
from lib.importing.tables.row_roles import CONFIDENCES
from lib.importing.tables.values import MISSING

#: Name of the answer: what becomes of rows of one picture that differ.
CHOICE = "several-rows"
UNION, MAJORITY, FIRST, MEAN = "union", "majority", "first", "mean"
TITLES = {
    UNION: "Use the labels of all rows",
    MAJORITY: "Use the labels of most rows (where none is in most, none)",
    FIRST: "Use the first row",
    MEAN: "Use the mean of the rows",
}
_LABELS = ("labels", "01")
_NUMBERS = ("number", "x", "y", "visible")
#: Roles of columns that are no targets.
_ASIDE = ("box", "point", "annotator", "split", "group", "file", "ignore")
#: From this part of the pictures on, several rows with different labels are the table's form and no slip.
_MANY = 1 / 3


@dataclass
class Rows:
    """A table as plain data.

    Attributes
    ----------
    columns : list of Column
    cells : pandas.DataFrame
        Text, with a column for each of ``columns``.
    pictures : list of (str or None)
        Picture of each row.
    where : list of str
        File and line of each row.
    splits, groups : list of str, or None
        Of each row; they have to agree for a picture.
    """

    columns: list[Column]
    cells: pd.DataFrame
    pictures: list[str | None]
    where: list[str]
    splits: list[str] | None = None
    groups: list[str] | None = None

    def named(self, *roles: str) -> list[str]:
        """Return the names of the columns that have one of ``roles``."""
        return [column.name for column in self.columns if column.role in roles and column.name in self.cells]


@dataclass
class United:
    """One row a picture.

    Attributes
    ----------
    columns : list of Column
        Of the targets.
    cells : pandas.DataFrame
        Those, a row for each of ``rows``. A cell with several labels has `lib.importing.tables.cells.LISTED` behind
        each.
    rows : list of int
        The row of the table that each was the first of.
    notes : list of (str, str)
        Kind of problem, and where.
    fixes : list of Fix
        Other ways to unite them.
    counts : dict of str to int
        In how many rows each label stood; empty where no labels were united.
    """

    columns: list[Column]
    cells: pd.DataFrame
    rows: list[int]
    notes: list[tuple[str, str]] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def unite(table: Rows, choices: Mapping[str, str]) -> United:
    """Return one row for each picture, and the rows without a picture as they are.

    Rows that are equal become one; a row an object or a label gives a picture the labels of all; a row a point is
    joined to a table of points.

    Raises
    ------
    UnsureError
        If rows of one picture say different things, and it was not chosen what becomes of them.
    """
    if choices.get(CHOICE) not in (None, *TITLES):
        raise UserError(
            f"The choice {CHOICE!r} is {choices[CHOICE]!r}: expected one of {', '.join(TITLES)}. Choose one of them."
        )
    rows_of: dict[str, list[int]] = {}
    for row, picture in enumerate(table.pictures):
        if picture is not None:
            rows_of.setdefault(picture, []).append(row)
    several = any(len(rows) > 1 for rows in rows_of.values())
    if several:
        _check_same(table, rows_of, choices)
    if table.named("point") and table.named("x") and table.named("y"):
        return _points(table, rows_of, choices)
    labels = table.named("labels")
    if labels and table.named("box"):
        empty = table.cells[labels[0]].str.lower().isin(MISSING).to_numpy()
        if several or empty.any():
            return _objects(table, rows_of, labels[0], choices)
    if several:
        return _others(table, rows_of, choices)
    return _targets(table, table.cells, list(range(len(table.pictures))))


def _targets(table: Rows, cells: pd.DataFrame, rows: list[int]) -> United:
    """Return the targets of ``rows``, all of ``cells`` being those rows."""
    aside = set(table.named(*_ASIDE))
    names = [name for name in cells if name not in aside]
    columns = [column for column in table.columns if column.name in names]
    return United(columns, cells[names].reset_index(drop=True), rows)


def _check_same(table: Rows, rows_of: dict[str, list[int]], choices: Mapping[str, str]) -> None:
    """Ask where a picture is in two splits or groups."""
    for what, told in (("split", table.splits), ("group", table.groups)):
        if told is None or choices.get(CHOICE) == FIRST:
            continue
        for picture, rows in rows_of.items():
            other = next((row for row in rows if told[row] != told[rows[0]]), None)
            if other is not None:
                question = (
                    f"{table.where[other]}: {picture} has the {what} {told[other]!r}, expected {told[rows[0]]!r} as in "
                    f"{table.where[rows[0]]}: a picture can be in one only. Correct one of the rows, or choose the "
                    "first."
                )
                raise UnsureError(question, [Fix("", question, CHOICE, FIRST, TITLES[FIRST])])


def _points(table: Rows, rows_of: dict[str, list[int]], choices: Mapping[str, str]) -> United:
    point, x, y = (table.named(role)[0] for role in ("point", "x", "y"))
    visible = next(iter(table.named("visible")), None)
    read = point_rows.read(table.cells, rows_of, point, x, y, visible)
    differing = {
        picture: [rows[0] for rows in points.values() if len({read.places[row] for row in rows}) > 1]
        for picture, points in read.rows.items()
    }
    differing = {picture: rows for picture, rows in differing.items() if rows}
    chosen = choices.get(CHOICE)
    if differing:
        picture, rows = next(iter(differing.items()))
        twin = read.rows[picture][read.names[rows[0]]][1]
        what = f"{picture} has the point {read.names[rows[0]]!r} at {_pair(read, rows[0])} and at {_pair(read, twin)}"
        chosen = _ask(table, what, rows[0], twin, len(differing), (MEAN, FIRST), choices)
    cells, firsts = point_rows.join(read, mean=chosen == MEAN)
    columns = [Column(name, "x" if i % 2 == 0 else "y", "one row a point", ()) for i, name in enumerate(cells)]
    united = United(columns, cells, firsts)
    _add_lost(table, united)
    united.notes += [("point-rows", f"{table.where[rows[0]]}: {picture}") for picture, rows in rows_of.items()]
    united.notes += [("different-rows", f"{picture}: {chosen}") for picture in differing]
    return united


def _pair(read: point_rows.PointRows, row: int) -> str:
    return f"({', '.join(read.places[row])})"


def _add_lost(table: Rows, united: United) -> None:
    """Add the rows without a picture, with empty cells, so that they are named as those of any table."""
    lost = [row for row, picture in enumerate(table.pictures) if picture is None]
    if lost:
        empty = pd.DataFrame("", index=range(len(lost)), columns=united.cells.columns, dtype=object)
        united.cells = pd.concat([united.cells, empty], ignore_index=True)
        united.rows += lost


def parts(cell: str) -> list[str]:
    """Return the labels of a cell that is united with others.

    Examples
    --------
    >>> parts("cat"), parts("cat|dog"), parts("n/a")
    (['cat'], ['cat', 'dog'], [])
    """
    separator = next((one for one in (LISTED, "|", ";") if one in cell), None)
    labels = [part.strip() for part in cell.split(separator)] if separator else [cell]
    return list(dict.fromkeys(label for label in labels if label.lower() not in MISSING))


def listed(labels: Sequence[str]) -> str:
    """Return a cell that is read as these labels; of none as an empty list."""
    return "".join(f"{label}{LISTED}" for label in labels) or LISTED


def _objects(table: Rows, rows_of: dict[str, list[int]], label: str, choices: Mapping[str, str]) -> United:
    """Return the labels of all rows of each picture."""
    cells, annotator = table.cells[label].tolist(), _column(table, "annotator")
    verified = _verified(table)
    if verified is not None:
        return _verified_labels(table, rows_of, label, verified)
    sets: dict[str, list[str]] = {}
    differing: dict[str, tuple[int, int]] = {}
    chosen = choices.get(CHOICE) if annotator else None
    for picture, rows in rows_of.items():
        answers: dict[str, list[int]] = {}
        for row in rows:
            answers.setdefault(annotator[row] if annotator else "", []).append(row)
        each = [list(dict.fromkeys(name for row in own for name in parts(cells[row]))) for own in answers.values()]
        other = next((i for i in range(len(each)) if set(each[i]) != set(each[0])), None)
        if other is not None:
            starts = [own[0] for own in answers.values()]
            differing[picture] = (starts[0], starts[other])
        sets[picture] = _labels(each, chosen or UNION, one=False)
    if differing:
        picture, (first, second) = next(iter(differing.items()))
        who = table.named("annotator")[0]
        what = f"{picture} has other labels by {table.cells[who].iat[first]!r} than by {table.cells[who].iat[second]!r}"
        chosen = _ask(table, what, first, second, len(differing), (UNION, MAJORITY, FIRST), choices)
    united = _with_labels(table, rows_of, label, [listed(sets[picture]) for picture in rows_of])
    several = [picture for picture, rows in rows_of.items() if len(rows) > 1]
    united.notes += [("object-rows", f"{table.where[rows_of[picture][0]]}: {picture}") for picture in several]
    united.notes += [("different-rows", f"{picture}: {chosen}") for picture in differing]
    return united


def _with_labels(table: Rows, rows_of: dict[str, list[int]], label: str, cells: list[str]) -> United:
    column = next(column for column in table.columns if column.name == label)
    united = United([column], pd.DataFrame({label: cells}, dtype=object), [rows[0] for rows in rows_of.values()])
    united.counts = dict(Counter(name for rows in rows_of.values() for name in table.cells[label].iloc[rows] if name))
    _add_lost(table, united)
    return united


def _column(table: Rows, role: str) -> list[str] | None:
    names = table.named(role)
    return table.cells[names[0]].tolist() if names else None


def _verified(table: Rows) -> np.ndarray | None:
    """Return of each row whether its label is there, where a column says that some were looked for and are not."""
    for name in table.cells:
        if name.lower() in CONFIDENCES:
            numbers = pd.to_numeric(table.cells[name], errors="coerce").to_numpy()
            if set(np.unique(numbers).tolist()) == {0.0, 1.0}:
                return numbers == 1
    return None


def _verified_labels(table: Rows, rows_of: dict[str, list[int]], label: str, there: np.ndarray) -> United:
    """Return a column a label: 1 where it is there, 0 where it was looked for in vain, empty where nobody looked."""
    cells = table.cells[label].tolist()
    names = sorted({name for cell in set(cells) for name in parts(cell)})
    if len(names) * len(rows_of) > MAX_CELLS:
        raise UserError(
            f"{table.where[0]}, column {label!r}: {len(names):,} labels for {len(rows_of):,} pictures, expected at "
            f"most {MAX_CELLS:,} cells. Leave labels out."
        )
    place = {name: i for i, name in enumerate(names)}
    matrix = np.full((len(rows_of), len(names)), "", dtype=object)
    for i, rows in enumerate(rows_of.values()):
        for row in sorted(rows, key=lambda row: bool(there[row])):  # what one row shows is there
            for name in parts(cells[row]):
                matrix[i, place[name]] = "1" if there[row] else "0"
    columns = [Column(name, "01", f"a label of column {label!r}", ()) for name in names]
    united = United(columns, pd.DataFrame(matrix, columns=names), [rows[0] for rows in rows_of.values()])
    united.counts = dict(Counter(cells))
    _add_lost(table, united)
    united.notes += [("object-rows", f"{table.where[rows[0]]}: {picture}") for picture, rows in rows_of.items()]
    return united


def _labels(each: list[list[str]], chosen: str, *, one: bool) -> list[str]:
    """Return the labels of one picture; ``one`` says that each answer of the table is a single label."""
    if chosen == FIRST or len(each) == 1:
        return each[0]
    count = Counter(name for labels in each for name in labels)
    if chosen == UNION:
        return list(count)
    if not one:
        return [name for name in count if 2 * count[name] > len(each)]
    best = count.most_common(2)
    return [best[0][0]] if best and (len(best) == 1 or best[0][1] > best[1][1]) else []


def _others(table: Rows, rows_of: dict[str, list[int]], choices: Mapping[str, str]) -> United:
    """Make one row of those that are equal, and ask about those that are not."""
    labels, numbers = table.named(*_LABELS), table.named(*_NUMBERS)
    verified = _verified(table) if table.named("labels") else None
    if verified is not None:
        return _verified_labels(table, rows_of, table.named("labels")[0], verified)
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
            first = rows[0]
            notes += [
                ("duplicate-row", f"{table.where[row]}: {picture} (first in {table.where[first]})") for row in rows[1:]
            ]
            equal_rows += len(rows) - 1
    firsts = [rows[0] for rows in rows_of.values()]
    lost = [row for row, picture in enumerate(table.pictures) if picture is None]
    kept = [*firsts, *lost]
    united = _targets(replace(table, columns=table.columns), table.cells.iloc[kept], kept)
    united.notes += notes
    if not different:
        return united
    used = {name for columns in different.values() for name in columns}
    only_labels = used <= set(labels)
    chosen = choices.get(CHOICE)
    if chosen is None and only_labels and not annotated and not equal_rows and _is_form(rows_of, different):
        chosen = UNION
        united.notes += [("label-rows", f"{table.where[rows_of[picture][0]]}: {picture}") for picture in different]
        united.fixes = _fixes(
            "label-rows",
            f"{sentences.count(len(different), 'image has', 'images have')} several rows with "
            "different labels, read as a row a label.",
            (MAJORITY, FIRST),
        )
    else:
        offered = (UNION, MAJORITY, FIRST) if only_labels else (MEAN, FIRST) if used <= set(numbers) else (FIRST,)
        chosen = _ask_about(table, rows_of, different, offered, choices)
        united.notes += [("different-rows", f"{picture}: {chosen}") for picture in different]
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
            sets = {picture: [parts(cell) for cell in own] for picture, own in each.items()}
            one = all(len(labels) <= 1 for own in sets.values() for labels in own)
            joined = {picture: _labels(own, chosen, one=one) for picture, own in sets.items()}
            plain = one and chosen == MAJORITY
            united.counts = dict(Counter(label for own in sets.values() for labels in own for label in labels))
            column = ["".join(labels) if plain else listed(labels) for labels in joined.values()]
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
    return _ask(table, what, rows[0], second, len(different), offered, choices)


def _ask(
    table: Rows, what: str, first: int, second: int, count: int, offered: tuple[str, ...], choices: Mapping[str, str]
) -> str:
    """Return what the user chose of ``offered``; raise the question if nothing was chosen."""
    chosen = choices.get(CHOICE)
    if chosen in offered:
        return chosen
    question = (
        f"{table.where[first]} and {table.where[second]}: {what}; "
        f"{sentences.count(count, 'image has', 'images have')} several rows that differ. Say what is used, or correct "
        "the rows."
    )
    if chosen is not None:
        question = f"The choice {CHOICE} is {chosen}, expected {' or '.join(offered)}. {question}"
    raise UnsureError(question, _fixes("", question, offered))


def _fixes(kind: str, question: str, offered: tuple[str, ...]) -> list[Fix]:
    return [Fix(kind, question, CHOICE, value, TITLES[value]) for value in offered]
