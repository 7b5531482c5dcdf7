"""Reads text tables: lines of a file name and cells below a line of column names, as CelebA's lists.

CelebA's ``list_attr_celeba.txt`` says first how many lines follow, and -1 and 1 for absent and present. Its landmarks
are pairs of x and y. ``list_eval_partition.txt`` holds the splits, 0, 1 and 2, and an identity file the persons.
Whatever reads a CSV reads what is below the column names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.splits import split_of
from lib.importing.formats.lists import list_splits, text_lists
from lib.importing.formats.lists.text_lists import TextList
from lib.importing.formats.source import Source, candidates
from lib.importing.formats.tabular.flat import FLAT
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tables.meaning import with_roles
from lib.importing.tables.split_cells import NUMBERS
from lib.importing.tables.table import Table
from lib.importing.tree import Tree
from lib.tasks.wanted import Wanted

NAME = "text table, such as CelebA's lists"
EXPECTED = "list_attr_celeba.txt and the like: a file name and cells a line, below a line of column names"
TASKS = ("multi-label", "single-label", "keypoints", "regression")

_PARTITION, _IDENTITY = ("partition", "split", "splits"), ("identity", "identities", "person", "persons", "subject")
_BOX = {"x_1", "y_1", "width", "height"}


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a text file has column names and lines that name pictures."""
    return source.table is None and bool(_with_header(source.tree))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return what the columns of the first file that fits say, with the splits and persons of the others.

    Raises
    ------
    UserError
        If no column is what is wanted.
    """
    tree = source.tree
    groups = _equal_headers(_with_header(tree))
    partitions, people = partition_lists(tree), identity_lists(tree)
    noted = [Problems() for _ in groups]
    tables = [
        table_of(group, one, wanted, persons(tree), source.columns) for group, one in zip(groups, noted, strict=True)
    ]
    for reader in candidates(FLAT, wanted):
        for texts, table, problems in zip(groups, tables, noted, strict=True):
            given = Source(tree, table, source.choices, source.columns)
            if not reader.matches(given, wanted):
                continue
            parsed = reader.read(given, wanted)
            problems.take(parsed.problems)
            text_lists.note_declared([*texts, *partitions, *people], problems)
            parsed.problems, parsed.format = problems, NAME
            named = {row.picture for one in texts for row in one.rows if row.picture}
            parsed.left_out = named - set(parsed.files)
            parsed.sources = [one.file for one in (*texts, *partitions, *people)]
            list_splits.keep_split(parsed, partition(partitions) or list_splits.splits(texts, problems))
            return parsed
    first = groups[0][0]
    columns = sentences.listed(first.header or (), 8, show=repr)
    raise UserError(
        f"{first.file}: no column is a target{'' if wanted.open else f' for {wanted.task}'}: expected 0 and 1 (or -1 "
        f"and 1), labels, x and y of points, or numbers, found the columns {columns}. Save it as a CSV with a column "
        "named label, or choose another task."
    )


def table_of(
    texts: Sequence[TextList],
    problems: Problems,
    wanted: Wanted,
    person: Mapping[str, str] | None = None,
    roles: Mapping[str, str] | None = None,
) -> Table:
    """Return the lines of lists with equal columns as a table, without those that have too few or too many cells.

    Parameters
    ----------
    texts : sequence of TextList
    problems : Problems
    wanted : Wanted
    person : mapping, optional
        Person on each image.
    roles : mapping, optional
        What columns hold, where that is known.
    """
    width = len(texts[0].header or ())
    rows, cells = [], []
    for one in texts:
        for row in one.rows:
            fitting = (" ".join(row.cells),) if width == 1 and row.cells else row.cells  # a label of several words
            if len(fitting) == width:
                rows.append((one.file, row))
                cells.append(fitting)
            elif row.picture is not None:
                problems.add("missing-value", f"{one.file}, line {row.number:,}: {len(row.cells):,} cells of {width:,}")
    raw = pd.DataFrame(cells, columns=list(texts[0].header or ()), dtype=object)
    table = Table(
        where=[f"{file}, line {row.number:,}" for file, row in rows],
        columns=[],
        cells=raw,
        pictures=[row.picture for _, row in rows],
        names=[row.name for _, row in rows],
        splits=None,
        sources=[one.file for one in texts],
        raw=raw,
        folder_groups=[person.get(row.picture or "", "") for _, row in rows] if person else None,
    )
    return with_roles(table, roles or {}, wanted)


def partition_lists(tree: Tree) -> list[TextList]:
    """Return the lists that say the split of each picture and nothing else."""
    return [
        one
        for one in text_lists.lists(tree)
        if one.width == 1
        and set(list_splits.words(one.stem)) & set(_PARTITION)
        and all(_split(cell) for cell in one.column(0))
    ]


def identity_lists(tree: Tree) -> list[TextList]:
    """Return the lists that say which person each picture shows."""
    lists = text_lists.lists(tree)
    return [one for one in lists if one.width == 1 and set(list_splits.words(one.stem)) & set(_IDENTITY)]


def partition(texts: Sequence[TextList]) -> dict[str, str]:
    """Return the split of each picture that `partition_lists` name."""
    return {
        row.picture: split
        for one in texts
        for row in one.rows
        if row.picture is not None and row.cells and (split := _split(row.cells[0])) is not None
    }


def _split(cell: str) -> str | None:
    return NUMBERS.get(cell) or split_of(cell)


def persons(tree: Tree) -> dict[str, str]:
    """Return the person in each picture that `identity_lists` name."""
    people = identity_lists(tree)
    return {row.picture: row.cells[0] for one in people for row in one.rows if row.picture is not None and row.cells}


def _with_header(tree: Tree) -> list[TextList]:
    """Return the lists with column names that can hold targets, those with the most lines first."""
    lists = [one for one in text_lists.lists(tree) if one.header is not None and set(one.header) != _BOX]
    second = {one.file for one in (*partition_lists(tree), *identity_lists(tree))}
    return sorted((one for one in lists if one.file not in second), key=lambda one: -len(one.rows))


def _equal_headers(texts: Sequence[TextList]) -> list[list[TextList]]:
    groups: dict[tuple[str, ...], list[TextList]] = {}
    for one in texts:
        groups.setdefault(one.header or (), []).append(one)
    return list(groups.values())
