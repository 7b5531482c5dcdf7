"""The dialog that asks what an import has to know first: safe answer first, one click imports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from lib.web.ui import guard

_CLOSED = "import_ask_closed"
#: A `lib.importing.parsed.Fix` as JSON.
Answer = dict[str, Any]


def show(fixes: list[Answer], give: Callable[[list[Answer]], None], *, in_dialog: bool) -> bool:
    """Open the dialog, unless it was closed since the import was asked for; in another dialog, ask right there.

    Parameters
    ----------
    fixes : list of dict
        The answers to choose from.
    give : callable
        Takes one answer to each question, and has the import go on.
    in_dialog : bool
        Whether a dialog is open already.

    Returns
    -------
    bool
        Whether it was asked right there.
    """
    if not any(fix["blocks"] for fix in fixes):
        return False
    if in_dialog:
        with st.container(border=True):
            _ask(by_question(fixes), give)
    elif not st.session_state.get(_CLOSED, False):
        _dialog(by_question(fixes), give)
    return in_dialog


def open_again() -> None:
    """Let the dialog open: the import is asked for anew."""
    st.session_state.pop(_CLOSED, None)


def by_question(fixes: list[Answer]) -> dict[str, list[Answer]]:
    """Return the answers to each question, the safe one first."""
    questions: dict[str, list[Answer]] = {}
    for fix in fixes:
        questions.setdefault(fix["question"], []).append(fix)
    return {question: sorted(answers, key=lambda one: not one["safe"]) for question, answers in questions.items()}


def _closed() -> None:
    st.session_state[_CLOSED] = True


@st.dialog("Before the import", icon=":material/help:", on_dismiss=_closed)
def _dialog(questions: dict[str, list[Answer]], give: Callable[[list[Answer]], None]) -> None:
    _ask(questions, give)


def _ask(questions: dict[str, list[Answer]], give: Callable[[list[Answer]], None]) -> None:
    if len(questions) == 1:
        ((question, answers),) = questions.items()
        st.markdown(guard.escape(question))
        _buttons(answers, give)
        return
    chosen = []
    for number, (question, answers) in enumerate(questions.items()):
        titles = [answer["title"] for answer in answers]
        picked = st.radio(guard.escape(question), titles, format_func=guard.escape, key=f"ask-first-{number}")
        chosen.append(answers[titles.index(picked) if picked else 0])
    if st.button("Import", key="ask-first-go", type="primary", icon=":material/upload:"):
        give(chosen)
        st.rerun()


def _buttons(answers: list[Answer], give: Callable[[list[Answer]], None]) -> None:
    """Show a button an answer; the click gives it."""
    with st.container(horizontal=True, key="ask-first"):
        for answer in answers:
            first = answer["safe"] and answer is answers[0]
            if st.button(
                guard.escape(answer["title"]),
                key=f"ask-first-{answer['choice']}-{answer['value']}",
                type="primary" if first else "secondary",
                icon=":material/upload:" if first else None,
            ):
                give([answer])
                st.rerun()
