"""A run that cannot be read: what is known of it all the same."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any, TypedDict

from lib.core import json_files
from lib.core.errors import UserError
from lib.core.workspace import check_name
from lib.training import events, run_names


class Damaged:
    """A run whose configuration cannot be read, so that nothing else of it has a meaning.

    Parameters
    ----------
    folder : pathlib.Path
    reason : lib.core.errors.UserError
        Why, in one sentence.

    Attributes
    ----------
    id, name : str
    dataset : str
        That it is of, "" where that is not known any more.
    """

    def __init__(self, folder: Path, reason: UserError):
        self.folder, self.reason = folder, reason
        self.id, self.name = folder.name, run_names.read(folder)
        self.dataset = _dataset_of(folder)

    def may_be_of(self, dataset: str) -> bool:
        """Return whether it is of ``dataset``, or of nobody knows which."""
        return self.dataset in (dataset, "")


class _Owner(TypedDict, total=False):
    """Whatever says of what dataset a run is, in a file of which the rest may be damaged."""

    dataset: str
    config: dict[str, Any]


def _dataset_of(folder: Path) -> str:
    """Return the name of the dataset that the damaged run in ``folder`` is of, "" where that is not known any more."""
    for name in (events.CONFIG, events.MANIFEST):
        with contextlib.suppress(OSError, ValueError, UserError):
            owner = json_files.read(folder / name, _Owner, folder.name)
            return check_name(str(owner.get("dataset", owner.get("config", {}).get("dataset"))), "dataset")
    return ""
