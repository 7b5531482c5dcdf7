"""The controls of the keypoint bench (norm, PCK threshold, point), and the numbers that follow from them."""

from __future__ import annotations

import contextlib

import streamlit as st

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.evaluation.keypoints import errors
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.keypoints.norms import NORMS
from lib.metrics import means
from lib.metrics.intervals import Interval
from lib.tasks import mirror
from lib.tasks.types import three_digits
from lib.web.ui import guard
from lib.web.ui.analyze import bench_state
from lib.web.ui.keypoints import state as points_state
from lib.web.ui.keypoints.state import PointsState

_ALL = -1


def show(bench: Bench, dataset: Dataset, *, key: str) -> PointsState:
    """Show the controls and return what is chosen; the choice is in the address."""
    bench_state.restore(bench.names)
    state = points_state.read(bench)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        _norm(bench, dataset, state, key)
        _limit(state, key)
        _point(bench, state, key)
    bench_state.keep(bench.names)
    return state


def _norm(bench: Bench, dataset: Dataset, state: PointsState, key: str) -> None:
    """Let the norm be chosen, and of the distance of two points which."""
    head, _, rest = state.norm.kind.partition(":")
    widget = f"points-norm-{key}"
    st.session_state[widget] = head  # the address has the last word, also when going back

    def chosen() -> None:
        kind = st.session_state[widget]
        points_state.choose_norm(_pair(*_eyes(bench, dataset)) if kind == "pair" else kind)

    st.selectbox(
        "Errors in",
        bench.norms(),
        format_func=lambda one: "pixels" if one == "px" else f"% of the {NORMS[one][0]}",
        key=widget,
        on_change=chosen,
        width=260,
        help=" ".join(text for title, text in NORMS.values()),
    )
    if head == "pair":
        _two(bench, [int(part) for part in rest.split(",")], key)


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
        format_func=lambda one: "All points" if one == _ALL else bench.names[one],
        key=widget,
        on_change=lambda: points_state.choose_point(
            None if st.session_state[widget] == _ALL else st.session_state[widget]
        ),
        width=240,
        help="Look at one point: its metrics, and its worst images.",
    )


def headline(bench: Bench, state: PointsState) -> None:
    """Show the numbers of all points, or of the chosen one, each with its interval and the mean shape's beside it."""
    off, base = state.errors(bench), state.baseline_errors(bench)
    if state.point is not None:
        off, base = off[:, [state.point]], base[:, [state.point]]
    mean_error = means.pooled(off, bench.groups)
    images = errors.per_image(off)
    baseline_error = means.pooled(base, bench.groups)
    unit, limit = state.norm.unit, f"{state.limit:g} {state.norm.unit}"
    metrics = [
        ("Mean error", _number(mean_error.value, unit), _against(mean_error.value, baseline_error.value), _MEAN),
        ("95 % interval", _interval(mean_error, unit), "of the mean error", _BAND),
        (
            f"PCK@{limit}",
            _share(errors.share_within(off, [state.limit])[0]),
            f"mean shape {_share(errors.share_within(base, [state.limit])[0])}",
            "Share of the labeled points within this error (Yang and Ramanan 2013).",
        ),
        (
            "Area under PCK",
            _plain(errors.area(off, state.limit)),
            f"mean shape {_plain(errors.area(base, state.limit))}",
            "Area under the PCK curve from 0 to the threshold, normalized: 1 is perfect.",
        ),
        (
            "Failure rate",
            _share(errors.failure_rate(images, state.limit)),
            f"mean shape {_share(errors.failure_rate(errors.per_image(base), state.limit))}",
            f"Share of the images whose mean error is above {limit}.",
        ),
    ]
    with st.grid(5, min_column_width=150):
        for title, value, beside, text in metrics:
            st.metric(title, value, delta=beside, delta_arrow="off", delta_color="off", help=text)


_MEAN = "Mean distance between predicted and true point, over all labeled points."
_BAND = (
    "Percentile bootstrap, 1,000 resamples of whole groups (one person or video) if the dataset has them, widened for "
    "few groups and not defined for fewer than 5."
)


def _number(value: float, unit: str) -> str:
    return "not defined" if value != value else f"{three_digits(float(value))} {unit}"


def _against(value: float, baseline: float) -> str:
    """Return how much lower or higher a mean error is than the mean shape's."""
    if value != value or not baseline > 0:
        return "mean shape not defined"
    change = 100 * (value / baseline - 1)
    return f"{abs(change):.0f} % {'lower' if change < 0 else 'higher'} than the mean shape"


def _interval(interval: Interval, unit: str) -> str:
    return f"{interval.words(three_digits, ' – ')} {unit if interval.is_defined else ''}".strip()


def _share(value: float) -> str:
    return "not defined" if value != value else f"{100 * value:.1f} %"


def _plain(value: float) -> str:
    return "not defined" if value != value else f"{value:.3f}"
