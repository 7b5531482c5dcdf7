"""Slices of the images: accuracy by labels, size, brightness and group, with intervals. numpy only.

A slice is a part of the images. Its numbers stand beside those of all images, with an interval, because the worst of
many small parts looks bad by chance alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from lib.evaluation.calibration import SOFTMAX
from lib.metrics import decisions, intervals
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval
from lib.metrics.scores import known, ratio

#: Groups with fewer images are not told one by one.
FEWEST = 5
#: So many groups are.
WORST = 20
#: So many true labels and more are one slice, unless more than `MOST` of the images have that many.
MANY = 4
MOST = 0.5
OTHERS = "all others"


class Slice(NamedTuple):
    """A part of the images; ``rows`` are booleans of shape (N,).

    ``one_group`` says that the part is one group, and what is told is told of this group: its images are what varies.
    """

    name: str
    rows: np.ndarray
    one_group: bool = False


@dataclass(frozen=True)
class Row:
    """The number of a slice, NaN where one is not defined.

    Attributes
    ----------
    name : str
    images : int
    number : Interval
        The number, and where that of such images may be: from `table` ``accuracy_multi`` or, where an image has exactly
        one class, the share of images with the right one predicted; of points the mean error.
    baseline : float
        The baseline's on the same images: from `table` of predicting nothing or, where an image has exactly one class,
        of always predicting the one that is most frequent in all images; of points of the mean shape.
    difference : float
        The number minus that of all images.
    clear : bool or None
        Whether it differs by more than chance; None where that is not defined.
    more : dict
        Other numbers by name: from `table` ``f1_micro`` and ``predicted_per_image`` as in
        `lib.metrics.decisions.numbers`.
    """

    name: str
    images: int
    number: Interval
    baseline: float
    difference: float
    clear: bool | None
    more: dict[str, float] = field(default_factory=dict)


class Table(NamedTuple):
    """`Row` of all images and of each slice."""

    whole: Row
    rows: list[Row]


def table(
    data: Decisions,
    thresh: float | np.ndarray,
    slices: Sequence[Slice],
    *,
    compared: int | None = None,
    level: float = 0.95,
) -> Table:
    """Return the numbers of each slice beside those of all images.

    Parameters
    ----------
    data : Decisions
    thresh : float or ndarray of shape (C,)
    slices : sequence of Slice
    compared : int, optional
        Of how many slices these were picked, where they are the worst of more.
    level : float
        With this probability all intervals of the slices are right together: each has ``1 - (1 - level) / compared``
        (Bonferroni), so that the worst of twenty is not called worse for being one of twenty. That of all images has
        ``level`` itself. See `lib.metrics.intervals.of_clusters`. A slice is clear where its interval leaves the
        accuracy of all images out.
    """
    predicted, simple = decisions.predicted(data, thresh), _baseline(data)
    every = Slice("all images", np.ones(len(data), dtype=bool))
    whole = _row(every, data, predicted, simple, level)
    each = 1 - (1 - level) / max(len(slices), compared or 1)
    rows = [_row(part, data, predicted, simple, each) for part in slices]
    return Table(replace(whole, difference=0.0, clear=None), [_compared_with(row, whole.number.value) for row in rows])


def of_label(data: Decisions, label: int) -> Decisions:
    """Return the decisions about one label alone, arrays of shape (N, 1)."""
    parts = {name: getattr(data, name)[:, [label]] for name in ("scores", "truth", "probs")}
    return replace(data, names=(data.names[label],), **parts)


def correct_counts(predicted: np.ndarray, truth: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Return of each image how much is right and how much is known, (N,) each.

    Cells are counted; with a softmax the image as a whole, 1 or 0.
    """
    is_known = known(truth)
    good = ((predicted == (truth == 1)) & is_known).sum(axis=1)
    total = is_known.sum(axis=1)
    if activation == SOFTMAX:
        return ((good == total) & (total > 0)).astype(np.int64), (total > 0).astype(np.int64)
    return good, total


def by_labels(truth: np.ndarray) -> list[Slice]:
    """Return slices by the number of labels that an image is known to have, fewer than 2 where all have equally many.

    They are 0, 1, 2, 3, and `MANY` or more; where more than `MOST` of the images have that many, 0 and the quarters of
    the others, see `by_quarters`.
    """
    n = np.count_nonzero(truth == 1, axis=1)
    names = ["no label", "1 label", *(f"{k} labels" for k in range(2, MANY)), f"{MANY} or more labels"]
    if has_many(truth):
        quarters = [part for part in by_quarters(np.where(n, n, np.nan), "labels") if n[part.rows].any()]
        one = {"1 labels": names[1]}
        none = [Slice(names[0], n == 0)] if (n == 0).any() else []
        return none + [part._replace(name=one.get(part.name, part.name)) for part in quarters]
    n = n.clip(max=MANY)
    return [Slice(names[k], n == k) for k in range(MANY + 1) if (n == k).any()]


