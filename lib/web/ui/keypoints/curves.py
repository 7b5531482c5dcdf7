"""PCK and CED curves of keypoints with their bands."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib.evaluation.keypoints import errors
from lib.evaluation.keypoints.errors import Bench
from lib.metrics import means
from lib.web.charts import points
from lib.web.components.chart import chart
from lib.web.ui import guard, words
from lib.web.ui.keypoints.state import PointsState

#: Places along a curve, and how far it is drawn in limits.
_STEPS, _WIDE = 201, 3


def show(bench: Bench, split: str, state: PointsState, *, key: str) -> None:
    """Show both curves of all points, or of the chosen one."""
    off, base = state.errors(bench), state.baseline_errors(bench)
    whose = "all points"
    if state.point is not None:
        off, base, whose = (
            off[:, [state.point]],
            base[:, [state.point]],
            f"point {guard.escape(bench.names[state.point])}",
        )
    limits = np.linspace(0, _WIDE * state.limit, _STEPS)
    unit = guard.escape(state.words)
    st.caption(
        f"On {words.images(len(bench), split)}, {whose}, errors in {unit}. The dotted line is the PCK "
        "threshold; the band is a pointwise 95 % interval, bootstrap over groups."
    )
    if state.point is not None:  # the error of an image is then that of the point: one curve says all
        _points(off, base, bench, limits, state, key)
        return
    left, right = st.columns(2)
    with left:
        _points(off, base, bench, limits, state, key)
    with right:
        _images(off, base, bench, limits, state, key)


def _points(off: np.ndarray, base: np.ndarray, bench: Bench, limits: np.ndarray, state: PointsState, key: str) -> None:
    st.subheader("PCK: correct keypoints", help="Percentage of correct keypoints, Yang and Ramanan 2013.")
    _curve(off, base, bench, limits, state, "share of labeled points", f"pck-{key}")
    st.caption(_areas("Area under PCK", off, base, state))


def _images(off: np.ndarray, base: np.ndarray, bench: Bench, limits: np.ndarray, state: PointsState, key: str) -> None:
    images, base_images = errors.per_image(off), errors.per_image(base)
    st.subheader(
        "CED: cumulative error distribution",
        help="Cumulative distribution of the mean error of an image's points, as 300-W draws it.",
    )
    _curve(images, base_images, bench, limits, state, "share of images", f"ced-{key}")
    failed = 100 * errors.failure_rate(images, state.limit)
    areas = _areas("Area under CED", images, base_images, state)
    st.caption(f"{areas} Failure rate above the threshold: {failed:.1f} %.")


def _curve(
    off: np.ndarray, base: np.ndarray, bench: Bench, limits: np.ndarray, state: PointsState, y: str, key: str
) -> None:
    band = _band(f"{key}-{state.norm.kind}-{state.limit}-{state.point}", off, limits, bench.groups)
    figure = points.within(
        limits,
        errors.share_within(off, limits),
        errors.share_within(base, limits),
        None if np.isnan(band[0]).all() else band,
        x=f"error at most ({state.norm.unit})",
        y=y,
        limit=state.limit,
    )
    chart(figure, key=f"points-{key}", alt=f"{y} within each error")


@st.cache_resource(max_entries=32, show_spinner=False)
def _band(key: str, _off: np.ndarray, _limits: np.ndarray, _groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return means.shares(_off, _limits, _groups)


def _areas(title: str, off: np.ndarray, base: np.ndarray, state: PointsState) -> str:
    model, mean_shape = (errors.area(part, state.limit) for part in (off, base))
    return f"{title} up to {state.limit:g} {state.norm.unit}: {model:.3f}, of the mean shape {mean_shape:.3f}."
