"""Starting from the quick model, and never ending below it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from fastai.learner import Learner

from lib.core.config import QUICK, TrainConfig
from lib.core.dataset import Dataset
from lib.metrics import means
from lib.metrics.scores import METRICS
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training import run_metrics
from lib.training.learner import results
from lib.training.learner.quick import QuickHead
from lib.training.result_files import START

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


def arrays(head: QuickHead) -> dict[str, np.ndarray]:
    """Return what a run keeps of the head that it began at, by the names of `lib.training.result_files.START`."""
    return dict(zip(START, (head.weight.numpy(), head.bias.numpy()), strict=True))


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
    metric = deciding_metric(splits["valid"], quick["valid"], task, config.thresh, dataset)
    after, before = (task.metrics(one["valid"], config.thresh)[metric] for one in (splits, quick))
    kept = TRAINED if is_better(after, before, METRICS[metric].larger_is_better) else QUICK
    if kept == QUICK:
        learn.model.load_state_dict(head.model.state_dict())
    words = _words(kept, metric, splits["valid"], quick["valid"], task, config.thresh, dataset)
    return Kept(kept, splits if kept == TRAINED else quick, words)


def deciding_metric(trained: Predictions, quick: Predictions, task: Task, thresh: float, dataset: Dataset) -> str:
    """Return the metric that decides between two models: the headline, or `Task.tie_metric` where that is a tie.

    It is one where the 95 % interval of the difference of the headlines, drawn in pairs of images and groups together,
    holds 0: other validation images could turn such a difference around.
    """
    if not task.tie_metric:
        return task.metric
    after, before = (task.wrongness(one, thresh) for one in (trained, quick))
    difference = means.pooled_difference(after, before, run_metrics.groups(dataset, trained.items))
    is_tie = not difference.is_defined or difference.holds(0)
    return task.tie_metric if is_tie else task.metric


def is_better(after: float | None, before: float | None, larger_is_better: bool) -> bool:
    """Return whether a training made a metric better; where it is not defined, only if it was not before."""
    if after is None or before is None:
        return before is None
    return after > before if larger_is_better else after < before


def _words(
    kept: str, metric: str, trained: Predictions, quick: Predictions, task: Task, thresh: float, dataset: Dataset
) -> str:
    """Return which model is kept and why, with the headline of both, and what decided where that was a tie."""

    def both(name: str) -> str:
        after, before = (task.format(task.metrics(one, thresh)[name], dataset.names, name) for one in (trained, quick))
        return f"{METRICS[name].title} {after}, quick model {before}"

    tie = "" if metric == task.metric else f"; not significantly different, so this decides: {both(metric)}"
    beats = "beat" if kept == TRAINED else "did not beat"
    return (
        f"The training {beats} the quick model that it began with on the validation images ({both(task.metric)}{tie}): "
        f"the run keeps the {kept} model. The validation images made that choice, the test images had no part in it."
    )
