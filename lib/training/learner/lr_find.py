"""fastai's learning-rate finder as a run of its own."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import torch
from fastai.callback.core import Callback, CancelFitException
from fastai.callback.schedule import LRFinder, minimum, slide, steep, valley
from fastai.learner import Learner, Recorder

from lib import tasks
from lib.core.config import LR_FIND, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.training import events
from lib.training.events import EventWriter
from lib.training.learner import callbacks, memory, quick, quick_start
from lib.training.learner.record import record
from lib.training.learner.train import Outcome, describe, prepare

#: Batches, each at a higher rate: with fewer than 50 the suggestions mean little.
ITERATIONS = 100
#: Batches after which all four suggestions exist: fastai leaves out the first tenth and the last five, and its slide
#: looks 15 back.
_FEWEST = ITERATIONS // 10 + 5 + 20


def find(folder: Path, config: TrainConfig, dataset: Dataset, device: torch.device, write: EventWriter) -> Outcome:
    """Train ever faster until the loss explodes, and write the rates that the curve suggests.

    Raises
    ------
    UserError
        If the loss explodes before there is a curve.
    """
    task = tasks.get(config.task)
    beside, why_not = quick.beside(folder, config, dataset, device, write) if config.quick_start else (None, None)
    learn, _ = prepare(config, dataset, task, device, load_weights=True)
    if beside is not None:  # rates are for what the training begins as
        quick_start.put_in(learn, beside)
    notes = [f"The rates are not for a start from the quick model, there is none: {why_not}"] if why_not else []
    write("started", **describe(learn, dataset), **record(device), n_steps=ITERATIONS, notes=notes)
    search = dataclasses.replace(config, progressive=False)  # rates are for pictures of full size
    learn.add_cbs(callbacks.of_config(search, device, done=lambda: 0))
    follower = Follower(write, folder)
    with learn.no_bar(), learn.no_logging(), memory.out_of_memory_explained(config, device):
        suggested = suggest(learn, config, folder, follower)
    if suggested is not None:
        write("suggestions", suggestions=suggested)
    return Outcome(events.STOPPED if follower.stopped else events.FINISHED)


def suggest(learn: Learner, config: TrainConfig, folder: Path, follower: Follower) -> dict[str, float] | None:
    """Run the finder on ``learn``, whose weights are afterwards as before.

    Parameters
    ----------
    learn : fastai.learner.Learner
    config : TrainConfig
        Says whether the first fit is the frozen one: rates are for the first fit.
    folder : pathlib.Path
        Where fastai keeps the weights meanwhile.
    follower : Follower

    Returns
    -------
    dict or None
        Learning rate by name of fastai's four methods; None if it was stopped before there was a curve.
    """
    learn.path, learn.model_dir = folder, "."
    if config.freeze_epochs:
        learn.freeze()
    else:
        learn.unfreeze()
    with learn.added_cbs(follower):
        epochs = ITERATIONS // len(learn.dls.train) + 1
        learn.fit(epochs, cbs=LRFinder(num_it=ITERATIONS), wd=config.wd)
    rates = torch.tensor(learn.recorder.lrs[ITERATIONS // 10 : -5])
    losses = torch.tensor([float(loss) for loss in learn.recorder.losses[ITERATIONS // 10 : -5]])
    if len(learn.recorder.lrs) < _FEWEST or not torch.isfinite(losses).all():
        if follower.stopped:
            return None
        raise UserError(
            f"The loss exploded after {len(learn.recorder.lrs)} of {ITERATIONS} batches, at a rate of "
            f"{learn.recorder.lrs[-1]:.1e}: check labels and values of {config.dataset}, or choose a larger batch size."
        )
    rates_of = {method.__name__: method(rates, losses, ITERATIONS)[0] for method in (valley, slide, minimum, steep)}
    return {name: float(f"{rate:.3g}") for name, rate in rates_of.items()}


class Follower(Callback):
    """Writes a batch event for every step of the finder, and hears a stop."""

    order = Recorder.order + 1

    def __init__(self, write: EventWriter, folder: Path):
        self.write, self.folder, self.stopped, self.batches = write, folder, False, 0

    def before_fit(self) -> None:
        """Announce it."""
        self.write("fit", phase=LR_FIND, epochs=1, step=0)

    def after_batch(self) -> None:
        """Write rate and loss; end at a loss that is no number, after which there is nothing to learn."""
        loss, hypers = float(self.loss.detach()), self.opt.hypers[-1]
        if not math.isfinite(loss):
            raise CancelFitException
        self.batches += 1
        rate, mom = float(f"{hypers['lr']:.4g}"), float(f"{hypers['mom']:.4g}")
        self.write("batch", step=self.batches, loss=float(f"{loss:.6g}"), lr=rate, mom=mom)
        if events.asked_to_stop(self.folder):
            self.stopped = True
            raise CancelFitException
