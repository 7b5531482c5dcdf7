"""Targets and predictions of every kind in a file, and what the lines of a panel leave that are run on it."""

from __future__ import annotations

import numpy as np
from safetensors.numpy import save_file

from lib import tasks
from lib.metrics import decisions
from lib.tasks.code.panels import Asked
from lib.tasks.types import Predictions

N, C = 40, 3
NAMES = ('ball "b"', "box\nimport os", "\u202ecat")
RNG = np.random.default_rng(3)
_LABELS = (RNG.random((N, C)) < 0.4).astype(np.int8)
_KNOWN_LABELS = _LABELS.copy()
_LABELS[:4, 1] = -1
_POINTS = RNG.uniform(5, 90, (N, C, 2)).astype(np.float32)
_POINTS[2, 1] = np.nan
_CLASSES = RNG.integers(0, C, N)
_SHARES = RNG.dirichlet(np.ones(C), N).astype(np.float32)
_VALUES = RNG.normal(5, 2, (N, C)).astype(np.float32)
THRESHS = np.array([0.3, 0.5, 0.6], dtype=np.float32)
#: Targets and predictions of each task.
DRAWN = {
    "multi-label": (_LABELS, RNG.random((N, C)).astype(np.float32)),
    "multi-label, all known": (_KNOWN_LABELS, RNG.random((N, C)).astype(np.float32)),
    "single-label": (_CLASSES, _SHARES),
    "keypoints": (_POINTS, np.nan_to_num(_POINTS, nan=40) + RNG.normal(0, 4, _POINTS.shape).astype(np.float32)),
    "regression": (_VALUES, _VALUES + RNG.normal(0, 1, _VALUES.shape).astype(np.float32)),
}
WITH_LABELS = [kind for kind in DRAWN if "label" in kind]


class Panels:
    """Predictions of one task in a file, and what the lines of its panels leave."""

    def __init__(self, folder, kind: str):
        self.task = tasks.get(kind.partition(",")[0])
        self.targs, self.preds = DRAWN[kind]
        self.sizes = np.tile(np.array([[120.0, 90.0]]), (N, 1)) + np.arange(N)[:, None]
        self.path = folder / "it's preds.safetensors"
        self.save(self.path, self.preds, self.targs, np.arange(N))

    def save(self, path, preds, targs, items) -> None:
        """Write what a run keeps of the images ``items``."""
        arrays = {"preds": preds, "targs": targs, "sizes": self.sizes, "items": items}
        save_file({f"valid.{name}": np.ascontiguousarray(array) for name, array in arrays.items()}, path)

    @property
    def predictions(self) -> Predictions:
        return Predictions(np.arange(N), self.preds, self.targs, self.sizes, NAMES, self.preds)

    @property
    def decided(self) -> decisions.Decisions:
        decided = self.task.decisions(self.predictions)
        assert decided is not None
        return decided

    def run(self, panel: str, **asked) -> dict:
        """Return the names that the lines of ``panel`` leave."""
        unknown = bool(self.task.has_unknown(self.targs))
        given = {"thresh": THRESHS, "has_unknown": unknown, **asked}
        left: dict = {}
        exec(self.task.panel_code(panel, Asked(str(self.path), "valid", NAMES, **given)), left)
        return left
