"""How a training goes: state, progress, curves, stop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lib import curves, figures, protocol, tasks
from lib.data.dataset import Dataset
from lib.runs import Run
from lib.tasks.base import Task
from lib.tasks.parts import three_digits
from lib.ui import guard, theme, train_head, train_rates, train_record, train_watch, train_words

#: Seconds between looks at a run that goes on.
_EVERY = 1.0


def show(run: Run, dataset: Dataset) -> None:
    """Show ``run`` and follow it as long as it goes on."""
    active = run.state in protocol.ACTIVE
    st.fragment(_guarded, run_every=_EVERY if active else None)(run, dataset, active)


def _guarded(run: Run, dataset: Dataset, was_active: bool) -> None:
    with guard.errors():  # a fragment runs again without the page around it
        _live(run, dataset, was_active)


def _live(run: Run, dataset: Dataset, was_active: bool) -> None:
    state = run.refresh().state
    if was_active and state not in protocol.ACTIVE:
        st.rerun()  # the whole page: the list of runs, and no more looking every second
    task = tasks.get(run.config.task)
    train_head.show(run)
    if run.config.kind == protocol.LR_FIND:
        train_rates.show(run)
    elif run.history.step:
        baseline = _baseline(run, task, dataset)
        _numbers(run, task, dataset, baseline)
        train_words.show(run, task, dataset, baseline)
        _charts(run, task, dataset, baseline)
    train_watch.show(run, dataset)
    train_record.show(run)


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
                help=f"Loss: {task.loss_words(run.config, dataset.targs)}.",
            )


def _baseline(run: Run, task: Task, dataset: Dataset) -> float | None:
    """Return the baseline's headline metric on the validation split; None if the dataset changed since."""
    if dataset.revision != run.config.revision:
        return None
    train, valid = dataset.index("train"), dataset.index("valid")
    sizes = dataset.sizes[valid]
    preds = task.baseline(dataset.targs[train], dataset.sizes[train], sizes, dataset.names)
    return task.metrics(preds, dataset.targs[valid], run.config.thresh, sizes)[task.metric]


def _charts(run: Run, task: Task, dataset: Dataset, baseline: float | None) -> None:
    history = run.history
    frozen = [fit for fit in history.fits if fit["phase"] == protocol.FROZEN]
    span = (0, frozen[0]["epochs"] * history.started["n_batches"], protocol.FROZEN) if frozen else None
    batches = history.batches()
    left, right = st.columns(2)
    with left:
        st.markdown("**Loss per batch**")
        theme.chart(
            _loss_figure(batches["step"], batches["loss"], span), key=f"loss-{run.id}", alt="Loss against batch"
        )
    with right:
        st.markdown("**Learning rate per batch**")
        kept = curves.thin(batches["lr"])
        rates = pd.DataFrame({"learning rate": batches["lr"][kept]}, index=batches["step"][kept])
        figure = figures.lines(rates, x="batch", y="learning rate", span=span)
        theme.chart(figure, key=f"lr-{run.id}", alt="Learning rate against batch")
    if history.epochs:
        _epoch_charts(run, task, dataset, baseline, left, right)


def _loss_figure(steps: np.ndarray, values: np.ndarray, span: tuple[float, float, str] | None):
    kept = curves.thin(values)
    table = pd.DataFrame({"smoothed": curves.smooth(values)[kept], "raw": values[kept]}, index=steps[kept])
    return figures.losses(table, span=span)


def _epoch_charts(run: Run, task: Task, dataset: Dataset, baseline: float | None, left, right) -> None:
    table = pd.DataFrame(run.history.epochs).set_index("epoch")
    span = (0.5, run.config.freeze_epochs + 0.5, protocol.FROZEN) if run.config.freeze_epochs else None
    with left:
        st.markdown("**Loss per epoch**")
        figure = figures.lines(table[["train_loss", "valid_loss"]].astype(float), x="epoch", y="loss", span=span)
        theme.chart(figure, key=f"losses-{run.id}", alt="Training and validation loss against epoch")
    with right:
        unit = task.unit_of(dataset.names)
        title = f"{task.metric} ({unit})" if unit else task.metric
        st.markdown(f"**{figures.escape(task.metric_title)} per epoch**")
        values = pd.DataFrame(table["metrics"].tolist(), index=table.index)[[task.metric]]
        figure = figures.lines(values.astype(float), x="epoch", y=title, span=span)
        if baseline is not None:
            said = f"{task.baseline_title} {task.format(baseline, dataset.names)}"
            figures.add_baseline(figure, baseline, said)
        theme.chart(figure, key=f"metric-{run.id}", alt=f"{task.metric} against epoch")
