"""What a format reader hands on: rows as understood, and what was wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

#: Problem kinds: what is said of one, and of several (``{count}`` is filled in).
KINDS = {
    "unreadable-image": (
        "1 picture could not be opened and was left out: replace the file and import again.",
        "{count} pictures could not be opened and were left out: replace the files and import again.",
    ),
    "row-without-image": (
        "1 row names a picture that is not there and was left out: add the file or remove the row.",
        "{count} rows name a picture that is not there and were left out: add the files or remove the rows.",
    ),
    "image-without-row": (
        "1 picture has no label or row and was left out: add a row to use it.",
        "{count} pictures have no label or row and were left out: add rows to use them.",
    ),
    "duplicate-row": (
        "1 row names a picture that an earlier row names already; the first row was kept.",
        "{count} rows name a picture that an earlier row names already; the first rows were kept.",
    ),
    "missing-value": (
        "1 row has an empty or unreadable cell and was left out: fill the cell in to use it.",
        "{count} rows have an empty or unreadable cell and were left out: fill the cells in to use them.",
    ),
    "unknown-label": (
        "1 image has unknown labels (empty cells); they are neither taught nor counted.",
        "{count} images have unknown labels (empty cells); they are neither taught nor counted.",
    ),
    "missing-point": (
        "1 image has missing points (empty cells); they are neither taught nor counted.",
        "{count} images have missing points (empty cells); they are neither taught nor counted.",
    ),
    "no-label": (
        "1 image has no label at all; it is kept, as an example of none of the labels.",
        "{count} images have no label at all; they are kept, as examples of none of the labels.",
    ),
    "point-outside-image": (
        "1 image has a point just outside the picture; it is kept as it is.",
        "{count} images have a point just outside the picture; they are kept as they are.",
    ),
    "group-moved": (
        "1 image changed split so that no group is divided.",
        "{count} images changed split so that no group is divided.",
    ),
    "wrong-extension": (
        "1 picture is of another type than its name says; it is read by its content.",
        "{count} pictures are of another type than their names say; they are read by their content.",
    ),
    "unused-file": (
        "1 other file is neither a picture nor a table in use and was ignored.",
        "{count} other files are neither pictures nor tables in use and were ignored.",
    ),
}
MAX_EXAMPLES = 20


@dataclass
class Problems:
    """Problems found so far, counted by kind, with the first examples of each."""

    found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, kind: str, example: str) -> None:
        """Note one more ``kind``; ``example`` says where."""
        if kind not in KINDS:
            raise KeyError(kind)
        self.found.setdefault(kind, []).append(example)

    def to_json(self) -> list[dict]:
        """Return ``kind``, ``count``, ``sentence`` and at most 20 ``examples`` of each kind."""
        return [
            {
                "kind": kind,
                "count": len(self.found[kind]),
                "sentence": _sentence(kind, len(self.found[kind])),
                "examples": self.found[kind][:MAX_EXAMPLES],
            }
            for kind in KINDS
            if kind in self.found
        ]


def _sentence(kind: str, count: int) -> str:
    one, many = KINDS[kind]
    return one if count == 1 else many.format(count=f"{count:,}")


@dataclass(frozen=True)
class Fix:
    """Another way to read a source, one click away.

    Attributes
    ----------
    kind : str
        The problem that it may mend, a key of `KINDS`; "" where there is only a question.
    question : str
        What was noticed, and what is not sure, in one sentence.
    choice, value : str
        What `lib.data.importing.import_dataset` takes as ``choices={choice: value}`` to read it that way.
    title : str
        What the button says.
    """

    kind: str
    question: str
    choice: str
    value: str
    title: str


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
        Row for row with ``files``, as in `lib.data.dataset.Dataset`.
    splits : list of str, or None
        train, valid or test for each row; None where the source gives no split.
    problems : Problems
    sources : list of str
        Files beside the pictures that were read, relative to the root, so that they are not called unused.
    groups : list of str, or None
        Person, video, ... of each row, "" where it has none; None where the source tells no groups.
    extra : dict
        What else the source declares about its targets, as JSON; kept in ``dataset.json``. ``flip_pairs`` are pairs of
        names that a mirror swaps, ``skeleton`` pairs of names that a line joins.
    fixes : list of Fix
        Other ways to read it that may be meant.
    check : callable, optional
        Called with this object and the (N, 2) picture sizes once every picture has been opened and the
        unreadable ones are gone; raises `lib.errors.UserError` or notes problems.
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
    extra: dict[str, Any] = field(default_factory=dict)
    fixes: list[Fix] = field(default_factory=list)
    check: Callable[[Parsed, np.ndarray], None] | None = None

    def keep(self, rows: np.ndarray) -> None:
        """Keep the rows where the boolean array ``rows`` is true."""
        chosen = np.flatnonzero(rows)
        self.files = [self.files[i] for i in chosen]
        self.targs = self.targs[chosen]
        if self.splits is not None:
            self.splits = [self.splits[i] for i in chosen]
        if self.groups is not None:
            self.groups = [self.groups[i] for i in chosen]
