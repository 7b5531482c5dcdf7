"""How long a training or a quick model will take, from what runs like it took on this machine; None where none did."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

import numpy as np

from lib.core.config import QUICK, TRAIN, TrainConfig
from lib.core.errors import UserError
from lib.metrics import curves
from lib.training import events, options
from lib.training.run_files import Manifest
from lib.training.runs import Run

#: Choices of which the time of an epoch does not depend.
_FREE = (
    *("revision", "fold", "epochs", "freeze_epochs", "base_lr", "lr_mult"),
    *("wd", "seed", "thresh", "patience", "recipe"),
)
#: A quick model of which more pictures were known already says nothing about one of new pictures.
_KNOWN = 0.05


def of_training(runs: Iterable[Run], config: TrainConfig, n_train: int) -> float | None:
    """Return the seconds that a training of ``config`` takes if it goes like the newest one with the same choices.

    Epochs, frozen ones for themselves, are taken as often as ``config`` has them and in proportion to the training
    images; starting and predicting take as long as they did.

    Parameters
    ----------
    runs : iterable of Run
        Newest first.
    config : TrainConfig
    n_train : int
        Training images.
    """
    for run in runs:
        if run.config.kind == TRAIN and _alike(run.config, config) and (seconds := _measured(run, config, n_train)):
            return seconds
    return None


def _alike(one: TrainConfig, other: TrainConfig) -> bool:
    same = {name: getattr(other, name) for name in _FREE}
    return dataclasses.replace(one, **same) == dataclasses.replace(other, kind=one.kind)


def _measured(run: Run, config: TrainConfig, n_train: int) -> float | None:
    """Return what ``config`` takes if each epoch is as fast as those of ``run``; None where that cannot be told."""
    history, manifest = run.history, _manifest(run)
    images = history.started.get("n_train", 0)
    if manifest is None or not images or not history.epochs or not history.fits or history.resumed:
        return None
    each = np.array(curves.epoch_seconds(history.epochs, history.fits), dtype=np.float64)
    is_frozen = np.array([epoch["phase"] == events.FROZEN for epoch in history.epochs])
    wanted = {True: config.freeze_epochs, False: config.epochs}
    if any(count and not (is_frozen == frozen).any() for frozen, count in wanted.items()):
        return None
    around = manifest.get("seconds", 0.0) - each.sum()
    learning = sum(count * float(each[is_frozen == frozen].mean()) for frozen, count in wanted.items() if count)
    return max(0.0, around) + learning * n_train / images


def of_quick_model(runs: Iterable[Run], dataset: str, revision: str, n_images: int) -> float | None:
    """Return the seconds to a quick model's first answer if its pictures take as long as those of an earlier one.

    None as well where ``dataset`` has one of this revision: it would be made again of what is known already.

    Parameters
    ----------
    runs : iterable of Run
        Newest first.
    dataset, revision : str
    n_images : int
        Images of all splits.
    """
    first = [run for run in runs if run.config.kind == QUICK and run.config.size == options.QUICK_SIZES[0]]
    if any((run.config.dataset, run.config.revision) == (dataset, revision) for run in first):
        return None
    for run in first:
        manifest = _manifest(run)
        path = manifest.get("path") if manifest else None
        n_seen = path["images"] + sum(manifest["splits"].values()) if manifest and path else 0
        if manifest and path and n_seen and path["cached"] <= _KNOWN * n_seen:
            starting = run.history.fits[0].get("seconds", 0.0) if run.history.fits else 0.0
            return starting + max(0.0, manifest.get("seconds", 0.0) - starting) * n_images / n_seen
    return None


def of_audit(runs: Iterable[Run], config: TrainConfig, n_images: int) -> float | None:
    """Return about how many seconds all folds of a label audit take, as runs with the same choices took.

    Parameters
    ----------
    runs : iterable of Run
        Newest first, folds as well.
    config : TrainConfig
        Of a fold.
    n_images : int
        Images that are audited.
    """
    assert config.fold is not None
    count = config.fold.count
    if config.kind != QUICK:
        seconds = of_training(runs, config, round(n_images * (count - 1) / count))
        return None if seconds is None else count * seconds
    for run in runs:
        known = run.config
        alike = (known.kind, known.arch, known.size, known.task) == (QUICK, config.arch, config.size, config.task)
        manifest = _manifest(run) if alike else None
        path = manifest.get("path") if manifest else None
        n_seen = path["images"] + sum(manifest["splits"].values()) if manifest and path else 0
        if manifest and n_seen:
            return count * manifest.get("seconds", 0.0) * n_images / n_seen
    return None


def _manifest(run: Run) -> Manifest | None:
    """Return what ``run`` recorded at its end, None where it did not finish or that is damaged."""
    if run.state != events.FINISHED:
        return None
    try:
        return run.manifest()
    except UserError:
        return None
