"""The intervals of many runs' headlines: computed once each, some at every look, so that no look waits for all."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import DamagedError, UserError
from lib.evaluation import results
from lib.metrics.intervals import Interval
from lib.training import run_metrics
from lib.training.runs import Run


class Known(NamedTuple):
    """The interval of a run's headline, and why it is not defined where the predictions cannot be read."""

    interval: Interval
    damage: str = ""


_kept: dict[tuple[Path, int, str, str], Known] = {}
_MOST = 10_000


def known(runs: Iterable[Run], seconds: float, split: str = "valid") -> dict[str, Known]:
    """Return the intervals of `headline` by run, of those that are known after so many ``seconds`` of computing.

    Parameters
    ----------
    runs : iterable of Run
        With predictions; the first ones are computed first.
    seconds : float
        With 0 nothing is computed, else at least one that is not known yet.
    split : str
        On whose images.
    """
    intervals: dict[str, Known] = {}
    until, is_over = time.monotonic() + seconds, seconds <= 0
    datasets: dict[tuple[str, str], Dataset | UserError] = {}
    for run in runs:
        seen = (run.config.dataset, run.config.revision)
        if seen not in datasets:
            datasets[seen] = _dataset(run)
        dataset = datasets[seen]
        of_dataset = str(dataset) if isinstance(dataset, UserError) else dataset.revision
        key = (run.folder, results.version(run), of_dataset, split)
        interval = _kept.get(key)
        if interval is None:
            if is_over:
                continue
            interval = _kept[key] = headline(run, dataset, split)
            while len(_kept) > _MOST:
                _kept.pop(next(iter(_kept)), None)
            is_over = time.monotonic() > until
        intervals[run.id] = interval
    return intervals


def _dataset(run: Run) -> Dataset | UserError:
    """Return the dataset as the run saw it, or why there is none."""
    try:
        return run.load_dataset()
    except UserError as error:
        return error


def headline(run: Run, dataset: Dataset | UserError, split: str = "valid") -> Known:
    """Return the headline metric of ``run`` on its validation images at its own threshold, with its 95 % interval.

    With another ``split``, on the images of that one.

    Not defined where the ``dataset`` cannot be read: intervals are too narrow where nobody knows its groups.
    """
    task = tasks.get(run.config.task)
    undefined = Interval(np.nan, np.nan, np.nan)
    if isinstance(dataset, DamagedError):
        return Known(undefined, str(dataset))
    try:
        predictions = run.predictions(split)
    except UserError as error:
        return Known(undefined, str(error))
    of = run_metrics.groups(None if isinstance(dataset, UserError) else dataset, predictions.items)
    thresh = run.config.thresh
    value, low, high = run_metrics.headline(task, predictions, task.decisions(predictions, of), of, thresh)
    return Known(Interval(float(value), float(low), float(high)))
