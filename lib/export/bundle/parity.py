"""By how much a bundle's ONNX model differs from the run's own, over every image of a split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.export.bundle.contents import Parity
from lib.tasks.base import Task
from lib.tasks.types import Predictions

if TYPE_CHECKING:
    from lib.training.learner.inference import Model

#: Images that go through both at once.
_BATCH = 32
#: How many times what rounding does another processor, number of threads or version of torch may do, all in float32.
OTHER_MACHINE = 10
#: And how many times a GPU, which may multiply with 10 bits of each number, and mixed precision, which has 8 of them.
_GPU, _MIXED = 500, 2000


@dataclass(frozen=True)
class Measured:
    """The report, and what the run's own model says now, in natural form."""

    report: Parity
    preds: np.ndarray


def times_rounding(device: str, config: TrainConfig) -> int:
    """Return how many times rounding predictions differ by that a run recorded on ``device``, at most."""
    if config.mixed_precision:
        return _MIXED
    return OTHER_MACHINE if device.startswith("CPU") else _GPU


def measure(
    model: Model,
    onnx: Path,
    dataset: Dataset,
    split: str,
    recorded: Predictions,
    thresh: float | np.ndarray,
    tell: Callable[[int, int, str], None],
    *,
    times: int = OTHER_MACHINE,
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
    times : int
        How many times rounding what is recorded may differ by, see `times_rounding`.

    Raises
    ------
    UserError
        If they differ by more than rounding, or what is recorded is not what ``model`` says.
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
    report = compared(model.task, split, preds, by_onnx, recorded, thresh, model.scale, times=times)
    return Measured(report, preds)


def compared(
    task: Task,
    split: str,
    preds: np.ndarray,
    by_onnx: np.ndarray,
    recorded: Predictions,
    thresh: float | np.ndarray,
    scale: dict[str, Any],
    *,
    times: int,
) -> Parity:
    """Return the report of predictions in natural form; parameters and errors are those of `measure`."""
    alike, unit = None, task.rounding_unit
    own, others = (task.decided(values, thresh) for values in (preds, by_onnx))
    if own is not None and others is not None:
        alike = int((own[0] == others[0]).all(axis=1).sum())
    report: Parity = {
        "split": split,
        "images": len(preds),
        "unit": unit,
        "onnx": float(task.apart(by_onnx, preds, scale).max()),
        "allowed": task.rounding,
        "recorded": float(task.apart(preds, recorded.preds, scale).max()),
        "recorded_allowed": task.rounding * times,
        "decided_alike": alike,
    }
    if not report["onnx"] <= report["allowed"]:  # also NaN
        raise UserError(
            f"The ONNX model differs by {report['onnx']:.2g} {unit} from the run's own on the {split} images: expected "
            f"{report['allowed']:g} at most. Train another network, and report this one."
        )
    if not report["recorded"] <= report["recorded_allowed"]:
        raise UserError(
            f"The run's model differs by {report['recorded']:.2g} {unit} from what the run recorded of the {split} "
            f"images: expected {report['recorded_allowed']:g} at most. Its numbers are not this model's: train again."
        )
    return report
