"""A table as plain data before and after its rows are united, and the question where these differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from lib.core import sentences
from lib.importing.columns import Column
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables.cells import LISTED
from lib.importing.tables.values import MISSING
from lib.importing.tables.words import SEVERAL

#: Name of the answer: what becomes of rows of one picture that differ.
CHOICE = "several-rows"
UNION, MAJORITY, FIRST, MEAN = "union", "majority", "first", "mean"
TITLES = {
    UNION: "Use the labels of all rows",
    MAJORITY: "Use the labels of most rows (where none is in most, none)",
    FIRST: "Use the first row",
    MEAN: "Use the mean of the rows",
}
#: Roles of columns that are no targets.
_ASIDE = ("box", "point", "annotator", "split", "group", "file", "ignore")


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
    changed : bool
        Whether a cell is another than in the table.
    """

    columns: list[Column]
    cells: pd.DataFrame
    rows: list[int]
    notes: list[tuple[str, str]] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    changed: bool = True


def targets_of(table: Rows, cells: pd.DataFrame, rows: list[int]) -> United:
    """Return the targets of ``rows``, all of ``cells`` being those rows."""
    aside = set(table.named(*_ASIDE))
    names = [name for name in cells if name not in aside]
    columns = [column for column in table.columns if column.name in names]
    return United(columns, cells[names].reset_index(drop=True), rows, changed=False)


def add_lost(table: Rows, united: United) -> None:
    """Add the rows without a picture, with empty cells, so that they are named as those of any table."""
    lost = [row for row, picture in enumerate(table.pictures) if picture is None]
    if lost:
        empty = pd.DataFrame("", index=range(len(lost)), columns=united.cells.columns, dtype=object)
        united.cells = pd.concat([united.cells, empty], ignore_index=True)
        united.rows += lost


def separator_of(column: str, cells: Sequence[str]) -> str | None:
    """Return what parts the labels in the cells of a column, None if each cell is one label.

    Examples
    --------
    >>> separator_of("label", ["big cat", "a|b"]), separator_of("tags", ["big cat"]), separator_of("label", ["a b"])
    ('|', ' ', None)
    """
    different = set(cells)
    several = column.lower() in SEVERAL
    written = any(cell.startswith("[") and cell.endswith("]") for cell in different)
    possible = (LISTED, "|", ";", *((",",) if written or several else ()), *((" ",) if several else ()))
    return next((one for one in possible if any(one in cell for cell in different)), None)


def parts(cell: str, separator: str | None) -> list[str]:
    """Return the labels of a cell; a list as Python writes it is understood too.

    Examples
    --------
    >>> parts("big cat", None), parts("cat|dog", "|"), parts("['cat', 'dog']", ","), parts("n/a", None)
    (['big cat'], ['cat', 'dog'], ['cat', 'dog'], [])
    """
    if cell.startswith("[") and cell.endswith("]"):
        cell = cell[1:-1]
    labels = [part.strip().strip("'\"") for part in cell.split(separator)] if separator else [cell]
    return list(dict.fromkeys(label for label in labels if label.lower() not in MISSING))


def listed(labels: Sequence[str]) -> str:
    """Return a cell that is read as these labels; of none as an empty list."""
    return "".join(f"{label}{LISTED}" for label in labels) or LISTED


def labels_of(each: list[list[str]], chosen: str, *, one: bool) -> list[str]:
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


def ask(
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
    raise UnsureError(question, fixes_of("", question, offered))


def fixes_of(kind: str, question: str, offered: tuple[str, ...]) -> list[Fix]:
    """Return a button for each of the answers ``offered``."""
    return [Fix(kind, question, CHOICE, value, TITLES[value]) for value in offered]
