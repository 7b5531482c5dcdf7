"""The training side of a task: fastai block, loss, encoded targets, decoded predictions, initial bias."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from lib.core.arrays import Floats
from lib.core.config import DEFAULT, LINEAR, TrainConfig
from lib.tasks.types import Loss

#: How a linear head is fitted in closed form: a logistic model a label, one softmax model of the classes, least
#: squares of the values, or of the principal components of shapes.
LABELS, CLASSES, VALUES, SHAPE = "labels", "classes", "values", "shape"


class Learned(ABC):
    """The part of a task that training asks."""

    #: What one of ``names`` is called, for instance "label".
    noun: ClassVar[str]
    #: torch class of the loss that the block picks, and what people call it.
    loss: ClassVar[str]
    loss_title: ClassVar[str]
    #: Heads and losses to choose from, by name of `lib.core.config.TrainConfig`; ``default`` is the task's own.
    heads: ClassVar[tuple[str, ...]] = (DEFAULT, LINEAR)
    losses: ClassVar[tuple[str, ...]] = (DEFAULT,)
    #: The head that the recommended recipe takes for a pretrained network.
    recommended_head: ClassVar[str] = LINEAR
    #: Cells, a side, of the grid of means that the linear head sees: 1 where places do not matter.
    pool_grid: ClassVar[int] = 1
    #: One of `LABELS`, `CLASSES`, `VALUES` and `SHAPE`.
    linear_fit: ClassVar[str]
    #: What turns acts into preds, in words.
    activation: ClassVar[str]
    #: By how much predictions may differ that one model makes in two ways, and in what; see `apart`.
    rounding: ClassVar[float] = 1e-4
    rounding_unit: ClassVar[str] = "in probability"
    #: Output range of the model, as in fastai.
    y_range: ClassVar[tuple[float, float] | None] = None
    #: Largest turn in augmentation, in degrees; 0 where turning a picture may change the answer.
    max_rotate: ClassVar[float] = 10.0

    @abstractmethod
    def block(self, names: Sequence[str]) -> Any:
        """Return the fastai ``TransformBlock`` of the target. Imports fastai."""

    @abstractmethod
    def n_out(self, names: Sequence[str]) -> int:
        """Return how many numbers the model puts out."""

    def fit_scale(self, targs: np.ndarray) -> dict[str, Any]:
        """Return what of the training targets `encode` and `decode` need, as JSON."""
        return {}

    def has_unknown(self, targs: np.ndarray) -> bool:
        """Return whether something of ``targs`` is unknown, which the loss must then leave out."""
        return bool(np.issubdtype(targs.dtype, np.floating) and np.isnan(targs).any())

    def loss_for(self, config: TrainConfig, targs: np.ndarray, train: np.ndarray, names: Sequence[str]) -> Loss | None:
        """Return the loss where the block's own does not do, else None.

        Parameters
        ----------
        config : TrainConfig
        targs : ndarray
            Of the whole dataset: the validation loss is the same loss.
        train : ndarray of int
            Rows of the training images, the only ones that weights are counted on.
        names : sequence of str
        """
        return None

    def loss_words(self, config: TrainConfig, targs: np.ndarray) -> str:
        """Return what a training of ``config`` on ``targs`` minimises, in words."""
        words = [self.loss_title]
        if config.class_weights:
            words.append(f"a rare {self.noun} weighted up")
        if config.focal_gamma:
            words.append(f"focal with gamma {config.focal_gamma:g}")
        if config.label_smoothing:
            words.append(f"labels smoothed by {config.label_smoothing:g}")
        if self.has_unknown(targs):
            words.append("of what is known")
        return ", ".join(words)

    def output_words(self, config: TrainConfig) -> str:
        """Return how the model of ``config`` comes to its answer, in words."""
        return f"{self.activation}, of one linear layer" if config.head == LINEAR else self.activation

    def unsure_loss(self, value: float, names: Sequence[str]) -> float | None:
        """Return the loss of a model that is as unsure of every image as of any other.

        The highest that a model can have that says how sure it may be: one that finds some images harder than others
        has less. Wrong labels make all alike, since nothing in a picture says that its label is wrong.

        Parameters
        ----------
        value : float
            Headline metric of that model.
        names : sequence of str

        Returns
        -------
        float or None
            Of the task's own loss, without weights; None where that is no likelihood.
        """
        return None

    @abstractmethod
    def encode(
        self, targs: np.ndarray, sizes: np.ndarray, size: int, names: Sequence[str], scale: dict[str, Any]
    ) -> list[Any]:
        """Return what the block's transforms take, one an image; NaN where it is unknown.

        Parameters
        ----------
        targs, sizes
            As in the dataset.
        size : int
            Side in pixels of the square that every picture is squished to.
        names : sequence of str
        scale : dict
            From `fit_scale`.
        """

    def apart(self, one: np.ndarray, other: np.ndarray, scale: dict[str, Any]) -> Floats:
        """Return by how much predictions in natural form differ, in ``rounding_unit``, same shape; NaN where one is.

        Parameters
        ----------
        one, other : ndarray
        scale : dict
            From `fit_scale`.
        """
        apart: Floats = np.abs(one.astype(np.float64) - other)
        return apart

    @abstractmethod
    def linear_targets(self, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        """Return what a linear head is fitted to, a row an image.

        Labels as 0 and 1, classes as their numbers, values as `encode` has them, points as x and y from -1 to 1 in
        turn; NaN where it is unknown.

        Parameters
        ----------
        targs, sizes
            As in the dataset.
        scale : dict
            From `fit_scale`.
        """

    @abstractmethod
    def decode(self, preds: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> np.ndarray:
        """Return the model's predictions, after activation, in the task's natural form."""

    @abstractmethod
    def fastai_metric(self, thresh: float, targs: np.ndarray, sizes: np.ndarray, scale: dict[str, Any]) -> Any:
        """Return what `fastai.learner.Learner` takes as the headline metric, of what is known. Imports fastai.

        Parameters
        ----------
        thresh : float
        targs, sizes
            Of the validation images, in order, as in the dataset.
        scale : dict
            From `fit_scale`.
        """

    @abstractmethod
    def bias(self, targs: np.ndarray, sizes: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Return the bias, shape (`n_out`,), with which an untrained model answers like the baseline.

        Of the last layer, where it has one: that of fastai's own head has none.
        """
