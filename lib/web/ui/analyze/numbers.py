"""The numbers of the Analyze page: metric beside baseline, threshold, figures and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.core.config import QUICK
from lib.metrics.scores import METRICS
from lib.tasks.base import Task
from lib.tasks.types import Panel, Predictions
from lib.training import run_metrics
from lib.training.runs import Run
from lib.web.ui import guard, theme, words

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
    """Show the metric and, beside it, the baseline's and, where there is one, the quick model's."""
    names, has_quick = predictions.names, predictions.quick is not None
    value, base = (task.headline(one, thresh) for one in (predictions, predictions.by_baseline))
    columns = iter(st.columns(5 if has_quick else 4))
    with next(columns):
        st.metric(
            task.metric_title, task.format(value, names), help=f"On the {len(predictions.items):,} {split} images."
        )
    with next(columns):
        st.metric(
            f"Baseline: {task.baseline_title}",
            task.format(base, names),
            help="What a trivial predictor reaches on the same images.",
        )
    if has_quick:
        _quick_model(task, value, task.headline(predictions.by_quick, thresh), names, next(columns))
    with next(columns):
        st.metric(
            "Against the baseline",
            _against(task, value, base, names),
            help="How far the model is from the baseline; ✓ better, ✗ not better.",
            **_verdict(task, value, base),
        )
    with next(columns):
        st.metric("Images", f"{len(predictions.items):,}", help=f"{_SPLITS[split]} of revision {run.config.revision}.")
    if run.result().get("kept") == QUICK:
        st.caption(f":material/balance: {run_metrics.KEPT_QUICK}")


def _quick_model(
    task: Task, value: float | None, quick: float | None, names: tuple[str, ...], column: DeltaGenerator
) -> None:
    """Show the second baseline, and how the model stands to it."""
    verdict = _verdict(task, value, quick, _against(task, value, quick, names))
    if verdict:
        verdict["delta"] = f"this run: {verdict['delta']}"  # else it reads as if the quick model were the better one
    with column:
        st.metric(
            run_metrics.QUICK_MODEL.capitalize(),
            task.format(quick, names),
            help="What the quick model of the same network reaches on the same images: a linear head on its frozen "
            "features, fitted in seconds. Below it, how far this run is from it; ✓ better, ✗ not better.",
            **verdict,
        )


def _verdict(task: Task, value: float | None, base: float | None, by: str = "") -> dict[str, Any]:
    """Return what `streamlit.metric` says of ``value`` beside ``base``: a sign, words and a color."""
    if value is None or base is None:
        return {}
    better = value > base if task.larger_is_better else value < base
    words = "✓ better" if better else "= the same" if value == base else "✗ not better"
    color = "normal" if better else "off" if value == base else "inverse"
    delta = f"{words}, {by}" if by and value != base else words
    return {"delta": delta, "delta_arrow": "off", "delta_color": color}


def all_metrics(task: Task, predictions: Predictions, split: str, thresh: float | np.ndarray) -> None:
    """Show every metric on ``split``, model beside baseline and, where there is one, quick model, with what it says."""
    names, has_quick = predictions.names, predictions.quick is not None
    values, bases = (task.metrics(one, thresh) for one in (predictions, predictions.by_baseline))
    quicks = task.metrics(predictions.by_quick, thresh) if has_quick else {}
    rows = []
    for name, value in values.items():
        metric = METRICS[name]
        rows.append(
            {
                "metric": f"{metric.title} {'↑' if metric.larger_is_better else '↓'}",
                "model": task.format(value, names, name),
                task.baseline_title: task.format(bases[name], names, name),
                **({run_metrics.QUICK_MODEL: task.format(quicks[name], names, name)} if quicks else {}),
                "what it says": metric.help,
            }
        )
    count = words.images(len(predictions.items), split)
    st.caption(f"Every metric on the same {count}. ↑ larger is better, ↓ smaller is better.")
    st.table(pd.DataFrame(rows).map(guard.escape), border="horizontal", hide_index=True, alt="All metrics")


def _against(task: Task, value: float | None, base: float | None, names: tuple[str, ...]) -> str:
    """Return the difference of shares in points, or how much lower or higher the error is."""
    if value is None or base is None:
        return "not defined"
    if task.larger_is_better:
        return f"{100 * (value - base):+.2f} points"
    return f"{100 * abs(value / base - 1):.0f} % {'lower' if value < base else 'higher'}" if base else "not defined"


def panel(one: Panel, of: str, *, key: str) -> None:
    """Show one figure or table with its line of help and the images that it is ``of``, such as "70 test images"."""
    st.caption(f"{guard.escape(one.help)} On {of}.")
    if isinstance(one.content, pd.DataFrame):
        _table(one.content, key)
    else:
        theme.chart(one.content, key=key, alt=one.title)


def _table(table: pd.DataFrame, key: str) -> None:
    floats = table.select_dtypes("floating").columns
    config = {name: st.column_config.NumberColumn(format="%.3g") for name in floats}
    height = min(520, 40 + 35 * len(table))
    st.dataframe(table, hide_index=True, column_config=config, key=key, height=height, placeholder="")
