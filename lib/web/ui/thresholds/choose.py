"""Thresholds by an objective, with numbers of images that did not choose them, kept under a name."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from lib.evaluation import results
from lib.export import predictions
from lib.metrics import counts
from lib.tasks.base import Task
from lib.tasks.code import panels
from lib.thresholds import costs, tuning
from lib.thresholds import sets as threshold_sets
from lib.thresholds.objectives import OBJECTIVES, Choice, with_defaults
from lib.thresholds.sets_file import DEFAULT, ThresholdSet, by_label
from lib.thresholds.tuning import Report
from lib.training.runs import Run
from lib.web.ui import guard
from lib.web.ui.analyze import show_code
from lib.web.ui.thresholds import by_costs, numbers
from lib.web.ui.thresholds import state as lab_state
from lib.web.ui.thresholds.state import LabState

_ONE, _EACH = "one", "each"


def show(run: Run, task: Task, split: str, state: LabState) -> None:
    """Show the form of the objectives with what it would choose, and below what is kept."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _by_objective(run, task, state)
    with right:
        _kept(run, task, split, state)


# --- by an objective ---------------------------------------------------------------------------------------


def _by_objective(run: Run, task: Task, state: LabState) -> None:
    st.markdown("**Choose by an objective**")
    name = st.selectbox(
        "Objective",
        [*OBJECTIVES, costs.NAME],
        format_func=lambda one: costs.TITLE if one == costs.NAME else OBJECTIVES[one].title,
        key="objective",
        bind="query-params",
        help="What is best depends on what a miss and a false alarm cost you.",
    )
    st.caption(costs.HELP if name == costs.NAME else OBJECTIVES[name].help)
    asked = by_costs.table(run, task) if name == costs.NAME else None
    options = _options(name) if asked is None else {}
    how = st.segmented_control(
        "Thresholds",
        [_EACH, _ONE],
        default=_EACH,
        required=True,
        format_func=guard.letters({_EACH: f"One for each {task.noun}", _ONE: "One for all"}.__getitem__),
        key="objective-for",
    )
    with guard.errors():
        if asked is not None:
            by_costs.show(run, task, state, asked, _use_button, one=how == _ONE)
            return
        report = reported(run, name, options, one=how == _ONE)
        _use_button(run, state, report, name, options, {})
        _show_report(report, task)
        more = {"objective": name, "options": with_defaults(name, options), "one": how == _ONE}
        show_code.button(run, task, "valid", panels.TUNED, more=more)


def _options(name: str) -> dict[str, float]:
    options = OBJECTIVES[name].options
    if not options:
        return {}
    values = {}
    for place, option in zip(st.columns(len(options)), options, strict=True):
        title = f"{option.title} ({option.unit})" if option.unit else option.title
        values[option.name] = place.number_input(
            title,
            min_value=option.least,
            max_value=option.most,
            value=option.default,
            key=f"objective-{name}-{option.name}",
            help=option.help,
        )
    return values


def reported(run: Run, objective: str, options: dict[str, float], *, one: bool) -> Report[Choice]:
    """Return what an objective chooses on the validation images, and its cross-validated numbers; worked out once."""
    return _reported(run.id, results.version(run), objective, tuple(sorted(options.items())), one, run)


@st.cache_resource(max_entries=32, show_spinner="Choosing thresholds …")
def _reported(run: str, version: int, objective: str, options: tuple, one: bool, _run: Run) -> Report[Choice]:
    return tuning.report(*results.labeled_parts(_run), objective, dict(options), one=one)


def _use_button(
    run: Run, state: LabState, report: Report, name: str, options: dict[str, float], costs: dict[str, Any]
) -> None:
    def use() -> None:
        lab_state.choose(run, state, counts.nearest(report.thresh))
        st.session_state[_origin_key(run)] = (tuple(report.thresh.tolist()), name, options, costs)

    st.button("Use these thresholds", type="primary", icon=":material/check:", key="use-objective", on_click=use)


def _show_report(report: Report[Choice], task: Task) -> None:
    """Say what was chosen, how good that is on other images, and what to be careful about."""
    chosen = report.choice
    st.caption(guard.escape(report.sentence))
    rows = {
        numbers.KINDS[report.kind]: report.numbers,
        numbers.TUNED_ON: report.tuned_on,
    }
    if report.same:
        rows.pop(numbers.TUNED_ON)
    numbers.columns(rows, task.decision_titles)
    borrowed, missed = int(chosen.pooled.sum()), int((~chosen.reached).sum())
    many = task.nouns
    if borrowed and len(set(chosen.index.tolist())) > 1:
        st.caption(
            f":material/group: {borrowed:,} of {len(chosen.index):,} {many} have too few examples of their own and "
            "borrow from all together."
        )
    if len(chosen.index) > 1:
        with st.expander(f"The threshold of each {task.noun}", icon=":material/table_rows:"):
            _each(report, task)
    if missed:
        st.warning(
            f"{missed:,} of {len(chosen.index):,} {many} cannot reach the demand at any threshold: the nearest was "
            "taken.",
            icon=":material/warning:",
        )