def has_many(truth: np.ndarray) -> bool:
    """Return whether more than `MOST` of the images have `MANY` labels or more."""
    n = np.count_nonzero(truth == 1, axis=1)
    return bool(np.count_nonzero(n >= MANY) > MOST * len(n))


def by_quarters(values: np.ndarray, unit: str = "", digits: int = 0) -> list[Slice]:
    """Return quarters of the images from the smallest to the largest of ``values`` (N,), fewer where many are equal.

    Named by the least and the largest value in each, rounded to ``digits`` after the point. Images whose
    value is NaN are a slice of their own.

    Examples
    --------
    >>> [part.name for part in by_quarters(np.array([10, 20, 30, 40.0]), "px")]
    ['10 px', '20 px', '30 px', '40 px']
    """
    is_known = np.isfinite(values)
    quarters = []
    if is_known.any():
        # Of the values themselves: an edge between two of them says nothing more.
        edges = np.quantile(values[is_known], [0.25, 0.5, 0.75], method="inverted_cdf")
        below = values[is_known & (values < values[is_known].max())]
        edges = np.unique(edges.clip(max=below.max())) if len(below) else edges[:0]  # the largest has an edge below it
        quarter = np.where(is_known, np.searchsorted(edges, values), -1)
        quarters = [
            Slice(_range_words(values[quarter == place], unit, digits), quarter == place)
            for place in np.unique(quarter[is_known])
        ]
    return quarters if is_known.all() else [*quarters, Slice("not measured", ~is_known)]


def by_group(names: np.ndarray, right: np.ndarray, known: np.ndarray) -> tuple[list[Slice], int]:
    """Return the `WORST` groups with at least `FEWEST` images, worst first, and `OTHERS`; and how many were compared.

    Parameters
    ----------
    names : ndarray of str, shape (N,)
        "" where an image is in no group.
    right, known : ndarray of shape (N,)
        As from `correct_counts`.

    Returns
    -------
    slices : list of Slice
        Empty where no group has enough images.
    compared : int
        How many groups have enough images.
    """
    groups, members, count = np.unique(names, return_inverse=True, return_counts=True)
    sums = [np.bincount(members, weights=values, minlength=len(groups)) for values in (right, known)]
    compared = np.flatnonzero((count >= FEWEST) & (groups != "") & (sums[1] > 0))
    order = compared[np.argsort(ratio(*sums)[compared], kind="stable")][:WORST]
    slices = [Slice(str(groups[group]), members == group, one_group=True) for group in order]
    rest = ~np.isin(members, order)
    return [*slices, Slice(OTHERS, rest)] if slices and rest.any() else slices, len(compared)


def _row(part: Slice, data: Decisions, predicted: np.ndarray, simple: np.ndarray, level: float) -> Row:
    rows, kind = part.rows, data.activation
    truth, groups = data.truth[rows], np.arange(len(data)) if part.one_group else data.groups
    good, total = correct_counts(predicted[rows], truth, kind)
    accuracy = intervals.of_clusters(good, total, groups[rows], level)
    numbers = decisions.numbers(predicted[rows], truth)
    base = float(ratio(correct_counts(simple[rows], truth, kind)[0].sum(), total.sum()))
    more = {name: numbers[name] for name in ("f1_micro", "predicted_per_image")}
    return Row(part.name, len(truth), accuracy, base, np.nan, None, more)


def _compared_with(row: Row, accuracy: float) -> Row:
    clear = not row.number.holds(accuracy) if row.number.is_defined else None
    return replace(row, difference=row.number.value - accuracy, clear=clear)


def _baseline(data: Decisions) -> np.ndarray:
    """Return what costs nothing to predict, bool (N, C)."""
    predicted = np.zeros(data.truth.shape, dtype=bool)
    if data.activation == SOFTMAX and data.truth.shape[1] > 1:
        predicted[:, np.count_nonzero(data.truth == 1, axis=0).argmax()] = True
    return predicted


def _range_words(values: np.ndarray, unit: str, digits: int) -> str:
    low, high = (f"{value:,.{digits}f}" for value in (values.min(), values.max()))
    return f"{low if low == high else f'{low} to {high}'} {unit}".strip()
