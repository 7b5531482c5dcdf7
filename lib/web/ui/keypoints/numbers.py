"""What is worked out of the errors of points, once for each choice: headline, numbers of each point, mean shape."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib.evaluation.keypoints import errors, failures
from lib.evaluation.keypoints import headline as headlines
from lib.evaluation.keypoints.errors import Bench, PerPoint
from lib.evaluation.keypoints.headline import Headline
from lib.metrics import means
from lib.metrics.intervals import Interval
from lib.web.ui.keypoints.state import PointsState


def headline(bench: Bench, state: PointsState, *, key: str) -> Headline:
    """Return the numbers of all points, or of the chosen one."""
    return _headline(key, state.norm.kind, state.limit, state.point, bench, state)


def per_point(bench: Bench, state: PointsState, *, key: str) -> tuple[PerPoint, Interval]:
    """Return the numbers of each point, and its mean error with the interval, of shape (K,)."""
    return _per_point(key, state.norm.kind, state.limit, bench, state)


def shape(bench: Bench, *, key: str) -> np.ndarray:
    """Return `lib.evaluation.keypoints.failures.drawn_shape`."""
    return _shape(key, bench)


@st.cache_resource(max_entries=64, show_spinner=False)
def _headline(key: str, norm: str, limit: float, point: int | None, _bench: Bench, _state: PointsState) -> Headline:
    return headlines.headline(_bench, _state.norm, limit, point)


@st.cache_resource(max_entries=16, show_spinner=False)
def _per_point(key: str, norm: str, limit: float, _bench: Bench, _state: PointsState) -> tuple[PerPoint, Interval]:
    off = _state.errors(_bench)
    return errors.per_point(off, _state.baseline_errors(_bench), limit), means.mean(off, _bench.groups)


@st.cache_resource(max_entries=8, show_spinner=False)
def _shape(key: str, _bench: Bench) -> np.ndarray:
    return failures.drawn_shape(_bench)
