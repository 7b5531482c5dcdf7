"""The quick model: a linear head on what a pretrained network sees, fitted to its optimum in seconds.

The body stays as it was pretrained, so every picture goes through it once; see `closed_form` for what is fitted then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from lib import tasks
from lib.core import depth
from lib.core.config import LINEAR, QUICK, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets.splits.kept import split_words
from lib.tasks.base import Task
from lib.tasks.learning import CLASSES, LABELS
from lib.tasks.types import Predictions
from lib.training import events, run_files, run_metrics
from lib.training.events import EventWriter
from lib.training.learner import (
    build,
    closed_form,
    data,
    features,
    inference,
    linear,
    loading,
    memory,
    normalization,
    results,
)
from lib.training.learner.cross_validation import Problem, some_groups
from lib.training.learner.record import record
from lib.training.outcome import Outcome

#: Bytes of training features that are in memory at once, and images that are taken in any case.
_MEMORY, _FEWEST = 1024**3, 1_000
#: Images of other splits whose features are in memory at once.
_AT_A_TIME = 2_000
#: Seconds between two notes on how far it is.
_EVERY = 0.5
_SCORES = {LABELS: "log loss", CLASSES: "log loss"}


class StoppedError(Exception):
    """Somebody asked to stop."""


@dataclass(frozen=True)
class QuickHead:
    """A fitted linear head, and what it says of the images that it was not fitted to.

    Attributes
    ----------
    model : torch.nn.Sequential
        Body and head, on the CPU, in evaluation mode.
    weight, bias : Tensor of shape (n_out, D), (n_out,)
        Of the head's linear layer.
    preds : dict of str to ndarray
        After the activation, of each split that was not trained on.
    path : lib.training.run_files.Path
    seconds : float
    """

    model: nn.Sequential
    weight: torch.Tensor
    bias: torch.Tensor
    preds: dict[str, np.ndarray]
    path: run_files.Path
    seconds: float


def head_for(
    config: TrainConfig,
    dataset: Dataset,
    task: Task,
    device: torch.device,
    tell: Callable[[str], None] = lambda note: None,
) -> QuickHead:
    """Fit the linear head of the network of ``config`` to the training images; no random state is touched.

    Parameters
    ----------
    config : TrainConfig
        Its network, weights, normalization, size and seed matter.
    dataset : Dataset
    task : Task
    device : torch.device
        Where the pictures go through the body.
    tell : callable
        Is told in words how far it is. What it raises ends the work; the features so far are kept.

    Raises
    ------
    UserError
        If the weights, the network or a picture do not allow it, or the predictions are no numbers.
    """
    began = time.monotonic()
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    with torch.random.fork_rng(devices=[]):
        model, _ = build.linear_network(config, task, task.n_out(dataset.names), pretrained=True)
    every = dataset.index("train")
    train = every[
        _drawn(run_metrics.groups(dataset, every), linear.channels(model[0]) * (task.pool_grid**2 + 1), config)
    ]
    total = len(train) + sum(len(dataset.index(split)) for split in results.SPLITS)
    n_done, n_cached = 0, 0

    def seen(rows: np.ndarray) -> np.ndarray:
        nonlocal n_done, n_cached
        before, n_done = n_done, n_done + len(rows)
        of_rows = features.of_rows(
            model[0],
            config,
            dataset,
            rows.tolist(),
            task.pool_grid,
            device,
            tell=lambda done, _: tell(f"Features {before + done:,} of {total:,} images"),
            note=tell,
        )
        n_cached += of_rows.cached
        return of_rows.values

    values = seen(train)
    tell("Fitting the head")
    problem = Problem(
        values,
        task.linear_targets(dataset.targs[train], dataset.sizes[train], scale),
        run_metrics.groups(dataset, train),
        dataset.names,
        task.pool_grid**2,
        config.seed,
        tell,
        coarse=config.fold is not None,
    )
    head = closed_form.fit(task.linear_fit, problem)
    n_folds = problem.n_folds
    del values, problem  # the features
    layer: Any = model[1][-1]  # type: ignore[index]
    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(head.weight))
        layer.bias.copy_(torch.from_numpy(head.bias))
    preds = {}
    for split in results.SPLITS:
        rows = dataset.index(split)
        if len(rows):
            parts = (rows[start : start + _AT_A_TIME] for start in range(0, len(rows), _AT_A_TIME))
            preds[split] = np.concatenate([_preds(layer, seen(part), task, dataset, part) for part in parts])
    model.to("cpu").to(memory_format=torch.contiguous_format)
    drawn = [f"Fitted to {len(train):,} of {len(every):,} training images, drawn at random."]
    notes = (drawn if len(train) < len(every) else []) + head.notes
    seconds = time.monotonic() - began
    path: run_files.Path = {
        "score": _SCORES.get(task.linear_fit, "squared error"),
        "folds": n_folds,
        "images": head.images,
        "cached": n_cached,
        "parts": head.path,
        "notes": notes,
        "seconds": round(seconds, 2),
    }
    return QuickHead(model.eval(), layer.weight.detach(), layer.bias.detach(), preds, path, seconds)


def _drawn(groups: np.ndarray, width: int, config: TrainConfig) -> np.ndarray:
    """Return places of the training images to fit to: all, or as many as may be looked at and fit the memory."""
    most = min(closed_form.MOST_FITTED, max(_FEWEST, _MEMORY // (4 * width)))
    return some_groups(groups, most, config.seed)


def _preds(layer: nn.Linear, values: np.ndarray, task: Task, dataset: Dataset, rows: np.ndarray) -> np.ndarray:
    """Return what the head says of the features of rows, after the activation."""
    with torch.inference_mode():
        preds = data.as_numpy(inference.activation(task, dataset.names)(layer(torch.from_numpy(values))))
    bad = np.flatnonzero(~np.isfinite(preds).all(axis=1))
    if len(bad):
        raise UserError(
            f"What the network sees of {len(bad):,} images are no numbers, the first is "
            f"{dataset.image_path(int(rows[bad[0]]))}: choose other weights, or exclude these images.",
            lasting=True,
        )
    return preds


def fit(
    folder: Path, config: TrainConfig, dataset: Dataset, device: torch.device, write: EventWriter, *, again: bool
) -> Outcome:
    """Do a whole quick run: fit the head, predict, save everything into ``folder``.

    Stopped, it leaves no model; resumed, it begins anew and finds the features that it had.

    Raises
    ------
    UserError
        As `head_for`, and if the disk or the memory do not allow it.
    """
    if again:
        (folder / events.MANIFEST).unlink(missing_ok=True)
        write("resumed", step=0, epochs=0)
    task = tasks.get(config.task)
    data.check_pictures(dataset)
    facts = {"split_by": split_words(dataset), **record(device)}
    facts |= {"weights": loading.source(config)} if config.pretrained else {}
    counts = {f"n_{split}": len(dataset.index(split)) for split in ("train", "valid")}
    write("started", **facts, **counts, n_batches=0, n_steps=0, notes=loading.notes(facts))
    write("fit", phase=QUICK, epochs=1, step=0, note="Loading the network")
    try:
        with memory.out_of_memory_explained(config, device):
            head = head_for(config, dataset, task, device, _teller(folder, write))
    except StoppedError:
        return Outcome(events.STOPPED, "Stopped before there was a model: resume it, what was computed is kept.")
    write("note", note="Saving")
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    splits = {split: results.decoded(task, dataset, split, preds, scale) for split, preds in head.preds.items()}
    learned = {
        "names": list(dataset.names),
        "scale": scale,
        **depth.to_json(dataset.value_range),
        "normalize": normalization.to_json(config),
        "path": head.path,
    }
    results.save(folder, head, task, config, splits, {**learned, **facts, "seconds": round(write.seconds, 1)})
    return Outcome(events.FINISHED, " ".join(head.path["notes"][:3]))


def beside(
    folder: Path, config: TrainConfig, dataset: Dataset, device: torch.device, write: EventWriter
) -> tuple[QuickHead | None, UserError | None]:
    """Return the quick model of a training's own network, which its results are shown beside, or why there is none.

    Neither where the network is not pretrained, or somebody asked to stop meanwhile.
    """
    if not config.pretrained:
        return None, None
    try:
        linear_config = replace(config, head=LINEAR)
        return head_for(linear_config, dataset, tasks.get(config.task), device, _teller(folder, write)), None
    except StoppedError:
        return None, None
    except UserError as error:
        return None, error


def added(
    splits: dict[str, Predictions], head: QuickHead | None, task: Task, dataset: Dataset, scale: dict
) -> dict[str, Predictions]:
    """Return predictions of a training with those of ``head`` beside them."""
    if head is None:
        return splits
    return {
        split: replace(one, quick=results.decoded(task, dataset, split, head.preds[split], scale).preds)
        for split, one in splits.items()
    }


def _teller(folder: Path, write: EventWriter) -> Callable[[str], None]:
    """Return what writes notes, not too many, and raises `StoppedError` where somebody asked to stop."""
    last: dict[str, Any] = {"at": -_EVERY, "head": ""}

    def tell(note: str) -> None:
        if events.asked_to_stop(folder):
            raise StoppedError
        head, now = note.split(" ")[0], time.monotonic()
        if head != last["head"] or now - last["at"] >= _EVERY:
            write("note", note=note)
            last.update(at=now, head=head)

    return tell
