"""The controls of the keypoint bench: norm, point, PCK threshold."""

from __future__ import annotations

import contextlib

import streamlit as st

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.keypoints.headline import Headline
from lib.evaluation.keypoints.norms import NORMS
from lib.tasks import mirror
from lib.web.ui import guard
from lib.web.ui.keypoints import headline
from lib.web.ui.keypoints import state as points_state
from lib.web.ui.keypoints.state import PointsState

_ALL = -1


def controls(bench: Bench, dataset: Dataset, state: PointsState, numbers: Headline, *, key: str) -> None:
    """Show the controls in one line: norm, point, and the rest in a popover with every number and what it means."""
    _norm(bench, dataset, state, key)
    _point(bench, state, key)
    with st.popover("Limit", icon=":material/tune:", help="The PCK threshold, and every number with its meaning."):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            _limit(state, key)
            if state.norm.kind.startswith("pair"):
                _two(bench, [int(part) for part in state.norm.kind.partition(":")[2].split(",")], key)
        headline.show(numbers, state)


def _norm(bench: Bench, dataset: Dataset, state: PointsState, key: str) -> None:
    """Let the norm be chosen."""
    widget = f"points-norm-{key}"
    st.session_state[widget] = state.norm.kind.partition(":")[0]  # the address has the last word, also when going back

    def chosen() -> None:
        kind = st.session_state[widget]
        points_state.choose_norm(_pair(*_eyes(bench, dataset)) if kind == "pair" else kind)

    st.selectbox(
        "Errors in",
        bench.norms(),
        format_func=lambda one: "in px" if one == "px" else f"% of the {NORMS[one][0]}",
        key=widget,
        on_change=chosen,
        width=200,
        label_visibility="collapsed",
    )


def _two(bench: Bench, now: list[int], key: str) -> None:
    """Let both points be chosen whose distance errors are divided by."""
    widgets = [f"points-pair-{place}-{key}" for place in range(2)]

    def chosen() -> None:
        with guard.later():
            points_state.choose_norm(bench.norm(_pair(*(st.session_state[widget] for widget in widgets))).kind)

    for label, widget, at in zip(("From point", "to point"), widgets, now, strict=True):
        st.session_state[widget] = at
        st.selectbox(
            label,
            range(len(bench.names)),
            format_func=bench.names.__getitem__,
            key=widget,
            on_change=chosen,
            width=180,
        )


def _pair(first: int, second: int) -> str:
    return f"pair:{first},{second}"


def _eyes(bench: Bench, dataset: Dataset) -> tuple[int, int]:
    """Return two points to begin with: a left/right pair, of the eyes if there is one, else two that lie apart."""
    pairs = mirror.pairs(dataset) if tuple(dataset.names) == tuple(bench.names) else []
    eyes = [pair for pair in pairs or [] if "eye" in bench.names[pair[0]].lower()]
    for pair in (*eyes, *(pairs or [])):
        with contextlib.suppress(UserError):
            bench.norm(_pair(*pair))
            return pair
    apart = bench.farthest_points()
    if apart is None:
        raise ValueError("no two points lie apart: their distance is not among the norms to choose from")
    return apart


def _limit(state: PointsState, key: str) -> None:
    widget = f"points-limit-{key}-{state.norm.kind}"
    st.session_state[widget] = state.limit

    def chosen() -> None:
        if st.session_state[widget] > 0:
            points_state.choose_limit(st.session_state[widget])

    st.number_input(
        f"PCK threshold ({state.norm.unit})",
        min_value=0.0,
        step=max(0.1, round(state.limit / 10, 1)),
        format="%.4g",
        key=widget,
        on_change=chosen,
        width=170,
        help="A point counts as correct up to this error, an image as a failure above it.",
    )


def _point(bench: Bench, state: PointsState, key: str) -> None:
    options = [_ALL, *range(len(bench.names))]
    widget = f"points-point-{key}"
    st.session_state[widget] = _ALL if state.point is None else state.point  # the address has the last word
    st.selectbox(
        "Point",
        options,
        format_func=lambda one: "All points" if one == _ALL else f"Point {bench.names[one]}",
        key=widget,
        on_change=lambda: points_state.choose_point(
            None if st.session_state[widget] == _ALL else st.session_state[widget]
        ),
        width=160,
        label_visibility="collapsed",
    )
