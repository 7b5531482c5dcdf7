"""The charts of a training: loss, metrics, what the machine did, the learning rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import streamlit as st

from lib.core.dataset import Dataset
from lib.metrics import curves
from lib.metrics.curves import Span
from lib.tasks.base import Task
from lib.training import events
from lib.training.history import History
from lib.training.run_files import Fit
from lib.training.run_metrics import QUICK_MODEL
from lib.training.runs import Run
from lib.web.charts import live
from lib.web.components.chart import chart, to_json
from lib.web.ui.analyze import show_code
from lib.web.ui.guard import escape

#: From so many batches on it is enough to look every so many seconds: nobody sees one point of thousands.
_MANY = 500
_EVERY = ((0, 1.0), (_MANY, 2.0), (20_000, 3.0))
_MINUTE, _GIB = 60.0, 2**30  # seconds, bytes


def every(step: int) -> float:
    """Return the seconds between looks at a run of ``step`` batches: first points come soon, long runs cost little."""
    return next(seconds for least, seconds in reversed(_EVERY) if step >= least)


def figures(run: Run) -> Figures:
    """Return the figures of ``run`` as it is now, made once for all who look at it."""
    drawn = _cached.setdefault(run, Figures())
    drawn.refresh(run)
    return drawn


def loss(run: Run, drawn: Figures) -> None:
    """Show the loss per batch, with the validation loss after each epoch."""
    st.markdown("**Loss per batch**")
    chart(drawn.loss, key=f"loss-{run.id}", alt="Loss against batch, raw and smoothed", height=live.LARGE)


def metrics(
    run: Run,
    task: Task,
    dataset: Dataset,
    baselines: Mapping[str, float | None],
    quick: Mapping[str, float | None],
    drawn: Figures,
) -> None:
    """Show a metric and the losses per epoch, and all of them as a table.

    Parameters
    ----------
    run : Run
    task : Task
    dataset : Dataset
    baselines, quick : Mapping of str to float
        Metrics of the baseline and of the quick model on the validation images, by name, where known.
    drawn : Figures
    """
    if not run.history.epochs:
        st.caption("The first metrics come at the end of the first epoch.")
        return
    left, right = st.columns(2)
    with left:
        chosen = _metric(run, task, dataset, baselines, quick, drawn)
    with right:
        st.markdown("**Loss per epoch**")
        alt = "Training and validation loss against epoch"
        chart(drawn.epoch_losses, key=f"losses-{run.id}", alt=alt, height=live.HEIGHT)
    table = st.expander("Epochs as a table", key=f"table-{run.id}", on_change="rerun")
    if table.open:  # a closed one costs nothing at every look
        with table:
            _table(drawn.table)
    show_code.of_training(run, chosen)


def machine(run: Run, drawn: Figures) -> None:
    """Show how fast ``run`` went, and what a GPU did."""
    if not drawn.throughput:
        st.caption("The speed is known after some batches.")
        return
    left, right = st.columns(2)
    with left:
        st.markdown("**Speed**")
        chart(drawn.throughput, key=f"speed-{run.id}", alt="Images a second over time", height=live.HEIGHT)
    with right:
        if drawn.device:
            st.markdown("**GPU**")
            chart(drawn.device, key=f"device-{run.id}", alt="GPU memory and use over time", height=live.HEIGHT)
        else:
            st.caption("Memory and use are recorded where a GPU trains; this run was on the CPU.")


def rates(run: Run, drawn: Figures) -> None:
    """Show learning rate and momentum per batch."""
    st.markdown("**Learning rate and momentum**")
    chart(drawn.rates, key=f"lr-{run.id}", alt="Learning rate and momentum", height=live.HEIGHT)


def _metric(
    run: Run,
    task: Task,
    dataset: Dataset,
    baselines: Mapping[str, float | None],
    quick: Mapping[str, float | None],
    drawn: Figures,
) -> str:
    """Show the headline metric per epoch, or another one if one is chosen; return which."""
    names = sorted(drawn.metrics, key=lambda name: name != task.metric)  # the headline first
    chosen = names[0]
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(names) == 1:
            st.markdown(f"**{escape(task.metric_title)} per epoch**")
        else:
            st.markdown("**Per epoch:**", width="content")
            chosen = st.selectbox(
                "Metric", names, key="epoch_metric", bind="query-params", label_visibility="collapsed", width=220
            )
    unit = task.unit_of(dataset.names, chosen)
    lines = tuple(
        (value, f"{title}: {chosen} {task.format(value, dataset.names, chosen)}")
        for title, values in ((task.baseline_title, baselines), (QUICK_MODEL, quick))
        if (value := values.get(chosen)) is not None
    )
    figure = drawn.metric(chosen, f"{chosen} ({unit})" if unit else chosen, lines)
    chart(figure, key=f"metrics-{run.id}", alt=f"{chosen} against epoch", height=live.HEIGHT)
    return chosen


def _table(table: pd.DataFrame) -> None:
    formats = {name: st.column_config.NumberColumn(format="%.4g") for name in table.columns[2:-1]}
    formats["seconds"] = st.column_config.NumberColumn(format="%.1f", help="Training and validation of the epoch.")
    st.dataframe(table, hide_index=True, column_config=formats, height=300 if len(table) > 8 else "content")


class Figures:
    """The figures of a run as JSON, made once for all who look at it; what did not change is not made again."""

    def __init__(self) -> None:
        self.loss = self.rates = self.epoch_losses = self.throughput = self.device = ""
        self.metrics: list[str] = []
        self.table = pd.DataFrame()
        self._metric: dict[tuple, str] = {}
        self._lock = threading.Lock()
        self._seen: dict[str, tuple] = {}
        self._refreshed_at = -np.inf

    def refresh(self, run: Run) -> None:
        """Make the figures anew for which there is something new, those of many batches not at every call."""
        history = run.history
        with self._lock:
            # Many batches are not drawn anew for each who looks: somebody else's may be as good as new.
            fresh = time.monotonic() - self._refreshed_at < 0.8 * every(history.step)
            if not (fresh and history.step >= _MANY and run.state in events.ACTIVE):
                if self._is_new("batches", history.step, history.resumed, len(history.epochs), len(history.fits)):
                    self._refreshed_at = time.monotonic()
                    self._batches(history, run.config.bs)
                if history.device and self._is_new("device", len(history.device), history.resumed):
                    self._device(history)
            if self._is_new("epochs", len(history.epochs), history.resumed, len(history.fits)):
                self._metric.clear()
                if history.epochs:
                    self._epochs(history)

    def metric(self, name: str, title: str, baselines: tuple[tuple[float, str], ...]) -> str:
        """Return the figure of one metric per epoch."""
        with self._lock:
            key = (name, title, baselines)
            if key not in self._metric:
                epochs, values = self.table["epoch"].to_numpy(), self.table[name].to_numpy()
                kept = curves.thin(values)
                figure = live.epoch_metric(epochs[kept], values[kept], title, self._phases, baselines)
                self._metric[key] = to_json(figure)
            return self._metric[key]

    def _is_new(self, what: str, *facts: int) -> bool:
        before, self._seen[what] = self._seen.get(what), facts
        return before != facts

    def _batches(self, history: History, bs: int) -> None:
        batches, fits, epochs = history.batches(), history.fits, history.epochs
        steps = batches["step"].astype(np.int32)
        phases = _phases(fits, lambda fit: fit["step"] + 0.5, len(steps) + 0.5)
        smoothed = curves.smooth(batches["loss"], starts=[fit["step"] for fit in fits if fit["step"] < len(steps)])
        kept = curves.thin(batches["loss"])
        valid = _numbers(epoch["valid_loss"] for epoch in epochs)
        valid_steps, at = np.array([epoch["step"] for epoch in epochs], dtype=np.int32), curves.thin(valid)
        raw, smoothed = (_short(values[kept]) for values in (batches["loss"], smoothed))
        self.loss = to_json(live.batch_loss(steps[kept], raw, smoothed, valid_steps[at], _short(valid[at]), phases))
        kept = curves.thin(batches["lr"])
        lr, mom = (_short(batches[name][kept]) for name in ("lr", "mom"))
        self.rates = to_json(live.rates(steps[kept], lr, mom, phases))
        when, speed = curves.throughput(batches["seconds"], bs, [part["step"] for part in (*epochs, *fits)])
        if len(when):
            phases = _phases(fits, lambda fit: fit["seconds"] / _MINUTE, batches["seconds"][-1] / _MINUTE)
            self.throughput = to_json(live.throughput(_short(when / _MINUTE), _short(speed), phases))

    def _epochs(self, history: History) -> None:
        epochs, fits = history.epochs, history.fits
        self.metrics = list(dict.fromkeys(name for epoch in epochs for name in epoch["metrics"]))
        self.table = pd.DataFrame(
            {
                "epoch": [epoch["epoch"] for epoch in epochs],
                "phase": [epoch["phase"] for epoch in epochs],
                "train_loss": _numbers(epoch["train_loss"] for epoch in epochs),
                "valid_loss": _numbers(epoch["valid_loss"] for epoch in epochs),
                **{name: _numbers(epoch["metrics"].get(name) for epoch in epochs) for name in self.metrics},
                "seconds": curves.epoch_seconds(epochs, fits),
            }
        )
        before = iter(curves.epochs_before(fits, epochs))
        self._phases = _phases(fits, lambda _fit: next(before) + 0.5, len(epochs) + 0.5)
        number, train, valid = (self.table[name].to_numpy() for name in ("epoch", "train_loss", "valid_loss"))
        kept = curves.thin(valid)
        self.epoch_losses = to_json(live.epoch_losses(number[kept], train[kept], valid[kept], self._phases))

    def _device(self, history: History) -> None:
        samples = history.device
        minutes = _numbers(one["seconds"] for one in samples) / _MINUTE
        memory, use = _numbers(one["memory"] for one in samples) / _GIB, _numbers(one["use"] for one in samples)
        kept = np.union1d(curves.thin(memory, 300), curves.thin(use, 300))
        phases = _phases(history.fits, lambda fit: fit["seconds"] / _MINUTE, minutes[-1])
        total = samples[-1]["memory_total"] / _GIB
        when, gib, percent = (_short(values[kept]) for values in (minutes, memory, use))
        self.device = to_json(live.device(when, gib, percent, phases, total_gib=total))


_cached: WeakKeyDictionary[Run, Figures] = WeakKeyDictionary()


def _phases(fits: Sequence[Fit], place: Callable[[Fit], float], end: float) -> list[Span]:
    return curves.spans([place(fit) for fit in fits], [fit["phase"] for fit in fits], end)


def _numbers(values) -> np.ndarray:
    """Return values as float64, NaN for None."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _short(values: np.ndarray) -> np.ndarray:
    """Return values in seven digits: half the bytes to send, and no screen shows more."""
    return values.astype(np.float32)
