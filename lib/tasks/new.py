"""How predicted labels of a picture are told where nobody knows the true ones."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib.core.decimals import plain
from lib.tasks.types import Card, Chip, three_digits

#: Labels below their thresholds that are shown as well.
_BELOW = 3
#: Between labels in one cell of a table.
_BETWEEN = ";"


class NewLabels:
    """What tasks with labels say of pictures without truth: all but which labels are predicted, see `decide`."""

    noun: str

    @abstractmethod
    def decide(self, preds: np.ndarray, thresh: float | np.ndarray) -> np.ndarray:
        """Return which labels are predicted, booleans of shape (n, C).

        Parameters
        ----------
        preds : ndarray of float32, shape (n, C)
            Probabilities.
        thresh : float or ndarray of shape (C,)
            Cast to float32 first; a label is predicted strictly above it.
        """

    def new_card(
        self,
        pred: np.ndarray,
        size: np.ndarray,
        names: Sequence[str],
        thresh: float | np.ndarray,
        title: str,
        item: int = 0,
    ) -> Card:
        """Return the card: the predicted labels, then the most probable others, each by probability."""
        found = self.decide(pred[None], thresh)[0]
        order = np.argsort(-pred, kind="stable")
        predicted, others = order[found[order]], order[~found[order]]
        chips = [Chip(names[c], "pred", float(pred[c])) for c in predicted]
        chips += [Chip(names[c], "below", float(pred[c])) for c in others[:_BELOW]]
        return Card(item, title, chips, "" if found.any() else f"no {self.noun} above its threshold")

    def new_table(self, preds: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> pd.DataFrame:
        """Return the predicted labels, then every label's probability and whether it is predicted (1 or 0)."""
        found = self.decide(preds, thresh)
        columns = [pd.Series([_BETWEEN.join(_chosen(names, row)) for row in found], name="predicted", dtype=object)]
        for c, name in enumerate(names):
            columns.append(pd.Series(preds[:, c], name=f"{name} probability"))
            columns.append(pd.Series(found[:, c].astype(np.int8), name=f"{name} predicted"))
        return pd.concat(columns, axis=1)

    def new_json(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> dict[str, Any]:
        """Return ``predicted``, the labels, and every label's probability."""
        return {
            "predicted": _chosen(names, self.decide(pred[None], thresh)[0]),
            "probabilities": {name: plain(value) for name, value in zip(names, pred, strict=True)},
        }

    def new_words(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> str:
        """Return the predicted labels with their probabilities, the most probable first, in one line."""
        found, order = self.decide(pred[None], thresh)[0], np.argsort(-pred, kind="stable")
        said = [f"{names[c]} {three_digits(float(pred[c]))}" for c in order]
        kept = [words for words, c in zip(said, order, strict=True) if found[c]]
        return ", ".join(kept) or f"no {self.noun} above its threshold, the most probable is {said[0]}"


def _chosen(names: Sequence[str], found: np.ndarray) -> list[str]:
    return [names[c] for c in np.flatnonzero(found)]
