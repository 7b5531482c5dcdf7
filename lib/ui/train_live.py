"""How a training goes: state, progress, curves, stop."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib import launch, protocol, tasks
from lib.data.dataset import Dataset
from lib.runs import Run
from lib.tasks.base import Task, three_digits
from lib.ui import guard, links, train_charts
from lib.ui.choose_run import STATES


def show(run: Run, dataset: Dataset) -> None:
    """Show ``run`` and follow it as long as it goes on."""
    every = _every(run)
    st.fragment(_guarded, run_every=every)(run, dataset, every)


def _every(run: Run) -> float | None:
    """Return the seconds between looks at ``run``; None where it does not go on."""
    return train_charts.every(run.history.step) if run.state in protocol.ACTIVE else None


def _guarded(run: Run, dataset: Dataset, every: float | None) -> None:
    with guard.errors():  # a fragment runs again without the page around it
        _live(run, dataset, every)


def _live(run: Run, dataset: Dataset, every: float | None) -> None:
    state = run.refresh().state
    if every and _every(run) != every:
        st.rerun()  # the whole page: the list of runs, and when to look again
    task = tasks.get(run.config.task)
    _head(run, state)
    said = st.container()  # always there, so that the charts below stay where they are
    if failure := run.failure():
        said.error(guard.escape(failure), icon=":material/error:")
    if run.history.step or state in protocol.ACTIVE:  # empty at first, so that the first point finds its place
        baseline = _baseline(run, task, dataset)
        _numbers(run, task, dataset, baseline)
        train_charts.show(run, task, dataset, baseline)
    choices = st.expander("Choices and machine", on_change="rerun")
    if choices.open:  # a closed one costs nothing at every look
        choices.table(pd.Series({**run.config.to_json(), **_machine(run)}, name="value").astype(str))


def _head(run: Run, state: str) -> None:
    left, right = st.columns([3, 1], vertical_alignment="center")
    with left:
        device = run.history.started.get("device", "")
        st.markdown(f"**{STATES[state]}**" + (f" on {guard.escape(device)}" if device else ""))
        if state in protocol.ACTIVE:
            _progress(run)
    with right:
        if state in protocol.ACTIVE:
            st.button(
                "Stopping…" if run.stopping else "Stop",
                icon=":material/stop:",
                key=f"stop-{run.id}",
                on_click=launch.stop,
                args=(run.folder,),
                disabled=run.stopping,
                help="Stops after the batch at hand and keeps what was learned.",
                width="stretch",
            )
        elif run.manifest():
            links.link("analyze", "Analyze", ":material/query_stats:")


def _progress(run: Run) -> None:
    progress, history = run.progress(), run.history
    if not history.step:
        st.progress(0.0, text=guard.escape(history.note or "Starting the worker: loading torch takes some seconds"))
        return
    said = [f"Epoch {progress.epoch} of {progress.epochs} ({history.fits[-1]['phase']})"]
    if progress.images_per_s:
        said.append(f"{progress.images_per_s:,.0f} images/s")
    if progress.seconds_left is not None:
        said.append(f"{_duration(progress.seconds_left)} left")
    if history.note:
        said = [history.note]
    st.progress(min(1.0, progress.fraction), text=guard.escape(" · ".join(said)))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def _numbers(run: Run, task: Task, dataset: Dataset, baseline: float | None) -> None:
    """Show the newest epoch's numbers with the baseline beside them."""
    if not run.history.epochs:
        st.caption("The first numbers come at the end of the first epoch.")
        return
    last = run.history.epochs[-1]
    metric, base, train, valid = st.columns(4)
    value = last["metrics"][task.metric]
    with metric:
        st.metric(
            f"{task.metric_title} (valid)",
            task.format(value, dataset.names) if value is not None else "not defined",
            help=f"After epoch {last['epoch']}, on the {len(dataset.index('valid')):,} validation images.",
        )
    with base:
        said = "not known" if baseline is None else task.format(baseline, dataset.names)
        st.metric(f"Baseline: {task.baseline_title}", said, help="What costs nothing to reach, on the same images.")
    for column, name in ((train, "train_loss"), (valid, "valid_loss")):
        with column:
            st.metric(
                name,
                "not defined" if last[name] is None else three_digits(last[name]),
                help=f"Loss: {task.loss_title}.",
            )


def _baseline(run: Run, task: Task, dataset: Dataset) -> float | None:
    """Return the baseline's headline metric on the validation split; None if the dataset changed since."""
    if dataset.revision != run.config.revision:
        return None
    return _baseline_on(dataset.revision, run.config.thresh, task, dataset)


@st.cache_data(show_spinner=False, max_entries=100)
def _baseline_on(revision: str, thresh: float, _task: Task, _dataset: Dataset) -> float:
    """Return the baseline's headline metric; the ``revision`` stands for the dataset and its task."""
    train, valid = _dataset.index("train"), _dataset.index("valid")
    preds = _task.baseline(_dataset.targs[train], _dataset.sizes[train], _dataset.sizes[valid], _dataset.names)
    return _task.metrics(preds, _dataset.targs[valid], thresh)[_task.metric]


def _machine(run: Run) -> dict[str, object]:
    started = {key: value for key, value in run.history.started.items() if key not in ("event", "time")}
    manifest = run.manifest() or {}
    return {**started, **manifest.get("versions", {}), **({"seconds": manifest["seconds"]} if manifest else {})}
