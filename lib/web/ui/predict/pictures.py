"""The pictures to predict: dropped, pasted or chosen, and sent to the model at once."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.inference import ask, drops
from lib.inference.ask import Predict
from lib.training.runs import Run
from lib.web.components.drop import Drop, arrived, drop
from lib.web.ui import address, guard

#: Name in the address of the question that is shown.
ASKED = "asked"
_KEY = "predict-drop"
#: Where a session keeps the id of the drop that was taken last, and what became of it, see `_Taken`.
_TAKEN, _BECAME = "predict-taken", "predict-became"
_SHOWN = 8


@dataclass(frozen=True)
class _Taken:
    """What became of a drop.

    Attributes
    ----------
    drop : Drop
    run : str
        Id of the run that was shown.
    question : str
        Id of the question that the address names since: about its pictures, else the one that was shown before.
    is_asked : bool
        Whether the model was asked about its pictures.
    error : str
        Why it was not, "" where none of the files was a picture.
    """

    drop: Drop
    run: str
    question: str
    is_asked: bool
    error: str = ""


def show(run: Run, *, small: bool) -> None:
    """Let pictures be brought, in one line where it is ``small``."""
    drop(key=_KEY, taken=st.session_state.get(_TAKEN, ""), small=small, on_soon=lambda: _get_ready(run))


def _get_ready(run: Run) -> None:
    """Let the worker load the model while the pictures are chosen."""
    with guard.later():
        ask.start_worker(run)


def take(workspace: Workspace, run: Run) -> None:
    """Ask about the pictures that have arrived since the page was drawn last, and let the address name the question."""
    became: _Taken | None = st.session_state.get(_BECAME)
    if became is not None and became.run != run.id:  # what was brought to another model is told there no more
        del st.session_state[_BECAME]
    told = arrived(_KEY)
    if told is None or told.id == st.session_state.get(_TAKEN):
        return
    st.session_state[_TAKEN] = told.id
    brought = drops.pictures_of(workspace, told.id)
    question, is_asked, error = question_in_address(), False, ""
    try:
        if brought:
            question = ask.ask(run, Predict(brought)).id
            address.write(ASKED, question)
            is_asked = True
    except UserError as refused:
        error = str(refused)
    drops.remove(workspace, told.id)
    st.session_state[_BECAME] = _Taken(told, run.id, question, is_asked, error)


def question_in_address() -> str:
    """Return the id of the question that the address names, "" where it names none."""
    return st.query_params.get(ASKED, "")


def is_from_before(question: str) -> bool:
    """Return whether pictures were brought after those of ``question``, which is shown, and none could be predicted."""
    became: _Taken | None = st.session_state.get(_BECAME)
    return became is not None and not became.is_asked and became.question == question != ""


def say_what_is_left_out(question: str, refused: tuple[tuple[str, str], ...]) -> None:
    """Say of the files that were brought last which are not predicted, and why; what there is to say of the others.

    Parameters
    ----------
    question : str
        Id of the question that is shown, "" where there is none.
    refused : tuple of (str, str)
        Names of files that the model was not asked about, and why.
    """
    became: _Taken | None = st.session_state.get(_BECAME)
    if became is not None and became.question == question and not became.is_asked:
        _say_none_is_predicted(became)
        return
    told = became.drop if became is not None and became.question == question else Drop("", (), (), 0)
    if left_out := told.left_out + refused:
        words = sentences.count(len(left_out), "file is left out", "files are left out")
        st.warning(f"{words}: {_listed(left_out)}.", icon=":material/hide_image:")
    if told.remarks:
        st.info(f"{_listed(told.remarks)}.", icon=":material/animated_images:")
    _say_how_many(told)


def _say_none_is_predicted(became: _Taken) -> None:
    """Say why nothing of a drop was asked."""
    if became.error:
        st.error(
            f"Nothing of what was brought last is predicted. {guard.escape(became.error)}", icon=":material/error:"
        )
    if left_out := became.drop.left_out:
        none = "" if became.error else "Nothing of what was brought last is predicted. "
        words = sentences.count(len(left_out), "file is left out", "files are left out")
        st.warning(f"{none}{words}: {_listed(left_out)}.", icon=":material/hide_image:")
    _say_how_many(became.drop)


def _say_how_many(told: Drop) -> None:
    if told.too_many:
        left = sentences.count(told.too_many, "is", "are")
        st.warning(
            f"The first {drops.MOST} images are taken, {left} left out: bring them in several parts.",
            icon=":material/filter_none:",
        )


def _listed(pairs: tuple[tuple[str, str], ...]) -> str:
    return sentences.listed([f"{guard.escape(name)} ({guard.escape(words)})" for name, words in pairs], _SHOWN)
