"""Bias of each keypoint: mean error and scatter on the mean shape, and a density of errors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lib.evaluation.keypoints import failures
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.keypoints.failures import Aligned, BiasEllipse
from lib.web.charts import failures as figures_fail
from lib.web.components.chart import chart
from lib.web.ui import guard, words
from lib.web.ui.keypoints.state import PointsState

_SCALES = (1, 2, 5, 10)


def show(bench: Bench, state: PointsState, *, key: str) -> None:
    """Show the errors of all points, or of the chosen one, seen from the mean shape."""
    aligned = _aligned(key, bench)
    lean = failures.bias_ellipse(aligned.errors)
    if not lean.count.any():
        st.info("No point is labeled in these images.", icon=":material/info:")
        return
    left, right = st.columns([3, 2])
    laid = "moved, turned and scaled so that its true points lie on the mean shape, never mirrored"
    how = "as it is" if aligned.unit == "image diagonal" else laid
    with left:
        st.subheader("Errors over the mean shape")
        st.caption(
            f"Each image {how}; errors in % of the {aligned.unit}. A line goes from the point's mean true place to its "
            "mean predicted one, the ellipse is one standard deviation (39 % of normally distributed errors)."
        )
        scale = st.segmented_control(
            "Errors drawn",
            _SCALES,
            default=1,
            required=True,
            format_func=lambda one: f"{one}×",
            key=f"lean-scale-{key}",
        )
        figure = figures_fail.lean(aligned, lean, bench.names, state.point, scale)
        chart(figure, key=f"lean-{key}-{state.point}-{scale}", alt="Mean error and scatter of each point")
    with right:
        _density(bench, aligned, state, key)
    _table(bench, aligned, lean, key)


@st.cache_resource(max_entries=8, show_spinner=False)
def _aligned(key: str, _bench: Bench) -> Aligned:
    return failures.aligned(_bench)


def _density(bench: Bench, aligned: Aligned, state: PointsState, key: str) -> None:
    whose = "all points" if state.point is None else f"point {guard.escape(bench.names[state.point])}"
    errors = aligned.errors if state.point is None else aligned.errors[:, state.point]
    st.subheader("Where the errors are")
    counted = failures.density(errors)
    if counted is None:
        st.info(f"No error of {whose} is known.", icon=":material/info:")
        return
    outside = f" {100 * counted.outside:.2g} % of the errors lie farther out." if counted.outside > 0 else ""
    st.caption(f"Predicted minus true of {whose}, the truth in the middle, y downwards; deep is often.{outside}")
    chart(figures_fail.density(counted, "%"), key=f"density-{key}-{state.point}", alt="Density of the errors")


def _table(bench: Bench, aligned: Aligned, lean: BiasEllipse, key: str) -> None:
    length = np.linalg.norm(lean.bias, axis=1)
    frame = pd.DataFrame(
        {
            "point": list(bench.names),
            "mean error x (%)": lean.bias[:, 0],
            "mean error y (%)": lean.bias[:, 1],
            "its length (%)": length,
            "long half axis (%)": lean.axes[:, 0],
            "short half axis (%)": lean.axes[:, 1],
            "direction (°)": lean.angle,
            "images": lean.count,
        }
    ).iloc[np.argsort(-length, kind="stable")]
    unit = f"In % of the {aligned.unit}."
    helps = {name: unit for name in frame.columns if name.endswith("(%)")}
    helps["direction (°)"] = "Of the long half axis, from the x axis clockwise."
    words.table(frame, key=f"lean-table-{key}", digits=2, helps=helps, pinned="point")