def _each(report: Report[Choice], task: Task) -> None:
    """Show every threshold, what it was chosen from, and whether the demand is met."""
    chosen = report.choice
    one = len(set(chosen.index.tolist())) == 1
    table = pd.DataFrame(
        {
            task.noun: list(report.on.names),
            "threshold": report.thresh.astype(np.float64).round(3),
            "own positives (validation)": chosen.n_pos,
            "chosen from": ["all together" if one else "own and all" if pooled else "own" for pooled in chosen.pooled],
            "demand met": chosen.reached,
        }
    )
    st.dataframe(table, hide_index=True, key="chosen-thresholds", height=min(360, 40 + 35 * len(table)))


# --- kept --------------------------------------------------------------------------------------------------


def _kept(run: Run, task: Task, split: str, state: LabState) -> None:
    st.markdown("**Keep them**")
    st.caption("Kept thresholds belong to the run: Predict, the command line and every export can use them by name.")
    with st.form("keep", border=False, clear_on_submit=False):
        name = st.text_input("Name", placeholder="for instance high-recall", key="keep-name")
        replace = st.checkbox("Replace thresholds of the same name", key="keep-replace")
        if st.form_submit_button("Keep the thresholds shown", icon=":material/save:"):
            _keep(run, state, name.strip(), replace=replace)
    with guard.errors():
        sets = threshold_sets.read_all(run)
        chosen = st.selectbox("Kept", list(sets), key=f"kept-{run.id}", help="The default is what the run began with.")
        one = sets[chosen]
        st.caption(guard.escape(_description(one)))
        with st.container(horizontal=True):
            st.button(
                "Use",
                key="use-kept",
                icon=":material/check:",
                on_click=lambda: _load(run, state, one),
                type="secondary",
            )
            st.button(
                "Delete",
                key="delete-kept",
                icon=":material/delete:",
                disabled=chosen == DEFAULT,
                on_click=lambda: _delete(run, chosen),
            )
            _undo(run)
        _downloads(run, split, state)


def _description(one: ThresholdSet) -> str:
    low, high = one.thresh.min(), one.thresh.max()
    span = f"{low:.3f} everywhere" if low == high else f"{low:.3f} to {high:.3f}"
    how = "what the run began with" if one.name == DEFAULT else threshold_sets.words(one)
    when = f", {one.created[:16].replace('T', ' ')}" if one.created else ""
    who = f", {guard.escape(one.user)}" if one.user else ""
    return f"{span}; {how}{when}{who}."


def _keep(run: Run, state: LabState, name: str, *, replace: bool) -> None:
    if not name:
        st.error("Give the thresholds a name first.", icon=":material/error:")
        return
    chosen_thresh, *origin = st.session_state.get(_origin_key(run), ((), "", {}, {}))
    if chosen_thresh != tuple(state.thresh.tolist()):  # moved by hand since
        origin = ["", {}, {}]
    objective, options, of_labels = origin
    with guard.errors():
        one = ThresholdSet(name, state.thresh, split="valid", objective=objective, options=options, costs=of_labels)
        threshold_sets.save(run, one, replace=replace)
        st.toast(f"Kept as {guard.escape(name)}.", icon=":material/check:")


def _load(run: Run, state: LabState, one: ThresholdSet) -> None:
    lab_state.choose(run, state, counts.nearest(one.thresh))
    if one.costs:
        by_costs.take(run, one)
        st.session_state["objective"] = costs.NAME


def _delete(run: Run, name: str) -> None:
    with guard.later():
        st.session_state[_deleted_key(run)] = threshold_sets.delete(run, name)


def _undo(run: Run) -> None:
    gone: ThresholdSet | None = st.session_state.get(_deleted_key(run))
    if gone is None:
        return

    def back() -> None:
        with guard.later():
            threshold_sets.save(run, gone)
            del st.session_state[_deleted_key(run)]

    st.button(f"Undo: bring back {guard.escape(gone.name)}", key="undo-kept", icon=":material/undo:", on_click=back)


def _downloads(run: Run, split: str, state: LabState) -> None:
    """Offer what is shown as files: every prediction at these thresholds, and the thresholds alone."""
    shown = ThresholdSet("shown", state.thresh, split="valid")
    with st.container(horizontal=True):
        st.download_button(
            "Predictions (CSV)",
            data=lambda: predictions.csv_bytes(run, split, shown),
            file_name=f"{run.id}-{split}-predictions.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-predictions",
            help=f"Every {split} image with each label's probability, decision and truth, at the thresholds shown.",
            on_click="ignore",
        )
        thresh = by_label(shown, run.names())
        content = json.dumps({"run": run.id, "name": "shown", "thresholds": thresh}, indent=1, ensure_ascii=False)
        st.download_button(
            "Thresholds (JSON)",
            data=content,
            file_name=f"{run.id}-thresholds.json",
            mime="application/json",
            icon=":material/download:",
            key="download-thresholds",
            on_click="ignore",
        )


def _origin_key(run: Run) -> str:
    return f"thresholds-from-{run.id}"


def _deleted_key(run: Run) -> str:
    return f"thresholds-deleted-{run.id}"
