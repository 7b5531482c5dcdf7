"""Slices of the images on a page, the same for labels and for points: sentence, figure and table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.evaluation import slices
from lib.evaluation.slices import Row, Slice, Table
from lib.web.charts import slices as figures
from lib.web.components.chart import chart
from lib.web.ui import guard

_NAMED = 3  # slices in a sentence


@dataclass(frozen=True)
class Number:
    """What is told of each slice.

    Attributes
    ----------
    title : str
        On axis and column, with its unit if it has one.
    baseline : str
        What its baseline is called.
    larger_is_better : bool
    unit : str
    form : str
        How it is written in the figure.
    """

    title: str
    baseline: str
    larger_is_better: bool
    unit: str = ""
    form: str = ".3g"

    def head(self, name: str) -> str:
        """Return a column's head: ``name`` with the unit."""
        return f"{name} ({self.unit})" if self.unit else name

    def side(self, row: Row) -> str:
        """Return on which side of all images a slice is."""
        return "better" if (row.difference > 0) == self.larger_is_better else "worse"


def groups(dataset: Dataset, items: np.ndarray, right: np.ndarray, known: np.ndarray) -> tuple[list[Slice], str, int]:
    """Return a slice for each of the worst groups, what there is to know of them, and of how many they are.

    Parameters
    ----------
    dataset : Dataset
    items : ndarray of int, shape (N,)
        Rows of it.
    right, known
        As in `lib.evaluation.slices.by_group`.
    """
    names = dataset.items["group"].to_numpy()[items].astype(str)
    parts, compared = slices.by_group(names, right, known)
    if not compared:
        few = f"no group has {slices.FEWEST} images or more" if (names != "").any() else "the images have no groups"
        return [], few, 0
    if len(parts) < 2:
        return [], "there is only one group", 0
    which = f"the worst {slices.WORST} of {compared:,}" if compared > slices.WORST else f"all {compared:,}"
    return parts, f"Shown are {which} groups with at least {slices.FEWEST} images.", compared


def clear_words(table: Table, number: Number) -> str:
    """Return which slices are clearly worse or better, as Markdown."""
    sides = {
        side: [guard.escape(row.name) for row in table.rows if row.clear and number.side(row) == side]
        for side in ("worse", "better")
    }
    clear = [f"clearly **{side}** on {sentences.joined(names, _NAMED)}" for side, names in sides.items() if names]
    return f"It is {' and '.join(clear)}." if clear else "No slice is clearly different: what is seen may be chance."


def figure(table: Table, number: Number, clear: str, *, key: str, from_zero: bool = False) -> None:
    """Draw the slices with their intervals; ``clear`` says where a dot is filled."""
    st.caption(
        "Bars are simultaneous 95 % intervals over all slices, clustered by group. A dot is filled where "
        f"{clear}. The gray mark is “{guard.escape(number.baseline)}” on the same images: where it moves, slices are "
        "not equally hard."
    )
    drawn = figures.slices(table, number.title, number.baseline, number.form)
    if from_zero:
        drawn.update_xaxes(rangemode="tozero")
    chart(drawn, key=key, alt=f"{number.title} of each slice with its interval")


def frame(table: Table, number: Number) -> pd.DataFrame:
    """Return one row a slice, NaN where a number is not defined."""
    head = number.head
    return pd.DataFrame(
        {
            "slice": row.name,
            "images": row.images,
            number.title: row.number.value,
            head("from"): row.number.low,
            head("to"): row.number.high,
            head("difference"): row.difference,
            "clear?": {True: number.side(row), False: "may be chance", None: "not defined"}[row.clear],
            head(number.baseline): row.baseline,
            **row.more,
        }
        for row in table.rows
    )
