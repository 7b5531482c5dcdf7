"""How good are tuned thresholds on images that they were not tuned on? numpy only.

Thresholds are chosen because they look good on some images; on those same images their numbers are too good. So they
are reported on other images: on test images, or, without any, with each half of the images decided by thresholds
chosen on the other half (cross-fitting). The halves have about the same share of each label, so that is taken as
known: compare such numbers with the baseline on the same images.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lib.metrics import decisions
from lib.metrics.decisions import Decisions
from lib.thresholds import objectives
from lib.thresholds.objectives import Chosen


@dataclass(frozen=True)
class Report:
    """Numbers of thresholds, and of which images.

    Attributes
    ----------
    kind : str
        "test": of images that had no part in choosing; "cross-fitted": each half with thresholds chosen on the other;
        "same": of the very images the thresholds were chosen on, too good; "untuned": the thresholds were not chosen
        on any images.
    thresh : ndarray of float32, shape (C,)
    chosen : Chosen or None
        How they were chosen, on all of the images to tune on; None for thresholds set by hand or loaded.
    numbers : dict
        `lib.decisions.numbers` on the reported images.
    tuned_on : dict
        The same with ``thresh`` on the very images they were chosen on: too good.
    on : Decisions
        The reported images.
    predicted : ndarray of bool, shape (n_report, C)
        What ``numbers`` are of, for intervals and lists.
    n_tune, n_report : int
        How many images.
    sentence : str
        Which images were used for what.
    """

    kind: str
    thresh: np.ndarray
    chosen: Chosen | None
    numbers: dict[str, float]
    tuned_on: dict[str, float]
    on: Decisions
    predicted: np.ndarray
    n_tune: int
    n_report: int
    sentence: str

    @property
    def same(self) -> bool:
        """Whether the numbers are of the images the thresholds were chosen on, and so too good."""
        return self.kind == "same"


def report(
    tune: Decisions,
    test: Decisions | None,
    objective: str,
    options: Mapping[str, float] | None = None,
    *,
    one: bool = False,
    seed: int = 0,
) -> Report:
    """Choose thresholds on all of ``tune`` and report them on images they were not chosen on.

    Parameters
    ----------
    tune : Decisions
        Images to choose on.
    test : Decisions or None
        Images kept apart. Without any, the numbers are cross-fitted on ``tune``; thresholds chosen on half of the
        images are a little worse than those chosen on all, so these numbers are rather too low than too good.
    objective, options
        See `lib.objectives.choose`.
    one : bool
        One threshold for all labels instead of one a label.
    seed : int
        Of the halves.
    """
    options = dict(options or {})
    chosen = _choose(tune, objective, options, one)
    if test is not None and len(test):
        kind, on, found = "test", test, decisions.predicted(test, chosen.thresh)
        sentence = (
            f"The thresholds were chosen on {_images(len(tune))}, the numbers are of {len(test):,} test "
            f"{'image' if len(test) == 1 else 'images'} that had no part in choosing them."
        )
    elif len(np.unique(tune.groups)) > 1:
        kind, on, found = "cross-fitted", tune, cross_fitted(tune, objective, options, one=one, seed=seed)
        sentence = (
            f"There are no test images, so the {_images(len(tune))} were divided into halves and each half was decided "
            "with thresholds chosen on the other: no image is judged by thresholds that it helped to choose. The "
            "thresholds shown are chosen on all of them."
        )
    else:
        kind, on, found = "same", tune, decisions.predicted(tune, chosen.thresh)
        sentence = _too_good(tune)
    return _made(kind, tune, on, found, chosen.thresh, chosen, sentence)


def fixed(tune: Decisions, test: Decisions | None, thresh: float | np.ndarray, *, looked: bool = True) -> Report:
    """Report thresholds that were set by hand or loaded; as `report` otherwise.

    Parameters
    ----------
    tune, test
        As in `report`. Without test images the numbers are of ``tune``: whoever moved a threshold looking at numbers
        of these images chose on them, and no halving helps against that.
    thresh : float or ndarray of shape (C,)
    looked : bool
        False for thresholds that nobody chose by these images, such as 0.5 everywhere: then numbers of them are fair.
    """
    made = np.broadcast_to(np.asarray(thresh, dtype=np.float32), tune.scores.shape[1:]).copy()
    kind, on = ("same" if looked else "untuned"), tune
    if test is not None and len(test):
        kind, on = "test", test
    sentence = {
        "same": _too_good(tune),
        "untuned": f"The thresholds were not chosen on any images, the numbers are of {_images(len(tune))}.",
        "test": f"The numbers are of {len(on):,} test {'image' if len(on) == 1 else 'images'}: fair as long as nobody "
        "chose these thresholds by looking at them.",
    }[kind]
    return _made(kind, tune, on, decisions.predicted(on, made), made, None, sentence)


def cross_fitted(
    found: Decisions, objective: str, options: Mapping[str, float], *, one: bool = False, seed: int = 0
) -> np.ndarray:
    """Return where a label is predicted if each of two `halves` is decided by thresholds chosen on the other.

    Returns
    -------
    ndarray of bool, shape (N, C)
    """
    second = halves(found, seed)
    made = np.zeros(found.scores.shape, dtype=bool)
    for half in (second, ~second):
        thresh = _choose(found.rows(~half), objective, options, one).thresh
        made[half] = decisions.predicted(found.rows(half), thresh)
    return made


def halves(found: Decisions, seed: int = 0) -> np.ndarray:
    """Divide images into two halves: groups whole, the positives of every label as evenly as possible.

    Greedy iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011), for groups: the label with the fewest
    positives that are not yet divided comes next; each of its groups goes to the half with fewer of them. What that
    leaves open is decided by the group's other labels, then by the number of images, then by chance. Images without a
    label come last and even out the sizes. Of groups of many images, which hold many labels at once, this leaves much
    uneven: groups then change sides, see `_evened`.

    Returns
    -------
    ndarray of bool, shape (N,)
        True in the second half. Equal seed, equal halves; of two groups or more none is empty.
    """
    _, member, sizes = np.unique(found.groups, return_inverse=True, return_counts=True)
    positives = _sums((found.truth == 1).astype(np.int32), member, sizes)  # (G, C)
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(sizes))
    coins = rng.integers(0, 2, len(sizes)) * 2 - 1
    side = np.zeros(len(sizes), dtype=np.int64)  # -1 first half, 1 second half, 0 not yet
    weights = 1 / np.maximum(positives.sum(axis=0), 1)  # a positive of a rare label weighs more
    ahead = np.zeros(positives.shape[1])  # positives that the second half has more than the first
    images = 0  # and images
    left = positives.sum(axis=0)
    while left.any():
        label = int(np.where(left > 0, left, left.max() + 1).argmin())
        turn = shuffled[(positives[shuffled, label] > 0) & (side[shuffled] == 0)]
        for group in turn.tolist():
            own = positives[group]
            # Without the other labels, evening out thousands of groups takes twenty times as long.
            more = ahead[label] or round(float((ahead * weights) @ own), 9) or images or coins[group]
            side[group] = -1 if more > 0 else 1
            ahead += side[group] * own
            images += side[group] * int(sizes[group])
        left = left - positives[turn].sum(axis=0)
    rest = shuffled[side[shuffled] == 0]
    for group in rest[np.argsort(-sizes[rest], kind="stable")].tolist():
        side[group] = -1 if (images or coins[group]) > 0 else 1
        images += side[group] * int(sizes[group])
    return _evened(side, np.column_stack([positives, sizes]))[member] > 0


def _evened(side: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Let groups change sides, -1 and 1, or two of them places, as long as that makes the halves more even.

    What becomes smaller is the sum over the columns of ``held`` (G, W), the positives of each label and the images, of
    the squared difference between the halves, relative to the column's total.
    """
    side = side.astype(np.float64)
    held = held / np.sqrt(np.maximum(held.sum(axis=0), 1))
    for _ in range(1000):  # far more than it takes
        moved = _most_helpful(side, held)
        if not moved:
            break
        side[moved] *= -1
    return side


