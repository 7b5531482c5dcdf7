"""One training from start to end: data, model, both fits, predictions, files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from fastai.learner import Learner
from fastai.torch_core import set_seed

from lib import tasks
from lib.core import depth
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.datasets.splits.kept import split_words
from lib.tasks.base import Task
from lib.training import events
from lib.training.events import EventWriter
from lib.training.learner import build, choices, data, fit, memory, normalization, results
from lib.training.learner.checkpoint import Checkpoint, Position, load_checkpoint, remove_checkpoints
from lib.training.learner.fit import Checkpointer
from lib.training.learner.gpu import GpuMonitor
from lib.training.learner.record import record
from lib.training.learner.reporter import NotFiniteError, Reporter
from lib.training.learner.watcher import Watcher


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its state, a sentence if there is more to say, options with which it would go better."""

    state: str
    message: str = ""
    retry: dict[str, Any] = field(default_factory=dict)


def train(
    folder: Path, config: TrainConfig, dataset: Dataset, device: torch.device, write: EventWriter, *, again: bool
) -> Outcome:
    """Train, predict and save everything into ``folder``.

    Parameters
    ----------
    folder : pathlib.Path
        The run's folder.
    config : TrainConfig
    dataset : Dataset
        In the revision that ``config`` names.
    device : torch.device
    write : EventWriter
    again : bool
        Whether a worker was at work on this run before: training then goes on from the newest checkpoint.

    Raises
    ------
    UserError
        If the data, the weights, the rate, the memory or the disk do not allow it.
    """
    start = _resume(folder, write) if again else None
    position = start.position if start else Position()
    task = tasks.get(config.task)
    learn, scale = prepare(config, dataset, task, device, load_weights=start is None)
    if note := learn.dls.train.pics.note:
        write("note", note=note)
    watcher = Watcher(task, config, dataset, scale)
    steps = len(learn.dls.train) * (config.freeze_epochs + config.epochs)
    preview = watcher.items[watcher.preview].tolist()
    write("started", **describe(learn, dataset), **record(device), n_steps=steps, preview=preview)
    reporter = Reporter(write, folder, position, base_lr=config.base_lr, validated=watcher.result)
    checkpointer = Checkpointer(write, folder, position, config)
    learn.add_cbs(choices.callbacks(config, device, done=lambda: position.epochs_done))
    with learn.no_bar(), learn.no_logging(), memory.out_of_memory_explained(config, device):
        try:
            fit.fine_tune(learn, config, reporter, checkpointer, [watcher, GpuMonitor(write, position)], start)
            outcome = _ended(config, position, reporter, checkpointer)
        except NotFiniteError as error:
            checkpointer.wait()
            position, outcome = _last_good(folder, learn, error)
        epoch = fit.load_best(learn, folder, position)
        write("note", note="Predicting")
        splits = results.predict(learn, task, dataset, scale)
    facts = {"epochs_done": position.epochs_done, "epoch": epoch, "seconds": round(write.seconds, 1), **record(device)}
    learned = {"names": list(dataset.names), "split_by": split_words(dataset), "scale": scale}
    learned |= {**depth.to_json(dataset.value_range), "normalize": normalization.to_json(config)}
    results.save(folder, learn, task, config, splits, {**learned, **facts})
    if outcome.state == events.FINISHED:
        remove_checkpoints(folder)
    return outcome


def prepare(
    config: TrainConfig, dataset: Dataset, task: Task, device: torch.device, *, load_weights: bool
) -> tuple[Learner, dict]:
    """Return the Learner and the task's scale; ``load_weights`` is whether pretrained weights are needed at all."""
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    data.check_pictures(dataset)
    pics = data.Pictures(dataset, config.size)
    set_seed(config.seed, reproducible=True)  # before the DataLoaders: they draw their order from it
    dls = data.make_dls(dataset, task, config, scale, pics, device)
    return build.build(dls, dataset, task, config, scale, load_weights=load_weights), scale


def describe(learn: Learner, dataset: Dataset) -> dict[str, Any]:
    """Return how much there is to train on, how it was divided, and what is trained."""
    return {
        "split_by": split_words(dataset),
        "n_train": len(dataset.index("train")),
        "n_valid": len(dataset.index("valid")),
        "n_batches": len(learn.dls.train),
        "n_params": sum(p.numel() for p in learn.model.parameters()),
        "loss": type(getattr(learn.loss_func, "func", learn.loss_func)).__name__,
    }


def _resume(folder: Path, write: EventWriter) -> Checkpoint | None:
    (folder / events.MANIFEST).unlink(missing_ok=True)  # what it tells is about to be no longer so
    start = load_checkpoint(folder)
    position = start.position if start else Position()
    write.began_at(position.seconds)
    write("resumed", step=position.step, epochs=position.epochs_done)
    return start


def _ended(config: TrainConfig, position: Position, reporter: Reporter, checkpointer: Checkpointer) -> Outcome:
    if reporter.stopped:
        return Outcome(events.STOPPED)
    if not checkpointer.ended():
        return Outcome(events.FINISHED)
    return Outcome(
        events.FINISHED,
        f"Ended after epoch {position.epochs_done}, because the validation loss had not fallen for {config.patience} "
        f"epochs; the model of epoch {position.best_epoch} is kept.",
    )


def _last_good(folder: Path, learn: Learner, error: NotFiniteError) -> tuple[Position, Outcome]:
    """Put the last checkpoint's weights into ``learn``; raise ``error`` again if there is none."""
    last = load_checkpoint(folder)
    if last is None:
        raise error
    last.load_model(learn)
    done = last.position.epochs_done
    return last.position, Outcome(events.STOPPED, f"{error} The model of epoch {done} is kept.", error.retry)
