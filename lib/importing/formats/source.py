"""The reader protocol: the source that every reader is given, and helpers to build its result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from lib.core import sentences
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tables.table import Table
from lib.importing.tree import Tree
from lib.tasks.wanted import Wanted

_NAMED = 3  # names in one example


@dataclass(frozen=True)
class Source:
    """A folder of pictures and the largest table in it that names them, if any.

    ``choices`` are answers of the user to what a reader asked with a `lib.importing.parsed.Fix`, ``columns`` the
    roles of columns as the user said them, see `lib.importing.columns`.
    """

    tree: Tree
    table: Table | None
    choices: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def own_table(self) -> Table:
        """The table, for readers that match no source without one.

        Raises
        ------
        ValueError
            If there is none.
        """
        if self.table is None:
            raise ValueError("the source has no table: it does not match")
        return self.table


class Reader(Protocol):
    """A module of this package that reads one form of dataset."""

    @property
    def NAME(self) -> str:
        """The form in words a user knows."""

    @property
    def EXPECTED(self) -> str:
        """How such a source looks, for the message when no reader fits."""

    @property
    def TASKS(self) -> tuple[str, ...]:
        """Names of the tasks it can be read as; the first is what it is without being asked."""

    def matches(self, source: Source, wanted: Wanted) -> bool:
        """Return whether the source has this form, or could have if the user says what is wanted."""
        ...

    def read(self, source: Source, wanted: Wanted) -> Parsed:
        """Return what the source says."""
        ...


def candidates(readers: Iterable[Reader], wanted: Wanted) -> list[Reader]:
    """Return the readers of what is wanted, those first that read it without converting."""
    able = [reader for reader in readers if wanted.serves(reader.TASKS)]
    return sorted(able, key=lambda reader: not (wanted.open or reader.TASKS[0] == wanted.task))


def from_table(
    name: str, task: str, names: list[str], table: Table, targs: np.ndarray, good: np.ndarray, problems: Problems
) -> Parsed:
    """Return what a table says, without the rows that are of no use.

    Parameters
    ----------
    targs : ndarray of shape (rows, ...)
        Targets of every row of the table.
    good : ndarray of shape (rows,)
        False where a cell is empty or unreadable; ``problems`` already says so.
    """
    rows = [row for row in table.rows(problems) if good[row]]
    files = [picture for row in rows if (picture := table.pictures[row]) is not None]
    return Parsed(
        name,
        task,
        names,
        files,
        targs[rows],
        table.splits_of(rows),
        problems,
        groups=table.groups_of(rows),
        ids=table.ids_of(rows),
        fixes=list(table.fixes),
    )


class _NoLabel:
    """Notes the images without any label, and those with unknown ones, as the ``check`` of multi-label readers."""

    #: So that a dry run, which knows the sizes of some pictures only, asks it of all.
    without_sizes = True

    def __call__(self, parsed: Parsed, sizes: np.ndarray) -> None:
        for row in np.flatnonzero((parsed.targs == 0).all(axis=1)):
            parsed.problems.add("no-label", parsed.files[row])
        note_unknown(parsed, parsed.targs < 0, "unknown-label")


note_no_label = _NoLabel()


def note_unknown(parsed: Parsed, unknown: np.ndarray, kind: str) -> None:
    """Note each image of which something is ``unknown``, booleans of shape (N, names), as a problem of ``kind``."""
    for row in np.flatnonzero(unknown.any(axis=1)):
        which = np.flatnonzero(unknown[row])
        named = sentences.listed(which.tolist(), _NAMED, show=lambda index: repr(parsed.names[index]))
        parsed.problems.add(kind, f"{parsed.files[row]}: {named}")
