"""fastai's ``fine_tune`` in two fits that can be left after every epoch and taken up again."""

from __future__ import annotations

import contextlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.callback.schedule import fit_one_cycle  # noqa: F401  (patches Learner)
from fastai.learner import Learner
from safetensors.torch import load_file
from torch import nn

from lib.core import tensor_files
from lib.core.config import TrainConfig
from lib.training import events
from lib.training.events import EventWriter
from lib.training.learner.averaging import AveragedWeights
from lib.training.learner.checkpoint import Checkpoint, Position, Snapshot
from lib.training.learner.data_parallel import DataParallel
from lib.training.learner.reporter import Reporter


@dataclass(frozen=True)
class Phase:
    """One of the fits: its name, epochs, and what `fit_one_cycle` takes."""

    name: str
    epochs: int
    lr_max: slice
    shape: dict[str, float]


def phases(config: TrainConfig) -> list[Phase]:
    """Return the fits of ``fine_tune``, those without epochs left out.

    Rates and shapes are those of fastai 2.8's `Learner.fine_tune`: the first fit trains the head at ``base_lr``, the
    second all layers, from ``base_lr / 2 / lr_mult`` in the first to ``base_lr / 2`` in the last.
    """
    half = config.base_lr / 2
    fits = [
        Phase(events.FROZEN, config.freeze_epochs, slice(config.base_lr), {"pct_start": 0.99}),
        Phase(events.UNFROZEN, config.epochs, slice(half / config.lr_mult, half), {"pct_start": 0.3, "div": 5.0}),
    ]
    return [phase for phase in fits if phase.epochs]


def fine_tune(
    learn: Learner,
    config: TrainConfig,
    reporter: Reporter,
    checkpointer: Checkpointer,
    cbs: list[Callback],
    start: Checkpoint | None,
    average: AveragedWeights | None = None,
) -> None:
    """Train ``learn`` through both fits, from the checkpoint ``start`` on if there is one.

    Without a checkpoint the weights are those of ``learn.fine_tune(epochs, base_lr, freeze_epochs, lr_mult)``; with an
    ``average``, which ``checkpointer`` has too, it is their average that is left in ``learn``.
    """
    learn.model.to(learn.dls.device)  # before the optimiser's state is put beside its weights
    learn.freeze()
    if start:
        start.load_model(learn)
        if average:
            average.take_up(learn.model, start)
    parallel = checkpointer.parallel
    if parallel and start:
        parallel.restore(start.chances)
    others = [one for one in (average, parallel) if one is not None]
    for phase in _left(config, reporter.position):
        if reporter.stopped or checkpointer.ended():
            break
        _enter(learn, phase, reporter.position, start)
        begin = reporter.position.epoch
        going_on = [_GoOn(start, begin)] if start else []
        all_cbs = [*going_on, reporter, checkpointer, *others, *cbs]
        with parallel.dividing(learn) if parallel else contextlib.nullcontext():
            learn.fit_one_cycle(phase.epochs, phase.lr_max, start_epoch=begin, wd=config.wd, cbs=all_cbs, **phase.shape)
        start = None  # the next fit follows this one in the same process
        checkpointer.wait()
    if average:
        average.put_in(learn.model)


def _left(config: TrainConfig, position: Position) -> list[Phase]:
    """Return the phases that are not done yet."""
    fits = phases(config)
    here = next((number for number, phase in enumerate(fits) if phase.name == position.phase), 0)
    return fits[here + (position.phase == fits[here].name and position.epoch >= fits[here].epochs) :]


def _enter(learn: Learner, phase: Phase, position: Position, start: Checkpoint | None) -> None:
    """Freeze as the phase demands, and put the checkpoint's optimiser in."""
    going_on = start is not None and position.phase == phase.name
    if start and not going_on:  # fastai forgets the optimiser's averages between the fits, so this comes first
        start.load_optimiser(learn)
    if phase.name == events.UNFROZEN:
        learn.unfreeze()
    if start and going_on:
        start.load_optimiser(learn)
    else:
        position.phase, position.epoch = phase.name, 0