def _most_helpful(side: np.ndarray, held: np.ndarray) -> list[int]:
    """Return the group, or the two of different sides, whose moving helps most; nothing where nothing helps."""
    gain = 4 * (side * (held @ (side @ held)) - (held**2).sum(axis=1))
    if gain.max(initial=0) > 1e-9:
        return [int(gain.argmax())]
    ones, others = np.flatnonzero(side > 0), np.flatnonzero(side < 0)
    if 0 < len(ones) * len(others) <= 1e6:  # with more groups there is one to move alone
        both = gain[ones][:, None] + gain[others] + 8 * held[ones] @ held[others].T
        one, other = np.unravel_index(both.argmax(), both.shape)
        if both[one, other] > 1e-9:
            return [int(ones[one]), int(others[other])]
    return []


def _sums(values: np.ndarray, member: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the sum of the rows of each group, (G, C); ``member`` is each row's group, ``sizes`` its rows."""
    if len(values) == 0:
        return np.zeros((0, *values.shape[1:]), dtype=values.dtype)
    return np.add.reduceat(values[np.argsort(member, kind="stable")], np.cumsum(sizes) - sizes, axis=0)


def _choose(found: Decisions, objective: str, options: Mapping[str, float], one: bool) -> Chosen:
    if not one:
        return objectives.choose(found, objective, **options)
    index, reached = objectives.choose_one(found, objective, **options)
    n_labels = found.scores.shape[1]
    n_pos = np.count_nonzero(found.truth == 1, axis=0)
    return Chosen(np.full(n_labels, index), np.full(n_labels, reached), n_pos, np.zeros(n_labels, dtype=bool))


def _made(
    kind: str,
    tune: Decisions,
    on: Decisions,
    predicted: np.ndarray,
    thresh: np.ndarray,
    chosen: Chosen | None,
    sentence: str,
) -> Report:
    return Report(
        kind=kind,
        thresh=thresh,
        chosen=chosen,
        numbers=decisions.numbers(predicted, on.truth),
        tuned_on=decisions.numbers(decisions.predicted(tune, thresh), tune.truth),
        on=on,
        predicted=predicted,
        n_tune=len(tune),
        n_report=len(on),
        sentence=sentence,
    )


def _images(n: int) -> str:
    return f"{n:,} {'image' if n == 1 else 'images'}"


def _too_good(tune: Decisions) -> str:
    return (
        f"The numbers are of the same {_images(len(tune))} that the thresholds were chosen on, so they are too good: "
        "judge them by other images."
    )
