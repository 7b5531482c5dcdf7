"""Which images are shown: by split, by label, by file name; the choice is kept in the address."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from lib.data.dataset import Dataset

_ALL = "all"
_OF = "filters_of"  # name of the dataset that the filters were set for


def rows(dataset: Dataset, labels: pd.DataFrame | None) -> np.ndarray:
    """Show the filters and return the row numbers they leave, in order.

    Parameters
    ----------
    dataset : Dataset
    labels : pandas.DataFrame, optional
        The one-hot matrix, row for row with the dataset's items, NaN where nobody knows: such an image neither has the
        label nor is it without. Without the matrix there is no filter by label.
    """
    if st.session_state.setdefault(_OF, dataset.name) != dataset.name:  # labels of one are none of another
        st.session_state[_OF] = dataset.name
        clear()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="filters"):
        split = st.segmented_control(
            "Split",
            [_ALL, *dataset.splits()],
            default=_ALL,
            required=True,
            key="split",
            bind="query-params",
            on_change=_first_page,
        )
        has, bare = _labels(labels) if labels is not None else ([], False)
        find = st.text_input(
            "File name has",
            key="find",
            bind="query-params",
            placeholder="any",
            width=180,
            on_change=_first_page,
        )
    keep = np.ones(len(dataset), dtype=bool)
    if split != _ALL:
        keep &= (dataset.items["split"] == split).to_numpy()
    if has:
        keep &= (labels[has] == 1).all(axis=1).to_numpy()
    if bare:
        keep &= (labels == 0).all(axis=1).to_numpy()
    if find:
        keep &= dataset.items["original"].str.contains(find, case=False, regex=False).to_numpy()
    return np.flatnonzero(keep)


def clear() -> None:
    """Take every filter back; a callback, or called before the filters are shown."""
    st.session_state.update({"split": _ALL, "has": [], "bare": False, "find": ""})
    _first_page()


def _labels(labels: pd.DataFrame) -> tuple[Sequence[str], bool]:
    has = st.multiselect(
        "Has all of these labels",
        list(labels.columns),
        key="has",
        bind="query-params",
        placeholder="any label",
        width=320,
        on_change=_first_page,
    )
    bare = False
    if (labels == 0).all(axis=1).any():
        bare = st.toggle(
            "No label", key="bare", bind="query-params", help="Only images without any label.", on_change=_first_page
        )
    return has, bare


def _first_page() -> None:
    st.session_state["page"] = 1
