"""Confusion of labels: misses, false alarms, and labels predicted where another one is true."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from lib.evaluation import confusion
from lib.evaluation.calibration import SOFTMAX
from lib.evaluation.confusion import Pairs
from lib.metrics import decisions
from lib.metrics.decisions import Decisions
from lib.web.charts import confusion as figures_confusion
from lib.web.components.chart import chart, to_json
from lib.web.ui import guard, words

_MOST = 30


class _Confused(NamedTuple):
    per_label: np.ndarray
    pairs: Pairs
    figure: str


def show(decided: Decisions, split: str, thresh: np.ndarray, label: int | None, *, key: str) -> None:
    """Show what thresholds get wrong: yes and no of each label, and which label where which other one is true.

    Parameters
    ----------
    decided : Decisions
    split : str
        Name of the split they are of.
    thresh : ndarray of float32, shape (C,)
    label : int, optional
        Which label to look at; None for all together.
    key : str
        Names the run and the version of its predictions: what is worked out is kept under it.
    """
    if not decided.known.any():
        st.info(f"Confusions are not defined, because nothing is known of {words.images(len(decided), split)}.")
        return
    confused = _confused(key, split, thresh.tobytes(), label, decided, thresh)
    _one(decided, split, confused.per_label, label, key)
    if len(decided.names) > 1:
        _several(decided, confused, label, key)
    with st.expander("Each label", icon=":material/table_rows:"):
        _each(decided, confused.per_label, key)


def _one(decided: Decisions, split: str, tables: np.ndarray, label: int | None, key: str) -> None:
    """Show the 2 x 2 of one label, or of all labels together."""
    table = tables.sum(axis=0) if label is None else tables[label]
    (left_out, alarms), (misses, hits) = table.tolist()
    who, it = "present labels", "a label"
    if label is not None:
        who, it = f"images with **{guard.escape(decided.names[label])}**", "it"
    st.markdown(
        f"On {words.images(len(decided), split)}, **{hits:,}** of the {hits + misses:,} {who} are found, and "
        f"**{hits:,}** of {hits + alarms:,} predictions are right; {left_out:,} times {it} is rightly not predicted."
    )
    place, _ = st.columns([2, 1])
    with place:
        alt = f"Hits {hits}, misses {misses}, false alarms {alarms}, true negatives {left_out}"
        chart(figures_confusion.two_by_two(table), key=f"two-by-two-{key}", alt=alt)


def _several(decided: Decisions, confused: _Confused, label: int | None, key: str) -> None:
    """Show which label is predicted where which other one is true."""
    st.markdown("**Predicted where another one is true**")
    pairs, names = confused.pairs, decided.names
    if not len(pairs.images):
        of = "" if label is None else f" of {guard.escape(names[label])}"
        st.markdown(f"No false alarm{of} stands on an image that has another label.")
    else:
        b, a = (guard.escape(names[int(side[0])]) for side in (pairs.true, pairs.predicted))
        st.markdown(
            f"Most often **{a}** is predicted, and not true, where **{b}** is true: on {pairs.images[0]:,} images, "
            f"{_percent(pairs.share[0])} of those with {b}. Of all images without {a} it is "
            f"{_percent(pairs.usual[0])}: the nearer the two, the less {b} has to do with it."
        )
    if len(names) <= figures_confusion.READABLE:
        several = "" if decided.activation == SOFTMAX else " An image may have several: rows do not add up to 100 %."
        st.caption(
            "Rows: images that have the label. Diagonal, blue: how many of them are found (recall). Elsewhere, "
            "orange, on a scale of its own: in how many of them the column's label is predicted and not true. Empty is "
            f"none, a dash is not defined: no image has the label.{several}"
        )
    elif len(pairs.images):
        st.caption(f"The {len(pairs.images)} most frequent of {len(names):,} × {len(names) - 1:,} pairs.")
    if len(names) <= figures_confusion.READABLE or len(pairs.images):
        chart(confused.figure, key=f"instead-{key}", alt="Which label is predicted where which other one is true")
    if len(pairs.images):
        _pairs(pairs, names, key)


def _pairs(pairs: Pairs, names: tuple[str, ...], key: str) -> None:
    table = pd.DataFrame(
        {
            "predicted, not true": [names[a] for a in pairs.predicted],
            "where this is true": [names[b] for b in pairs.true],
            "images": pairs.images,
            "of images with it (%)": 100 * pairs.share,
            "of all without the predicted (%)": 100 * pairs.usual,
        }
    )
    helps = {"of all without the predicted (%)": "How often it is a false alarm anyway, whatever else is in the image."}
    words.table(table, key=f"pairs-{key}", digits=1, helps=helps)


def _each(decided: Decisions, tables: np.ndarray, key: str) -> None:
    frame = pd.DataFrame(
        {
            "label": list(decided.names),
            "hits (TP)": tables[:, 1, 1],
            "misses (FN)": tables[:, 1, 0],
            "false alarms (FP)": tables[:, 0, 1],
            "true negatives (TN)": tables[:, 0, 0],
        }
    )
    words.table(frame, key=f"two-by-twos-{key}", digits=0)


def _percent(share: float) -> str:
    return "not defined" if np.isnan(share) else f"{100 * share:.3g} %"


@st.cache_resource(max_entries=32, show_spinner=False)
def _confused(
    key: str, split: str, thresh: bytes, label: int | None, _decided: Decisions, _thresh: np.ndarray
) -> _Confused:
    predicted, truth = decisions.predicted(_decided, _thresh), _decided.truth
    table = confusion.predicted_instead(predicted, truth)
    asked = table
    if label is not None:
        asked = np.zeros_like(table)
        asked[label], asked[:, label] = table[label], table[:, label]
    pairs = confusion.pairs(asked, predicted, truth, _MOST)
    if len(_decided.names) <= figures_confusion.READABLE:
        figure = figures_confusion.instead(confusion.shares(table, truth), table, _decided.names)
    else:
        figure = figures_confusion.pairs(pairs, _decided.names)
    return _Confused(confusion.per_label(predicted, truth), pairs, to_json(figure))
