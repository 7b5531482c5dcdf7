"""The same few valid images with what is predicted of them: after every epoch, as frames of a film, or at the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib import tasks
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import DamagedError
from lib.metrics import curves
from lib.tasks.typed import expect, refuse
from lib.tasks.types import Card, Predictions
from lib.training.history import History
from lib.training.run_files import Epoch


@dataclass(frozen=True)
class Frame:
    """The images at one time; the title tells the time."""

    title: str
    cards: Sequence[Card]


#: Images whose predictions are kept after every epoch, to watch them get better.
MOST = 12


def places(n: int) -> np.ndarray:
    """Return the places among ``n`` validation images of those that are watched, evenly spread, at most `MOST`."""
    return np.unique(np.linspace(0, n - 1, min(MOST, n)).round().astype(int))


def rows(dataset: Dataset) -> np.ndarray:
    """Return the rows of the images of ``dataset`` that are watched."""
    valid = dataset.index("valid")
    return valid[places(len(valid))] if len(valid) else valid


def cards(predictions: Predictions, config: TrainConfig, dataset: Dataset) -> list[Card]:
    """Return what a run predicted at its end of the images that are watched, as the last frame of a film has it.

    Parameters
    ----------
    predictions : Predictions
        Of the validation images.
    config : TrainConfig
        Of the run.
    dataset : Dataset
        As the run saw it.
    """
    chosen = places(len(predictions.items))
    rows, preds = predictions.items[chosen], predictions.preds[chosen]
    return _cards(dataset, config, rows, preds, preds)


def _cards(dataset: Dataset, config: TrainConfig, rows: np.ndarray, preds: np.ndarray, last: np.ndarray) -> list[Card]:
    """Return a card for each of ``rows``; what it shows of the labels is decided by the ``last`` predictions."""
    task, predictions = tasks.get(config.task), Predictions.of(dataset, rows, preds)
    titles = dataset.items["original"].iloc[rows].astype(str).tolist()
    return [task.preview_card(predictions, last[row], row, title, config.thresh) for row, title in enumerate(titles)]


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

    Raises
    ------
    DamagedError
        If the history names other images, or what it has of them are no predictions.
    """
    rows, task = np.array(history.started.get("preview", []), dtype=np.int64), tasks.get(config.task)
    try:
        refuse("preview", rows, rows >= len(dataset), f"one of {len(dataset):,} rows")
        shape = (len(rows), *task.pred_shape(dataset.names))
        previewed = [(epoch, preds) for epoch in history.epochs if (preds := _preds(epoch, shape)) is not None]
    except ValueError as error:
        raise DamagedError(f"The events of this run are damaged ({error}): start the training again.") from error
    if not previewed:
        return []
    last = previewed[-1][1]
    film = []
    for epoch, preds in (previewed[index] for index in curves.every(len(previewed))):
        value = epoch["metrics"].get(task.metric)
        metric_words = "" if value is None else f" · {task.metric_title} {task.format(value, dataset.names)}"
        title = f"{epoch['epoch']} of {config.freeze_epochs + config.epochs}{metric_words}"
        film.append(Frame(title, _cards(dataset, config, rows, preds, last)))
    return film


def _preds(epoch: Epoch, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return the predictions of the preview images, of this shape, None where the epoch has none."""
    if len(rows := epoch.get("preview", [])) != shape[0]:
        return None
    preds = np.array(rows, dtype=np.float32)
    expect("preview", preds, "f", shape)
    return preds if np.isfinite(preds).all() else None
