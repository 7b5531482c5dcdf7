"""Thresholds by costs of each label: the table of costs, what the cheapest thresholds cost, and what they save."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from lib.evaluation import results
from lib.metrics import costs as metric
from lib.metrics import intervals
from lib.metrics.intervals import Interval
from lib.metrics.scores import defined
from lib.tasks.base import Task
from lib.tasks.code import panels
from lib.thresholds import cost_table, costs, objectives, tuning
from lib.thresholds.costs import CostChoice, Costs
from lib.thresholds.sets_file import ThresholdSet
from lib.thresholds.tuning import Report
from lib.training.runs import Run
from lib.web.ui import guard
from lib.web.ui.analyze import show_code
from lib.web.ui.thresholds import numbers
from lib.web.ui.thresholds.state import LabState

_MISS, _ALARM = "a miss costs", "a false alarm costs"
_PER = "per 1,000 images"
_VERDICTS = {
    intervals.BETTER: ": clearly cheaper",
    intervals.WORSE: ": clearly more expensive",
    intervals.CHANCE: ": may be chance",
    intervals.TOO_FEW: ": too few images differ to tell",
}
#: Draws the button that takes a report's thresholds, with the options and costs that chose them.
UseButton = Callable[[Run, LabState, Report, str, dict[str, float], dict[str, Any]], None]


def table(run: Run, task: Task) -> Costs | None:
    """Show the table of costs and the budget; return what they say, None where that cannot be used."""
    names = run.names()
    version = st.session_state.setdefault(_key(run, "version"), 0)
    editor = _key(run, f"table-{version}")
    if editor not in st.session_state:  # drawn anew: begins with what it had
        st.session_state[_key(run, "begun")] = st.session_state.get(_key(run, "kept"), _even(names))
    begun = st.session_state[_key(run, "begun")]
    edited = st.data_editor(
        pd.DataFrame({task.noun: names, _MISS: begun[0], _ALARM: begun[1]}),
        key=editor,
        hide_index=True,
        disabled=[task.noun],
        height=min(360, 40 + 35 * len(names)),
        column_config={
            name: st.column_config.NumberColumn(min_value=0, max_value=objectives.MOST_COST, required=True, help=help)
            for name, help in (
                (_MISS, "The label is there and not predicted."),
                (_ALARM, "The label is predicted and not there."),
            )
        },
    )
    st.session_state[_key(run, "kept")] = (edited[_MISS].to_numpy(), edited[_ALARM].to_numpy())
    with st.expander("Paste costs from a spreadsheet", icon=":material/content_paste:"):
        _paste(run, names)
    budget = _key(run, "reviews")
    if budget not in st.session_state:  # drawn anew, as the table
        st.session_state[budget] = st.session_state.get(_key(run, "kept-reviews"))
    reviews = st.number_input(
        costs.REVIEWS_TITLE,
        min_value=0.0,
        max_value=1000.0 * len(names),
        value=None,
        placeholder="no limit",
        key=budget,
        help=costs.REVIEWS_HELP,
    )
    st.session_state[_key(run, "kept-reviews")] = reviews
    pairs = zip(edited[_MISS].astype(float), edited[_ALARM].astype(float), strict=True)
    with guard.errors():
        return costs.checked(dict(zip(names, pairs, strict=True)), names, reviews)
    return None


def take(run: Run, one: ThresholdSet) -> None:
    """Let the table hold the costs that a kept set was chosen by."""
    rows = [one.costs[name] for name in run.names()]
    reviews = one.options.get(costs.REVIEWS)
    if not isinstance(reviews, int | float) or not 0 <= reviews <= 1000 * len(rows):  # a file may say anything
        reviews = None
    st.session_state[_key(run, "reviews")] = None if reviews is None else float(reviews)
    _put(run, np.array(rows, dtype=np.float64))


def show(run: Run, task: Task, state: LabState, asked: Costs, use_button: UseButton, *, one: bool) -> None:
    """Show what costs choose, what that costs beside the default and the cheapest single threshold, and each label."""
    report = _reported(run, asked, one=one)
    use_button(run, state, report, costs.NAME, dict(asked.options), asked.by_label(run.names()))
    others = _others(run, task, state, asked, report, one=one)
    total = asked.of(report)
    st.markdown(
        f"**{_money(total.value)}** {_PER} ({total.words(_money)}), in the unit of the costs, "
        f"{guard.escape(numbers.KINDS[report.kind])}",
        help="What all misses and false alarms of 1,000 images cost, with its 95 % interval.",
    )
    rows = []
    for name, other in {"these": report, **others}.items():
        cost = asked.of(other)
        rows.append(
            {
                "thresholds": name,
                f"cost {_PER}": f"{_money(cost.value)} ({cost.words(_money)})",
                "these save": "" if other is report else _saved(asked.of(report, other)),
                f"predictions {_PER}": costs.predictions_words(other.predicted, asked),
            }
        )
    frame = pd.DataFrame(rows).map(guard.escape).rename(columns=guard.escape)
    st.table(frame, border="horizontal", hide_index=True, alt="What thresholds cost")
    st.caption(guard.escape(report.sentence))
    if asked.reviews is not None:
        st.caption(guard.escape(_budget(asked, report)))
    with st.expander(f"The threshold and cost of each {task.noun}", icon=":material/table_rows:"):
        _each(run, task, asked, report)
    if asked.reviews is None:
        costs_of = {"miss": asked.miss.tolist(), "alarm": asked.alarm.tolist()}
        more = {"objective": costs.NAME, "options": {}, "one": one, **costs_of}
        show_code.button(run, task, "valid", panels.TUNED, more=more)


def _each(run: Run, task: Task, asked: Costs, report: Report[CostChoice]) -> None:
    spent = metric.by_label(report.predicted, report.on.truth, asked.miss, asked.alarm)
    frame = pd.DataFrame(
        {
            task.noun: run.names(),
            "threshold": report.thresh.astype(np.float64).round(3),
            f"cost {_PER}": spent.round(2),
            f"predictions {_PER}": (1000 * report.predicted.mean(axis=0)).round(1),
            "own positives (validation)": report.choice.n_pos,
            "chosen from": ["own and all" if pooled else "own" for pooled in report.choice.pooled],
        }
    )
    st.dataframe(frame, hide_index=True, key="cost-thresholds", height=min(360, 40 + 35 * len(frame)))


def _budget(asked: Costs, report: Report[CostChoice]) -> str:
    choice, there = report.choice, costs.predictions_per_thousand(report.predicted)
    words = (
        f"Of a budget of {asked.reviews:,g} predictions {_PER}, {choice.predicted:,.0f} are used on the images that "
        f"the thresholds were chosen on, and {there:,.0f} {numbers.KINDS[report.kind]}: the budget is kept on the "
        "former, new images may differ."
    )
    if choice.gap:
        return f"{words} Other thresholds within the budget may cost up to {_money(choice.gap)} less there."
    return f"{words} No other thresholds within the budget cost less there."


def _others(run: Run, task: Task, state: LabState, asked: Costs, report: Report, *, one: bool) -> dict[str, Report]:
    tune, test = results.labeled_parts(run)
    start = task.start_thresh(run.config)
    others: dict[str, Report] = {f"default, {start:.3f}": tuning.report_fixed(tune, test, start, seen=False)}
    if not one:
        others["the cheapest one for all"] = _reported(run, asked, one=True)
    if (state.thresh != np.float32(start)).any() and (state.thresh != report.thresh).any():
        others["as shown now"] = tuning.report_fixed(tune, test, state.thresh)
    return others


def _reported(run: Run, asked: Costs, *, one: bool) -> Report[CostChoice]:
    return _worked_out(run.id, results.version(run), asked.key, one, run, asked)


@st.cache_resource(max_entries=16, show_spinner="Choosing thresholds …")
def _worked_out(run: str, version: int, key: tuple, one: bool, _run: Run, _asked: Costs) -> Report[CostChoice]:
    return costs.report(*results.labeled_parts(_run), _asked, one=one)


def _saved(saved: Interval) -> str:
    return intervals.difference_words(saved, _money) + _VERDICTS.get(intervals.judged(saved), "")


def _money(value: float) -> str:
    """Return costs as people read them: three digits, no fewer than the whole number has."""
    if defined(value) is None:
        return "not defined"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _paste(run: Run, names: tuple[str, ...]) -> None:
    with st.form(_key(run, "paste"), border=False, clear_on_submit=True):
        text = st.text_area(
            "Rows of a spreadsheet",
            placeholder="label, cost of a miss, cost of a false alarm",
            key=_key(run, "pasted"),
            help="Matched by the label, in any order; labels that are left out keep their costs.",
        )
        if st.form_submit_button("Take these costs", icon=":material/check:"):
            with guard.errors():
                rows = np.column_stack(st.session_state[_key(run, "kept")]).astype(np.float64)
                for name, pair in cost_table.parse(text, names).items():
                    rows[names.index(name)] = pair
                _put(run, rows)
                st.rerun()


def _put(run: Run, rows: np.ndarray) -> None:
    st.session_state[_key(run, "kept")] = (rows[:, 0], rows[:, 1])
    st.session_state[_key(run, "version")] = st.session_state.get(_key(run, "version"), 0) + 1


def _even(names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    return np.ones(len(names)), np.ones(len(names))


def _key(run: Run, part: str) -> str:
    return f"costs-{part}-{run.id}"
