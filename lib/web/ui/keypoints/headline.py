"""The numbers of the keypoint bench: one line of them, and each with its interval, baseline and meaning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from lib.evaluation.keypoints.headline import Headline
from lib.evaluation.keypoints.norms import NORMS
from lib.tasks.types import three_digits
from lib.training.run_metrics import QUICK_MODEL
from lib.web.ui import guard
from lib.web.ui.analyze import line
from lib.web.ui.keypoints.state import PointsState

_MEAN = "Mean distance between predicted and true point, over all labeled points."
_BAND = (
    "Percentile bootstrap, 1,000 resamples of whole groups (one person or video) if the dataset has them, widened for "
    "few groups and left out for fewer than 5."
)


def words(numbers: Headline, state: PointsState, names: Sequence[str]) -> str:
    """Return the numbers in one line of Markdown; ``names`` are those of the points, not escaped."""
    error, unit = numbers.mean, state.norm.unit
    if np.isnan(error.value):
        what = "No point is" if state.point is None else f"Point {guard.escape(names[state.point])} is not"
        where = "" if state.norm.kind == "px" else " that have this norm"
        return f"{what} labeled in these images{where}: there is no error."
    others = [(numbers.baseline, "the mean shape"), (numbers.quick, f"the {QUICK_MODEL}")]
    against = [
        line.against(float(error.value), other.error, other.gain, name, lambda value: f"{three_digits(value)} {unit}")
        for other, name in others
        if other is not None
    ]
    return line.BETWEEN.join(
        [
            f"mean error {line.joined(line.error_words(error, three_digits, unit), *against)}",
            f"PCK@{state.limit:g} {unit} **{_share(numbers.shares.within)}**",
            f"failure rate **{_share(numbers.shares.failed)}**",
        ]
    )


def show(numbers: Headline, state: PointsState) -> None:
    """Show every number with the mean shape's beside it and what it means."""
    error, unit, limit = numbers.mean, state.norm.unit, f"{state.limit:g} {state.norm.unit}"
    if np.isnan(error.value):
        return
    ours, base = numbers.shares, numbers.baseline_shares
    metrics = [
        ("Mean error", f"{three_digits(error.value)} {unit}", f"{three_digits(numbers.baseline.error)} {unit}", _MEAN),
        (
            f"PCK@{limit}",
            _share(ours.within),
            _share(base.within),
            "Share of the labeled points within this error (Yang and Ramanan 2013).",
        ),
        (
            "Area under PCK",
            f"{ours.area:.3f}",
            f"{base.area:.3f}",
            "Area under the PCK curve from 0 to the threshold, normalized: 1 is perfect.",
        ),
        (
            "Failure rate",
            _share(ours.failed),
            _share(base.failed),
            f"Share of the images whose mean error is above {limit}.",
        ),
    ]
    with st.grid(2, min_column_width=150):
        for title, value, beside, text in metrics:
            delta = f"mean shape {beside}"
            st.metric(title, value, delta=delta, delta_arrow="off", delta_color="off", help=text)
    unit_words = f"Errors in {guard.escape(state.words)}. {NORMS[state.norm.kind.partition(':')[0]][1]}"
    st.caption(f"{unit_words} In parentheses: the 95 % interval. {_BAND}" if error.is_defined else unit_words)


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"
