"""How long a training or a quick model will take, from what runs like it took on this machine; None where none did."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

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


def of_training(runs: Iterable[Run], config: TrainConfig, n_train: int, processes: int = 1) -> float | None:
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
    processes : int
        That will train it together; runs of any other number say nothing about that.
    """
    for run in runs:
        is_alike = run.config.kind == TRAIN and _alike(run.config, config)
        if is_alike and _processes(run) == processes and (seconds := _measured(run, config, n_train)):
            return seconds
    return None


def _processes(run: Run) -> int:
    return run.history.started.get("processes", 1)


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
        n_seen = _n_seen(manifest)
        if manifest and n_seen and not _knew_pictures(manifest):
            starting = run.history.fits[0].get("seconds", 0.0) if run.history.fits else 0.0
            return starting + max(0.0, manifest.get("seconds", 0.0) - starting) * n_images / n_seen
    return None


def of_audit(runs: Sequence[Run], config: TrainConfig, n_images: int) -> float | None:
    """Return about how many seconds all folds of a label audit take, as runs with the same choices took.

    What a quick model's network sees is computed once, in the first fold, if no run has computed it for the dataset.

    Parameters
    ----------
    runs : sequence of Run
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
    alike = [run for run in runs if _is_quick_like(run.config, config)]
    folds = (_pace(run) for run in alike if run.config.fold is not None)
    whole = (_pace(run) for run in alike)
    fitting = next(filter(None, folds), None) or next(filter(None, whole), None)
    if fitting is None:
        return None
    is_known = any(run.config.dataset == config.dataset and _manifest(run) for run in alike)
    newly = (_pace(run) for run in alike if not _knew_pictures(_manifest(run)))
    looking = None if is_known else next(filter(None, newly), None)
    return n_images * (count * fitting + (looking or 0.0))


def _is_quick_like(one: TrainConfig, other: TrainConfig) -> bool:
    return (one.kind, one.arch, one.size, one.task) == (QUICK, other.arch, other.size, other.task)


def _pace(run: Run) -> float | None:
    """Return the seconds for each picture that a quick model saw; waiting for the device is not among them."""
    seconds, n_seen = worked(run), _n_seen(_manifest(run))
    return seconds / n_seen if seconds and n_seen else None


def worked(run: Run) -> float | None:
    """Return how many seconds a finished run worked once the device was its own, None where it does not say."""
    manifest = _manifest(run)
    if manifest is None or "seconds" not in manifest or not run.history.fits:
        return None
    return max(0.0, manifest["seconds"] - run.history.fits[0].get("seconds", 0.0))


def _n_seen(manifest: Manifest | None) -> int:
    """Return how many pictures a quick model saw, 0 where nobody knows."""
    path = manifest.get("path") if manifest else None
    return path["images"] + sum(manifest["splits"].values()) if manifest and path else 0


def _knew_pictures(manifest: Manifest | None) -> bool:
    """Return whether a quick model knew pictures that were looked at before, too many to tell the time of new ones."""
    path = manifest.get("path") if manifest else None
    return bool(path and path["cached"] > _KNOWN * _n_seen(manifest))


def _manifest(run: Run) -> Manifest | None:
    """Return what ``run`` recorded at its end, None where it did not finish or that is damaged."""
    if run.state != events.FINISHED:
        return None
    try:
        return run.manifest()
    except UserError:
        return None