class _GoOn(Callback):
    """Sets every source of chance to where the checkpoint had it, when training really begins again."""

    order = Reporter.order + 20  # after the Recorder has begun anew

    def __init__(self, start: Checkpoint, epoch: int):
        self.start, self.first = start, epoch

    def before_train(self) -> None:
        """Restore once, in the first epoch that is not skipped."""
        if self.learn.epoch == self.first:
            self.start.restore_random(self.learn)
            if self.first:  # a fit that begins now has no losses yet
                self.start.restore_smooth_loss(self.learn)


class Checkpointer(Callback):
    """After every epoch: writes a checkpoint, keeps the best model, ends the fit where that was asked for.

    The checkpoint is copied at once and written while training goes on, so that it costs next to nothing. It is on
    disk before the next one begins: a kill loses at most one whole epoch, and what was trained meanwhile.

    Parameters
    ----------
    write : EventWriter
        Synced first, so that no crash leaves a checkpoint without the curve that led to it.
    folder : pathlib.Path
        The run's.
    position : Position
    config : TrainConfig
    average : AveragedWeights, optional
        Of the weights, which goes into the checkpoint too.
    parallel : DataParallel, optional
        Where several processes train together, of which the first writes.
    """

    order = Reporter.order + 10

    def __init__(
        self,
        write: EventWriter,
        folder: Path,
        position: Position,
        config: TrainConfig,
        average: AveragedWeights | None = None,
        parallel: DataParallel | None = None,
    ):
        self.write, self.folder, self.position, self.config = write, folder, position, config
        self.average, self.parallel = average, parallel
        self._writer = ThreadPoolExecutor(max_workers=1)
        self._pending: Future | None = None

    def after_epoch(self) -> None:
        """Write the checkpoint, then see whether to go on."""
        if self.learn.epoch < self.reporter.skipped:
            return
        is_best = self._is_best(self.reporter.valid_loss)
        chances = self.parallel.chances() if self.parallel else []
        if self.reporter.ranks.is_first:
            snapshot = Snapshot.of(self.learn, self.position, self.average, chances)
            self.wait()
            self._pending = self._writer.submit(self._write, snapshot, is_best)
        if self.reporter.asked_to_stop():
            self.reporter.stopped = True
            raise CancelFitException
        if self.ended():
            raise CancelFitException

    def _write(self, snapshot: Snapshot, is_best: bool) -> None:
        self.write.sync()
        snapshot.write(self.folder, is_best=is_best)

    def wait(self) -> None:
        """Wait until the last checkpoint is on disk.

        Raises
        ------
        UserError
            If it cannot be written.
        """
        pending, self._pending = self._pending, None
        if pending is not None:
            pending.result()

    def _is_best(self, loss: float) -> bool:
        position = self.position
        if not self.config.patience or position.phase != events.UNFROZEN:
            return False
        if position.best_loss is not None and loss >= position.best_loss:
            return False
        position.best_loss, position.best_epoch = loss, position.epochs_done
        return True

    def ended(self) -> bool:
        """Return whether early stopping ends the training."""
        position = self.position
        waited = position.epochs_done - position.best_epoch
        return bool(self.config.patience and position.best_epoch and waited >= self.config.patience)


class HasModel(Protocol):
    """Whatever has a model: a Learner, or a quick model."""

    @property
    def model(self) -> nn.Module:
        """Body and head."""


def weights(learn: HasModel) -> dict[str, torch.Tensor]:
    """Return the model's weights on the CPU, by name."""
    return {name: tensor.detach().cpu().contiguous() for name, tensor in learn.model.state_dict().items()}


def load_best(learn: Learner, folder: Path, position: Position) -> int:
    """Put the best epoch's weights into ``learn`` where early stopping kept some; return the model's epoch."""
    if not position.best_epoch:
        return position.epochs_done
    path = folder / events.BEST
    with events.damage_is_said(path):
        tensor_files.compare(path, folder.name)
        learn.model.load_state_dict(load_file(path))
    return position.best_epoch
