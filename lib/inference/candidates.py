"""A request to a run's model: what it says of pictures of a dataset that are still to be labeled."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.training.runs import Run

#: Change with what the answer means, so that an older one is not read.
_VERSION = 1


@dataclass(frozen=True)
class Candidates:
    """A request: predictions of some rows of a dataset, and how certain they are where they are points or numbers.

    The dataset need not be the run's own, which knows nothing of pictures that were added later; its targets are
    called the same. The answer has ``rows`` (n,), those whose picture could be read, ``preds``, a row each in the
    task's natural form, and, where the task has no labels, ``spread`` (n, K), see `lib.training.learner.spread`.

    Attributes
    ----------
    dataset : Dataset
        Pictures do not change with edits: the question is about those that were imported.
    rows : tuple of int
    copies : int
        Of each picture, where spread is measured.
    """

    kind: ClassVar[str] = "candidates"
    dataset: Dataset
    rows: tuple[int, ...]
    copies: int = 8

    def to_json(self, run: Run) -> dict[str, Any]:
        """Return the request as it is kept.

        Raises
        ------
        UserError
            If the run was trained for other targets than the dataset's.
        """
        dataset = self.dataset
        if run.config.task != dataset.task or run.names() != dataset.names:
            raise UserError(
                f"The run {run.id} was trained for other targets than those of {dataset.name}: choose a run with the "
                "same ones, in the same order."
            )
        about = {"dataset": dataset.name, "base": dataset.base, "rows": [int(row) for row in self.rows]}
        return {"kind": self.kind, **about, "copies": self.copies, "seed": 0, "version": _VERSION}

    def keep(self, folder: Path) -> None:
        """Do nothing: the pictures are the dataset's."""
