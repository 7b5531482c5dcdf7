"""By how much a bundle's ONNX model differs from the run's own, over every image of a split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.export.bundle.contents import Parity
from lib.tasks.base import Task
from lib.tasks.display import NewLabels
from lib.tasks.types import Predictions

if TYPE_CHECKING:
    from lib.training.learner.inference import Model

#: Images that go through both at once.
_BATCH = 32


@dataclass(frozen=True)
class Measured:
    """The report, and what the run's own model says now, in natural form."""

    report: Parity
    preds: np.ndarray


def measure(
    model: Model,
    onnx: Path,
    dataset: Dataset,
    split: str,
    recorded: Predictions,
    thresh: float | np.ndarray,
    tell: Callable[[int, int, str], None],
) -> Measured:
    """Compare the model in the file ``onnx`` with ``model`` on the images of ``recorded``, one of the run's splits.

    Parameters
    ----------
    model : Model
        On the CPU.
    onnx : pathlib.Path
    dataset : Dataset
        As the run saw it.
    split : str
    recorded : Predictions
    thresh : float or ndarray of shape (C,)
    tell : callable
        Is told how many images are compared, of how many, and the step in words.

    Raises
    ------
    UserError
        If they differ by more than rounding.
    """
    from lib.training.learner import data, onnx_export

    session, pictures = onnx_export.Session(onnx), data.Pictures(dataset, model.config.size)
    own: list[np.ndarray] = []
    others: list[np.ndarray] = []
    items = recorded.items
    for start in range(0, len(items), _BATCH):
        rows = items[start : start + _BATCH]
        pictures.ahead(items[start + _BATCH : start + 2 * _BATCH])
        squares = pictures.batch(rows)
        own.append(model.preds(squares))
        others.append(session.preds(squares))
        tell(min(start + _BATCH, len(items)), len(items), f"Comparing the models on the {split} images")
    preds, by_onnx = (model.task.decode(np.concatenate(part), recorded.sizes, model.scale) for part in (own, others))
    report = _report(model.task, split, preds, by_onnx, recorded, thresh, model.scale)
    if np.any(_apart(preds, by_onnx) > _allowed(model.task, preds, model.scale)):
        raise UserError(
            f"The ONNX model differs by {report['onnx']:.2g} {report['unit']} from the run's own on the {split} "
            f"images: expected {report['allowed']:g} at most. Train another network, and report this one."
        )
    return Measured(report, preds)


def _report(
    task: Task,
    split: str,
    preds: np.ndarray,
    by_onnx: np.ndarray,
    recorded: Predictions,
    thresh: float | np.ndarray,
    scale: dict[str, Any],
) -> Parity:
    alike = None
    if isinstance(task, NewLabels):
        alike = int((task.decide(preds, thresh) == task.decide(by_onnx, thresh)).all(axis=1).sum())
    return {
        "split": split,
        "images": len(preds),
        "unit": task.unit_of(recorded.names),
        "onnx": float(_apart(preds, by_onnx).max()),
        "allowed": float(np.min(task.rounding(scale))),
        "recorded": float(_apart(preds, recorded.preds).max()),
        "decided_alike": alike,
    }


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    apart: np.ndarray = np.abs(one.astype(np.float64) - other)
    return apart


def _allowed(task: Task, preds: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
    return np.broadcast_to(task.rounding(scale), preds.shape)
