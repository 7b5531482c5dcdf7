"""Tuned thresholds reported on images that they were not tuned on. numpy only.

Thresholds are chosen because they look good on some images; on those same images their numbers are too good. So they
are reported on other images: on test images, or, without any, with each half of the images decided by thresholds
chosen on the other half (cross-fitting). The halves have about the same share of each label, so that is taken as
known: compare such numbers with the baseline on the same images.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import numpy as np

from lib.core import sentences
from lib.metrics import decisions
from lib.metrics.decisions import Decisions
from lib.metrics.halves import halves
from lib.thresholds import objectives
from lib.thresholds.objectives import Choice

#: How thresholds were chosen, or that they were not.
C = TypeVar("C", bound=Choice | None)
#: How they were chosen.
D = TypeVar("D", bound=Choice)


@dataclass(frozen=True)
class Report(Generic[C]):
    """Numbers of thresholds, and of which images.

    Attributes
    ----------
    kind : str
        "test": of images that had no part in choosing; "cross-fitted": each half with thresholds chosen on the other;
        "same": of the very images the thresholds were chosen on, too good; "untuned": the thresholds were not chosen
        on any images.
    thresh : ndarray of float32, shape (C,)
    choice : Choice or None
        How they were chosen, on all of the images to tune on; None for thresholds set by hand or loaded.
    numbers : dict
        `lib.metrics.decisions.numbers` on the reported images.
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
    choice: C
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
) -> Report[Choice]:
    """Choose thresholds on all of ``tune`` and report them on images they were not chosen on.

    Parameters
    ----------
    tune : Decisions
        Images to choose on.
    test : Decisions or None
        Images kept apart. Without any, the numbers are cross-fitted on ``tune``; thresholds chosen on half of the
        images are a little worse than those chosen on all, so these numbers are rather too low than too good.
    objective, options
        See `lib.thresholds.objectives.choose`.
    one : bool
        One threshold for all labels instead of one a label.
    seed : int
        Of the halves.
    """
    return report_by(tune, test, partial(_choose, objective=objective, options=options or {}, one=one), seed=seed)


def report_by(tune: Decisions, test: Decisions | None, choose: Callable[[Decisions], D], *, seed: int = 0) -> Report[D]:
    """Report what ``choose`` chooses on all of ``tune``; as `report` otherwise."""
    choice = choose(tune)
    if test is not None and len(test):
        kind, on, predicted = "test", test, decisions.predicted(test, choice.thresh)
        sentence = (
            f"The thresholds were chosen on {sentences.count(len(tune), 'image')}, the numbers are of "
            f"{sentences.count(len(test), 'test image')} that had no part in choosing them."
        )
    elif len(np.unique(tune.groups)) > 1:
        kind, on, predicted = "cross-fitted", tune, cross_fitted_by(tune, choose, seed=seed)
        sentence = (
            f"There are no test images, so the {sentences.count(len(tune), 'image')} were divided into halves and each "
            "half was decided with thresholds chosen on the other: no image is judged by thresholds that it helped to "
            "choose. The thresholds shown are chosen on all of them."
        )
    else:
        kind, on, predicted = "same", tune, decisions.predicted(tune, choice.thresh)
        sentence = _too_good(tune)
    return _report(kind, tune, on, predicted, choice.thresh, choice, sentence)


def report_fixed(
    tune: Decisions, test: Decisions | None, thresh: float | np.ndarray, *, seen: bool = True
) -> Report[None]:
    """Report thresholds that were set by hand or loaded; as `report` otherwise.

    Parameters
    ----------
    tune, test
        As in `report`. Without test images the numbers are of ``tune``: whoever moved a threshold looking at numbers
        of these images chose on them, and no halving helps against that.
    thresh : float or ndarray of shape (C,)
    seen : bool
        False for thresholds that nobody chose by these images, such as 0.5 everywhere: then numbers of them are fair.
    """
    threshs = np.broadcast_to(np.asarray(thresh, dtype=np.float32), tune.scores.shape[1:]).copy()
    kind, on = ("same" if seen else "untuned"), tune
    if test is not None and len(test):
        kind, on = "test", test
    sentence = {
        "same": _too_good(tune),
        "untuned": "The thresholds were not chosen on any images, the numbers are of "
        f"{sentences.count(len(tune), 'image')}.",
        "test": f"The numbers are of {sentences.count(len(on), 'test image')}: fair as long as nobody "
        "chose these thresholds by looking at them.",
    }[kind]
    return _report(kind, tune, on, decisions.predicted(on, threshs), threshs, None, sentence)


def cross_fitted(
    data: Decisions, objective: str, options: Mapping[str, float], *, one: bool = False, seed: int = 0
) -> np.ndarray:
    """Return where a label is predicted if each of two `halves` is decided by thresholds chosen on the other.

    Returns
    -------
    ndarray of bool, shape (N, C)
    """
    return cross_fitted_by(data, partial(_choose, objective=objective, options=options, one=one), seed=seed)


def cross_fitted_by(data: Decisions, choose: Callable[[Decisions], Choice], *, seed: int = 0) -> np.ndarray:
    """Return what `cross_fitted` does, of thresholds that ``choose`` chooses."""
    second = halves(data, seed)
    predicted = np.zeros(data.scores.shape, dtype=bool)
    for half in (second, ~second):
        thresh = choose(data.rows(~half)).thresh
        predicted[half] = decisions.predicted(data.rows(half), thresh)
    return predicted


def _choose(data: Decisions, objective: str, options: Mapping[str, float], one: bool) -> Choice:
    if not one:
        return objectives.choose(data, objective, **options)
    index, reached = objectives.choose_one(data, objective, **options)
    n_labels = data.scores.shape[1]
    n_pos = np.count_nonzero(data.truth == 1, axis=0)
    return Choice(np.full(n_labels, index), np.full(n_labels, reached), n_pos, np.zeros(n_labels, dtype=bool))


def _report(
    kind: str,
    tune: Decisions,
    on: Decisions,
    predicted: np.ndarray,
    thresh: np.ndarray,
    choice: C,
    sentence: str,
) -> Report[C]:
    return Report(
        kind=kind,
        thresh=thresh,
        choice=choice,
        numbers=decisions.numbers(predicted, on.truth),
        tuned_on=decisions.numbers(decisions.predicted(tune, thresh), tune.truth),
        on=on,
        predicted=predicted,
        n_tune=len(tune),
        n_report=len(on),
        sentence=sentence,
    )


def _too_good(tune: Decisions) -> str:
    return (
        f"The numbers are of the same {sentences.count(len(tune), 'image')} that the thresholds were chosen on, so "
        "they are too good: judge them by other images."
    )
