"""What a run's predictions are worth: metrics beside the baseline's, and what thresholds decide of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.decimals import plain
from lib.core.errors import UserError
from lib.metrics import bootstrap, intervals, means
from lib.metrics import decisions as metrics
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval
from lib.metrics.scores import defined
from lib.tasks.base import Task
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
    thresh = run.config.thresh if thresh is None else thresh
    if np.ndim(thresh) and np.shape(thresh) != (len(predictions.names),):
        raise ValueError(
            f"expected one threshold for each of {len(predictions.names)} labels, found {np.shape(thresh)}"
        )
    report: dict[str, Any] = {
        "run": run.id,
        "dataset": run.config.dataset,
        "task": task.name,
        "split": split,
        "images": len(predictions.items),
        "metrics": task.metrics(predictions, thresh),
        "baseline": task.metrics(predictions.by_baseline, thresh),
    }
    if predictions.quick is not None:
        report["quick"] = task.metrics(predictions.by_quick, thresh)
    units = {name: task.unit_of(predictions.names, name) for name in report["metrics"]}
    report["units"] = {name: unit for name, unit in units.items() if unit}
    if np.ndim(thresh):
        report["decided"] = decided(_decisions(run, predictions), thresh)
        report["thresholds"] = {
            name: plain(value) for name, value in zip(predictions.names, np.asarray(thresh), strict=True)
        }
        return report
    return {**report, "thresh": thresh} if task.uses_thresh else report


def headline(
    task: Task, predictions: Predictions, decided: Decisions | None, of: np.ndarray, thresh: float | np.ndarray
) -> Interval:
    """Return the headline metric with its interval.

    Parameters
    ----------
    task : Task
    predictions : Predictions
    decided : Decisions, optional
        What thresholds decide of them, where the task has some.
    of : ndarray of shape (n,)
        The `groups` of the images.
    thresh : float or ndarray of shape (C,)
    """
    as_decided = task.decided_headline(thresh)
    if decided is not None and as_decided is not None:  # the very draws of the band around its curve
        name, at = as_decided
        return bootstrap.interval(decided, at)[name]
    wrong = task.wrongness(predictions, thresh)
    mean = means.pooled(wrong if wrong.ndim == 2 else wrong[:, None], of)
    return Interval(1 - mean.value, 1 - mean.high, 1 - mean.low) if task.larger_is_better else mean


def gain(run: Run, split: str) -> Interval:
    """Return by how much the headline metric is better than the baseline's, with its interval.

    Groups of images are drawn together; above 0 the run is better, and beyond chance where the lower end is.

    Raises
    ------
    UserError
        As `Run.predictions`.
    """
    task = tasks.get(run.config.task)
    predictions = run.predictions(split)
    own, base = (task.wrongness(one, run.config.thresh) for one in (predictions, predictions.by_baseline))
    return means.pooled_difference(base, own, groups(run.dataset(), predictions.items))


def gain_over(run: Run, other: Run, split: str) -> Interval:
    """Return by how much the headline metric of ``run`` is better than that of ``other``, as `gain`.

    Not defined where they predicted other images, or were measured against other targets.
    """
    task = tasks.get(run.config.task)
    mine, theirs = run.predictions(split), other.predictions(split)
    same = np.array_equal(mine.items, theirs.items) and np.array_equal(
        mine.targs, theirs.targs, equal_nan=mine.targs.dtype.kind == "f"
    )
    if not same:
        return Interval(np.nan, np.nan, np.nan)
    own, others = (task.wrongness(part, one.config.thresh) for part, one in ((mine, run), (theirs, other)))
    return means.pooled_difference(others, own, groups(run.dataset(), mine.items))


def gain_words(run: Run, gain: Interval) -> str:
    """Return a `gain` in a sentence: better, worse, or not significantly different.

    What is compared is `Task.wrongness_title`, with the unit of the headline.
    """
    task = tasks.get(run.config.task)
    unit = task.unit_of(run.names(), task.metric)
    title, baseline = (
        task.wrongness_title[0].upper() + task.wrongness_title[1:],
        f"the baseline ({task.baseline_title})",
    )
    judged = intervals.judged(gain)
    if judged == intervals.UNKNOWN:
        return f"{title}: not defined, nothing is known of these images."
    size = f"{abs(gain.value):.3g} {unit}".strip()
    if judged == intervals.SAME:
        return f"{title}: the same as {baseline}."
    if judged == intervals.TOO_FEW:
        ends = "too few images for an interval"
        if gain.value > 0:
            return f"{title}: {size} less than {baseline}; {ends}."
        return f"{title}: not better than {baseline}: {_more_or_less(gain.value, unit)}; {ends}."
    if judged == intervals.BETTER:
        return f"{title}: {size} less than {baseline}; 95 % interval {gain.low:.3g} to {gain.high:.3g}."
    if judged == intervals.WORSE:
        return f"{title}: worse than {baseline} by {size}; 95 % interval {-gain.high:.3g} to {-gain.low:.3g}."
    low, high = (_more_or_less(end) if end else "0" for end in gain.ends)
    chance = ", not statistically significant" if gain.value else ""
    return (
        f"{title}: not better than {baseline}: {_more_or_less(gain.value, unit)}{chance}; "
        f"95 % interval {low} to {high}."
    )


def _more_or_less(gain: float, unit: str = "") -> str:
    """Return a gain in words: less of what is wrong, or more.

    Examples
    --------
    >>> _more_or_less(0.25), _more_or_less(-1.5, "px"), _more_or_less(0.0)
    ('0.25 less', '1.5 px more', 'no difference')
    """
    if gain == 0:
        return "no difference"
    return " ".join(part for part in (f"{abs(gain):.3g}", unit, "less" if gain > 0 else "more") if part)


def decided(decisions: Decisions, thresh: float | np.ndarray) -> dict[str, float | None]:
    """Return what thresholds are worth, by the names of `lib.metrics.decisions.numbers`; None where not defined."""
    numbers = metrics.numbers(metrics.predicted(decisions, thresh), decisions.truth)
    return {name: defined(value) for name, value in numbers.items()}
