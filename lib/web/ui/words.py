"""Counts of images in words, and tables of numbers, for the tabs of the Analyze page."""

from __future__ import annotations

from collections.abc import Mapping

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


def table(
    frame: pd.DataFrame, *, key: str, digits: int | None, helps: Mapping[str, str] | None = None, pinned: str = ""
) -> None:
    """Show a table of numbers, NaN as empty cells; ``helps`` says what columns mean.

    ``digits`` are those after the point; with None three significant ones are shown, whatever the unit.
    """
    floats = set(frame.select_dtypes("floating").columns)
    helps = helps or {}
    config = {
        name: st.column_config.NumberColumn(format="%.3g" if digits is None else f"%.{digits}f", help=helps.get(name))
        if name in floats
        else st.column_config.Column(help=helps.get(name), pinned=name == pinned or None)
        for name in frame.columns
    }
    height = min(_MOST, 3 + _ROW * (len(frame) + 1))
    st.dataframe(frame, hide_index=True, column_config=config, key=key, height=height, placeholder="")
