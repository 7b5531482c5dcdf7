"""Frames of a film: the predictions of the same few valid images after every epoch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib import tasks
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.metrics import curves
from lib.tasks.types import Card, Predictions
from lib.training.history import History
from lib.training.run_files import Epoch


@dataclass(frozen=True)
class Frame:
    """The images at one time; the title tells the time."""

    title: str
    cards: Sequence[Card]


def has_frames(history: History) -> bool:
    """Return whether the run keeps predictions of preview images and has some."""
    return bool(history.started.get("preview")) and any(epoch.get("preview") for epoch in history.epochs)


def frames(history: History, config: TrainConfig, dataset: Dataset) -> list[Frame]:
    """Return one frame an epoch, the last always among them; of many epochs about sixty, evenly chosen.

    Parameters
    ----------
    history : History
    config : TrainConfig
    dataset : Dataset
        In the revision that ``config`` names: the history names images by their rows.
    """
    rows = np.array(history.started.get("preview", []), dtype=np.int64)
    previewed = [(epoch, preds) for epoch in history.epochs if (preds := _preds(epoch, len(rows))) is not None]
    if not previewed:
        return []
    task, last = tasks.get(config.task), previewed[-1][1]
    originals = dataset.items["original"].iloc[rows].astype(str).tolist()
    film = []
    for epoch, preds in (previewed[index] for index in curves.every(len(previewed))):
        predictions = Predictions.of(dataset, rows, preds)
        cards = [
            task.preview_card(predictions, last[row], row, title, config.thresh) for row, title in enumerate(originals)
        ]
        value = epoch["metrics"].get(task.metric)
        metric_words = "" if value is None else f" · {task.metric_title} {task.format(value, dataset.names)}"
        film.append(Frame(f"{epoch['epoch']} of {config.freeze_epochs + config.epochs}{metric_words}", cards))
    return film


def _preds(epoch: Epoch, n: int) -> np.ndarray | None:
    """Return the predictions of the ``n`` preview images, None where the epoch has none."""
    if len(rows := epoch.get("preview", [])) != n:
        return None
    preds = np.array(rows, dtype=np.float32)
    return preds if np.isfinite(preds).all() else None
