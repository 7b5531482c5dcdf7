"""The edits since the import, which of them count, and what undo and redo come next."""

from __future__ import annotations

from dataclasses import dataclass

from lib.core.dataset import Dataset
from lib.datasets.journal import journal
from lib.datasets.journal.journal import Entry

#: What the kinds of `Edit` are called.
KINDS = {
    journal.SET: "targets",
    journal.EXCLUDE: "excluded",
    journal.INCLUDE: "included",
    journal.ASSIGN: "splits",
    journal.DECLARE: "declared",
    journal.RESTORE: "back to the import",
}


@dataclass(frozen=True)
class Edit:
    """An edit as the journal has it.

    Attributes
    ----------
    number : int
        From 1, in the order in which they were made.
    time : str
        In UTC, as ``2026-01-02T03:04:05Z``.
    note : str
        What was done, in words; not escaped.
    undone : bool
        Whether it does not count: it was undone, or lies before a going back to the import.
    revision : str
        Of the dataset after it.
    kind : str
        Key of `KINDS`.
    user : str
        Who made it, "" where nobody logs in; not escaped.
    """

    number: int
    time: str
    note: str
    undone: bool
    revision: str
    kind: str
    user: str


def history(dataset: Dataset) -> list[Edit]:
    """Return every edit since the import, oldest first, also those that were undone; as it is on disk now."""
    entries = journal.read(dataset.path, dataset.base)
    with journal.naming_damage(dataset.path):
        counts = {id(entry) for entry in journal.standing(journal.effective(entries)[0])}
    edits = [entry for entry in entries if entry.kind not in (journal.UNDO, journal.REDO)]
    return [
        Edit(number, entry.time, entry.note, id(entry) not in counts, entry.revision, entry.kind, entry.user)
        for number, entry in enumerate(edits, 1)
    ]


def count(dataset: Dataset) -> int:
    """Return how many edits count: those not undone, since the import or since it was gone back to."""
    return sum(not edit.undone and edit.kind != journal.RESTORE for edit in history(dataset))


def next_undo(dataset: Dataset) -> str | None:
    """Return what `undo` would undo of the dataset as it was seen, in words, None if there is nothing."""
    return _words(stacks(dataset)[0])


def next_redo(dataset: Dataset) -> str | None:
    """Return what `redo` would do again of the dataset as it was seen, in words, None if there is nothing."""
    return _words(stacks(dataset)[1])


def _words(entries: list[Entry]) -> str | None:
    return entries[-1].note if entries else None


def last(dataset: Dataset) -> str:
    """Return the ``chain`` of the edit that `undo` would undo of the dataset as it was seen, "" if there is none."""
    done = stacks(dataset)[0]
    return done[-1].chain if done else ""


def stacks(dataset: Dataset) -> tuple[list[Entry], list[Entry]]:
    """Return `journal.effective` of the dataset as it was seen."""
    with journal.naming_damage(dataset.path):
        return journal.effective(journal.read_until(dataset.path, dataset.base, dataset.chain))
