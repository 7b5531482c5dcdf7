"""The intervals of many runs' headlines: computed once each, some at every look, so that no look waits for all."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from lib import tasks
from lib.core.errors import UserError
from lib.evaluation import results
from lib.metrics.intervals import Interval
from lib.training import run_metrics
from lib.training.runs import Run


class Known(NamedTuple):
    """The interval of a run's headline, and why it is not defined where the predictions cannot be read."""

    interval: Interval
    damage: str = ""


_kept: dict[tuple[Path, int], Known] = {}
_MOST = 10_000


def known(runs: Iterable[Run], seconds: float) -> dict[str, Known]:
    """Return the intervals of `headline` by run, of those that are known after so many ``seconds`` of computing.

    Parameters
    ----------
    runs : iterable of Run
        With predictions; the first ones are computed first.
    seconds : float
        With 0 nothing is computed, else at least one that is not known yet.
    """
    found: dict[str, Known] = {}
    until, is_over = time.monotonic() + seconds, seconds <= 0
    for run in runs:
        key = (run.folder, results.version(run))
        if key not in _kept:
            if is_over:
                continue
            if len(_kept) >= _MOST:
                _kept.clear()
            _kept[key] = headline(run)
            is_over = time.monotonic() > until
        found[run.id] = _kept[key]
    return found


def headline(run: Run) -> Known:
    """Return the headline metric of ``run`` on its validation images at its own threshold, with its 95 % interval."""
    task = tasks.get(run.config.task)
    try:
        predictions = run.predictions("valid")
    except UserError as error:
        return Known(Interval(np.nan, np.nan, np.nan), str(error))
    of = run_metrics.groups(run.dataset(), predictions.items)
    thresh = run.config.thresh
    value, low, high = run_metrics.headline(task, predictions, task.decisions(predictions, of), of, thresh)
    return Known(Interval(float(value), float(low), float(high)))
