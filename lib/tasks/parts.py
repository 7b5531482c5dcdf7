"""What a task takes and gives: predictions, cards, panels, and numbers as people read them."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Chip:
    """One word on a card: a label, a number.

    ``kind`` is ``true`` (labelled), ``hit`` (predicted and right), ``miss`` (true, not predicted), ``alarm``
    (predicted, not true), ``unknown`` (nobody knows whether it is true) or ``plain``; of a picture without truth it is
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

    Points are (x, y) as fractions of width and height, so that a picture can be shown at any size. Missing points are
    in none of the lists, so that true and predicted points and their names stay row for row. ``heat`` is a coarse grid
    of rows from 0 to 1 over the whole picture: how much each place speaks for what is asked about.
    """

    item: int
    title: str
    chips: list[Chip] = field(default_factory=list)
    note: str = ""
    true_points: list[list[float]] = field(default_factory=list)
    pred_points: list[list[float]] = field(default_factory=list)
    point_names: list[str] = field(default_factory=list)
    heat: list[list[float]] = field(default_factory=list)

    def to_json(self) -> dict:
        """Return the card as plain JSON."""
        return asdict(self)


@dataclass(frozen=True)
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
    """

    items: np.ndarray
    preds: np.ndarray
    targs: np.ndarray
    sizes: np.ndarray
    names: tuple[str, ...]
    baseline: np.ndarray


def three_digits(value: float) -> str:
    """Return a number as people read it: three significant digits, and whole above a thousand.

    Examples
    --------
    >>> three_digits(0.0123456), three_digits(4.3), three_digits(71234.5)
    ('0.0123', '4.30', '71,234')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.3g}".rstrip(".")


class Panel:
    """A figure or a table of the analysis page with its title and one line of help."""

    def __init__(self, title: str, help: str, content: go.Figure | pd.DataFrame):
        self.title, self.help, self.content = title, help, content
