"""A training while it runs: state, progress, numbers, curves, stop."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib import tasks
from lib.core.config import LR_FIND, QUICK
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.tasks.types import Predictions, three_digits
from lib.training import events, run_metrics
from lib.training.runs import Run
from lib.web.ui import guard, run_state
from lib.web.ui.train import advice, charts, head, quick, rates, watch


def show(run: Run, dataset: Dataset) -> None:
    """Show ``run`` and follow it as long as it goes on."""
    every = _every(run)
    st.fragment(_guarded, run_every=every)(run, dataset, every)


def _every(run: Run) -> float | None:
    """Return the seconds between looks at ``run``; None where there is nothing to wait for."""
    return charts.every(run.history.step) if quick.goes_on(run) else None


def _guarded(run: Run, dataset: Dataset, every: float | None) -> None:
    with guard.errors():  # a fragment runs again without the page around it
        _live(run, dataset, every)


def _live(run: Run, dataset: Dataset, every: float | None) -> None:
    guard.drawn_whole()
    state = run.refresh().state
    if _every(run) != every:
        st.rerun()  # the whole page: the list of runs, and when to look again
    task = tasks.get(run.config.task)
    head.show(run)
    dataset = run_state.seen(run, dataset)
    if run.config.kind == LR_FIND:
        rates.show(run)
    elif run.config.kind == QUICK:
        quick.show(run, task, dataset, _baselines(run, task, dataset).get(task.metric))
    elif run.history.step or state in events.ACTIVE:  # empty at first, so that the first point finds its place
        baselines = _baselines(run, task, dataset)
        baseline = baselines.get(task.metric)
        second = _quick_model(run)
        _numbers(run, task, dataset, baseline, second.get(task.metric))
        with st.container():  # always there, so that the charts below stay where they are
            advice.show(run, task, dataset, baseline)
        charts.show(run, task, dataset, baselines, second)
        watch.show(run, dataset)


def _numbers(run: Run, task: Task, dataset: Dataset, baseline: float | None, second: float | None) -> None:
    """Show the newest epoch's numbers with the baseline and, where there is one, the quick model beside them."""
    if not run.history.epochs:
        st.caption("The first metrics come at the end of the first epoch.")
        return
    last = run.history.epochs[-1]
    value = last["metrics"][task.metric]
    with st.container(horizontal=True, gap="medium"):
        st.metric(
            f"{task.metric_title} (valid)",
            task.format(value, dataset.names) if value is not None else "not defined",
            help=f"After epoch {last['epoch']}, on the {len(dataset.index('valid')):,} validation images.",
            width="content",
        )
        st.metric(
            f"Baseline: {task.baseline_title}",
            "not known" if baseline is None else task.format(baseline, dataset.names),
            help="What a trivial predictor reaches on the same images.",
            width="content",
        )
        if second is not None:
            st.metric(
                run_metrics.QUICK_MODEL.capitalize(),
                task.format(second, dataset.names),
                help="What a linear head on the network's frozen features reaches on the same images, fitted in "
                "seconds.",
                width="content",
            )
        for name in ("train_loss", "valid_loss"):
            loss = last[name]
            st.metric(
                name,
                "not defined" if loss is None else three_digits(loss),
                help=f"Loss: {task.loss_words(run.config, dataset.targs[dataset.included])}.",
                width="content",
            )


def _quick_model(run: Run) -> Mapping[str, float | None]:
    """Return the metrics on valid of the quick model beside the run, by name; none where there is no such model."""
    manifest = run.manifest()
    return manifest.get("quick", {}).get("valid", {}) if manifest else {}


def _baselines(run: Run, task: Task, dataset: Dataset) -> dict[str, float | None]:
    """Return the baseline's metrics on the validation split; none if the dataset was imported anew."""
    if dataset.revision != run.config.revision:
        return {}
    return _baselines_on(dataset.revision, run.config.thresh, task, dataset)


@st.cache_data(show_spinner=False, max_entries=100)
def _baselines_on(revision: str, thresh: float, _task: Task, _dataset: Dataset) -> dict[str, float | None]:
    """Return the baseline's metrics; the ``revision`` stands for the dataset and its task."""
    train, valid = _dataset.index("train"), _dataset.index("valid")
    preds = _task.baseline(_dataset.targs[train], _dataset.sizes[train], _dataset.sizes[valid], _dataset.names)
    return _task.metrics(Predictions.of(_dataset, valid, preds), thresh)
