"""The numbers of the Analyze page: metric beside baseline, threshold, figures and tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lib import tasks
from lib.core.config import QUICK
from lib.evaluation import results, slices
from lib.metrics import intervals, means
from lib.metrics.intervals import Interval
from lib.metrics.scores import METRICS
from lib.tasks.base import Task
from lib.tasks.types import Panel, Predictions
from lib.training import run_metrics
from lib.training.runs import Run
from lib.web.components.chart import chart
from lib.web.ui import address, guard, words

_BASELINE, _QUICK = "baseline", "quick"
#: With more images so few draws say how sure a difference is: its interval is narrow, and every release waits for it.
_MANY, _FEW_DRAWS = 5_000, 200
_SURE = "The run is better or worse than another where the 95 % interval of the difference leaves 0 out."
_VERDICTS = {
    intervals.BETTER: ("✓ the run is better", "green"),
    intervals.WORSE: ("✗ the run is worse", "red"),
    intervals.CHANCE: ("the difference may be chance", "gray"),
    intervals.SAME: ("= the same", "gray"),
    intervals.TOO_FEW: ("too few images to tell", "gray"),
}
#: The widget of the split.
_SPLIT = "analyze-split"


def choose_split(run: Run) -> str:
    """Let a split be chosen where the run predicted more than one."""
    splits, asked = list(run.result()["splits"]), st.query_params.get(address.SPLIT)
    if asked is not None and asked not in splits:
        st.toast(
            f"This run predicted no images of the split {guard.escape(repr(asked[:40]))}: {splits[0]} is shown.",
            icon=":material/info:",
        )
        address.write(address.SPLIT, None)
    if len(splits) == 1:
        return splits[0]
    chosen = asked if asked in splits else splits[0]
    st.session_state[_SPLIT] = chosen  # the address has the last word, also when going back

    def change() -> None:  # Streamlit's own binding is no step of the browser's history
        opened = st.session_state[_SPLIT]
        address.write(address.SPLIT, None if opened == splits[0] else opened)

    st.segmented_control(
        "Split",
        splits,
        required=True,
        format_func=guard.letters(),
        key=_SPLIT,
        on_change=change,
        label_visibility="collapsed",
    )
    return chosen


def headline(run: Run, task: Task, predictions: Predictions, split: str, thresh: np.ndarray, label: int | None) -> None:
    """Show in one line the metric with its interval, the baseline's, the quick model's and the other split's.

    Of one label alone where ``label`` is chosen and the metric has a meaning for one; the thresholds (C,) are said.
    """
    title, names = _title(task, predictions, label), predictions.names
    shown = _of(task, predictions, label)
    at = thresh if label is None or shown is predictions else thresh[[label]]

    def value(of: Predictions) -> str:
        return guard.escape(task.format(task.headline(of, at), names))

    interval = _interval(run, task, split, thresh, label)
    ends = f" ({guard.escape(interval.words(lambda end: task.format(end, names)))})" if interval.is_defined else ""
    against = {_BASELINE: (task.baseline_title, shown.by_baseline)}
    if shown.quick is not None:
        against[_QUICK] = (run_metrics.QUICK_MODEL, shown.by_quick)
    parts = [f"**{title} {value(shown)}**{ends}"]
    for which, (name, of) in against.items():
        parts.append(f"{name} **{value(of)}** {_badge(_gain(run, split, thresh, which, label))}")
    for other in run.result()["splits"]:
        if other != split:
            parts.append(f"{words.whose(other)} **{value(_of(task, results.predictions(run, other), label))}**")
    if task.uses_thresh:
        parts.append(f"threshold **{at[0]:.3f}**" if (at == at[0]).all() else f"each {task.noun}’s own threshold")
    if run.result().get("kept") == QUICK:
        parts.append(f":material/balance: {run_metrics.KEPT_QUICK}")
    st.markdown(" · ".join(part.strip() for part in parts), help=_meaning(run, task, predictions, split, title))


def _of(task: Task, predictions: Predictions, label: int | None) -> Predictions:
    """Return what the headline is of: all labels, or the chosen one where the metric has a meaning for one."""
    one = None if label is None else task.of_label(predictions, label)
    return predictions if one is None else one


def _title(task: Task, predictions: Predictions, label: int | None) -> str:
    """Return what the metric is called, with the chosen label, or with that it is of all."""
    title = guard.escape(task.metric_title)
    if label is None:
        return title
    of = f"all {task.nouns}" if task.of_label(predictions, label) is None else guard.escape(predictions.names[label])
    return f"{title} of {of}"


def _meaning(run: Run, task: Task, predictions: Predictions, split: str, title: str) -> str:
    """Return what the numbers of the headline are."""
    count = words.images(len(predictions.items), split)
    sentences = [
        f"{title} of this run on the {count} of revision {run.config.revision}, in parentheses its 95 % interval: "
        "where it would be, 95 times of 100, with other images of the same kind.",
        f"{task.baseline_title}: {title} of a trivial predictor, the baseline, on the same images.",
    ]
    if predictions.quick is not None:
        sentences.append(
            f"{run_metrics.QUICK_MODEL}: {title} of a linear head on the frozen features of the same network, on the "
            "same images."
        )
    if len(run.result()["splits"]) > 1:
        sentences.append(f"Last: {title} of this run on the other images.")
    return " ".join([*sentences, _SURE])


def _interval(run: Run, task: Task, split: str, thresh: np.ndarray, label: int | None) -> Interval:
    """Return the headline metric with its interval."""
    return _interval_of(run.id, results.version(run), split, thresh.tobytes(), label, run, thresh)


@st.cache_data(show_spinner=False, max_entries=200)
def _interval_of(
    run: str, version: int, split: str, threshs: bytes, label: int | None, _run: Run, _thresh: np.ndarray
) -> Interval:
    task, every = tasks.get(_run.config.task), results.predictions(_run, split)
    decided, predictions = results.decisions(_run, split), _of(task, every, label)
    if label is not None and predictions is not every:
        decided, _thresh = slices.of_label(results.labeled(_run, split), label), _thresh[[label]]
    groups = run_metrics.groups(_run.dataset(), predictions.items)
    return run_metrics.headline(task, predictions, decided, groups, _thresh)


def _gain(run: Run, split: str, thresh: np.ndarray, against: str, label: int | None = None) -> Interval:
    """Return by how much less ``run`` is wrong at ``thresh`` than what it is compared with, with its interval."""
    return _gain_of(run.id, results.version(run), split, thresh.tobytes(), against, label, run, thresh)


@st.cache_data(show_spinner=False, max_entries=200)
def _gain_of(
    run: str, version: int, split: str, threshs: bytes, against: str, label: int | None, _run: Run, _thresh: np.ndarray
) -> Interval:
    task, every = tasks.get(_run.config.task), results.predictions(_run, split)
    predictions = _of(task, every, label)
    if label is not None and predictions is not every:
        _thresh = _thresh[[label]]
    other = predictions.by_quick if against == _QUICK else predictions.by_baseline
    own, others = (task.wrongness(one, _thresh) for one in (predictions, other))
    groups = run_metrics.groups(_run.dataset(), predictions.items)
    return means.pooled_difference(others, own, groups, n=means.DRAWS if len(groups) <= _MANY else _FEW_DRAWS)


def _badge(gain: Interval) -> str:
    """Return what an interval of a gain of the run says, as a badge in Markdown; "" where it is not defined."""
    judged = intervals.judged(gain)
    if judged == intervals.UNKNOWN:
        return ""
    verdict, color = _VERDICTS[judged]
    return f":{color}-badge[{verdict}]"


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
