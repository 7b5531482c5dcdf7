"""The error map: each point of the mean shape, as large and as orange as its mean error; a click chooses the point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from lib.core import sentences
from lib.evaluation.keypoints.errors import Bench
from lib.tasks.types import three_digits
from lib.web.charts import points
from lib.web.components.chart import chart
from lib.web.ui import guard
from lib.web.ui.keypoints import numbers
from lib.web.ui.keypoints import state as points_state
from lib.web.ui.keypoints.state import PointsState

_NAMED = 3


def show(bench: Bench, state: PointsState, lines: Sequence[Sequence[int]], *, key: str) -> None:
    """Show the map; ``lines`` are pairs of points that a line joins."""
    each, interval = numbers.per_point(bench, state, key=key)
    shape, unit = numbers.shape(bench, key=key), state.norm.unit
    st.caption(
        f"Mean error of each point on the mean shape; click one to look at it.{_without(bench, each.mean)}",
        help=f"Errors in {guard.escape(state.words)}, as color and as size. The mean shape is that of the true points: "
        "each image moved, turned and scaled, never mirrored.",
    )
    hover = [
        f"mean error {three_digits(value)} {unit} ({interval.at(k).words(three_digits)})<br>"
        f"mean shape {three_digits(each.baseline[k])} {unit}<br>"
        f"within {state.limit:g} {unit}: {100 * each.within[k]:.3g} % of {sentences.count(int(each.count[k]), 'image')}"
        for k, value in enumerate(each.mean.tolist())
    ]
    title = f"mean error ({unit})"
    figure = points.error_map(shape, bench.names, each.mean, hover, lines, state.point, title)

    def clicked(index: float) -> None:
        if index.is_integer() and 0 <= index < len(bench.names):
            points_state.choose_point(None if index == state.point else int(index))

    chart(figure, key=f"points-map-{key}", alt="Mean error of each point on the mean shape", on_click=clicked)


def _without(bench: Bench, mean: np.ndarray) -> str:
    """Say which points have no error."""
    unknown = np.flatnonzero(np.isnan(mean))
    if not len(unknown):
        return ""
    names = sentences.joined([guard.escape(sentences.named(bench.names[k], "point")) for k in unknown], _NAMED)
    return f" Never labeled in these images: {names}."
