"""Failure analysis of keypoints: slices of the images, scatter plots and the mean shape."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation import correlation, slices
from lib.evaluation.keypoints import errors as points_bench
from lib.evaluation.keypoints import failures
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.slices import Slice, Table
from lib.metrics import intervals
from lib.metrics.intervals import Interval
from lib.tasks.types import three_digits
from lib.web.charts import failures as figures_fail
from lib.web.components.chart import chart
from lib.web.ui import guard, words
from lib.web.ui.analyze import brightness, line
from lib.web.ui.analyze import slices as shared
from lib.web.ui.analyze.slices import Number
from lib.web.ui.keypoints import bias
from lib.web.ui.keypoints.filter import Chosen, Only, forget
from lib.web.ui.keypoints.state import PointsState

_signed = partial(line.signed, write="{:.2f}".format)


@dataclass(frozen=True)
class Way:
    """A way to divide the images.

    Attributes
    ----------
    title : str
    how : str
        In words, after "divided by".
    unit : str
        Of the value.
    axis : str
        What the value is called on an axis.
    rises : str
        What the error is said to do where it rises with the value.
    digits : int
        After the point, in the names of slices.
    """

    title: str
    how: str
    unit: str = ""
    axis: str = ""
    rises: str = ""
    digits: int = 0


WAYS = {
    "place": Way(
        "Position",
        "the distance of the points' box from the image center, in % of the diagonal",
        "%",
        "distance of the points from the image center (% of the diagonal)",
        "farther from the image center",
        1,
    ),
    "size": Way(
        "Size",
        "the size of the points' box, the root of width times height, in % of the image's diagonal",
        "%",
        "size of the points' box (% of the diagonal)",
        "with larger points",
        1,
    ),
    "turn": Way(
        "Rotation",
        "the rotation of the true points against their mean shape, clockwise positive",
        "°",
        "clockwise rotation (degrees)",
        "rotated farther, either way,",
        1,
    ),
    "brightness": Way(
        "Brightness",
        "the mean luminance of the image, 0 is black and 255 white",
        "of 255",
        "mean luminance of the image (0 to 255)",
        "brighter",
    ),
    "group": Way("Group", "group, one person or video"),
    "shape": Way("Over the mean shape", ""),
}

#: What of the ways is measured on the true points.
_MEASURED = {"place": failures.off_center, "size": failures.box_extent, "turn": failures.rotation}


def show(
    dataset: Dataset | None,
    bench: Bench,
    split: str,
    state: PointsState,
    originals: np.ndarray,
    only: Only,
    *,
    key: str,
) -> None:
    """Show where the errors are large.

    Parameters
    ----------
    dataset : Dataset, optional
        What the images are of; None if it changed since, then only what the predictions know is told.
    bench : Bench
    split : str
    state : PointsState
    originals : ndarray of str, shape (N,)
        Name of each image.
    only : Only
        Is told which images to show in the gallery.
    key : str
    """
    off, base = state.errors(bench), state.baseline_errors(bench)
    if state.point is not None:
        off, base = off[:, [state.point]], base[:, [state.point]]
    ways = _ways(dataset, bench, off, key)
    widget = f"fail-by-{key}"
    if st.session_state.get(widget) not in ways:
        st.session_state.pop(widget, None)  # another point or another state of the dataset allows others
    way = st.segmented_control(
        "Divide the images",
        ways,
        default=ways[0],
        required=True,
        format_func=guard.letters(lambda one: WAYS[one].title),
        key=widget,
        on_change=forget,
    )
    if way == "shape":
        bias.show(bench, state, key=key)
        return
    values: np.ndarray | None = None
    if way == "group":
        parts, note, compared = _groups(dataset, bench, off)
    else:
        values = _values(way, dataset, bench, key)
        if values is None:
            return
        parts, note, compared = _quarters(way, values), "", 0
    if len(parts) < 2:
        st.info("All images are equally bright: there is nothing to divide them by.", icon=":material/info:")
        return
    table = _table(key, state.norm.kind, state.point, way, _id(dataset), off, base, bench.groups, parts, compared)
    _slices(table, parts, split, state, way, note, only, f"{way}-{state.norm.kind}-{state.point}-{key}")
    if values is not None:
        _scatter(values, off, bench, state, way, originals, f"{way}-{state.norm.kind}-{state.point}-{key}")


def chosen_way(key: str) -> str | None:
    """Return how `show` divides the images."""
    way: str | None = st.session_state.get(f"fail-by-{key}")
    return way


def _ways(dataset: Dataset | None, bench: Bench, off: np.ndarray, key: str) -> list[str]:
    """Return the ways to divide these images that leave at least two slices; brightness is measured when asked for."""
    measured = [way for way in _MEASURED if len(_quarters(way, _measured(key, way, bench))) > 1]
    of_dataset = ["brightness", *(["group"] if len(_groups(dataset, bench, off)[0]) > 1 else [])] if dataset else []
    return [*measured, *of_dataset, "shape"]


def _quarters(way: str, values: np.ndarray) -> list[Slice]:
    return slices.by_quarters(values, WAYS[way].unit, WAYS[way].digits)


def _id(dataset: Dataset | None) -> str:
    return dataset.revision if dataset else ""


def _values(way: str, dataset: Dataset | None, bench: Bench, key: str) -> np.ndarray | None:
    """Return what the images are divided by, (N,); None where it must be measured first, which is said."""
    if way != "brightness":
        return _measured(key, way, bench)
    if dataset is None:
        return None
    values = brightness.values(dataset, key=f"fail-{key}")
    return None if values is None else values[bench.items].astype(np.float64)


@st.cache_resource(max_entries=64, show_spinner=False)
def _measured(key: str, way: str, _bench: Bench) -> np.ndarray:
    return _MEASURED[way](_bench)


def _groups(dataset: Dataset | None, bench: Bench, off: np.ndarray) -> tuple[list[Slice], str, int]:
    """Return a slice for each of the worst groups, what there is to know of them, and of how many they are."""
    if dataset is None:
        return [], "", 0
    total, count = failures.sums(off)
    return shared.groups(dataset, bench.items, -total, count)


@st.cache_resource(max_entries=64, show_spinner=False)
def _table(
    key: str,
    norm: str,
    point: int | None,
    way: str,
    revision: str,
    _off: np.ndarray,
    _base: np.ndarray,
    _groups: np.ndarray,
    _parts: list[Slice],
    _compared: int,
) -> Table:
    return failures.table(_off, _base, _groups, _parts, compared=_compared)


def _slices(
    table: Table, parts: list[Slice], split: str, state: PointsState, way: str, note: str, only: Only, key: str
) -> None:
    whole, unit = table.whole, state.norm.unit
    if np.isnan(whole.number.value):
        st.info("No point is labeled in these images.", icon=":material/info:")
        return
    number = Number(f"mean error ({unit})", "mean shape", larger_is_better=False, unit=unit)
    st.markdown(
        f"On {words.images(whole.images, split)} the mean error is **{three_digits(whole.number.value)}** "
        f"{guard.escape(state.words)}; divided by {WAYS[way].how}. {shared.clear_words(table, number)} "
        f"{note if way == 'group' else ''}"
    )
    differs = "the slice differs from all other images by more than both may vary"
    shared.figure(table, number, differs, key=f"fail-slices-{key}", from_zero=True)
    helps = {
        "images": "With a labeled point.",
        f"difference ({unit})": "From the mean error of all images.",
        "clear?": f"Clear where it differs from all other images by more than both may vary. Not defined: fewer than "
        f"{failures.FEWEST} groups in one of them, or what is left after the worst were picked.",
        f"mean shape ({unit})": "Mean error of always saying the mean shape, on the same points.",
    }
    st.caption("Choose a row to see only its images below.")
    asked = [Chosen(part.rows, f"{WAYS[way].title.lower()} {guard.escape(part.name)}") for part in parts]
    only.table(shared.frame(table, number), key=f"fail-table-{key}", helps=helps, pinned="slice", asked=asked)


def _scatter(
    values: np.ndarray, off: np.ndarray, bench: Bench, state: PointsState, way: str, originals: np.ndarray, key: str
) -> None:
    errors = points_bench.per_image(off)
    amount = np.abs(values) if way == "turn" else values
    there = np.isfinite(errors) & np.isfinite(values)
    if there.sum() < 3:
        return
    rho = _correlation(f"{key}-{hash(bench.groups.tobytes())}", amount, errors, bench.groups)
    if sentence := _correlation_sentence(rho, WAYS[way].rises):
        st.markdown(sentence)
    figure = figures_fail.scatter(
        values[there],
        errors[there],
        originals[there].astype(str),
        x_title=WAYS[way].axis,
        y_title=f"error of the image ({state.norm.unit})",
    )
    chart(figure, key=f"fail-scatter-{key}", alt=f"Error of each image against {WAYS[way].title.lower()}")


@st.cache_resource(max_entries=64, show_spinner=False)
def _correlation(key: str, _values: np.ndarray, _errors: np.ndarray, _groups: np.ndarray) -> Interval:
    return correlation.correlation(_values, _errors, _groups)


def _correlation_sentence(rho: Interval, rises: str) -> str:
    verdict = intervals.judged(rho)
    if verdict == intervals.UNKNOWN:
        return ""
    head = f"Rank correlation with the error **{_signed(rho.value)}**"
    if not rho.is_defined:
        return f"{head} (Spearman): too few images to tell it from chance."
    between = f"Spearman, 95 % interval {rho.words(_signed)}"
    if verdict not in (intervals.BETTER, intervals.WORSE):
        return f"{head} ({between}): it may be chance."
    larger = "larger" if verdict == intervals.BETTER else "smaller"
    return f"{head} ({between}): images {rises} have {larger} errors, more than by chance."
