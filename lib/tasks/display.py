"""How a task shows itself: cards of pictures with and without truth, tables that leave, figures of a page."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib.tasks.types import Card, Panel, Predictions


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
        """

    def new_table(self, preds: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> pd.DataFrame:
        """Return one row a picture with all that is predicted of it; columns carry their units."""
        return self.matrix(preds, names)

    @abstractmethod
    def new_json(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> dict[str, Any]:
        """Return all that is predicted of one picture as plain JSON, by name."""

    @abstractmethod
    def new_words(self, pred: np.ndarray, names: Sequence[str], thresh: float | np.ndarray) -> str:
        """Return what is predicted of one picture in one line."""

    def panels(self, predictions: Predictions, thresh: float | np.ndarray) -> list[Panel]:
        """Return figures and tables of its own that a task with thresholds adds to the threshold lab."""
        return []
