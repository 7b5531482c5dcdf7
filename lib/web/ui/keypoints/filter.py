"""The images that a section of the keypoint bench asks for: a slice, images with swapped pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences

_CHOSEN, _CLEARED = "points-only", "points-only-cleared"
_ROW, _MOST = 35, 420  # pixels


@dataclass(frozen=True)
class Chosen:
    """What is asked for: which images, bool (N,), and which they are, as Markdown."""

    rows: np.ndarray
    words: str


@dataclass(frozen=True)
class Only:
    """A section's wish, kept in the session; it holds as long as the predictions are the same.

    Attributes
    ----------
    key : str
        Names the predictions.
    section : str
        Its title.
    """

    key: str
    section: str

    def these(self, rows: np.ndarray, words: str) -> None:
        """Ask, in a callback, for the images of ``rows``."""
        st.session_state[_CHOSEN] = (self, Chosen(rows, words))

    def table(self, frame: pd.DataFrame, *, key: str, helps: dict[str, str], pinned: str, asked: list[Chosen]) -> None:
        """Show a table of which a chosen row asks for the images in ``asked``, one for each row; NaN is empty."""
        config = {
            name: st.column_config.NumberColumn(format="%.3g", help=helps.get(name))
            if name in set(frame.select_dtypes("floating").columns)
            else st.column_config.Column(help=helps.get(name), pinned=name == pinned or None)
            for name in frame.columns
        }
        widget = f"{key}-{st.session_state.get(_CLEARED, 0)}"

        def chosen() -> None:
            rows = st.session_state[widget].selection.rows
            if rows and rows[0] < len(asked) and asked[rows[0]].rows.any():
                self.these(asked[rows[0]].rows, asked[rows[0]].words)
            else:
                forget()

        st.dataframe(
            frame,
            hide_index=True,
            column_config=config,
            key=widget,
            height=min(_MOST, 3 + _ROW * (len(frame) + 1)),
            placeholder="",
            on_select=chosen,
            selection_mode="single-row",
        )


def current(only: Only) -> Chosen | None:
    """Return what was asked for by ``only``, None where that is nothing."""
    asker, chosen = st.session_state.get(_CHOSEN, (None, None))
    return chosen if asker == only else None


def forget() -> None:
    """Show all images again; what was chosen in a table is not any more."""
    if st.session_state.pop(_CHOSEN, None) is not None:
        st.session_state[_CLEARED] = st.session_state.get(_CLEARED, 0) + 1


def line(chosen: Chosen, *, key: str) -> None:
    """Say that only some images are shown, and let all be shown again."""
    with st.container(horizontal=True, vertical_alignment="center"):
        count = int(chosen.rows.sum())
        st.markdown(f":material/filter_alt: **{sentences.count(count, 'image')}: {chosen.words}**", width="content")
        st.button("Show all images", icon=":material/filter_alt_off:", key=f"only-all-{key}", on_click=forget)
