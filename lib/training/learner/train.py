"""One training from start to end: data, model, both fits, predictions, files."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from fastai.learner import Learner
from fastai.torch_core import set_seed

from lib import tasks
from lib.core import depth
from lib.core.config import QUICK, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets.splits.kept import split_words
from lib.tasks.base import Task
from lib.training import events
from lib.training.events import EventWriter
from lib.training.learner import (
    averaging,
    bodies,
    build,
    callbacks,
    data,
    data_parallel,
    fit,
    loading,
    memory,
    normalization,
    quick,
    quick_start,
    results,
    stopping,
)
from lib.training.learner.checkpoint import Checkpoint, Position, load_checkpoint, remove_checkpoints
from lib.training.learner.data_parallel import DataParallel
from lib.training.learner.fit import Checkpointer
from lib.training.learner.gpu import GpuMonitor
from lib.training.learner.quick import QuickHead
from lib.training.learner.ranks import ALONE, Ranks
from lib.training.learner.record import record
from lib.training.learner.reporter import NotFiniteError, Reporter
from lib.training.learner.watcher import Watcher
from lib.training.outcome import Outcome as Outcome
from lib.training.runs import Run


def train(
    folder: Path,
    config: TrainConfig,
    dataset: Dataset,
    device: torch.device,
    write: EventWriter,
    *,
    again: bool,
    ranks: Ranks = ALONE,
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
    ranks : Ranks
        The processes that train together: all call this, the first predicts and saves. Only its outcome counts, and
        what it raises; the others are at their end when it is.

    Raises
    ------
    UserError
        If the data, the weights, the rate, the memory or the disk do not allow it.
    """
    start = _resume(folder, write, ranks) if again else None
    position = start.position if start else Position()
    ranks.check_same(asdict(position), "a checkpoint")
    weights = {"weights": loading.source(config)} if config.pretrained and start is None else _weights(folder)
    task = tasks.get(config.task)
    # Before anything is drawn at random; of several processes the first alone has the head and the pretrained weights.
    beside, why_not = quick.beside(folder, config, dataset, device, write) if ranks.is_first else (None, None)
    ranks.wait_for_first()
    learn, scale = prepare(config, dataset, task, device, load_weights=start is None and ranks.is_first)
    learn.model = data_parallel.synchronized(learn.model, ranks, device)
    notes = loading.notes(weights)
    notes += data_parallel.notes(learn.model, config, ranks, device, (len(start.chances) or 1) if start else None)
    if why_not and not config.quick_start:
        notes.append(f"There is no quick model beside this training: {why_not}")
    if learn.dls.train.pics.note:
        notes.append(learn.dls.train.pics.note)
    watcher = Watcher(task, config, dataset, scale)
    steps = len(learn.dls.train) * (config.freeze_epochs + config.epochs)
    preview = watcher.items[watcher.preview].tolist()
    facts = {**describe(learn, dataset), **weights, **record(device), "processes": ranks.count}
    write("started", **facts, n_steps=steps, preview=preview, notes=notes)
    validated = watcher.result if ranks.is_first else dict
    reporter = Reporter(write, folder, position, base_lr=config.base_lr, validated=validated, ranks=ranks)
    average = averaging.of_config(config)
    parallel = DataParallel(ranks, config.seed, device) if ranks.are_several else None
    checkpointer = Checkpointer(write, folder, position, config, average, parallel)
    learn.add_cbs(callbacks.of_config(config, device, done=lambda: position.epochs_done))
    with learn.no_bar(), learn.no_logging(), memory.out_of_memory_explained(config, device, ranks.count):
        if config.quick_start and start is None and ranks.is_first:
            if beside is None:
                return _no_start(why_not)
            quick_start.put_in(learn, beside)
        if ranks.is_first:
            (folder / events.LEFT).unlink(missing_ok=True)  # not before: a stop until here leaves what there was
        try:
            cbs = [watcher, GpuMonitor(write, position)] if ranks.is_first else []
            fit.fine_tune(learn, config, reporter, checkpointer, cbs, start, average)
            outcome = _ended(config, position, reporter, checkpointer)
        except NotFiniteError as error:
            if not ranks.is_first:
                return Outcome(events.STOPPED)
            checkpointer.wait()
            position, outcome = _last_good(folder, learn, error)
        if not ranks.is_first:
            return outcome
        epoch = fit.load_best(learn, folder, position)
        return _predict(folder, config, dataset, learn, scale, write, outcome, position.epochs_done, epoch, beside)


