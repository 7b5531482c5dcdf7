"""What the checks say of a dataset now, and which of it is still to be reviewed; kept until either changes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from lib.core.dataset import Dataset
from lib.datasets import checks
from lib.datasets.checks import Result, fingerprints, reviewed
from lib.datasets.checks.case_keys import Key, keys_of
from lib.datasets.checks.finding import Finding
from lib.datasets.checks.reviewed import Review

#: Seconds after which files are looked for anew: they may have been deleted meanwhile.
_FRESH = 300


@dataclass(frozen=True)
class Case:
    """One image, group of images or label of a finding, to be accepted or dismissed.

    Attributes
    ----------
    finding : Finding
        With its open cases only.
    place : int
        Which of its cases.
    key : Key
        What the case is known by.
    accepted : Key, optional
        What it is known by once its fix is made, where that is something else.
    """

    finding: Finding
    place: int
    key: Key
    accepted: Key | None = None

    @property
    def members(self) -> tuple[int, ...]:
        """The rows, of a finding about labels the column, of one about all images nothing."""
        return self.finding.cases[self.place]

    @property
    def rows(self) -> tuple[int, ...]:
        """The rows."""
        return self.members if self.finding.rows else ()


@dataclass(frozen=True)
class Queue:
    """What is still to be reviewed.

    Attributes
    ----------
    result : Result
        All that was found, dismissed or not.
    review : Review
    cases : list of Case
        The open ones, worst first.
    edited : int
        How many decisions edited the dataset since it was checked: what they were about is left out.
    """

    result: Result
    review: Review
    cases: list[Case]
    edited: int

    @cached_property
    def by_kind(self) -> dict[str, list[Case]]:
        """The open cases of each kind of finding."""
        kinds: dict[str, list[Case]] = {}
        for case in self.cases:
            kinds.setdefault(case.finding.kind, []).append(case)
        return kinds

    def of_kind(self, kind: str) -> list[Case]:
        """Return the open cases of a kind, all where ``kind`` is empty."""
        return self.by_kind.get(kind, []) if kind else self.cases


@dataclass(frozen=True)
class _Checked:
    result: Result
    edited: int = 0


def queue(dataset: Dataset) -> Queue:
    """Return what is to be reviewed, from a check of the dataset that is made where there is none.

    Raises
    ------
    UserError
        If what was seen of the images or what was decided cannot be read.
    """
    waiting = _queue(*_key(dataset), _stamp(dataset), dataset)
    if waiting.edited and not waiting.cases:  # the last one is decided: what do the checks say now?
        _checked.clear(*_key(dataset), dataset)
        _queue.clear(*_key(dataset), _stamp(dataset), dataset)
        waiting = _queue(*_key(dataset), _stamp(dataset), dataset)
    return waiting


def edited(before: Dataset, after: Dataset, rows: Collection[int]) -> None:
    """Take it that a decision edited ``rows``: the other findings stay as they are until all are reviewed."""
    checked = _checked(*_key(before), before)
    _checked(*_key(after), after, _Checked(checked.result.without(rows), checked.edited + 1))


def forget() -> None:
    """Have everything checked anew."""
    _checked.clear()
    _queue.clear()


def _key(dataset: Dataset) -> tuple[str, str, int]:
    path = fingerprints.path_of(dataset)
    return str(dataset.path), dataset.revision, path.stat().st_mtime_ns if path.is_file() else 0


def _stamp(dataset: Dataset) -> tuple[str, int]:
    """Return what changes with decisions and with the edits that stand: several ways lead to one revision."""
    path = dataset.path / reviewed.FILE
    return dataset.chain, path.stat().st_mtime_ns if path.is_file() else 0


@st.cache_resource(max_entries=8, ttl=_FRESH, show_spinner="Checking …")
def _checked(path: str, revision: str, scanned: int, _dataset: Dataset, _known: _Checked | None = None) -> _Checked:
    return _known or _Checked(checks.run(_dataset, fingerprints.read(_dataset)))


@st.cache_resource(max_entries=8, ttl=_FRESH, show_spinner=False)
def _queue(path: str, revision: str, scanned: int, stamp: tuple[str, int], _dataset: Dataset) -> Queue:
    checked = _checked(path, revision, scanned, _dataset)
    review = reviewed.review(_dataset, checked.result)
    cases = [
        Case(finding, place, key)
        for finding in review.open.findings
        for place, key in enumerate(keys_of(_dataset, finding))
    ]
    return Queue(checked.result, review, cases, checked.edited)
