"""What the model is asked to predict: the one-hot matrix, or the table of points or numbers, row for row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lib.data.dataset import Dataset

#: Cells up to which each is coloured; pandas' Styler takes about 20 microseconds a cell.
COLOURED_CELLS = 60_000
_ONE = "background-color: rgba(43,131,198,.30); font-weight: 700"
_ZERO = "color: rgba(128,138,145,.75)"


def show(dataset: Dataset, matrix: pd.DataFrame, rows: np.ndarray, *, one_hot: bool) -> None:
    """Show ``rows`` of ``matrix``, one row an image, with file name and split.

    Parameters
    ----------
    dataset : Dataset
    matrix : pandas.DataFrame
        Row for row with the dataset's items.
    rows : ndarray of int
        Rows to show.
    one_hot : bool
        Whether it holds 0 and 1 only, and NaN where nobody knows, which are then told apart at a glance.
    """
    table = with_names(dataset, matrix, rows)
    count = f"{len(table):,} images by {matrix.shape[1]:,} columns"
    if one_hot:
        ones, known = int((table.to_numpy() == 1).sum()), int(table.notna().to_numpy().sum())
        share = f"{100 * ones / known:.3g} %" if known else "none"
        empty, cells = (", empty: nobody knows", "known cells") if known < table.size else ("", "cells")
        st.caption(
            f"{count}. 1: the image has the label, 0: it has not{empty}. Ones: {ones:,} ({share} of the {cells})."
        )
    else:
        st.caption(f"{count}.")
    config = {"file": st.column_config.Column(width="medium")}
    width, form = ("small", "%d") if one_hot else (None, None)
    config |= {name: st.column_config.NumberColumn(width=width, format=form) for name in matrix.columns}
    shown = _coloured(table) if one_hot else table
    st.dataframe(shown, column_config=config, height=520, key="matrix", placeholder="")
    st.download_button(
        "Download as CSV",
        lambda: (table.astype("Int8") if one_hot else table).to_csv().encode(),
        f"{dataset.name}-targets.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def with_names(dataset: Dataset, matrix: pd.DataFrame, rows: np.ndarray) -> pd.DataFrame:
    """Return ``rows`` of ``matrix`` under (file, split): an index, because a label may be called "file" too."""
    items = dataset.items.iloc[rows]
    index = pd.MultiIndex.from_arrays([items["original"], items["split"]], names=["file", "split"])
    return matrix.iloc[rows].set_axis(index, axis=0)


def _coloured(table: pd.DataFrame) -> pd.DataFrame | pd.io.formats.style.Styler:
    if table.size > COLOURED_CELLS or not table.index.is_unique or not table.columns.is_unique:
        return table
    return table.style.format(precision=0, na_rep="").apply(lambda part: np.where(part == 1, _ONE, _ZERO), axis=None)
