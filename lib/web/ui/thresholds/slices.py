"""Slices of the images (number of labels, size, brightness, group) on which the model is worse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.evaluation import slices
from lib.evaluation.calibration import SOFTMAX
from lib.evaluation.slices import Slice, Table
from lib.metrics import decisions
from lib.metrics.decisions import Decisions
from lib.web.charts import slices as figures_slices
from lib.web.components.chart import chart
from lib.web.ui import guard, words
from lib.web.ui.analyze import brightness

_NAMED = 3  # slices in a sentence
_WAYS = {"labels": "Number of labels", "size": "Size", "brightness": "Brightness", "group": "Group"}
_HOW = {
    "labels": "by how many labels an image has",
    "size": "by the longer side of the picture, in quarters from the smallest to the largest",
    "brightness": "by the mean luminance of the picture, 0 is black and 255 white, in quarters from dark to bright",
    "group": "by group (one person or video)",
}


def show(
    dataset: Dataset | None, decided: Decisions, split: str, thresh: np.ndarray, label: int | None, *, key: str
) -> None:
    """Show the numbers of parts of the images beside those of all, and which differences are more than chance.

    Parameters
    ----------
    dataset : Dataset, optional
        What the images are of; None if it changed since, then only what the predictions know is told.
    decided : Decisions
    split : str
        Name of the split they are of.
    thresh : ndarray of float32, shape (C,)
    label : int, optional
        Which label to look at; None for all together.
    key : str
        Names the run and the version of its predictions: what is worked out is kept under it.
    """
    way = st.segmented_control(
        "Divide the images",
        list(_WAYS),
        default="labels",
        required=True,
        format_func=_WAYS.__getitem__,
        key=f"slices-by-{key}",
    )
    parts, note, compared = _parts(way, dataset, decided, thresh, label, key)
    if parts is None:
        return
    if len(parts) < 2:
        st.info(f"Slices {_HOW[way]} are not defined, because {guard.escape(note)}.", icon=":material/info:")
        return
    revision = dataset.revision if dataset else ""
    table = _table(key, split, thresh.tobytes(), label, way, revision, decided, thresh, parts, compared)
    title, baseline = _titles(decided, label)
    st.markdown(_sentence(table, decided, split, title, way, note))
    st.caption(
        "Bars are simultaneous 95 % intervals over all slices, clustered by group. A dot is filled where its bar does "
        f"not cross the line of all images. The gray mark is “{guard.escape(baseline)}” on the same images: where it "
        "moves, slices are not equally hard."
    )
    figure = figures_slices.slices(table.whole, table.rows, "accuracy", title, baseline, ".3f")
    chart(figure, key=f"slices-{way}-{key}", alt=f"{title} of each slice with its interval")
    _numbers(table, title, baseline, f"{way}-{key}")


def _parts(
    way: str, dataset: Dataset | None, decided: Decisions, thresh: np.ndarray, label: int | None, key: str
) -> tuple[list[Slice] | None, str, int]:
    """Return the slices, a note (why there are none, or what there is to know of them), and of how many they are.

    None instead of slices: it is said already what is missing.
    """
    if way == "labels":
        only = "every image has exactly one class" if decided.activation == SOFTMAX else "every image has equally many"
        return slices.by_labels(decided.truth), only, 0
    if dataset is None:
        return [], "the dataset changed after this training, and its pictures may be others: train again", 0
    if way == "size":
        longer = dataset.sizes[decided.items].max(axis=1)
        same = f"every picture is {longer.max(initial=0):,.0f} px long"
        return slices.by_quarters(longer, "px"), same, 0
    if way == "brightness":
        return *_bright(dataset, decided, key), 0
    names = dataset.items["group"].to_numpy()[decided.items].astype(str)
    subset = decided if label is None else slices.of_label(decided, label)
    cuts = thresh if label is None else thresh[[label]]
    good, total = slices.correct_counts(decisions.predicted(subset, cuts), subset.truth, decided.activation)
    worst_groups, compared = slices.by_group(names, good, total)
    if not compared:
        few = f"no group has {slices.FEWEST} images or more" if (names != "").any() else "the images have no groups"
        return [], few, 0
    if len(worst_groups) < 2:
        return [], "there is only one group", 0
    which = f"the worst {slices.WORST} of {compared:,}" if compared > slices.WORST else f"all {compared:,}"
    return worst_groups, f"Shown are {which} groups with at least {slices.FEWEST} images.", compared


def _bright(dataset: Dataset, decided: Decisions, key: str) -> tuple[list[Slice] | None, str]:
    values = brightness.values(dataset, key=key)
    if values is None:
        return None, ""
    return slices.by_quarters(values[decided.items], "of 255"), "every picture is equally bright"


def _titles(decided: Decisions, label: int | None) -> tuple[str, str]:
    """Return what accuracy and baseline are called."""
    if label is not None:
        return f"share of images right about {decided.names[label]}", "never predict it"
    if decided.activation == SOFTMAX:
        return "share of images that are right", "always the most frequent class"
    return "accuracy_multi", "predict nothing"


def _sentence(table: Table, decided: Decisions, split: str, title: str, way: str, note: str) -> str:
    sides = {
        word: [guard.escape(row.name) for row in table.rows if row.clear and (row.difference > 0) == (word == "better")]
        for word in ("worse", "better")
    }
    clear = [f"clearly **{word}** on {sentences.joined(names, _NAMED)}" for word, names in sides.items() if names]
    verdict = f"It is {' and '.join(clear)}." if clear else "No slice is clearly different: what is seen may be chance."
    return (
        f"On {words.images(len(decided), split)} {guard.escape(title)} is **{table.whole.accuracy:.3f}**; divided "
        f"{_HOW[way]}. {verdict} {note if way == 'group' else ''}"
    )


def _numbers(table: Table, title: str, baseline: str, key: str) -> None:
    rows = [
        {
            "slice": row.name,
            "images": row.images,
            title: row.accuracy,
            "from": row.low,
            "to": row.high,
            "difference": row.difference,
            "clear?": {True: "yes", False: "no", None: "not defined"}[row.clear] if row is not table.whole else "",
            baseline: row.baseline,
            "micro F1": row.f1_micro,
            "predicted per image": row.predicted_per_image,
        }
        for row in (table.whole, *table.rows)
    ]
    helps = {
        "difference": "From that of all images.",
        "clear?": "yes: the interval leaves the value of all images out. not defined: too few images for an interval.",
        baseline: "What a trivial predictor reaches on the same images.",
        "micro F1": "Empty: not defined, nothing is labeled or predicted.",
    }
    words.table(pd.DataFrame(rows), key=f"slices-table-{key}", digits=3, helps=helps)


@st.cache_resource(max_entries=64, show_spinner=False)
def _table(
    key: str,
    split: str,
    thresh: bytes,
    label: int | None,
    way: str,
    revision: str,
    _decided: Decisions,
    _thresh: np.ndarray,
    _parts: list[Slice],
    _compared: int,
) -> Table:
    if label is None:
        return slices.table(_decided, _thresh, _parts, compared=_compared)
    return slices.table(slices.of_label(_decided, label), _thresh[[label]], _parts, compared=_compared)
