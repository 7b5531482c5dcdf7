"""One line of numbers above the pictures of the Analyze page, and how a model's error stands to another one's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import streamlit as st

from lib.core.config import QUICK
from lib.metrics import intervals
from lib.metrics.intervals import Interval
from lib.training import run_metrics
from lib.training.runs import Run

#: Under this name, what stands between the numbers.
BETWEEN = " · "


def show(run: Run, words: str) -> None:
    """Show the line, Markdown with its numbers in bold, and that the quick model was kept where it was."""
    with st.container(key="numbers-line", gap=None):
        st.markdown(words)
        if run.result().get("kept") == QUICK:
            st.caption(f":material/balance: {run_metrics.KEPT_QUICK}")


def error_words(error: Interval, write: Callable[[float], str], unit: str) -> str:
    """Return a mean error with its interval, the number in bold.

    Examples
    --------
    >>> error_words(Interval(4.03, 3.78, 4.29), "{:.2f}".format, "px")
    '**4.03 px** (3.78 to 4.29)'
    """
    ends = f" ({error.words(write)})" if error.is_defined else ""
    return f"**{write(float(error.value))} {unit}".strip() + f"**{ends}"


def against(error: float, other: float, gain: Interval, name: str, write: Callable[[float], str]) -> str:
    """Return how an error stands to another one: lower or higher only where the interval of the gain says so.

    Parameters
    ----------
    error, other : float
    gain : Interval
        By how much smaller ``error`` is.
    name : str
        What has the other error.
    write : callable
        Writes an error with its unit.

    Examples
    --------
    >>> against(4.0, 8.0, Interval(4.0, 3.0, 5.0), "the mean shape", "{:.0f} px".format)
    '**50 % lower** than the mean shape (8 px)'
    >>> against(4.0, 4.1, Interval(0.1, -0.2, 0.3), "the mean shape", "{:.1f} px".format)
    'not clearly different from the mean shape (4.1 px)'
    """
    verdict, than = intervals.judged(gain), f"{name} ({write(other)})"
    if verdict in (intervals.BETTER, intervals.WORSE):
        by = f"{100 * abs(error / other - 1):.0f} % " if other > 0 else ""
        return f"**{by}{'lower' if verdict == intervals.BETTER else 'higher'}** than {than}"
    return {
        intervals.SAME: f"the same as {than}",
        intervals.CHANCE: f"not clearly different from {than}",
        intervals.TOO_FEW: f"too few images to tell it from {than}",
        intervals.UNKNOWN: "",
    }[verdict]


def joined(*parts: str) -> str:
    """Return what there is to say of one number."""
    return ", ".join(part for part in parts if part)


def signed(value: float, write: Callable[[float], str]) -> str:
    """Return a number with its sign.

    Examples
    --------
    >>> signed(-0.5, "{:.1f}".format), signed(0.5, "{:.1f}".format)
    ('−0.5', '+0.5')
    """
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{write(float(np.abs(value)))}"
