"""The callback that writes events while a run trains, and stops it when asked or at a NaN loss."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastai.callback.core import Callback, CancelFitException
from fastai.learner import Recorder

from lib.core.errors import UserError
from lib.training import events
from lib.training.events import EventWriter
from lib.training.learner.checkpoint import Position
from lib.training.learner.ranks import ALONE, Ranks


class NotFiniteError(UserError):
    """The loss is no number any more."""


class Reporter(Callback):
    """Writes fits, batches and epochs as events, through both fits of ``fine_tune``.

    fastai's own Recorder forgets the frozen phase when the second fit begins; this one counts on.

    Parameters
    ----------
    write : EventWriter
    folder : pathlib.Path
        The run's; a stop file in it ends the training.
    position : Position
        Where the training is; kept up to date.
    base_lr : float
        As configured; a tenth of it is suggested where it was too high.
    validated : callable
        Returns what an epoch event tells beside losses: metrics, findings, preview.
    ranks : Ranks
        The processes that train together.

    Attributes
    ----------
    valid_loss : float
        Of the last epoch.
    stopped : bool
        Whether somebody asked the training to stop, and it did.
    """

    order = Recorder.order + 10  # after it has averaged

    def __init__(
        self,
        write: EventWriter,
        folder: Path,
        position: Position,
        *,
        base_lr: float,
        validated: Callable[[], dict[str, Any]] = dict,
        ranks: Ranks = ALONE,
    ):
        self.write, self.folder, self.position = write, folder, position
        self.base_lr, self.validated, self.ranks = base_lr, validated, ranks
        self.loss_value = self.valid_loss = math.nan
        self.stopped = False

    def before_fit(self) -> None:
        """Announce the fit, unless it goes on from a checkpoint."""
        self.skipped = self.position.epoch  # epochs that fastai runs through without training them
        if not self.skipped:
            self.write("fit", phase=self.position.phase, epochs=self.learn.n_epoch, step=self.position.step)

    def after_loss(self) -> None:
        """End with a sentence when the loss is no number any more."""
        if not self.training:
            return
        # The Recorder gets the number as well: if it fetched it, a GPU would stand still from its step to the next.
        self.learn.loss = self.loss.detach().cpu()
        self.loss_value = float(self.learn.loss)
        if not math.isfinite(self.loss_value):
            raise self._not_finite(f"The loss became {self.loss_value} at batch {self.position.step + 1}")

    def _not_finite(self, what: str) -> NotFiniteError:
        rate = self.opt.hypers[-1]["lr"]
        return NotFiniteError(
            f"{what} of the {self.position.phase} phase: the learning rate ({rate:.1e} there) is too high for this "
            "model; choose a lower base_lr.",
            retry={"base_lr": float(f"{self.base_lr / 10:.3g}")},
            lasting=True,
        )

    def after_batch(self) -> None:
        """Write loss, learning rate and momentum of a training batch; stop at once if asked to, validating as well."""
        if self.training:
            self._write_batch()
        if self.asked_to_stop() == events.NOW:
            self.stopped = True
            raise CancelFitException

    def asked_to_stop(self) -> str | None:
        """Return when to stop, as `events.asked_to_stop`; all processes hear the same."""
        return self.ranks.agreed(lambda: events.asked_to_stop(self.folder))

    def _write_batch(self) -> None:
        self.position.step += 1
        hypers = self.opt.hypers[-1]
        self.write(
            "batch",
            step=self.position.step,
            loss=float(f"{self.loss_value:.6g}"),
            lr=float(f"{hypers['lr']:.4g}"),
            mom=float(f"{hypers['mom']:.4g}"),
        )

    def after_epoch(self) -> None:
        """Write the epoch's losses and what the validation gave."""
        if self.learn.epoch < self.skipped:
            return
        train_loss, valid_loss = self.ranks.agreed(lambda: [float(value) for value in self.recorder.log[1:3]])
        self.valid_loss = valid_loss
        if not math.isfinite(valid_loss):  # before a checkpoint is made of such weights
            raise self._not_finite(f"The validation loss became {valid_loss} after batch {self.position.step}")
        self.position.epoch += 1
        self.position.epochs_done += 1
        self.position.seconds = self.write.seconds
        self.write(
            "epoch",
            phase=self.position.phase,
            epoch=self.position.epochs_done,
            step=self.position.step,
            train_loss=train_loss,
            valid_loss=valid_loss,
            **self.validated(),
        )
