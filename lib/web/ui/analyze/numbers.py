"""The numbers of the Analyze page: metric beside baseline, threshold, figures and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lib.metrics.scores import METRICS
from lib.tasks.base import Task
from lib.tasks.types import Panel, Predictions
from lib.training.runs import Run
from lib.web.ui import guard, theme

_SPLITS = {"valid": "Validation images", "test": "Test images"}


def choose_split(run: Run) -> str:
    """Let a split be chosen where the run predicted more than one."""
    splits = list(run.result()["splits"])
    if len(splits) == 1:
        return splits[0]
    chosen = st.segmented_control(
        "Images",
        splits,
        default=splits[0],
        required=True,
        format_func=_SPLITS.__getitem__,
        key="split",
        bind="query-params",
        help="The test images were not used before: their numbers are unbiased.",
    )
    return chosen if chosen in splits else splits[0]


def headline(run: Run, task: Task, predictions: Predictions, split: str, thresh: float | np.ndarray) -> None:
    """Show the metric and, beside it, the baseline's."""
    names = predictions.names
    value, base = (task.headline(one, thresh) for one in (predictions, predictions.by_baseline))
    better = False  # where one of them is not defined
    if value is not None and base is not None:
        better = value > base if task.larger_is_better else value < base
    verdict = "✓ better" if better else "= the same" if value == base else "✗ not better"
    columns = st.columns(4)
    with columns[0]:
        st.metric(
            task.metric_title, task.format(value, names), help=f"On the {len(predictions.items):,} {split} images."
        )
    with columns[1]:
        st.metric(
            f"Baseline: {task.baseline_title}",
            task.format(base, names),
            help="What a trivial predictor reaches on the same images.",
        )
    with columns[2]:
        st.metric(
            "Against the baseline",
            _against(task, value, base, names),
            help="How far the model is from the baseline; ✓ better, ✗ not better.",
            delta=None if value is None or base is None else verdict,
            delta_arrow="off",
            delta_color="normal" if better else "off" if value == base else "inverse",
        )
    with columns[3]:
        st.metric("Images", f"{len(predictions.items):,}", help=f"{_SPLITS[split]} of revision {run.config.revision}.")


def all_metrics(task: Task, predictions: Predictions, thresh: float | np.ndarray) -> None:
    """Show every metric, model beside baseline, with what it says."""
    names = predictions.names
    values, bases = (task.metrics(one, thresh) for one in (predictions, predictions.by_baseline))
    rows = []
    for name, value in values.items():
        metric = METRICS[name]
        rows.append(
            {
                "metric": f"{metric.title} {'↑' if metric.larger_is_better else '↓'}",
                "model": task.format(value, names, name),
                task.baseline_title: task.format(bases[name], names, name),
                "what it says": metric.help,
            }
        )
    st.caption("Every metric on the same images. ↑ larger is better, ↓ smaller is better.")
    st.table(pd.DataFrame(rows).map(guard.escape), border="horizontal", hide_index=True, alt="All metrics")


def _against(task: Task, value: float | None, base: float | None, names: tuple[str, ...]) -> str:
    """Return the difference of shares in points, or how much lower or higher the error is."""
    if value is None or base is None:
        return "not defined"
    if task.larger_is_better:
        return f"{100 * (value - base):+.2f} points"
    return f"{100 * abs(value / base - 1):.0f} % {'lower' if value < base else 'higher'}" if base else "not defined"


def panel(one: Panel, *, key: str) -> None:
    """Show one figure or table with its line of help."""
    st.caption(guard.escape(one.help))
    if isinstance(one.content, pd.DataFrame):
        _table(one.content, key)
    else:
        theme.chart(one.content, key=key, alt=one.title)


def _table(table: pd.DataFrame, key: str) -> None:
    floats = table.select_dtypes("floating").columns
    config = {name: st.column_config.NumberColumn(format="%.3g") for name in floats}
    height = min(520, 40 + 35 * len(table))
    st.dataframe(table, hide_index=True, column_config=config, key=key, height=height, placeholder="")
