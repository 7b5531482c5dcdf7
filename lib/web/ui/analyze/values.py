"""The bench of image regression: predicted against true, what is left, how sure, and where it is worst."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation import regression, results
from lib.evaluation.comparison import Errors
from lib.metrics.scores import METRICS
from lib.tasks.base import Task
from lib.tasks.types import Predictions, split_unit, three_digits
from lib.training import runs
from lib.training.runs import Run
from lib.web.charts import values
from lib.web.ui import guard, lazy_tabs, theme
from lib.web.ui.analyze import bench_compare, bench_state, images, numbers
from lib.web.ui.analyze.bench_state import VALUE
from lib.web.ui.analyze.images import Measured
from lib.web.ui.thresholds import words


@dataclass(frozen=True)
class _Looked:
    """What is shown: predictions, groups, the value that is looked at, and names of the images."""

    found: Predictions
    groups: np.ndarray
    value: int
    originals: np.ndarray

    @property
    def name(self) -> str:
        return self.found.names[self.value]

    @property
    def unit(self) -> str:
        return split_unit(self.name)[1]

    @property
    def off(self) -> np.ndarray:
        """Predicted minus true of the value, shape (n,)."""
        return self.found.preds[:, self.value].astype(np.float64) - self.found.targs[:, self.value]

    @property
    def base(self) -> np.ndarray:
        """The same of the mean value."""
        return self.found.baseline[:, self.value].astype(np.float64) - self.found.targs[:, self.value]


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str) -> None:
    """Show the bench of ``split``: the value that is chosen, its numbers, the picture, the tabs, the images."""
    key = f"{run.id}-{split}-{results.version(run)}"
    same = dataset.revision == run.config.revision
    groups = runs.groups(dataset if same else None, predictions.items)
    names = dataset.items["original"].to_numpy(dtype=object)[predictions.items] if same else None
    originals = names if same else np.array([f"row {row}" for row in predictions.items], dtype=object)
    looked = _Looked(predictions, groups, _choose(predictions.names, key), originals)
    _numbers(looked, split, key)
    tabs = {
        "Predicted against true": partial(_against, looked, key),
        "Residuals": partial(_residuals, looked, key),
        "Per value": partial(_per_value, looked, key),
        "Compare runs": partial(_compare, run, task, split, looked, key),
        "All metrics": partial(numbers.all_metrics, task, predictions, run.config.thresh),
    }
    lazy_tabs.show(tabs, key=f"bench-tabs-{run.id}")
    images.show(run, dataset, task, predictions, run.config.thresh, split=split, measured=_measured(looked))


def _choose(names: tuple[str, ...], key: str) -> int:
    """Let one of several values be chosen."""
    if len(names) == 1:
        return 0
    bench_state.restore(names)
    asked = st.query_params.get(VALUE, "")
    widget = f"value-{key}"
    known = asked.isdecimal() and len(asked) < 9 and int(asked) < len(names)
    st.session_state[widget] = int(asked) if known else 0  # the address has the last word, also when going back
    chosen = st.selectbox(
        "Value",
        range(len(names)),
        format_func=names.__getitem__,
        key=widget,
        on_change=lambda: bench_state.write(VALUE, str(st.session_state[widget])),
        width=320,
    )
    bench_state.keep(names)
    return chosen


def _numbers(looked: _Looked, split: str, key: str) -> None:
    """Show the numbers of the value with their intervals, the mean value's beside."""
    model, base = _worked_out(key, looked.found, looked.groups)
    at, unit = looked.value, looked.unit
    st.caption(
        f"{guard.escape(looked.name)} on {words.images(len(looked.found.items), split)}. In brackets: where the "
        "number would lie with other images, 95 % interval, bootstrap over groups, widened for "
        "few of them and not defined for fewer than 5."
    )
    titles = {
        "mae": ("MAE", METRICS["mae"].help, unit),
        "rmse": ("RMSE", METRICS["rmse"].help, unit),
        "r2": ("R²", METRICS["r2"].help, ""),
        "bias": ("Mean error", "Mean of predicted minus true: far from 0, it says too much or too little.", unit),
    }
    with st.grid(4, min_column_width=190):
        for name, (title, text, of) in titles.items():
            found = model[name].at(at)
            st.metric(
                title,
                said(found.value, of),
                delta=f"({found.words(said)}) · mean value {said(float(base[name].value[at]), of)}",
                delta_arrow="off",
                delta_color="off",
                help=text,
            )


