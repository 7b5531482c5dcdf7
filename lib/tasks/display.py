"""The display of a task: cards of pictures with and without truth, exported tables, panels of a page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from lib.core.decimals import plain
from lib.tasks.types import Card, Chip, Panel, Predictions, three_digits

#: Labels below their thresholds that are shown as well.
_BELOW = 3
#: Between labels in one cell of a table.
_BETWEEN = ";"


class Shown(ABC):
    """The part of a task that pages and exports ask."""

    @abstractmethod
    def matrix(self, targs: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
        """Return one row an image and one column a name: the one-hot matrix where there are labels."""

    def cells(self, targs: np.ndarray, names: Sequence[str], columns: np.ndarray | None = None) -> np.ndarray:
        """Return cells of the one-hot matrix, int8 of shape (n, columns): 1 present, 0 absent, -1 where nobody knows.

        Parameters
        ----------
        targs : ndarray
            n rows, as in the dataset.
        names : sequence of str
        columns : ndarray of int, optional
            Which labels, in order; without it all.

        Raises
        ------
        TypeError
            If the targets are no labels.
        """
        raise TypeError(f"{type(self).__name__} has no labels")

    @abstractmethod
    def card(self, item: int, title: str, targ: np.ndarray, size: np.ndarray, names: Sequence[str]) -> Card:
        """Return the card of one image of a dataset."""

    @abstractmethod
    def pred_card(self, predictions: Predictions, row: int, title: str, thresh: float | np.ndarray) -> Card:
        """Return the card of one predicted image, right and wrong told apart."""

    def preview_card(self, predictions: Predictions, last: np.ndarray, row: int, title: str, thresh: float) -> Card:
        """Return the card of one image that is predicted after every epoch.

        From epoch to epoch the same things stand in the same places, so that one can follow them.

        Parameters
        ----------
        predictions : Predictions
            Of one epoch; its baseline does not matter.
        last : ndarray
            What the newest epoch predicts for the image, as a row of ``preds``: it may choose what is shown.
        row : int
            Which of ``predictions``.
        title : str
        thresh : float
        """
        return self.pred_card(predictions, row, title, thresh)

    @abstractmethod
    def export_table(self, predictions: Predictions, thresh: float | np.ndarray) -> pd.DataFrame:
        """Return one row an image with everything that is predicted of it and the truth beside it, to be saved.

        Column names carry their units, and are not unique where two of the run's names are not.

        Parameters
        ----------
        predictions : Predictions
        thresh : float or ndarray of shape (C,)
            Tasks without thresholds ignore it.

        Returns
        -------
        pandas.DataFrame
            Numbers only, float32 as they are; missing where a number is not known.
        """

    # --- pictures without truth --------------------------------------------------------------------------

    @abstractmethod
    def new_card(
        self,
        pred: np.ndarray,
        size: np.ndarray,
        names: Sequence[str],
        thresh: float | np.ndarray,
        title: str,
        item: int = 0,
        spread: np.ndarray | None = None,
    ) -> Card:
        """Return the card of one picture that was predicted and of which nobody knows the truth.

        Parameters
        ----------
        pred : ndarray
            A row of predictions in natural form.
        size : ndarray of shape (2,)
            (width, height) in pixels.
        names : sequence of str
        thresh : float or ndarray of shape (C,)
            Strictly above which a label is predicted; with 0 an image of exactly one class always has one.
        title : str
        item : int
            The picture's number where the gallery finds it.
        spread : ndarray of shape (K,), optional
            How far points or numbers scatter over copies of the picture, in their unit; NaN where that is not known.
        """

    def new_table(
        self,
        preds: np.ndarray,
        names: Sequence[str],
        thresh: float | np.ndarray,
        spread: np.ndarray | None = None,
        band: float | None = None,
    ) -> pd.DataFrame:
        """Return one row a picture with all that is predicted of it, and its spread (n, K); columns carry units.

        With a ``band`` labels that are as near to their threshold are unsure, see `decided`.
        """
        return self.matrix(preds, names)

    def decided(
        self, preds: np.ndarray, thresh: float | np.ndarray, band: float | None = None
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Return which labels are predicted and which are unsure, booleans (n, C) each; None without labels.

        Parameters
        ----------
        preds : ndarray
            n rows in natural form.
        thresh : float or ndarray of shape (C,)
        band : float, optional
            How near to its threshold a label is unsure, neither predicted nor not; without it none is.
        """
        return None

    #: By what `doubts` sorts, and what the spread of a prediction is, in words, of ``{copies}``.
    doubt_title: ClassVar[str]
    spread_words: ClassVar[str] = ""

    @abstractmethod
    def doubts(
        self, preds: np.ndarray, thresh: float | np.ndarray, sizes: np.ndarray, spread: np.ndarray | None
    ) -> np.ndarray:
        """Return how uncertain the predictions of each picture are, shape (n,): larger is less certain, NaN unknown.

        Parameters
        ----------
        preds : ndarray
            n rows in natural form.
        thresh : float or ndarray of shape (C,)
        sizes : ndarray of shape (n, 2)
            (width, height) in pixels.
        spread : ndarray of shape (n, K), optional
            As of `new_card`.
        """

    @abstractmethod
    def new_json(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> dict[str, Any]:
        """Return all that is predicted of one picture as plain JSON, by name."""

    @abstractmethod
    def new_words(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> str:
        """Return what is predicted of one picture in one line."""

    def panels(self, predictions: Predictions, thresh: float | np.ndarray) -> list[Panel]:
        """Return figures and tables of its own that a task with thresholds adds to the threshold lab."""
        return []


class NewLabels:
    """What tasks with labels say of pictures without truth: all but which labels are predicted, see `decide`."""

    noun: ClassVar[str]
    doubt_title: ClassVar[str] = "how near a probability is to its threshold"

    def doubts(
        self, preds: np.ndarray, thresh: float | np.ndarray, sizes: np.ndarray, spread: np.ndarray | None
    ) -> np.ndarray:
        """Return minus the distance of the nearest probability to its threshold."""
        apart: np.ndarray = np.abs(preds.astype(np.float64) - np.asarray(thresh, dtype=np.float64)).min(axis=1)
        return -apart

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

    def decided(
        self, preds: np.ndarray, thresh: float | np.ndarray, band: float | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return which labels are predicted and which are unsure, see `Shown.decided`.

        Of tasks with exactly one class only the most probable one can be unsure, which alone is decided about.
        """
        is_predicted = self.decide(preds, thresh)
        if band is None:
            return is_predicted, np.zeros_like(is_predicted)
        apart = np.abs(preds.astype(np.float64) - np.asarray(thresh, dtype=preds.dtype))
        unsure = self.decide(preds, -np.inf) & (apart <= band)
        return is_predicted & ~unsure, unsure

    def new_card(
        self,
        pred: np.ndarray,
        size: np.ndarray,
        names: Sequence[str],
        thresh: float | np.ndarray,
        title: str,
        item: int = 0,
        spread: np.ndarray | None = None,
    ) -> Card:
        """Return the card: the predicted labels, then the most probable others, each by probability."""
        is_predicted = self.decide(pred[None], thresh)[0]
        order = np.argsort(-pred, kind="stable")
        predicted, others = order[is_predicted[order]], order[~is_predicted[order]]
        chips = [Chip(names[c], "pred", float(pred[c])) for c in predicted]
        chips += [Chip(names[c], "below", float(pred[c])) for c in others[:_BELOW]]
        return Card(item, title, chips, "" if is_predicted.any() else f"no {self.noun} above its threshold")

    def new_table(
        self,
        preds: np.ndarray,
        names: Sequence[str],
        thresh: float | np.ndarray,
        spread: np.ndarray | None = None,
        band: float | None = None,
    ) -> pd.DataFrame:
        """Return the predicted labels, then every label's probability and whether it is predicted (1 or 0).

        With a ``band`` those that are unsure are neither: they stand in a column ``unsure``, and have no 1 or 0.
        """
        is_predicted, unsure = self.decided(preds, thresh, band)
        columns = [_listed(names, is_predicted, "predicted")]
        if band is not None:
            columns.append(_listed(names, unsure, "unsure"))
        for c, name in enumerate(names):
            columns.append(pd.Series(preds[:, c], name=f"{name} probability"))
            decided = pd.Series(is_predicted[:, c].astype(np.int8), name=f"{name} predicted")
            columns.append(decided if band is None else decided.astype("Int8").mask(unsure[:, c]))
        return pd.concat(columns, axis=1)

    def new_json(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> dict[str, Any]:
        """Return ``predicted``, the labels, and every label's probability."""
        return {
            "predicted": _chosen(names, self.decide(pred[None], thresh)[0]),
            "probabilities": {name: plain(value) for name, value in zip(names, pred, strict=True)},
        }

    def new_words(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> str:
        """Return the predicted labels with their probabilities, the most probable first, in one line."""
        is_predicted, order = self.decide(pred[None], thresh)[0], np.argsort(-pred, kind="stable")
        label_words = [f"{names[c]} {three_digits(float(pred[c]))}" for c in order]
        kept = [words for words, c in zip(label_words, order, strict=True) if is_predicted[c]]
        return ", ".join(kept) or f"no {self.noun} above its threshold, the most probable is {label_words[0]}"


def _listed(names: Sequence[str], chosen: np.ndarray, title: str) -> pd.Series:
    return pd.Series([_BETWEEN.join(_chosen(names, row)) for row in chosen], name=title, dtype=object)


def _chosen(names: Sequence[str], predicted: np.ndarray) -> list[str]:
    return [names[c] for c in np.flatnonzero(predicted).tolist()]
