"""Starting from the quick model, and never ending below it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from fastai.learner import Learner

from lib.core.config import QUICK, TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training.learner import results
from lib.training.learner.quick import QuickHead

#: The run's model is the trained one; else it is `lib.core.config.QUICK`.
TRAINED = "trained"


@dataclass(frozen=True)
class Kept:
    """Which model a run keeps, ``trained`` or ``quick``, its predictions, and a sentence about that."""

    model: str
    splits: dict[str, Predictions]
    message: str


def put_in(learn: Learner, head: QuickHead) -> None:
    """Let ``learn``, pretrained and with the linear head, begin as the quick model."""
    layer = learn.model[1][-1]
    with torch.no_grad():
        layer.weight.copy_(head.weight)
        layer.bias.copy_(head.bias)


def keep_better(
    learn: Learner,
    head: QuickHead,
    splits: dict[str, Predictions],
    task: Task,
    config: TrainConfig,
    dataset: Dataset,
    scale: dict,
) -> Kept:
    """Compare the trained model with the quick one that it began as, on valid, and leave the better one in ``learn``.

    Parameters
    ----------
    learn : Learner
        With the trained weights.
    head : QuickHead
        What it began as.
    splits : dict of str to Predictions
        Of the trained model.
    task, config, dataset
    scale : dict
        From `Task.fit_scale`.
    """
    quick = {split: results.decoded(task, dataset, split, preds, scale) for split, preds in head.preds.items()}
    after, before = (task.headline(one["valid"], config.thresh) for one in (splits, quick))
    words = [task.format(value, dataset.names) for value in (after, before)]
    if is_better(after, before, task):
        message = (
            f"{task.metric_title} of the validation images is {words[0]}; of the quick model that the training began "
            f"with it was {words[1]}."
        )
        return Kept(TRAINED, splits, message)
    learn.model.load_state_dict(head.model.state_dict())
    message = (
        f"The training did not beat the quick model that it began with on the validation images ({task.metric_title} "
        f"{words[0]}, quick model {words[1]}): the run keeps the quick model. The validation images made that choice, "
        "the test images had no part in it."
    )
    return Kept(QUICK, quick, message)


def is_better(after: float | None, before: float | None, task: Task) -> bool:
    """Return whether a training made the headline metric better; where it is not defined, only if it was not before."""
    if after is None or before is None:
        return before is None
    return after > before if task.larger_is_better else after < before
