"""Slices of the images (number of labels, size, brightness, group) on which the model is worse."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation import slices
from lib.evaluation.calibration import SOFTMAX
from lib.evaluation.slices import Slice, Table
from lib.metrics import decisions
from lib.metrics.decisions import Decisions
from lib.web.ui import guard, words
from lib.web.ui.analyze import brightness
from lib.web.ui.analyze import slices as shared
from lib.web.ui.analyze.slices import Number

_MORE = {"f1_micro": "micro F1", "predicted_per_image": "predicted per image"}
_WAYS = {"labels": "Number of labels", "size": "Size", "brightness": "Brightness", "group": "Group"}
_HOW = {
    "labels": "by how many labels an image has",
    "size": "by the longer side of the image, in quarters from the smallest to the largest",
    "brightness": "by the mean luminance of the image, 0 is black and 255 white, in quarters from dark to bright",
    "group": "by group (one person or video)",
}


def show(
    dataset: Dataset | None, decided: Decisions, split: str, thresh: np.ndarray, label: int | None, *, key: str
) -> str | None:
    """Show the numbers of parts of the images beside those of all, and which differences are more than chance.

    Returns how the images are divided, as `lib.tasks.code.panels` calls it; None where they are not.

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
        return None
    if len(parts) < 2:
        st.info(f"Slices {_HOW[way]} are not defined, because {guard.escape(note)}.", icon=":material/info:")
        return None
    revision = dataset.revision if dataset else ""
    table = _table(key, split, thresh.tobytes(), label, way, revision, decided, thresh, parts, compared)
    number = Number(*_titles(decided, label), larger_is_better=True, form=".3f")
    st.markdown(
        f"On {words.images(len(decided), split)} {guard.escape(number.title)} is **{table.whole.number.value:.3f}**; "
        f"divided {_HOW[way]}. {shared.clear_words(table, number)} {note if way == 'group' else ''}"
    )
    shared.figure(table, number, "its bar leaves the line of all images out", key=f"slices-{way}-{key}")
    _numbers(table, number, f"{way}-{key}")
    return f"many {way}" if way == "labels" and slices.has_many(decided.truth) else way


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
        return [], "the dataset changed after this training, and its images may be others: train again", 0
    if way == "size":
        longer = dataset.sizes[decided.items].max(axis=1)
        same = f"every image is {longer.max(initial=0):,.0f} px long"
        return slices.by_quarters(longer, "px"), same, 0
    if way == "brightness":
        return *_bright(dataset, decided, key), 0
    subset = decided if label is None else slices.of_label(decided, label)
    threshs = thresh if label is None else thresh[[label]]
    good, total = slices.correct_counts(decisions.predicted(subset, threshs), subset.truth, decided.activation)
    return shared.groups(dataset, decided.items, good, total)


def _bright(dataset: Dataset, decided: Decisions, key: str) -> tuple[list[Slice] | None, str]:
    values = brightness.values(dataset, key=key)
    if values is None:
        return None, ""
    return slices.by_quarters(values[decided.items], "of 255"), "every image is equally bright"


def _titles(decided: Decisions, label: int | None) -> tuple[str, str]:
    """Return what accuracy and baseline are called."""
    if label is not None:
        return f"share of images right about {decided.names[label]}", "never predict it"
    if decided.activation == SOFTMAX:
        return "share of images that are right", "always the most frequent class"
    return "accuracy_multi", "predict nothing"


def _numbers(table: Table, number: Number, key: str) -> None:
    frame = shared.frame(Table(table.whole, [table.whole, *table.rows]), number).rename(columns=_MORE)
    frame.loc[0, "clear?"] = ""
    helps = {
        "difference": "From that of all images.",
        "clear?": "Clear where the interval leaves the value of all images out. Not defined: too few images for an "
        "interval.",
        number.baseline: "What a trivial predictor reaches on the same images.",
        "micro F1": "Empty: not defined, nothing is labeled or predicted.",
    }
    words.table(frame, key=f"slices-table-{key}", digits=3, helps=helps)


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
