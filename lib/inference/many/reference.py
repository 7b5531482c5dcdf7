"""What a run's network sees in its training pictures, kept with the run: new pictures are compared with that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from safetensors import SafetensorError

from lib.core import checksums, files, tensor_files
from lib.inference import ask
from lib.metrics import unlike
from lib.training.runs import Run

if TYPE_CHECKING:
    from lib.training.learner.inference import Model

#: The file in a run's folder; it is made anew where it is gone, damaged or of another model.
FILE = "features.safetensors"
#: Pictures that are compared with, and those that say how far such pictures usually are, drawn by chance.
MOST_TRAIN, MOST_VALID = 5000, 2000
_VERSION = "1"


@dataclass(frozen=True)
class Reference:
    """What new pictures are compared with.

    Attributes
    ----------
    features : ndarray of float32, shape (m, channels)
        Of training pictures.
    boundary : float
        The distance above which a picture is unlike them, see `lib.metrics.unlike.boundary`.
    n_valid : int
        Validation images that it is of.
    """

    features: np.ndarray
    boundary: float
    n_valid: int

    def distances(self, features: np.ndarray) -> np.ndarray:
        """Return how far pictures are, float32 of shape (n,)."""
        if not len(features):
            return np.zeros(0, dtype=np.float32)
        return unlike.distances(features, self.features).astype(np.float32)


def of(run: Run, model: Model, tell: Callable[[int, int, str], None]) -> Reference | str:
    """Return the reference of a run, made at the first time; or in a sentence why there is none.

    Parameters
    ----------
    run : Run
    model : Model
        Of the run.
    tell : callable
        Is told how many pictures are seen, of how many, and the step in words.
    """
    name = f"{ask.model_id(run)} {_VERSION}"
    arrays = _read(run, name)
    if arrays is None or not _fit(arrays, model):
        dataset = run.dataset()
        if dataset is None:
            return (
                f"Whether a picture is unlike the training's cannot be said: the dataset {run.config.dataset} changed "
                "after the training, or is gone."
            )
        from lib.training.learner import seen

        chosen = {
            "train": _some(dataset.index("train"), MOST_TRAIN),
            "valid": _some(dataset.index("valid"), MOST_VALID),
        }
        total, before, arrays = sum(map(len, chosen.values())), 0, {}
        for split, rows in chosen.items():

            def step(done: int, before: int = before) -> None:
                tell(before + done, total, "Looking at the training pictures, once")

            arrays[split] = seen.of_dataset(model, dataset, rows.tolist(), step)
            before += len(rows)
        if not len(arrays["train"]):
            return (
                f"Whether a picture is unlike the training's cannot be said: no training picture of "
                f"{run.config.dataset} can be read."
            )
        arrays["name"] = np.frombuffer(name.encode(), dtype=np.uint8)
        if all(len(arrays[split]) == len(rows) for split, rows in chosen.items()):  # else others are there another time
            path = run.folder / FILE
            files.write_atomic(path, tensor_files.pack(arrays, checksums.name_of(path, run.id)))
    apart = unlike.distances(arrays["valid"], arrays["train"]) if len(arrays["valid"]) else np.zeros(0)
    boundary = unlike.boundary(apart, unlike.FALSE_ALARMS)
    if boundary is None:
        return (
            f"Whether a picture is unlike the training's cannot be said: the run has {len(apart)} validation "
            f"images, too few to keep false alarms at {100 * unlike.FALSE_ALARMS:.0f} %."
        )
    if not np.isfinite(boundary):
        return "Whether a picture is unlike the training's cannot be said: the model gives no numbers for its pictures."
    return Reference(arrays["train"], boundary, len(apart))


def _fit(arrays: dict[str, np.ndarray], model: Model) -> bool:
    """Return whether arrays are features as the model gives them: who made a run's folder can write any there."""
    from lib.training.learner import seen

    if set(arrays) != {"train", "valid"} or not len(arrays["train"]):
        return False
    size = model.config.size
    width = seen.preds_and_features(model, np.zeros((1, size, size, 3), np.uint8))[1].shape[1]
    return all(
        one.dtype == np.float32 and one.ndim == 2 and one.shape[1] in ({width} if len(one) else {0, width})
        for one in arrays.values()
    )


def _some(rows: np.ndarray, most: int) -> np.ndarray:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _read(run: Run, name: str) -> dict[str, np.ndarray] | None:
    try:
        arrays = dict(tensor_files.read(run.folder / FILE, run.id))
        return arrays if arrays.pop("name").tobytes().decode() == name else None
    except (OSError, ValueError, KeyError, SafetensorError):  # it can always be made anew
        return None