def said(value: float, unit: str = "") -> str:
    """Return a number with its unit, or that it is not defined.

    Examples
    --------
    >>> said(-0.5, "bar"), said(float("nan"), "bar")
    ('−0.500 bar', 'not defined')
    """
    if np.isnan(value):
        return "not defined"
    return f"{'−' if value < 0 else ''}{three_digits(abs(value))} {unit}".strip()


def _against(looked: _Looked, key: str) -> None:
    rows = _drawn(len(looked.found.items))
    st.caption(
        "Each cross is an image; on the dashed line prediction and truth are equal."
        + (f" Of {len(looked.found.items):,} images {len(rows):,} are drawn, evenly." if _cut(looked) else "")
    )
    made = values.against(
        looked.found.preds[rows, looked.value],
        looked.found.targs[rows, looked.value],
        looked.originals[rows],
        looked.name,
    )
    theme.chart(made, key=f"against-{key}-{looked.value}", alt="Predicted against true")


def _residuals(looked: _Looked, key: str) -> None:
    rows = _drawn(len(looked.found.items))
    st.caption(
        "What is left: predicted minus true. A slope or a bow on the left says that large and small values are judged "
        "differently; the model's errors on the right should be narrower than the mean value's."
    )
    left, right = st.columns(2)
    with left:
        made = values.residuals(
            looked.found.preds[rows, looked.value], looked.off[rows], looked.originals[rows], looked.name
        )
        theme.chart(made, key=f"residuals-{key}-{looked.value}", alt="Residuals against predictions")
    with right:
        made = values.histogram(looked.off, looked.base, looked.name)
        theme.chart(made, key=f"histogram-{key}-{looked.value}", alt="How often each error occurs")


def _per_value(looked: _Looked, key: str) -> None:
    st.caption("Each in the value's own unit; from and to are the ends of the 95 % interval of the MAE.")
    model, base = _worked_out(key, looked.found, looked.groups)
    made = pd.DataFrame(
        {
            "value": list(looked.found.names),
            "MAE": model["mae"].value,
            "from": model["mae"].low,
            "to": model["mae"].high,
            "MAE of the mean value": base["mae"].value,
            "RMSE": model["rmse"].value,
            "R²": model["r2"].value,
            "mean error": model["bias"].value,
            "largest error": np.abs(looked.found.preds.astype(np.float64) - looked.found.targs).max(axis=0, initial=0),
        }
    )
    words.table(made, key=f"values-{key}", digits=None, pinned="value")


def _compare(run: Run, task: Task, split: str, looked: _Looked, key: str) -> None:
    def errors_of(one: Run) -> Errors:
        found, at = results.predictions(one, split), [looked.value]
        return Errors(
            found.items, found.targs[:, at], np.abs(found.preds[:, at].astype(np.float64) - found.targs[:, at])
        )

    st.caption(f"Mean absolute error of {guard.escape(looked.name)}.")
    bench_compare.show(
        run, task, split, errors_of, looked.groups, guard.escape(looked.unit), key=key, names=[looked.name]
    )


def _measured(looked: _Looked) -> Measured:
    """Return the absolute errors of the value, by which the images are sorted."""
    unit = looked.unit
    notes = [f"off by {'+' if value > 0 else ''}{said(value, unit)}" for value in looked.off.tolist()]
    by = f"absolute error of {guard.escape(looked.name)}"
    return Measured(np.abs(looked.off), by, f"value-{looked.value}", "", notes)


def _drawn(n: int) -> np.ndarray:
    return np.arange(n) if n <= values.MOST else np.linspace(0, n - 1, values.MOST).astype(np.int64)


def _cut(looked: _Looked) -> bool:
    return len(looked.found.items) > values.MOST


@st.cache_resource(max_entries=16, show_spinner=False)
def _worked_out(key: str, _found: Predictions, _groups: np.ndarray) -> tuple[dict, dict]:
    """Return the numbers of the model and of the mean value."""
    return (
        regression.numbers(_found.preds, _found.targs, _groups),
        regression.numbers(_found.baseline, _found.targs, _groups),
    )
