"""Lines of plain fastai for numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from lib.core.config import TrainConfig
from lib.tasks.code import numbers
from lib.tasks.code.base import COLUMNS, LABELS, Coded, Lines, TargetCode, literal
from lib.tasks.code.losses import of_numbers

if TYPE_CHECKING:
    from lib.core.dataset import Dataset
    from lib.tasks.code.panels import Asked


class CodedNumbers(Coded):
    """Numbers: a column each."""

    def panel_code(self, panel: str, asked: Asked) -> str:
        return numbers.of_values(panel, asked)

    def code_table(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        return pd.DataFrame(targs, columns=list(names))

    def code(self, dataset: Dataset, config: TrainConfig) -> TargetCode:
        return TargetCode(
            names=literal("VALUES", list(dataset.names)),
            block="RegressionBlock(n_out=len(VALUES))",
            get_y="standardized",
            n_out="len(VALUES)",
            max_rotate=0.0,
            prepare=Lines(
                f"truth = np.ascontiguousarray({LABELS}.iloc[:, {len(COLUMNS)}:].to_numpy(np.float32))\n"
                f"train = truth[({LABELS}['split'] == 'train').to_numpy()].astype(np.float64)\n"
                "mean, std = train.mean(0), train.std(0)\n"
                "std = np.where(std > 0, std, 1.0)\n"
                "standard = ((truth - mean) / std).astype(np.float32)\n"
                "\n"
                "def standardized(row):\n"
                '    "The values in standard deviations from their mean."\n'
                "    return standard[row.name].tolist()",
                "The network learns values in standard deviations of the training images from their mean, so that "
                "learning rate and loss do not hang on the unit.",
            ),
            bias=Lines(
                "bias = np.zeros(len(VALUES))",
                "The last layer begins at 0, the mean of the training images.",
            ),
            loss=of_numbers(self._loss(config), config, False, delta=self.huber_delta),  # type: ignore[attr-defined]
            score=Lines(
                "def values(preds):\n"
                '    "What comes out in standard deviations, in the unit of the values."\n'
                "    return (preds.reshape(len(preds), -1).astype(np.float64) * std + mean).astype(np.float32)\n"
                "\n"
                "def score(rows, preds):\n"
                '    "mae: the mean distance of a value from the true one."\n'
                "    return np.abs(values(preds).astype(np.float64) - truth[rows.index]).mean()"
            ),
        )
