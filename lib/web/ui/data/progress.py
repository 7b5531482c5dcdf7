"""Progress bar of long work on images: done, total, time left."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import streamlit as st

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
