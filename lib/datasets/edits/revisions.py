"""The revisions that a dataset can be shown at again: its import and the states after its edits."""

from __future__ import annotations

from dataclasses import dataclass

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets.edits.history import history

#: What stands for the revision as it is now, and for that of the import.
NOW, IMPORT = "now", "import"
#: Letters from which on the beginning of an id will do.
_SHORTEST = 4


@dataclass(frozen=True)
class Revision:
    """A state that a dataset was in.

    Attributes
    ----------
    id : str
    number : int
        Of the last edit that led to it, 0 of the import.
    note : str
        What that edit did, in words; not escaped.
    """

    id: str
    number: int
    note: str


def revisions(dataset: Dataset) -> list[Revision]:
    """Return every state since the import once, the newest first; one that came back counts where it came last."""
    listed = {edit.revision: Revision(edit.revision, edit.number, edit.note) for edit in history(dataset)}
    states = sorted(listed.values(), key=lambda one: -one.number)
    imported = Revision(dataset.base, 0, "imported")
    return [*(one for one in states if one.id != dataset.base), imported]


def find(dataset: Dataset, text: str) -> str:
    """Return the id of the revision that ``text`` names: `NOW`, `IMPORT`, an id, or the beginning of one.

    Raises
    ------
    UserError
        If there is none, or several begin so.
    """
    if text in (NOW, IMPORT):
        return dataset.revision if text == NOW else dataset.base
    ids = [one.id for one in revisions(dataset)]
    matching = [one for one in ids if one == text or (len(text) >= _SHORTEST and one.startswith(text))]
    if len(matching) > 1 and text not in matching:
        raise UserError(f"Several revisions of {dataset.name} begin with {text}: give more of its letters.")
    if not matching:
        raise UserError(gone(dataset, text))
    return text if text in matching else matching[0]


def gone(dataset: Dataset, revision: str) -> str:
    """Return why a revision cannot be shown again and what can be done, in one sentence."""
    return (
        f"The dataset {dataset.name} cannot be shown at revision {revision[:40]}: it was never in that state since it "
        f"was imported as {dataset.base}, and of an import before that no images and targets are kept; choose one of "
        "the revisions of its history, or, to see that one again, import its source of then under another name."
    )
