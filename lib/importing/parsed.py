"""Parsed rows of a format reader, and the fixes it offers where another reading may be meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from lib.core.errors import UserError
from lib.importing.columns import Column
from lib.importing.problems import Problems


@dataclass(frozen=True)
class Fix:
    """Another way to read a source, one click away.

    Attributes
    ----------
    kind : str
        The problem that it may mend, a key of `lib.importing.problem_kinds.KINDS`; "" where there is only a question.
    question : str
        What was noticed, and what is not sure, in one sentence.
    choice, value : str
        What `lib.importing.importer.import_dataset` takes as ``choices={choice: value}`` to read it that way. An
        answer that says what a column of a table holds has the choice ``column NAME`` and a role as its value: it is
        the same as ``columns={NAME: ROLE}``, which wins where both are given.
    title : str
        What the button says.
    safe : bool
        Whether it is the answer that leaks nothing into validation and loses nothing.
    blocks : bool
        Whether an import asks before it imports; each answer of such a question says so.
    """

    kind: str
    question: str
    choice: str
    value: str
    title: str
    safe: bool = False
    blocks: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)


class UnsureError(UserError):
    """A source can be read in more ways than one and nothing tells which: the user has to say.

    Parameters
    ----------
    message : str
        As of any `lib.core.errors.UserError`.
    fixes : sequence of Fix
        The ways to read it.
    columns : sequence of lib.importing.columns.Column
        The columns of the table that is in question, with the roles that were guessed.
    flags : str, optional
        As of any `lib.core.errors.UserError`.
    """

    def __init__(self, message: str, fixes: Sequence[Fix], columns: Sequence[Column] = (), *, flags: str = ""):
        super().__init__(message, flags=flags)
        self.fixes = list(fixes)
        self.columns = list(columns)


@dataclass
class Parsed:
    """A source as one reader understood it, before any picture is opened.

    Attributes
    ----------
    format : str
        What it was taken for, in words a user knows.
    task : str
        Name of the task.
    names : list of str
        Labels, points or numbers.
    files : list of str
        Picture of each row, relative to the source's root.
    targs : numpy.ndarray
        Row for row with ``files``, as in `lib.core.dataset.Dataset`.
    splits : list of str, or None
        train, valid or test for each row; None where the source gives no split.
    problems : Problems
    sources : list of str
        Files beside the pictures that were read, relative to the root, so that they are not called unused.
    groups : list of str, or None
        Person, video, ... of each row, "" where it has none; None where the source tells no groups.
    ids : dict of str to list of str
        Cells of ignored columns that may name a person, patient or video, row for row with ``files``, by the column's
        name; where they repeat, `lib.importing.series` asks whether they are groups.
    extra : dict
        What else the source declares about its targets, as JSON; kept in ``dataset.json``. ``flip_pairs`` are pairs of
        names that a mirror swaps, ``skeleton`` pairs of names that a line joins.
    fixes : list of Fix
        Other ways to read it that may be meant.
    choices : mapping
        The user's answers, for ``check``.
    boxes : numpy.ndarray, or None
        Where each row is one of several things in a picture, which ``files`` then names several times: two opposite
        corners of it, shape (N, 2, 2), in the unit of ``targs``, NaN where nobody gave any. `lib.importing.cropping`
        makes pictures of them.
    pictures : list of str, or None
        The picture that each row was or is to be cut out of, once ``files`` has a name for each; None where rows are
        whole pictures.
    left_out : set of str
        Pictures that the source names and that are of no use; ``problems`` says why.
    turned : dict of str to int
        EXIF orientation of each picture that is not stored upright, for ``check``.
    check : callable, optional
        Called with this object and the (N, 2) picture sizes once every picture has been opened and the
        unreadable ones are gone; raises `lib.core.errors.UserError`, notes problems, leaves rows out. In a dry run it
        may be called with the rows whose pictures were opened, unless its attribute ``without_sizes`` is true.
    columns : list of lib.importing.columns.Column
        The columns of the table that was read, each with its role; empty without a table.
    """

    format: str
    task: str
    names: list[str]
    files: list[str]
    targs: np.ndarray
    splits: list[str] | None = None
    problems: Problems = field(default_factory=Problems)
    sources: list[str] = field(default_factory=list)
    groups: list[str] | None = None
    ids: dict[str, list[str]] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    fixes: list[Fix] = field(default_factory=list)
    choices: Mapping[str, str] = field(default_factory=dict)
    boxes: np.ndarray | None = None
    pictures: list[str] | None = None
    left_out: set[str] = field(default_factory=set)
    turned: dict[str, int] = field(default_factory=dict)
    check: Callable[[Parsed, np.ndarray], None] | None = None
    columns: list[Column] = field(default_factory=list)

    @property
    def origins(self) -> list[str]:
        """The picture of the source that each row shows, or shows a part of."""
        return self.files if self.pictures is None else self.pictures

    def coordinates(self) -> np.ndarray:
        """Return all that moves with the pictures: points, (N, K, 2), followed by corners of boxes if there are any."""
        return self.targs.copy() if self.boxes is None else np.concatenate([self.targs, self.boxes], axis=1)

    def move(self, coordinates: np.ndarray) -> None:
        """Take the `coordinates` of pictures that were moved."""
        self.targs = coordinates[:, : self.targs.shape[1]].astype(np.float32)
        if self.boxes is not None:
            self.boxes = coordinates[:, self.targs.shape[1] :].astype(np.float32)

    def keep(self, rows: np.ndarray) -> None:
        """Keep the rows where the boolean array ``rows`` is true."""
        chosen = np.flatnonzero(rows)
        self.files = [self.files[i] for i in chosen]
        self.targs = self.targs[chosen]
        if self.boxes is not None:
            self.boxes = self.boxes[chosen]
        if self.pictures is not None:
            self.pictures = [self.pictures[i] for i in chosen]
        if self.splits is not None:
            self.splits = [self.splits[i] for i in chosen]
        if self.groups is not None:
            self.groups = [self.groups[i] for i in chosen]
        self.ids = {name: [cells[i] for i in chosen] for name, cells in self.ids.items()}
