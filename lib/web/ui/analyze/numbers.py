"""The numbers of the Analyze page: metric beside baseline, threshold, figures and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from lib import tasks
from lib.core.config import QUICK
from lib.evaluation import results
from lib.metrics import intervals, means
from lib.metrics.intervals import Interval
from lib.metrics.scores import METRICS
from lib.tasks.base import Task
from lib.tasks.types import Panel, Predictions
from lib.training import run_metrics
from lib.training.runs import Run
from lib.web.components.chart import chart
from lib.web.ui import guard, words

_BASELINE, _QUICK = "baseline", "quick"
#: With more images so few draws say how sure a difference is: its interval is narrow, and every release waits for it.
_MANY, _FEW_DRAWS = 5_000, 200
_SURE = "✓ better or ✗ worse where the 95 % interval of the difference leaves 0 out."
_VERDICTS = {
    intervals.BETTER: ("✓ better", "normal"),
    intervals.WORSE: ("✗ worse", "inverse"),
    intervals.CHANCE: ("may be chance", "off"),
    intervals.SAME: ("= the same", "off"),
    intervals.TOO_FEW: ("too few images to tell", "off"),
}
_SPLITS = {"valid": "Validation images", "test": "Test images"}


def choose_split(run: Run) -> str:
    """Let a split be chosen where the run predicted more than one."""
    splits = list(run.result()["splits"])
    if len(splits) == 1:
        return splits[0]
    chosen = st.segmented_control(
        "Split",
        splits,
        default=splits[0],
        required=True,
        key="split",
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen if chosen in splits else splits[0]


def headline(run: Run, task: Task, predictions: Predictions, split: str, thresh: float | np.ndarray) -> None:
    """Show the metric and, beside it, the baseline's and, where there is one, the quick model's."""
    names, has_quick = predictions.names, predictions.quick is not None
    value, base = (task.headline(one, thresh) for one in (predictions, predictions.by_baseline))
    with st.grid(5 if has_quick else 4, min_column_width=150):
        st.metric(
            task.metric_title, task.format(value, names), help=f"On the {len(predictions.items):,} {split} images."
        )
        st.metric(
            f"Baseline: {task.baseline_title}",
            task.format(base, names),
            help=f"{task.metric_title} of a trivial predictor on the same images.",
        )
        if has_quick:
            _quick_model(run, task, predictions, split, thresh)
        st.metric(
            "Against the baseline",
            _against(task, value, base, names),
            help=f"How far the model is from the baseline; {_SURE}",
            **_verdict(_gain(run, split, thresh, _BASELINE)),
        )
        st.metric("Images", f"{len(predictions.items):,}", help=f"{_SPLITS[split]} of revision {run.config.revision}.")
    if run.result().get("kept") == QUICK:
        st.caption(f":material/balance: {run_metrics.KEPT_QUICK}")


def _quick_model(run: Run, task: Task, predictions: Predictions, split: str, thresh: float | np.ndarray) -> None:
    """Show the second baseline, and how the model stands to it."""
    names = predictions.names
    value, quick = (task.headline(one, thresh) for one in (predictions, predictions.by_quick))
    verdict = _verdict(_gain(run, split, thresh, _QUICK), _against(task, value, quick, names))
    if verdict:
        verdict["delta"] = f"this run: {verdict['delta']}"  # else it reads as if the quick model were the better one
    st.metric(
        run_metrics.QUICK_MODEL.capitalize(),
        task.format(quick, names),
        help="What the quick model of the same network reaches on the same images: a linear head on its frozen "
        f"features, fitted in seconds. Below it, how far this run is from it; {_SURE}",
        **verdict,
    )


def _gain(run: Run, split: str, thresh: float | np.ndarray, against: str) -> Interval:
    """Return by how much less ``run`` is wrong at ``thresh`` than what it is compared with, with its interval."""
    return _gain_of(run.id, results.version(run), split, tuple(np.atleast_1d(thresh).tolist()), against, run, thresh)


@st.cache_data(show_spinner=False, max_entries=200)
def _gain_of(
    run: str, version: int, split: str, threshs: tuple, against: str, _run: Run, _thresh: float | np.ndarray
) -> Interval:
    task, predictions = tasks.get(_run.config.task), results.predictions(_run, split)
    other = predictions.by_quick if against == _QUICK else predictions.by_baseline
    own, others = (task.wrongness(one, _thresh) for one in (predictions, other))
    groups = run_metrics.groups(_run.dataset(), predictions.items)
    return means.pooled_difference(others, own, groups, n=means.DRAWS if len(groups) <= _MANY else _FEW_DRAWS)


def _verdict(gain: Interval, by: str = "") -> dict[str, Any]:
    """Return what `streamlit.metric` says of a gain: a sign, words and a color; nothing where it is not defined."""
    judged = intervals.judged(gain)
    if judged == intervals.UNKNOWN:
        return {}
    words, color = _VERDICTS[judged]
    delta = f"{words}, {by}" if by and judged != intervals.SAME else words
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
        chart(one.content, key=key, alt=one.title)


def _table(table: pd.DataFrame, key: str) -> None:
    floats = table.select_dtypes("floating").columns
    config = {name: st.column_config.NumberColumn(format="%.3g") for name in floats}
    height = min(520, 40 + 35 * len(table))
    st.dataframe(table, hide_index=True, column_config=config, key=key, height=height, placeholder="")
