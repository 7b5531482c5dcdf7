"""A cache of what is read and computed of a run's predictions; read-only."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lib import tasks
from lib.evaluation.keypoints.errors import Bench
from lib.metrics import scores
from lib.metrics.bootstrap import Band, bands
from lib.metrics.decisions import Decisions
from lib.metrics.sweep import Sweep, band_grid, sweep_of
from lib.tasks.types import Predictions
from lib.training import events, run_metrics
from lib.training.runs import Run

#: Splits that are kept: a comparison has two runs with two splits each.
_KEPT = 8


def version(run: Run) -> int:
    """Return a number that changes when the predictions of ``run`` do; 0 where there are none."""
    path = run.folder / events.PREDS
    return path.stat().st_mtime_ns if path.exists() else 0


def predictions(run: Run, split: str) -> Predictions:
    """Return `Run.predictions`, read once."""
    return _predictions(run, split, version(run))


def decisions(run: Run, split: str) -> Decisions | None:
    """Return what thresholds decide of ``split``; None for a task that has no thresholds."""
    return _decisions(run, split, version(run), revision(run))


def labeled(run: Run, split: str) -> Decisions:
    """Return `decisions` where the task is known to have thresholds.

    Raises
    ------
    ValueError
        If it has none.
    """
    decided = decisions(run, split)
    if decided is None:
        raise ValueError(f"the run {run.id} is of the task {run.config.task}, which has no thresholds")
    return decided


def labeled_parts(run: Run) -> tuple[Decisions, Decisions | None]:
    """Return the images that thresholds are chosen on and, where there are any, the test images."""
    return labeled(run, "valid"), labeled(run, "test") if "test" in run.result()["splits"] else None


def bench(run: Run, split: str) -> Bench:
    """Return what was predicted of points in ``split``; images of one group of the dataset share a group."""
    return _bench(run, split, version(run), revision(run))


def sweep(run: Run, split: str) -> Sweep:
    """Return the counts of ``split`` at every threshold, and the baseline's."""
    return _sweep(run, split, version(run), revision(run))


def average_precision(run: Run, split: str) -> np.ndarray:
    """Return `lib.metrics.scores.average_precision` of each label, shape (C,); no threshold changes it."""
    return _average_precision(run, split, version(run), revision(run))


def band(run: Run, split: str, label: int | None) -> dict[str, Band]:
    """Return the bootstrap bands of the curves of ``split``, of one label or, for None, of all together."""
    return _band(run, split, label, version(run), revision(run))


def revision(run: Run) -> str:
    """Return the dataset's revision where it is still there: groups come from it."""
    dataset = run.dataset()
    return dataset.revision if dataset else ""


# The arguments after the first two are there to be part of the key.


@lru_cache(maxsize=_KEPT)
def _predictions(run: Run, split: str, _version: int) -> Predictions:
    return run.predictions(split)


@lru_cache(maxsize=_KEPT)
def _decisions(run: Run, split: str, _version: int, _revision: str) -> Decisions | None:
    preds = _predictions(run, split, _version)
    return tasks.get(run.config.task).decisions(preds, run_metrics.groups(run.dataset(), preds.items))


@lru_cache(maxsize=_KEPT)
def _bench(run: Run, split: str, _version: int, _revision: str) -> Bench:
    preds = _predictions(run, split, _version)
    groups = run_metrics.groups(run.dataset(), preds.items)
    return Bench(**vars(preds), groups=groups)


@lru_cache(maxsize=_KEPT)
def _sweep(run: Run, split: str, _version: int, _revision: str) -> Sweep:
    task, preds = tasks.get(run.config.task), _predictions(run, split, _version)
    baseline = task.decisions(preds.by_baseline)
    decided = _decisions(run, split, _version, _revision)
    return sweep_of(_needed(decided), _needed(baseline), task.start_thresh(run.config))


@lru_cache(maxsize=_KEPT)
def _average_precision(run: Run, split: str, _version: int, _revision: str) -> np.ndarray:
    decided = _needed(_decisions(run, split, _version, _revision))
    return scores.average_precision(decided.probs, decided.truth)


@lru_cache(maxsize=256)
def _band(run: Run, split: str, label: int | None, _version: int, _revision: str) -> dict[str, Band]:
    return bands(_needed(_decisions(run, split, _version, _revision)), band_grid(), label=label)


def _needed(decided: Decisions | None) -> Decisions:
    if decided is None:
        raise ValueError("the task has no thresholds")
    return decided
