"""The values that tasks return: losses, cards, chips, panels, predictions, and numbers with their units."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from lib.core.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Loss:
    """A loss where the block's own does not do; `lib.training.learner.losses.build` makes the torch module of it.

    Attributes
    ----------
    name : str
        ``bce`` (of logits), ``cross_entropy``, ``mse``, ``l1``, ``huber`` or ``wing``; each leaves out what is unknown.
    weight : ndarray of shape (C,), optional
        ``bce``: by how much the presence of a label counts more than its absence. ``cross_entropy``: of each class.
    gamma : float
        Exponent of the focal loss for ``bce`` and ``cross_entropy``; 0 is the plain loss.
    smoothing : float
        Label smoothing for ``bce`` and ``cross_entropy``; 0 is the plain loss.
    delta : float, optional
        ``huber``: the error, in units of the targets, from which on it is straight.
    width, curve : float, optional
        ``wing``: in units of the targets.
    """

    name: str
    weight: np.ndarray | None = None
    gamma: float = 0.0
    smoothing: float = 0.0
    delta: float | None = None
    width: float | None = None
    curve: float | None = None


@dataclass(frozen=True)
class Chip:
    """One word on a card: a label, a number.

    ``kind`` is ``true`` (labeled), ``hit`` (predicted and right), ``miss`` (true, not predicted), ``alarm``
    (predicted, not true), ``unknown`` (nobody knows whether it is true), ``changed`` (between two revisions) or
    ``plain``; of a picture without truth it is
    ``pred`` (predicted) or ``below`` (not predicted). ``value`` is a probability where there is one; what a model gives
    that is no number is None.
    """

    text: str
    kind: str = "plain"
    value: float | None = None

    def __post_init__(self) -> None:
        if self.value is not None and not math.isfinite(self.value):
            object.__setattr__(self, "value", None)  # JSON has no NaN: a browser would show no card at all


@dataclass(frozen=True)
class Card:
    """One image as a gallery shows it.

    Points are (x, y) as fractions of width and height, so that a picture can be shown at any size. The lists are empty,
    or have an entry for each of the task's points, in its order, None for one that is missing: a predicted point may
    be one that nobody labeled. ``heat`` is a coarse grid of rows from 0 to 1 over the whole picture: how much each
    place speaks for what is asked about. ``chosen`` is which of the task's points is looked at, where one is.
    ``spread`` is how far each predicted point scatters, in pixels of the picture, None where that is not known.
    """

    item: int
    title: str
    chips: list[Chip] = field(default_factory=list)
    note: str = ""
    true_points: list[list[float] | None] = field(default_factory=list)
    pred_points: list[list[float] | None] = field(default_factory=list)
    point_names: list[str] = field(default_factory=list)
    heat: list[list[float]] = field(default_factory=list)
    chosen: int | None = None
    spread: list[float | None] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the card as plain JSON."""
        return {**vars(self), "chips": [{**vars(chip)} for chip in self.chips]}


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a run predicted for one split, with the truth beside it.

    Attributes
    ----------
    items : ndarray of shape (n,)
        Row numbers in the dataset.
    preds, targs : ndarray
        In the task's natural form: probabilities, pixels or values; see the task.
    sizes : ndarray of shape (n, 2)
        (width, height) of each image in pixels.
    names : tuple of str
        Labels, points or numbers.
    baseline : ndarray
        The baseline's predictions, same shape as ``preds``.
    quick : ndarray, optional
        What a quick model of the same network predicts, see `lib.training.learner.quick`; None where there is none.
    """

    items: np.ndarray
    preds: np.ndarray
    targs: np.ndarray
    sizes: np.ndarray
    names: tuple[str, ...]
    baseline: np.ndarray
    quick: np.ndarray | None = field(default=None, kw_only=True)

    @classmethod
    def of(
        cls, dataset: Dataset, items: np.ndarray, preds: np.ndarray, baseline: np.ndarray | None = None
    ) -> Predictions:
        """Return ``preds`` of the rows ``items`` of ``dataset``; where no baseline is asked for, it is ``preds``."""
        beside = preds if baseline is None else baseline
        return cls(items, preds, dataset.targs[items], dataset.sizes[items], dataset.names, beside)

    @property
    def by_baseline(self) -> Predictions:
        """What the baseline predicts of the same images."""
        return replace(self, preds=self.baseline)

    @property
    def by_quick(self) -> Predictions:
        """What the quick model predicts of the same images.

        Raises
        ------
        ValueError
            If there is none.
        """
        if self.quick is None:
            raise ValueError("these predictions have no quick model's beside them")
        return replace(self, preds=self.quick)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return every array that there is by its name."""
        arrays = {one.name: getattr(self, one.name) for one in fields(self) if one.name != "names"}
        return {name: array for name, array in arrays.items() if array is not None}


_UNIT = re.compile(r"[(\[]([^()\[\]]+)[)\]]\s*$")


def split_unit(name: str) -> tuple[str, str]:
    """Return a number's name and its unit, "" where it has none.

    Examples
    --------
    >>> split_unit("pressure (bar)"), split_unit("count")
    (('pressure', 'bar'), ('count', ''))
    """
    unit = _UNIT.search(name)
    return _UNIT.sub("", name).strip(), unit.group(1) if unit else ""


def three_digits(value: float) -> str:
    """Return a number as people read it: three significant digits, whole above a thousand, with a true minus.

    Examples
    --------
    >>> three_digits(0.0123456), three_digits(-4.3), three_digits(71234.5)
    ('0.0123', '−4.30', '71,234')
    """
    digits = f"{abs(value):,.0f}" if abs(value) >= 1000 else f"{abs(value):#.3g}".rstrip(".")
    return f"−{digits}" if value < 0 else digits


class Panel:
    """A figure or a table of a page with its title and one line of help.

    Parameters
    ----------
    title, help : str
    content : plotly.graph_objects.Figure or pandas.DataFrame
    helps : mapping, optional
        What columns of a table mean, one line each.
    has : sequence of tuple of str, optional
        For each row of a table the labels that its images have; with ``exactly`` those and no other one.
    exactly : bool
    """

    def __init__(
        self,
        title: str,
        help: str,
        content: go.Figure | pd.DataFrame,
        helps: Mapping[str, str] | None = None,
        has: Sequence[tuple[str, ...]] = (),
        exactly: bool = False,
    ):
        self.title, self.help, self.content = title, help, content
        self.helps, self.has, self.exactly = helps or {}, has, exactly
