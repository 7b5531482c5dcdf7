"""Numbers of several thresholds side by side: one table, the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from lib.metrics.scores import defined
from lib.tasks.types import three_digits
from lib.web.ui import guard

#: Which images the numbers of a `lib.thresholds.tuning.Report` are of.
KINDS = {
    "test": "on test images",
    "cross-fitted": "on the other half (cross-fitted)",
    "same": "on the same images: too good",
    "untuned": "on validation images, not tuned",
}
#: What is said of the numbers of a `Report` on the images that it was tuned on.
TUNED_ON = "on validation images, where they were chosen: too good"


def columns(by_title: Mapping[str, Mapping[str, float]], titles: Mapping[str, str]) -> None:
    """Show one row a number and one column for each of ``by_title``.

    Parameters
    ----------
    by_title : mapping
        What `lib.metrics.decisions.numbers` returns, by what it is of.
    titles : mapping
        Which of the numbers, and what they are called: `lib.tasks.base.Task.decision_titles`.
    """
    table = pd.DataFrame(
        [
            {"": title, **{guard.escape(name): formatted(values[key]) for name, values in by_title.items()}}
            for key, title in titles.items()
        ]
    )
    st.table(table, border="horizontal", hide_index=True, alt="numbers")


def formatted(value: float) -> str:
    """Return a number as people read it, or "not defined".

    Examples
    --------
    >>> formatted(0.12345), formatted(float("nan"))
    ('0.123', 'not defined')
    """
    return "not defined" if defined(value) is None else three_digits(value)
