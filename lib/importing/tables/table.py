"""Tables: their rows, the pictures these name, what each column holds, and what has to be asked of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from lib.core import sentences
from lib.importing.columns import CHOICE, CHOSEN, Column
from lib.importing.parsed import Fix, UnsureError
from lib.importing.problems import Problems
from lib.importing.tables.facts import Facts
from lib.importing.tables.roles import Roles

_NAMED = 8  # columns in a question
#: How the command line says what a column holds.
_ROLE = "--column NAME=ROLE"


@dataclass
class Table:
    """Rows of one or more CSV files with the same columns.

    Attributes
    ----------
    where : list of str
        File and line of each row, for messages.
    columns : list of str
        The columns that hold targets.
    cells : pandas.DataFrame
        Those columns as stripped text, a row each.
    pictures : list of (str or None)
        Picture that each row means; None where there is none.
    names : list of str
        What the rows call their pictures.
    splits : list of str, or None
    sources : list of str
        The CSV files.
    groups : list of str, or None
        Cells of the column that is the group, if there is one.
    raw : pandas.DataFrame
        All columns, by their names, before any becomes a target.
    file_column : str
        The one that names pictures.
    file_splits : list of str, or None
        Split of each row by its file's name or folder.
    roles : Roles
        What each column holds.
    facts : dict of str to Facts
        The different cells of each column.
    notes : list of (str, str)
        Kinds and examples of problems of the columns.
    form : list of (str, str)
        Kinds and examples of what was noticed of the files' form.
    fixes : list of Fix
        Other ways to read the cells.
    unsure : UnsureError, or None
        What has to be asked of the cells before the table is used.
    folder_groups : list of str, or None
        Folder, or person, of each row, where rows name folders of pictures.
    shown : list of Column, or None
        The columns as they were before rows were united.
    """

    where: list[str]
    columns: list[str]
    cells: pd.DataFrame
    pictures: list[str | None]
    names: list[str]
    splits: list[str] | None
    sources: list[str] = field(default_factory=list)
    groups: list[str] | None = None
    raw: pd.DataFrame = field(default_factory=pd.DataFrame)
    file_column: str = ""
    file_splits: list[str] | None = None
    roles: Roles = field(default_factory=Roles)
    facts: dict[str, Facts] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    form: list[tuple[str, str]] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    unsure: UnsureError | None = None
    folder_groups: list[str] | None = None
    shown: list[Column] | None = None

    def of(self, role: str) -> list[str]:
        """Return the columns of a role."""
        return self.roles.of(role)

    def described(self) -> list[Column]:
        """Return every column with its role, why, and some of its cells."""
        if self.shown is not None:
            return self.shown
        role, why = self.roles.role, self.roles.why
        return [Column(name, role[name], why[name], one.values) for name, one in self.facts.items()]

    def key(self) -> tuple[str, ...]:
        """Return what tables have in common that are joined into one: their columns."""
        apart = {self.file_column, *self.of("split"), *self.roles.quiet}
        return tuple(sorted(name for name in self.facts if name not in apart))

    def question(self) -> UnsureError | None:
        """Return what has to be answered before the table can be read, None if nothing has."""
        if not self.roles.question:
            return None
        text = f"{', '.join(self.sources)}: {self.roles.question}."
        return UnsureError(text, self.roles.answers, self.described(), flags=_ROLE)

    def unclear(self) -> UnsureError | None:
        """Return the question which column holds the targets, for a table of which none seems to."""
        free = [name for name, role in self.roles.role.items() if role == "ignore" and name not in self.roles.quiet]
        if not free:
            return None
        listed = sentences.listed(free, _NAMED, show=repr)
        question = (
            f"{', '.join(self.sources)}: none of the columns {listed} seems to say what the images show: expected "
            "labels, 0 and 1, numbers, or x and y of points. Say what a column holds."
        )
        fixes = []
        for name in free[:_NAMED]:
            role, title = ("number", "numbers to predict") if self.facts[name].is_number else ("labels", "labels")
            fixes.append(Fix("", question, CHOICE + name, role, f"Read {name!r} ({title})"))
        return UnsureError(question, fixes, self.described(), flags=_ROLE)

    def rows(self, problems: Problems) -> list[int]:
        """Return the rows that name a picture for the first time, and note the others in ``problems``."""
        for kind, example in [*self.form, *self.notes]:
            problems.add(kind, example)
        kept: list[int] = []
        first: dict[str, str] = {}
        for row, picture in enumerate(self.pictures):
            if picture is None:
                problems.add("row-without-image", f"{self.where[row]}: {self.names[row] or '(no name)'}")
            elif picture in first:
                problems.add("duplicate-row", f"{self.where[row]}: {self.names[row]} (first in {first[picture]})")
            else:
                first[picture] = self.where[row]
                kept.append(row)
        return kept

    def splits_of(self, rows: list[int]) -> list[str] | None:
        """Return the splits of ``rows``, None where the tables give none."""
        return None if self.splits is None else [self.splits[row] for row in rows]

    def groups_of(self, rows: list[int]) -> list[str] | None:
        """Return the groups of ``rows``, None where the tables give none."""
        return None if self.groups is None else [self.groups[row] for row in rows]

    def ids_of(self, rows: list[int]) -> dict[str, list[str]]:
        """Return the cells of ``rows`` in columns that nobody said to be ignored and that repeat some."""
        guessed = [
            name for name in self.of("ignore") if name not in self.roles.quiet and self.roles.why[name] != CHOSEN
        ]
        return {name: self.raw[name].iloc[rows].tolist() for name in guessed if not self.facts[name].unique}
