"""Lines of plain fastai for points in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.core.config import TrainConfig
from lib.metrics import points
from lib.tasks.code import numbers
from lib.tasks.code.base import COLUMNS, LABELS, Coded, Lines, TargetCode, literal
from lib.tasks.code.losses import of_numbers

if TYPE_CHECKING:
    from lib.core.dataset import Dataset
    from lib.tasks.code.panels import Asked

_BIAS_WHY = "The last layer begins at the mean shape: the network only has to learn how a picture differs from it."


class CodedPoints(Coded):
    """Points: x and y a column each, in pixels of the original picture, both empty where a point is missing."""

    #: The sigmoid's inverse is finite only inside the output range.
    inside: float

    def panel_code(self, panel: str, asked: Asked) -> str:
        return numbers.of_points(panel, asked)

    def code_table(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        columns = [f"{name} {axis}" for name in names for axis in "xy"]
        return pd.DataFrame(targs.reshape(len(targs), -1), columns=columns)

    def code(self, dataset: Dataset, config: TrainConfig) -> TargetCode:
        has_unknown = bool((~points.known(dataset.targs)).any())
        swapped = self.flip_order(dataset)  # type: ignore[attr-defined]
        return TargetCode(
            names=literal("POINTS", list(dataset.names)),
            block="PointBlock",
            get_y="points",
            n_out="2 * len(POINTS)",
            y_range=(-1, 1),
            moves=True,
            swapped="" if swapped is None else repr(swapped.tolist()),
            prepare=Lines(
                f"sizes = {LABELS}[['width', 'height']].to_numpy(np.float64)[:, None]  # (N, 1, 2), pixels\n"
                f"truth = {LABELS}.iloc[:, {len(COLUMNS)}:].to_numpy(np.float32).reshape(len({LABELS}), -1, 2)\n"
                "unit = truth * 2 / sizes - 1  # (N, K, 2), from -1 to 1, as PointScaler does\n"
                "on_square = ((unit + 1) / 2 * SIZE).astype(np.float32)\n"
                "\n"
                "def points(row):\n"
                '    "The points in pixels of the squished picture; NaN where one is missing."\n'
                "    return on_square[row.name]",
                "Pictures are squished and not cropped, so no point is lost, and its place from -1 to 1 is the same in "
                "the original and in the square.",
            ),
            bias=Lines(
                f"train = (truth.astype(np.float64) * 2 / sizes - 1)[({LABELS}['split'] == 'train').to_numpy()]\n"
                "is_known = ~np.isnan(train)\n"
                "shape = np.where(is_known, train, 0.0).sum(0) / is_known.sum(0).clip(1)\n"
                f"shape = shape.ravel().clip(-{self.inside}, {self.inside})\n"
                "bias = np.log((1 + shape) / 2 / (1 - (1 + shape) / 2))",
                _BIAS_WHY,
            ),
            loss=of_numbers(self._loss(config), config, has_unknown, delta=self.huber_delta, wing=self.wing),  # type: ignore[attr-defined]
            score=Lines(
                "def pixels(rows, preds):\n"
                '    "What comes from -1 to 1, as pixels of the original pictures, shape (n, K, 2)."\n'
                "    return ((preds.reshape(len(preds), -1, 2) + 1) / 2 * sizes[rows.index]).astype(np.float32)\n"
                "\n"
                "def score(rows, preds):\n"
                '    "error_px: the mean distance of a point from its true place, in pixels of the original."\n'
                "    off = pixels(rows, preds).astype(np.float64) - truth[rows.index]\n"
                "    return np.nanmean(np.sqrt(off[..., 0] * off[..., 0] + off[..., 1] * off[..., 1]))"
            ),
        )
