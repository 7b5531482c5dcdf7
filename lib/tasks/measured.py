"""What a task's answers are worth where two models are compared: measures, and how far apart two answers are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import numpy as np

from lib.core.arrays import Bools, Floats, Ints, Thresh
from lib.metrics import decisions, measures, points, ranking, scores
from lib.metrics.decisions import Decisions
from lib.metrics.measures import Measure
from lib.metrics.scores import METRICS, Metric, mean_known
from lib.tasks.types import Predictions

#: What is compared of each label by itself.
_OF_LABEL = {
    "accuracy": Metric("Right", "Share of the images in which the label is decided rightly."),
    "f1": Metric("F1", "2·TP / (2·TP + FP + FN) of the label."),
    "average_precision": Metric("Average precision", "How well its images rank above the others, at any threshold."),
}


class Measured(ABC):
    """The part of a task that compares what two models answer about the same images."""

    #: The metrics that are compared, the headline first, by their names in `lib.metrics.scores.METRICS`.
    compared: ClassVar[tuple[str, ...]]
    #: The same of each label, point or value by itself: what decides about it comes first.
    compared_each: ClassVar[dict[str, Metric]]
    #: Whether an answer is right or wrong, so that two models can disagree; of numbers one is nearer only.
    is_decided: ClassVar[bool] = False

    @abstractmethod
    def measures(self, predictions: Predictions, thresh: Thresh) -> list[Measure]:
        """Return what counts `compared` and `compared_each` in every draw of images; all measures have the K names.

        Parameters
        ----------
        predictions : Predictions
        thresh : float or ndarray of shape (C,)
        """

    @abstractmethod
    def far_off(self, predictions: Predictions) -> tuple[Floats, Floats]:
        """Return how far off each image is, shape (N,), and each of its cells, (N, K); NaN where nothing is known.

        Of labels in nats, whatever the threshold: sure and wrong is far off; of points and values their errors.
        """

    def right(self, predictions: Predictions, thresh: Thresh) -> tuple[Floats, Floats]:
        """Return whether each image is right, shape (N,), and each of its cells, (N, K): 1 or 0, NaN where unknown.

        Raises
        ------
        ValueError
            Where nothing is decided, see `is_decided`.
        """
        raise ValueError("numbers are neither right nor wrong")


class MeasuredLabels(Measured):
    """Any number of labels an image."""

    compared = ("accuracy_multi", "f1_micro", "f1_macro", "map", "subset_accuracy")
    compared_each = _OF_LABEL
    is_decided = True

    @abstractmethod
    def decisions(self, predictions: Predictions) -> Decisions:
        """Return what thresholds decide, see `lib.tasks.base.Task.decisions`."""

    def measures(self, predictions: Predictions, thresh: Thresh) -> list[Measure]:
        decided = self.decisions(predictions)
        return [
            measures.of_decisions(decisions.predicted(decided, thresh), decided.truth),
            ranking.Ranking(decided.probs, decided.truth),
        ]

    def far_off(self, predictions: Predictions) -> tuple[Floats, Floats]:
        cells = decisions.losses(self.decisions(predictions))
        return mean_known(cells, axis=1), cells

    def right(self, predictions: Predictions, thresh: Thresh) -> tuple[Floats, Floats]:
        decided = self.decisions(predictions)
        right = decisions.predicted(decided, thresh) == (decided.truth == 1)
        some: Floats = np.where(decided.known.any(axis=1), (right | ~decided.known).all(axis=1), np.nan)
        return some, np.where(decided.known, right, np.float32(np.nan))


class MeasuredClass(Measured):
    """One class an image, every image answered; of each class, whether an image is of it."""

    compared = ("accuracy", "f1_macro")
    compared_each: ClassVar[dict[str, Metric]] = {name: _OF_LABEL[name] for name in ("accuracy", "f1")}
    is_decided = True

    @abstractmethod
    def decisions(self, predictions: Predictions) -> Decisions:
        """Return what thresholds decide, see `lib.tasks.base.Task.decisions`."""

    def measures(self, predictions: Predictions, thresh: Thresh) -> list[Measure]:
        image, _ = self.right(predictions, thresh)
        counted = measures.of_decisions(_chosen(predictions), _one_hot(predictions), marks=image[:, None])
        # Every image has one answer: it is right where the answer is the label.
        return [counted.renamed({"recall_micro": "accuracy"})]

    def far_off(self, predictions: Predictions) -> tuple[Floats, Floats]:
        decided = self.decisions(predictions)
        p = decided.probs[np.arange(len(decided)), predictions.targs].astype(np.float64)
        return -np.log(np.clip(p, decisions.SURE, 1)), decisions.losses(decided)

    def right(self, predictions: Predictions, thresh: Thresh) -> tuple[Floats, Floats]:
        cells = _chosen(predictions) == (_one_hot(predictions) == 1)
        image = predictions.preds.argmax(axis=1) == predictions.targs
        return image.astype(np.float64), cells.astype(np.float32)


def _one_hot(predictions: Predictions) -> Ints:
    one_hot: Ints = (predictions.targs[:, None] == np.arange(len(predictions.names))).astype(np.int8)
    return one_hot


def _chosen(predictions: Predictions) -> Bools:
    chosen: Bools = predictions.preds.argmax(axis=1)[:, None] == np.arange(len(predictions.names))
    return chosen


class MeasuredPoints(Measured):
    """Points: their distances in pixels."""

    compared = ("error_px", "error_diag", "pck_05")
    compared_each: ClassVar[dict[str, Metric]] = {name: METRICS[name] for name in ("error_px", "pck_05")}

    def measures(self, predictions: Predictions, thresh: Thresh) -> list[Measure]:
        return [measures.of_points(predictions.preds, predictions.targs, predictions.sizes)]

    def far_off(self, predictions: Predictions) -> tuple[Floats, Floats]:
        off = points.distances(predictions.preds, predictions.targs)
        return scores.mean_known(off, axis=1), off


class MeasuredValues(Measured):
    """Values: their absolute errors in their own unit."""

    compared = ("mae", "rmse", "r2")
    compared_each: ClassVar[dict[str, Metric]] = {name: METRICS[name] for name in ("mae", "rmse")}

    def measures(self, predictions: Predictions, thresh: Thresh) -> list[Measure]:
        return [measures.of_values(predictions.preds, predictions.targs)]

    def far_off(self, predictions: Predictions) -> tuple[Floats, Floats]:
        off = np.abs(predictions.preds.astype(np.float64) - predictions.targs)
        return scores.mean_known(off, axis=1), off
