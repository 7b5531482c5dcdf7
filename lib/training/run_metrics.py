"""What a run's predictions are worth: metrics beside the baseline's, and what thresholds decide of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.decimals import plain
from lib.core.errors import UserError
from lib.metrics import decisions as metrics
from lib.metrics import means
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval
from lib.metrics.scores import defined
from lib.tasks.types import Predictions
from lib.training.runs import Run

#: What the second baseline is called: a linear head on the frozen features of a pretrained network.
QUICK_MODEL = "quick model"
#: What is said of a run whose fine-tuning did not pay.
KEPT_QUICK = "Fine-tuning did not beat the quick model: the quick model is kept (chosen on valid)."


def decisions(run: Run, split: str) -> Decisions:
    """Return what thresholds decide of the predictions of ``run`` for ``split``.

    Images of one group of the dataset share a group; if it is gone or was imported anew, every image is its own.

    Raises
    ------
    UserError
        If the run has no such predictions, or is of a task that has no thresholds.
    """
    predictions = run.predictions(split)
    return _decisions(run, predictions, groups(run.dataset(), predictions.items))


def _decisions(run: Run, predictions: Predictions, groups: np.ndarray | None = None) -> Decisions:
    task = tasks.get(run.config.task)
    decisions = task.decisions(predictions, groups)
    if decisions is None:
        raise UserError(
            f"The run {run.id} is of the task {task.name}, of which no threshold changes a prediction: choose a run "
            "with labels."
        )
    return decisions


def groups(dataset: Dataset | None, items: np.ndarray) -> np.ndarray:
    """Return a number for each of ``items``, rows of ``dataset``, the same for images of one group.

    Where the dataset is gone, or an image has no group, every image is its own.
    """
    alone = np.arange(len(items))
    if dataset is None or not len(items) or items.min() < 0 or items.max() >= len(dataset):
        return alone
    named = dataset.items["group"].to_numpy(dtype=object)[items]
    codes = {name: code for code, name in enumerate(dict.fromkeys(named))}
    return np.array([len(items) + codes[name] if name else own for own, name in zip(alone, named, strict=True)])


def evaluate(run: Run, split: str, thresh: float | np.ndarray | None = None) -> dict[str, Any]:
    """Return the metrics of ``run`` on ``split`` beside its baseline's, same names.

    Parameters
    ----------
    run : Run
    split : str
    thresh : float or ndarray of shape (C,), optional
        Threshold of tasks with labels, one for all or one a label; default is the run's own.

    Returns
    -------
    dict
        ``run, dataset, task, split, images, metrics, baseline``, ``quick`` where a quick model stands beside the run,
        ``units`` of the metrics that have one and, where one is used, ``thresh``. With one threshold a label
        ``thresholds`` stands in its place, by label, and ``decided``, what `lib.metrics.decisions.numbers` says of the
        labels above them. A metric that is not defined is None.

    Raises
    ------
    UserError
        As `Run.predictions`, and for thresholds of labels where the task has none.
    ValueError
        If there is not one threshold a label.
    """
    task = tasks.get(run.config.task)
    predictions = run.predictions(split)
    cut = run.config.thresh if thresh is None else thresh
    if np.ndim(cut) and np.shape(cut) != (len(predictions.names),):
        raise ValueError(f"expected one threshold for each of {len(predictions.names)} labels, found {np.shape(cut)}")
    report: dict[str, Any] = {
        "run": run.id,
        "dataset": run.config.dataset,
        "task": task.name,
        "split": split,
        "images": len(predictions.items),
        "metrics": task.metrics(predictions, cut),
        "baseline": task.metrics(predictions.by_baseline, cut),
    }
    if predictions.quick is not None:
        report["quick"] = task.metrics(predictions.by_quick, cut)
    units = {name: task.unit_of(predictions.names, name) for name in report["metrics"]}
    report["units"] = {name: unit for name, unit in units.items() if unit}
    if np.ndim(cut):
        report["decided"] = decided(_decisions(run, predictions), cut)
        report["thresholds"] = {
            name: plain(value) for name, value in zip(predictions.names, np.asarray(cut), strict=True)
        }
        return report
    return {**report, "thresh": cut} if task.uses_thresh else report


def gain(run: Run, split: str) -> Interval:
    """Return by how much the mean error of an image, `Task.errors`, is smaller than the baseline's, with its interval.

    Groups of images are drawn together; above 0 the run is better, and beyond chance where the lower end is.

    Raises
    ------
    UserError
        As `Run.predictions`.
    """
    task = tasks.get(run.config.task)
    predictions = run.predictions(split)
    own, base = (task.errors(one, run.config.thresh) for one in (predictions, predictions.by_baseline))
    return means.difference(base, own, groups(run.dataset(), predictions.items))


def gain_words(run: Run, gain: Interval) -> str:
    """Return a `gain` in a sentence.

    The error is that of the task: pixels, values or wrong labels.
    """
    task = tasks.get(run.config.task)
    ends = "too few images for an interval"
    if gain.is_defined:
        ends = f"95 % interval {gain.low:.3g} to {gain.high:.3g}"
    title = task.error_title[0].upper() + task.error_title[1:]
    return f"{title}: {gain.value:.3g} less than the baseline ({task.baseline_title}) on average; {ends}."


def decided(decisions: Decisions, thresh: float | np.ndarray) -> dict[str, float | None]:
    """Return what thresholds are worth, by the names of `lib.metrics.decisions.numbers`; None where not defined."""
    numbers = metrics.numbers(metrics.predicted(decisions, thresh), decisions.truth)
    return {name: defined(value) for name, value in numbers.items()}
