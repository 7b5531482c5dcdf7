"""One training from start to end: data, model, ``fine_tune``, predictions, files."""

from __future__ import annotations

import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.callback.schedule import fine_tune  # noqa: F401  (patches Learner)
from fastai.learner import Learner
from fastai.torch_core import set_seed
from safetensors.numpy import save as pack
from safetensors.torch import save as pack_tensors

from lib import protocol, tasks
from lib import workspace as ws
from lib.data.dataset import Dataset
from lib.errors import UserError
from lib.learner import build, choices, data
from lib.learner.reporter import Reporter, throttled
from lib.protocol import EventWriter, TrainConfig
from lib.tasks.base import Task

_PACKAGES = ("torch", "torchvision", "fastai", "timm", "numpy", "pillow")


def train(folder: Path, config: TrainConfig, dataset: Dataset, device: torch.device, write: EventWriter) -> str:
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

    Returns
    -------
    str
        The state to end with: finished or stopped.

    Raises
    ------
    UserError
        If the data, the weights, the rate or the memory do not allow it.
    """
    began = time.time()
    task = tasks.get(config.task)
    train_rows = dataset.index("train")
    scale = task.fit_scale(dataset.targs[train_rows])
    pics = data.Pictures(dataset, config.size)
    pics.keep(throttled(write, "Reading pictures", len(dataset)))
    set_seed(config.seed, reproducible=True)  # before the DataLoaders: they draw their order from it
    dls = data.make_dls(dataset, task, config, scale, pics, device)
    learn = build.build(dls, dataset, task, config, scale)
    write("started", **_start(learn, dataset, device))
    reporter = Reporter(write, task.metric, folder / protocol.STOP, frozen=config.freeze_epochs > 0)
    learn.add_cbs(choices.callbacks(config, device, done=lambda: reporter.epochs_done))
    with learn.no_bar(), learn.no_logging():
        _fit(learn, config, reporter, device)
        seconds = time.time() - began
        write("note", note="Predicting")
        splits = _predict(learn, task, dataset, scale)
    _save(folder, learn, task, config, dataset, device, scale, splits, reporter, seconds)
    return protocol.STOPPED if reporter.stopped else protocol.FINISHED


def _start(learn: Learner, dataset: Dataset, device: torch.device) -> dict[str, Any]:
    return {
        "device": data.describe(device),
        "n_train": len(dataset.index("train")),
        "n_valid": len(dataset.index("valid")),
        "n_batches": len(learn.dls.train),
        "n_params": sum(p.numel() for p in learn.model.parameters()),
        "loss": type(learn.loss_func.func).__name__,
    }


def _fit(learn: Learner, config: TrainConfig, reporter: Reporter, device: torch.device) -> None:
    try:
        learn.fine_tune(
            config.epochs,
            base_lr=config.base_lr,
            freeze_epochs=config.freeze_epochs,
            lr_mult=config.lr_mult,
            cbs=reporter,
        )
    except torch.OutOfMemoryError as error:
        raise UserError(
            f"A batch of {config.bs} images of {config.size} px does not fit the memory of {data.describe(device)}: "
            f"choose a batch size of {max(2, config.bs // 2)} or a smaller image size."
        ) from error


def _predict(learn: Learner, task: Task, dataset: Dataset, scale: dict) -> dict[str, dict[str, np.ndarray]]:
    """Return items, preds, targs, sizes and the baseline's preds of the splits that were not trained on."""
    train_rows = dataset.index("train")
    made = {}
    for split in ("valid", "test"):
        items = dataset.index(split)
        if not len(items):
            continue
        preds, _ = learn.get_preds(dl=data.split_dl(learn.dls, dataset, split))
        if not torch.isfinite(preds).all():
            raise UserError(
                f"The model's predictions of the {split} images are no numbers any more: the learning rate is "
                "too high, choose a lower base_lr."
            )
        sizes = dataset.sizes[items]
        made[split] = {
            "items": items,
            "preds": task.decode(data.as_numpy(preds), sizes, scale),
            "targs": dataset.targs[items],
            "sizes": sizes,
            "baseline": task.baseline(dataset.targs[train_rows], dataset.sizes[train_rows], sizes, dataset.names),
        }
    return made


def _save(
    folder: Path,
    learn: Learner,
    task: Task,
    config: TrainConfig,
    dataset: Dataset,
    device: torch.device,
    scale: dict,
    splits: dict[str, dict[str, np.ndarray]],
    reporter: Reporter,
    seconds: float,
) -> None:
    """Write predictions and model, then the manifest: a run with a manifest is complete."""
    arrays = {
        f"{split}.{name}": np.ascontiguousarray(part) for split, parts in splits.items() for name, part in parts.items()
    }
    ws.write_atomic(folder / protocol.PREDS, pack(arrays))
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in learn.model.state_dict().items()}
    ws.write_atomic(folder / protocol.MODEL, pack_tensors(state))

    def evaluated(which: str) -> dict[str, dict[str, float]]:
        return {split: task.metrics(parts[which], parts["targs"], config.thresh) for split, parts in splits.items()}

    ws.write_json(
        folder / protocol.MANIFEST,
        {
            "config": config.to_json(),
            "names": list(dataset.names),
            "scale": scale,
            "splits": {split: len(parts["items"]) for split, parts in splits.items()},
            "metrics": evaluated("preds"),
            "baseline": evaluated("baseline"),
            "epochs_done": reporter.epochs_done,
            "seconds": round(seconds, 1),
            "device": data.describe(device),
            "python": platform.python_version(),
            "versions": {package: version(package) for package in _PACKAGES},
        },
    )