def finish(folder: Path, config: TrainConfig, dataset: Dataset, device: torch.device, write: EventWriter) -> Outcome:
    """Predict and save with what a stopped run has learned; nothing is trained.

    Raises
    ------
    UserError
        If there is nothing to predict with, or the data, the memory or the disk do not allow it.
    """
    write("note", note="Preparing to predict")
    beside, _ = quick.beside(folder, config, dataset, device, write)
    learn, scale = prepare(config, dataset, tasks.get(config.task), device, load_weights=False)
    learn.model.to(device)
    left = stopping.take_up(folder, learn)
    write.began_at(left["seconds"])
    outcome = Outcome(events.STOPPED)
    with learn.no_bar(), learn.no_logging(), memory.out_of_memory_explained(config, device):
        done = (left["epochs_done"], left["epoch"])
        return _predict(folder, config, dataset, learn, scale, write, outcome, *done, beside)


def _predict(
    folder: Path,
    config: TrainConfig,
    dataset: Dataset,
    learn: Learner,
    scale: dict,
    write: EventWriter,
    outcome: Outcome,
    epochs_done: int,
    epoch: int,
    beside: QuickHead | None,
) -> Outcome:
    """Predict and save everything; where somebody asks to stop at once, only leave the weights for `finish`."""
    write("note", note="Predicting")
    task = tasks.get(config.task)
    try:
        predicted = results.predict(learn, task, dataset, scale, stopping.Halt(folder))
    except stopping.Halted:
        stopping.leave(folder, learn, {"epochs_done": epochs_done, "epoch": epoch, "seconds": write.seconds})
        return Outcome(events.STOPPED, outcome.message or stopping.WITHOUT_PREDICTIONS, outcome.retry)
    facts = {"epochs_done": epochs_done, "epoch": epoch, "seconds": round(write.seconds, 1), **record(learn.dls.device)}
    learned = {"names": list(dataset.names), "split_by": split_words(dataset), "scale": scale}
    start = quick_start.arrays(beside) if config.quick_start and beside is not None else {}
    learned |= {**_weights(folder), **depth.to_json(dataset.value_range), "normalize": normalization.to_json(config)}
    if config.quick_start and beside is not None:
        learned["trained"] = {split: task.metrics(one, config.thresh) for split, one in predicted.items()}
        better = quick_start.keep_better(learn, beside, predicted, task, config, dataset, scale)
        predicted, learned["kept"] = better.splits, better.model
        facts["epoch"] = epoch if better.model == quick_start.TRAINED else 0
        learned |= {"path": beside.path} if better.model == QUICK else {}
        outcome = replace(outcome, message=f"{outcome.message} {better.message}".strip())
    splits = quick.added(predicted, beside, task, dataset, scale)
    results.save(folder, learn, task, config, splits, {**learned, **facts}, start)
    (folder / events.LEFT).unlink(missing_ok=True)
    if outcome.state == events.FINISHED:
        remove_checkpoints(folder)
    return outcome


def _no_start(why_not: UserError | None) -> Outcome:
    """Say why there is no quick model to start from; without a reason somebody asked to stop."""
    if why_not is None:
        return Outcome(events.STOPPED, "Stopped before the training began: resume it, what was computed is kept.")
    raise UserError(
        f"There is no quick model to start from: {why_not} Or leave out quick_start.", lasting=why_not.lasting
    )


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
        "free_norms": bodies.free_norms(learn.model[0]),
        "loss": type(getattr(learn.loss_func, "func", learn.loss_func)).__name__,
    }


def _weights(folder: Path) -> dict[str, Any]:
    """Return where the pretrained weights came from when the run was started; nothing if that is not known."""
    started = Run(folder).refresh().history.started
    return {"weights": started["weights"]} if "weights" in started else {}


def _resume(folder: Path, write: EventWriter, ranks: Ranks) -> Checkpoint | None:
    if ranks.is_first:
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
