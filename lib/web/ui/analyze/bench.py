"""What the Analyze page shows of a task whose predictions no threshold changes: the bench that the task names."""

from __future__ import annotations

from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training.runs import Run
from lib.web.ui.analyze import values
from lib.web.ui.keypoints import view

_BENCHES = {"points": view.show, "values": values.show}


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str) -> None:
    """Show the bench of ``split``.

    Parameters
    ----------
    run : Run
    dataset : Dataset
        As the run saw it.
    task : Task
        Its ``bench`` says which.
    predictions : Predictions
        Of ``split``.
    split : str
    """
    _BENCHES[task.bench](run, dataset, task, predictions, split)
