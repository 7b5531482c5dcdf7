"""Finding: what a check reports; Subject: what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.checks.fingerprints import Fingerprints
from lib.tasks.base import Task

#: How bad it is: it makes numbers wrong or trainings fail · worth looking at · good to know.
ERROR, WARNING, INFO = "error", "warning", "info"
SEVERITIES = (ERROR, WARNING, INFO)
#: What can be done about it: edits that are made with one click, and where a person decides.
EXCLUDE, KEEP_ONE, SWAP = "exclude", "keep-one", "swap"
CORRECT, SPLIT, SHOW = "correct", "split", "show"
#: To take over what a finding says that cells should be.
SET = "set"
#: The kind of the proposals of label audits, which no check makes.
AUDIT = "label-audit"
#: What is said of some cases of a finding, which are told by their places among all of them.
Words: TypeAlias = Callable[[Sequence[int]], str]


@dataclass(frozen=True)
class Finding:
    """Something that is wrong or odd in a dataset, in one case or in several. Names in its texts are not escaped.

    Attributes
    ----------
    kind : str
        Name in files, for instance ``leak``.
    title : str
        A few words.
    words : callable
        Makes the sentence for some of its cases: what was found, why it matters, what to do.
    severity : str
        `ERROR`, `WARNING` or `INFO`.
    rows : tuple of int
        The images it is about, worst first; empty where it is about labels.
    groups : tuple of tuple of int
        Where images belong together, for instance copies of one picture: these instead, and ``rows`` has all of them.
    columns : tuple of int
        The labels or points it is about, places in the dataset's names.
    details : mapping of int to str
        The reason, in a few words, of a row; of a column where there are no rows.
    fixes : tuple of str
        What is offered, the most fitting first: `EXCLUDE`, `KEEP_ONE`, `SWAP`, `CORRECT` (a person looks at the
        targets), `SET`, `SPLIT` (another division helps) or `SHOW` (the images with a label tell more).
    swaps : mapping of int to tuple of pairs
        With `SWAP`, the points to be exchanged in a row.
    sets : mapping of int to tuple of (int, float or None, float or None)
        With `SET`, the cells to be set in a row: column, what it is and what it is to be, as
        `lib.datasets.edits.edits.Cell` has them.
    at : mapping of int to int
        Which of the dataset's names a row is about first, where it is about one.
    about : mapping of int to str
        What stays the same of a row or column as long as it is the same finding, where ``details`` also tells what
        changes with other images.
    """

    kind: str
    title: str
    words: Words = field(repr=False, compare=False)
    severity: str
    rows: tuple[int, ...] = ()
    groups: tuple[tuple[int, ...], ...] = ()
    columns: tuple[int, ...] = ()
    details: Mapping[int, str] = field(default_factory=dict)
    fixes: tuple[str, ...] = ()
    swaps: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    sets: Mapping[int, tuple[tuple[int, float | None, float | None], ...]] = field(default_factory=dict)
    at: Mapping[int, int] = field(default_factory=dict)
    about: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def cases(self) -> tuple[tuple[int, ...], ...]:
        """What is decided one by one: the rows of each group, else each row, else each column; else one of none."""
        return self.groups or tuple((one,) for one in self.rows or self.columns) or ((),)

    @property
    def count(self) -> int:
        """How many cases there are."""
        return len(self.cases)

    @property
    def sentence(self) -> str:
        """What was found in all of it, why it matters, what to do."""
        return self.words(range(self.count))

    def only(self, places: Sequence[int]) -> Finding:
        """Return the finding of some of its cases, at least one, with what is said of these."""
        if len(places) == self.count:
            return self
        cases, words = [self.cases[place] for place in places], self.words
        parts: dict[str, Any] = {}
        if self.rows:
            parts["rows"] = tuple(row for case in cases for row in case)
            parts["groups"] = tuple(cases) if self.groups else ()
        else:
            parts["columns"] = tuple(column for case in cases for column in case)
        return replace(self, **parts, words=lambda chosen: words([places[one] for one in chosen]))


def counted(one: str, several: str, rest: str) -> Words:
    """Return the words of a finding that say how many cases there are, and the same of all."""
    return lambda places: f"{sentences.count(len(places), one, several)} {rest}"


@dataclass(frozen=True)
class Subject:
    """What the checks look at: the images of a dataset that are not excluded.

    Attributes
    ----------
    dataset : Dataset
    prints : Fingerprints or None
        None as long as the images were not scanned.
    cache : dict
        What one check worked out and another needs too.
    """

    dataset: Dataset
    prints: Fingerprints | None = None
    cache: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def task(self) -> Task:
        """What knows the targets."""
        return tasks.get(self.dataset.task)

    @property
    def names(self) -> Sequence[str]:
        """Labels, points or numbers."""
        return self.dataset.names

    @cached_property
    def rows(self) -> np.ndarray:
        """The rows that are not excluded; what follows is row for row with them."""
        return self.dataset.included

    @cached_property
    def targs(self) -> np.ndarray:
        """Their targets."""
        return self.dataset.targs[self.rows]

    @cached_property
    def sizes(self) -> np.ndarray:
        """Their (width, height) in pixels, (n, 2)."""
        return self.dataset.sizes[self.rows]

    @cached_property
    def splits(self) -> np.ndarray:
        """Their splits."""
        return self.column("split")

    @property
    def scanned(self) -> Fingerprints:
        """The fingerprints, for a check that runs only after a scan."""
        if self.prints is None:
            raise ValueError("the images were not scanned")
        return self.prints

    @cached_property
    def coordinates(self) -> np.ndarray:
        """Where the points are, (n, K, 2) in pixels, for a check that applies to points only."""
        coordinates = self.task.coordinates(self.targs)
        if coordinates is None:
            raise ValueError(f"targets of the task {self.task.name} are no points")
        return coordinates

    def column(self, name: str) -> np.ndarray:
        """Return a column of the items as text; empty texts where there is none."""
        if name not in self.dataset.items:
            return np.full(len(self.rows), "")
        return self.dataset.items[name].fillna("").to_numpy(dtype=str)[self.rows]


def ints(values: Any) -> tuple[int, ...]:
    """Return plain integers, which JSON knows."""
    return tuple(int(value) for value in values)
