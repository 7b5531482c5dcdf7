"""What a training says while it runs: a fastai callback that writes events, hears a stop and notices a NaN."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastai.callback.core import Callback, CancelFitException
from fastai.learner import Recorder

from lib import protocol
from lib.errors import UserError
from lib.protocol import EventWriter


class Reporter(Callback):
    """Writes fits, batches and epochs as events, through both fits of ``fine_tune``.

    fastai's own Recorder forgets the frozen phase when the second fit begins; this one counts on.

    Parameters
    ----------
    write : EventWriter
    metric : str
        Name under which the headline metric is written.
    stop : pathlib.Path
        As soon as this file exists the training stops after the batch at hand.
    frozen : bool
        Whether the first fit has epochs at all.
    """

    order = Recorder.order + 10  # after it has averaged

    def __init__(self, write: EventWriter, metric: str, stop: Path, frozen: bool):
        self.write, self.metric, self.stop_file = write, metric, stop
        self.phases = [protocol.FROZEN, protocol.UNFROZEN] if frozen else [protocol.UNFROZEN]
        self.phase = ""
        self.step = self.epochs_done = 0
        self.loss_value = math.nan
        self.stopped = False

    def before_fit(self) -> None:
        """Announce the fit; a stopped training does not begin its second one."""
        if self.stopped:
            raise CancelFitException
        if not self.learn.n_epoch:  # fine_tune(freeze_epochs=0) still calls its first fit
            return
        self.phase = self.phases.pop(0)
        self.write("fit", phase=self.phase, epochs=self.learn.n_epoch, step=self.step)

    def after_loss(self) -> None:
        """End with a sentence when the loss is no number any more."""
        if not self.training:
            return
        self.loss_value = float(self.loss.detach())
        if not math.isfinite(self.loss_value):
            raise UserError(
                f"The loss became {self.loss_value} at batch {self.step + 1} of the {self.phase} phase: the learning "
                f"rate ({self.opt.hypers[-1]['lr']:.1e} there) is too high for this model; choose a lower base_lr."
            )

    def after_batch(self) -> None:
        """Write loss and learning rate of a training batch."""
        if not self.training:
            return
        self.step += 1
        self.write(
            "batch",
            step=self.step,
            loss=float(f"{self.loss_value:.6g}"),
            lr=float(f"{self.opt.hypers[-1]['lr']:.4g}"),
            mom=float(f"{self.opt.hypers[-1]['mom']:.4g}"),
        )
        if self.stop_file.exists():
            self.stopped = True
            raise CancelFitException

    def after_epoch(self) -> None:
        """Write the epoch's losses and metric."""
        self.epochs_done += 1
        train_loss, valid_loss, metric = (_finite(value) for value in self.recorder.log[1:4])
        self.write(
            "epoch",
            phase=self.phase,
            epoch=self.epochs_done,
            step=self.step,
            train_loss=train_loss,
            valid_loss=valid_loss,
            metrics={self.metric: metric},
        )


def _finite(value: Any) -> float | None:
    """Return ``value`` as JSON can hold it: None where it is not defined."""
    number = float(value)
    return number if math.isfinite(number) else None


def throttled(write: EventWriter, text: str, total: int) -> Callable[[int], None]:
    """Return a progress function that writes about twenty events in all."""
    every = max(1, total // 20)

    def progress(done: int) -> None:
        if done % every == 0 or done == total:
            write("note", note=f"{text}: {done:,} of {total:,}")

    return progress
