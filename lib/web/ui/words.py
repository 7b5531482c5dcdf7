"""Counts of images in words, and tables of numbers, for the tabs of the Analyze page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from lib.core import sentences

_SPLITS = {"valid": "validation"}
_ROW, _MOST = 35, 520  # pixels


def images(count: int, split: str) -> str:
    """Return how many images of which split, in words.

    Examples
    --------
    >>> images(1, "test"), images(1200, "valid")
    ('1 test image', '1,200 validation images')
    """
    return sentences.count(count, f"{_SPLITS.get(split, split)} image")


def whose(split: str) -> str:
    """Return what images of a split are called.

    Examples
    --------
    >>> whose("test"), whose("valid")
    ('test', 'validation')
    """
    return _SPLITS.get(split, split)


def table(
    frame: pd.DataFrame, *, key: str, digits: int | None, helps: Mapping[str, str] | None = None, pinned: str = ""
) -> None:
    """Show a table of numbers, NaN as empty cells; ``helps`` says what columns mean.

    ``digits`` are those after the point; with None three significant ones are shown, whatever the unit.
    """
    height = min(_MOST, 3 + _ROW * (len(frame) + 1))
    config = _columns(frame, digits, helps or {}, pinned)
    st.dataframe(frame, hide_index=True, column_config=config, key=key, height=height, placeholder="")


def rows(
    frame: pd.DataFrame,
    *,
    key: str,
    row: int | None,
    on_choose: Callable[[int | None], None],
    digits: int,
    helps: Mapping[str, str],
    pinned: str = "",
    height: int = _MOST,
) -> None:
    """Show a `table` of which a row can be chosen by a click at its left, and let go of by another.

    Parameters
    ----------
    frame, key, digits, helps, pinned
        As in `table`.
    row : int or None
        Which one is chosen.
    on_choose : callable
        Called, as a callback, with the row that was chosen, None where one was let go of.
    height : int
        Pixels, at most.
    """
    # A table keeps the row that was clicked, and Streamlit lets nobody else choose another: where one was chosen
    # elsewhere it is a new table.
    count = st.session_state.setdefault(f"{key}-count", 0)
    kept = st.session_state.get(f"{key}-{count}")
    if kept is not None and kept.selection.rows != ([] if row is None else [row]):
        count = st.session_state[f"{key}-count"] = count + 1

    def clicked() -> None:
        chosen = st.session_state[f"{key}-{count}"].selection.rows
        on_choose(chosen[0] if chosen else None)

    st.dataframe(
        frame,
        hide_index=True,
        column_config=_columns(frame, digits, helps, pinned),
        key=f"{key}-{count}",
        height=min(height, 3 + _ROW * (len(frame) + 1)),
        placeholder="",
        on_select=clicked,
        selection_mode="single-row",
        selection_default=None if row is None else {"selection": {"rows": [row]}},
    )


def _columns(frame: pd.DataFrame, digits: int | None, helps: Mapping[str, str], pinned: str) -> dict[str, Any]:
    floats = set(frame.select_dtypes("floating").columns)
    return {
        name: st.column_config.NumberColumn(format="%.3g" if digits is None else f"%.{digits}f", help=helps.get(name))
        if name in floats
        else st.column_config.Column(help=helps.get(name), pinned=name == pinned or None)
        for name in frame.columns
    }
