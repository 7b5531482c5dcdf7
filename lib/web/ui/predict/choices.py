"""What is chosen of the predictions of new pictures: thresholds, and the order of the cards."""

from __future__ import annotations

from typing import Literal

import numpy as np
import streamlit as st

from lib.tasks.base import Task
from lib.thresholds import sets as threshold_sets
from lib.thresholds.sets_file import DEFAULT, ThresholdSet
from lib.training.runs import Run
from lib.web.ui.thresholds import state as lab_state

#: The thresholds that were chosen on the Analyze page.
_SHOWN = "as on the Analyze page"
_ORDERS = {
    "uncertain": "least certain first",
    "certain": "most certain first",
    "brought": "in the order brought",
}


def thresh(run: Run, task: Task) -> ThresholdSet:
    """Let thresholds be chosen where the task has some and the run more than those that it began with."""
    return threshold_set(run, task, key="thresholds", bind="query-params")


def threshold_set(run: Run, task: Task, *, key: str, bind: Literal["query-params"] | None = None) -> ThresholdSet:
    """Do what `thresh` does in a field called ``key``; for a task without thresholds it is a set without a name."""
    if not task.has_labels:
        return ThresholdSet("", np.asarray(run.config.thresh, dtype=np.float32))
    sets = threshold_sets.read_all(run)
    chosen_last = lab_state.last(run, task, run.names())
    if chosen_last is not None:
        sets = {_SHOWN: ThresholdSet(_SHOWN, chosen_last), **sets}
    if len(sets) == 1:
        return sets[DEFAULT]
    chosen = st.selectbox(
        "Thresholds",
        list(sets),
        format_func=lambda name: f"{name} ({_span(sets[name])})" if name in sets else name,
        key=key,
        bind=bind,
        width=260,
        label_visibility="collapsed",
    )
    return sets.get(chosen, sets[DEFAULT])


def _span(one: ThresholdSet) -> str:
    low, high = float(one.thresh.min()), float(one.thresh.max())
    return f"{low:.3g} for all" if low == high else f"{low:.3g} to {high:.3g}"


def order() -> str:
    """Let the order of the cards be chosen: one of ``uncertain``, ``certain`` and ``brought``."""
    chosen = st.selectbox(
        "Order",
        list(_ORDERS),
        format_func=_ORDERS.__getitem__,
        key="sort",
        bind="query-params",
        width=210,
        label_visibility="collapsed",
    )
    return chosen if chosen in _ORDERS else "uncertain"


def rows(order: str, doubts: np.ndarray) -> np.ndarray:
    """Return the rows of pictures in ``order`` by their `Task.doubts` (n,); unknown is least certain."""
    if order == "brought":
        return np.arange(len(doubts))
    known = np.where(np.isnan(doubts), np.inf, doubts)
    return np.argsort(-known if order == "uncertain" else known, kind="stable")
