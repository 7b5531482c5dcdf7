"""How far long work on images is: a bar while it blocks, or a question that is followed and can be stopped."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Literal

import streamlit as st

from lib.core.questions import requests
from lib.core.questions.requests import Question, State
from lib.web.ui import guard

#: Seconds between two looks at a question.
LOOK = 0.3
_EVERY = 0.15  # seconds between two messages to the browser
_ETA_FROM = 2.0  # seconds; an estimate before that jumps about


@contextlib.contextmanager
def bar(text: str) -> Iterator[Callable[[int, int, str], None]]:
    """Show a progress bar while the block runs and yield what tells it how far the work is.

    Yields
    ------
    callable
        Takes how many are done, how many there are (0 while unknown), and what is being done.
    """
    widget = st.progress(0.0, f"{text} …")
    began: dict[str, float] = {}
    last = 0.0

    def report(done: int, total: int, what: str) -> None:
        nonlocal last
        now = time.monotonic()
        began.setdefault(what, now)
        if now - last < _EVERY and done != total:
            return
        last = now
        if total:
            widget.progress(done / total, f"{what}: {done:,} of {total:,}{left(now - began[what], done, total)}")
        else:
            widget.progress(0.0, f"{what} …")

    try:
        yield report
    finally:
        widget.empty()


def left(seconds: float, done: int, total: int) -> str:
    """Return how long it still takes at the pace so far, in words.

    Examples
    --------
    >>> left(10.0, 100, 400)
    ', about 30 s left'
    """
    if seconds < _ETA_FROM or not done or done == total:
        return ""
    rest = seconds / done * (total - done)
    return f", about {rest:.0f} s left" if rest < 100 else f", about {rest / 60:.0f} min left"


def follow(
    question: Question,
    name: str,
    *,
    key: str,
    stop: str,
    on_stop: Callable[[], None],
    width: int | Literal["stretch"] = 520,
) -> None:
    """Show how far the work on a question is, and a button that stops it; the page is drawn anew when it has ended.

    Parameters
    ----------
    question : Question
        One that is worked on.
    name : str
        What the question is about.
    key : str
        Begins the keys of what is shown: ``KEY-ID`` is the row, ``KEY-stop-ID`` the button.
    stop : str
        The button's label.
    on_stop : callable
        Withdraws the question.
    width : int or "stretch"
        Pixels of the bar; the button stays beside one that is stretched, and goes below another in a narrow column.
    """

    def draw() -> None:
        guard.drawn_whole()
        state = question.state()
        if not state.active:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", gap="medium", key=f"{key}-{question.id}"):
            share, words = share_and_words(state)
            st.progress(share, f"{guard.escape(name)} · {words}", width=width)
            st.button(stop, key=f"{key}-stop-{question.id}", on_click=on_stop, icon=":material/stop_circle:")

    st.fragment(draw, run_every=LOOK)()


def share_and_words(state: State) -> tuple[float, str]:
    """Return how far the work on a question is, from 0 to 1, and in words.

    Examples
    --------
    >>> share_and_words(State("working", 100, 400, "Downloading (MB)", 11.0, 10.0))
    (0.25, 'Downloading (MB): 100 of 400, about 30 s left')
    >>> share_and_words(State("waiting", message="Starting"))
    (0.0, 'Starting …')
    """
    if state.name != requests.WORKING or not state.total:
        return 0.0, f"{state.message} …"
    rest = left(state.step_seconds, state.done, state.total)
    return min(1.0, state.done / state.total), f"{state.message}: {state.done:,} of {state.total:,}{rest}"
