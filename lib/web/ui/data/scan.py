"""Start, progress and stop of the image scan; it goes on when the page is left."""

from __future__ import annotations

import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.checks import scan
from lib.web.ui import guard
from lib.web.ui.data import progress as data_progress

_EVERY = 0.5  # seconds between two looks at how far it is


def show(dataset: Dataset) -> None:
    """Show the button that starts it, or how far it is; nothing where it is done."""
    state = scan.state(dataset)
    if state.name == scan.WORKING:
        _progress(dataset)
        return
    if state.name == scan.DONE:
        return
    if state.name == scan.FAILED:
        st.error(guard.escape(state.text), icon=":material/error:")
    part = f" {state.done:,} are done already." if state.done else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="scanning"):
        st.button(
            "Continue scanning images" if part else "Scan images",
            key="scanning-start",
            on_click=_start,
            args=(dataset,),
            type="primary",
            icon=":material/image_search:",
        )
        st.markdown(
            f"Finds images that are nearly the same, show nothing, or were damaged since the import.{part} About "
            f"{_guess(len(dataset) - state.done)}; you may leave the page.",
            width="content",
        )


def _guess(pictures: int) -> str:
    """Return how long about it takes in words.

    Examples
    --------
    >>> _guess(300), _guess(100_000)
    ('a few seconds', '3 minutes')
    """
    seconds = pictures / 500  # of photographs on two cores
    return "a few seconds" if seconds < 20 else sentences.count(max(1, round(seconds / 60)), "minute")


@st.fragment(run_every=_EVERY)
def _progress(dataset: Dataset) -> None:
    state = scan.state(dataset)
    if state.name != scan.WORKING:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="scanning"):
        share = min(1.0, state.done / state.total) if state.total else 0.0
        left = data_progress.left(state.seconds, state.done, state.total)
        count = f": {state.done:,} of {state.total:,}{left}" if state.total else " …"
        st.progress(share, f"{state.text}{count}", width=520)
        st.button("Stop", key="scanning-stop", on_click=_stop, args=(dataset,), icon=":material/stop_circle:")


def _start(dataset: Dataset) -> None:
    with guard.later():
        scan.start(dataset)


def _stop(dataset: Dataset) -> None:
    with guard.later():
        scan.stop(dataset)
