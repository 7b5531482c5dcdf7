"""Uncertainty of keypoints: spread over augmented copies against the error."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from lib.core.questions import asking, requests
from lib.core.questions.requests import Question
from lib.evaluation import comparison
from lib.evaluation import correlation as ranks
from lib.evaluation.keypoints import errors as points_bench
from lib.evaluation.keypoints import uncertainty
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.keypoints.norms import Norm
from lib.evaluation.keypoints.uncertainty import RiskCoverage
from lib.inference import ask
from lib.inference.ask import COPIES
from lib.metrics import intervals, means, points
from lib.metrics.intervals import Interval
from lib.tasks.types import three_digits
from lib.training.runs import Run
from lib.web.charts import failures
from lib.web.components.chart import chart
from lib.web.ui import guard, words
from lib.web.ui.analyze import line
from lib.web.ui.keypoints.filter import Only
from lib.web.ui.keypoints.state import PointsState

_signed = partial(line.signed, write="{:.2f}".format)

_POLL_S = 0.5
_SHOWN = 12


def show(
    run: Run, bench: Bench, split: str, state: PointsState, originals: np.ndarray, only: Only, *, key: str
) -> None:
    """Let the model be asked about copies of the images, and show what its scatter says of its errors.

    Parameters
    ----------
    run : Run
    bench : Bench
        What it predicted of ``split``.
    split : str
    state : PointsState
    originals : ndarray of str, shape (N,)
        Name of each image.
    only : Only
        Is told which images to show in the gallery.
    key : str
    """
    if not len(bench):
        st.info("There are no images to ask about.", icon=":material/info:")
        return
    request = ask.Spread(split, COPIES)
    question = ask.existing(run, request)
    if question is None:
        _offer(run, request, len(bench), split, key)
        return
    now = question.state()
    if now.name == requests.DONE:
        _answer(question, bench, split, state, originals, only, key)
    elif now.name == requests.FAILED:
        st.error(guard.escape(now.message), icon=":material/error:")
        st.button("Try again", key=f"sure-again-{key}", on_click=asking.ask_again, args=(question,))
    else:
        _wait(question, key)


def _offer(run: Run, request: ask.Spread, count: int, split: str, key: str) -> None:
    changed = "as in training" if run.config.augment else "as training with Augment on changes them, which this did not"
    mirrored = "mirrored, " if run.config.flip else ""
    st.markdown(
        f"The model is shown each image {COPIES} times: as it is and {COPIES - 1} times changed {changed} ({mirrored}"
        "rotated, scaled, brightness changed). Its points are mapped back to the image; where they scatter it is not "
        f"certain. That is {COPIES * count:,} predictions of {words.images(count, split)}; the answer is kept."
    )
    if st.button("Measure how certain it is", icon=":material/scatter_plot:", type="primary", key=f"sure-go-{key}"):
        ask.ask(run, request)
        st.rerun()


@st.fragment(run_every=_POLL_S)
def _wait(question: Question, key: str) -> None:
    """Say how it stands until the answer is there, then draw the page."""
    now = question.state()
    if not now.active:
        st.rerun()
    done = f"{now.done:,} of {now.total:,} images" if now.total else now.message or "Starting"
    st.progress(min(1.0, now.done / now.total) if now.total else 0.0, text=guard.escape(done))
    if st.button("Cancel", icon=":material/close:", key=f"sure-cancel-{key}"):
        question.cancel()
        st.rerun()


@dataclass(frozen=True)
class _Measured:
    """What is worked out of an answer, in the chosen norm: errors of images (N,), with their spread (N,)."""

    errors: np.ndarray
    spread: np.ndarray
    correlation: Interval
    curve: RiskCoverage
    first: Interval
    mean: Interval
    better: Interval


@st.cache_resource(max_entries=16, show_spinner=False)
def _measure(
    question: str, key: str, norm: str, point: int | None, _question: Question, _bench: Bench, _norm: Norm
) -> _Measured:
    answer, which = _question.result(), slice(None) if point is None else [point]
    off, mean = (_norm.of(points.distances(answer[name], _bench.targs))[:, which] for name in ("first", "mean"))
    spread = uncertainty.of_images(_spread_norm(_bench, _norm).of(answer["spread"].astype(np.float64))[:, which])
    errors = points_bench.per_image(off)
    return _Measured(
        errors,
        spread,
        ranks.correlation(spread, errors, _bench.groups),
        uncertainty.risk_coverage(errors, spread),
        means.pooled(off, _bench.groups),
        means.pooled(mean, _bench.groups),
        means.pooled_difference(mean, off, _bench.groups),
    )


def _spread_norm(bench: Bench, norm: Norm) -> Norm:
    """Return what spread is divided by: nothing that is measured on true points, which new pictures do not have."""
    return bench.norm("px" if norm.kind == "px" else "diagonal")


def _answer(
    question: Question, bench: Bench, split: str, state: PointsState, originals: np.ndarray, only: Only, key: str
) -> None:
    measured = _measure(question.id, key, state.norm.kind, state.point, question, bench, state.norm)
    there = np.isfinite(measured.errors)
    if not there.any():
        st.info("No point is labeled in these images.", icon=":material/info:")
        return
    st.markdown(f"{_known(measured, split, state)} {_averaged(measured, state)}")
    unit = state.norm.unit
    spread_unit = "px" if unit == "px" else "% of the diagonal"
    name = f"{key}-{state.norm.kind}-{state.point}"
    left, right = st.columns(2)
    with left:
        st.subheader(
            "Spread and error",
            help="Spread: standard deviation of a predicted point over the copies, the root of the mean squared "
            "distance from its mean place; of an image the mean over its points. Unknown where every changed copy cut "
            "the point off; an image without any known counts as least certain.",
        )
        figure = failures.scatter(
            measured.spread[there],
            measured.errors[there],
            originals[there].astype(str),
            x_title=f"spread over {COPIES} copies ({spread_unit})",
            y_title=f"error of the image ({unit})",
        )
        chart(figure, key=f"sure-scatter-{name}", alt="Error of each image against its spread")
    with right:
        st.subheader(
            "If the least certain are left out",
            help="Risk-coverage curve. The gain is 0 where spread is worth as much as chance and 1 where it sorts as "
            "well as the errors themselves, by the areas below the curves (AURC, Geifman et al. 2019).",
        )
        chart(failures.kept(measured.curve, unit), key=f"sure-kept-{name}", alt="Error of the images that are kept")
    _surely_wrong(measured, originals, state, only, name)


def _known(measured: _Measured, split: str, state: PointsState) -> str:
    rho, curve, unit = measured.correlation, measured.curve, guard.escape(state.words)
    if np.isnan(rho.value):
        return f"Errors or spread do not differ in {words.images(len(measured.errors), split)}."
    between = f", 95 % interval {rho.words(_signed)}" if rho.is_defined else ""
    verdict = {
        intervals.BETTER: "The model **knows something of its errors**: where its points scatter it is more often "
        "wrong",
        intervals.WORSE: "**Its certainty misleads**: where its points scatter it is less often wrong",
    }.get(intervals.judged(rho), "Its certainty **says nothing that may not be chance** about its errors")
    gained = (
        "" if np.isnan(curve.gain) else (f"; {100 * curve.gain:.0f} % of what could be gained by leaving out images is")
    )
    return (
        f"{verdict} (rank correlation {_signed(rho.value)}, Spearman{between}). Keeping the most certain half leaves a "
        f"mean error of {three_digits(curve.risk_at(0.5))} instead of {three_digits(curve.mean)} {unit}{gained}."
    )


def _averaged(measured: _Measured, state: PointsState) -> str:
    """Say whether the mean over the copies is the better prediction."""
    unit = state.norm.unit
    two = f"{three_digits(float(measured.mean.value))} instead of {three_digits(float(measured.first.value))} {unit}"
    if not measured.better.is_defined:
        return f"The mean over the copies has an error of {two}: too few images to tell it from chance."
    if intervals.judged(measured.better) == intervals.SAME:
        return f"Averaging over the copies changes nothing: mean error {two}."
    ends = measured.better.words(partial(line.signed, write="{:.3g}".format))
    between = f"95 % interval of the difference {ends} {unit}"
    verdict = {
        "first": "**Averaging over the copies is better**",
        "second": "**Averaging over the copies is worse**",
        "none": "Averaging over the copies changes nothing that may not be chance",
    }[comparison.verdict(measured.better)]
    return f"{verdict}: mean error {two} ({between})."


def _surely_wrong(measured: _Measured, originals: np.ndarray, state: PointsState, only: Only, key: str) -> None:
    rows = uncertainty.confidently_wrong(measured.errors, measured.spread, _SHOWN)
    st.subheader("Certain and wrong")
    if not len(rows):
        st.caption("No image of the quarter with the largest errors is in the half with the smallest spread.")
        return
    st.caption(
        "Images in the quarter with the largest errors and yet in the half with the smallest spread, the smallest "
        f"first, at most {_SHOWN}: wrong labels, or what the model has learned wrongly."
    )
    unit = state.norm.unit
    spread = f"spread ({unit})" if unit == "px" else "spread (% of the diagonal)"
    frame = pd.DataFrame(
        {"image": originals[rows].astype(str), f"error ({unit})": measured.errors[rows], spread: measured.spread[rows]}
    )
    words.table(frame, key=f"sure-wrong-{key}", digits=None, pinned="image")
    st.button(
        "Show these images below",
        icon=":material/filter_alt:",
        key=f"sure-only-{key}",
        on_click=only.these,
        args=(np.isin(np.arange(len(measured.errors)), rows), "certain and wrong"),
    )
