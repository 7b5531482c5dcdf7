"""The pictures to predict: dropped, pasted or chosen, and sent to the model at once."""

from __future__ import annotations

import streamlit as st

from lib.core import sentences
from lib.core.workspace import Workspace
from lib.inference import ask, drops
from lib.inference.ask import Predict
from lib.training.runs import Run
from lib.web.components.drop import Drop, arrived, drop
from lib.web.ui import guard

#: Name in the address of the question that is shown.
ASKED = "asked"
_KEY = "predict-drop"
#: Where a session keeps the drop that was taken last, and what there is to say of the files of a question, by its id.
_TAKEN, _SAID = "predict-taken", "predict-said"
_SHOWN = 8


def show(run: Run, *, small: bool) -> None:
    """Let pictures be brought, in one line where it is ``small``."""
    drop(key=_KEY, taken=st.session_state.get(_TAKEN, ""), small=small, on_soon=lambda: _get_ready(run))


def _get_ready(run: Run) -> None:
    """Let the worker load the model while the pictures are chosen."""
    with guard.later():
        ask.start_worker(run)


def take(workspace: Workspace, run: Run) -> None:
    """Ask about the pictures that have arrived since the page was drawn last, and let the address name the question."""
    told = arrived(_KEY)
    if told is None or told.id == st.session_state.get(_TAKEN):
        return
    st.session_state[_TAKEN] = told.id
    brought = drops.pictures_of(workspace, told.id)
    question = ""
    with guard.errors():
        if brought:
            question = st.query_params[ASKED] = ask.ask(run, Predict(brought)).id
    drops.remove(workspace, told.id)
    st.session_state[_SAID] = {question: told}


def say_what_is_left_out(question: str, refused: tuple[tuple[str, str], ...]) -> None:
    """Say which files are not among the pictures of a question, and why; what there is to say of the others.

    Parameters
    ----------
    question : str
        Its id, "" where none of the files was a picture.
    refused : tuple of (str, str)
        Names of files that the model was not asked about, and why.
    """
    told = st.session_state.get(_SAID, {}).get(question, Drop("", (), (), 0))
    if left_out := told.left_out + refused:
        words = sentences.count(len(left_out), "file is left out", "files are left out")
        st.warning(f"{words}: {_listed(left_out)}.", icon=":material/hide_image:")
    if told.remarks:
        st.info(f"{_listed(told.remarks)}.", icon=":material/animated_images:")
    if told.too_many:
        left = sentences.count(told.too_many, "is", "are")
        st.warning(
            f"The first {drops.MOST} images are taken, {left} left out: bring them in several parts.",
            icon=":material/filter_none:",
        )


def _listed(pairs: tuple[tuple[str, str], ...]) -> str:
    return sentences.listed([f"{guard.escape(name)} ({guard.escape(words)})" for name, words in pairs], _SHOWN)
