"""The bench of image regression: predicted against true, residuals, intervals, worst images."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation import regression, results
from lib.metrics import intervals, means
from lib.metrics.intervals import Interval
from lib.metrics.scores import METRICS
from lib.tasks.base import Task
from lib.tasks.code import panels
from lib.tasks.types import Predictions, split_unit, three_digits
from lib.training import run_metrics
from lib.training.runs import Run
from lib.web.charts import values
from lib.web.components.chart import chart
from lib.web.ui import address, guard, lazy_tabs, theme, words
from lib.web.ui.address import VALUE
from lib.web.ui.analyze import images, line, numbers, other_runs, show_code, worst
from lib.web.ui.analyze.images import Measured


@dataclass(frozen=True)
class _Selection:
    """What is shown: predictions, groups, the value that is looked at, and names of the images."""

    predictions: Predictions
    groups: np.ndarray
    value: int
    originals: np.ndarray

    @property
    def name(self) -> str:
        return self.predictions.names[self.value]

    @property
    def unit(self) -> str:
        return split_unit(self.name)[1]

    def written(self, value: float) -> str:
        """Return a number of the value with its unit, as Markdown."""
        return guard.escape(formatted(value, self.unit))

    @property
    def off(self) -> np.ndarray:
        """Predicted minus true of the value, shape (n,)."""
        return self.predictions.preds[:, self.value].astype(np.float64) - self.predictions.targs[:, self.value]

    @property
    def base(self) -> np.ndarray:
        """The same of the mean value."""
        return self.predictions.baseline[:, self.value].astype(np.float64) - self.predictions.targs[:, self.value]


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str) -> None:
    """Show the bench of ``split``: its numbers, predicted against true beside the worst images, the sections."""
    key = f"{run.id}-{split}-{results.version(run)}"
    same = dataset.revision == run.config.revision
    groups = run_metrics.groups(dataset if same else None, predictions.items)
    originals = np.array([f"row {row}" for row in predictions.items], dtype=object)
    if same:
        originals = dataset.items["original"].to_numpy(dtype=object)[predictions.items]
    above, left, right = theme.opening("values", (theme.BESIDE, theme.WIDE))
    with above:
        numbers_line = st.container()  # what they are of is chosen beside them
        selection = _Selection(predictions, groups, _choose(predictions.names, key), originals)
        numbers_key = f"{key}-{hash(groups.tobytes())}"
        with numbers_line:
            line.show(run, _words(selection, numbers_key))
        with st.popover("Numbers", icon=":material/info:", help="Every number with its interval and its meaning."):
            _numbers(selection, split, numbers_key)
    with left:
        _against(selection, key)
    measured = _measured(selection)
    with right:
        worst.show(run, dataset, task, predictions, split, measured)
    pictures = partial(
        st.fragment(images.show), run, dataset, task, predictions, run.config.thresh, split=split, measured=measured
    )
    each: dict[str, lazy_tabs.Draw] = {
        "Residuals": show_code.below(
            partial(_residuals, selection, key), run, task, split, panels.CURVE, label=selection.value
        )
    }
    if len(predictions.names) > 1:
        each["Per value"] = partial(_per_value, selection, numbers_key)
    tabs: dict[str, dict[str, lazy_tabs.Draw]] = {"Values": each, "Errors": {"Pictures": pictures}}
    if other_runs.is_any(run, split):
        tabs["Trust"] = {"Compare runs": partial(other_runs.show, run, split)}
    metrics = partial(numbers.all_metrics, task, predictions, split, run.config.thresh)
    tabs["Metrics"] = {"All metrics": show_code.below(metrics, run, task, split, panels.METRICS)}
    lazy_tabs.show(tabs, key=f"bench-tabs-{run.id}", in_address=address.TAB)


def _words(selection: _Selection, key: str) -> str:
    """Return the numbers of the value in one line of Markdown."""
    model, base, gains = _worked_out(key, selection.predictions, selection.groups)
    at, unit = selection.value, guard.escape(selection.unit)
    mae, bias = model["mae"].at(at), model["bias"].at(at)
    if np.isnan(mae.value):
        return "There are no images to measure an error on."
    others = {"baseline": "the mean value", "quick": f"the {run_metrics.QUICK_MODEL}"}
    against = [
        line.against(mae.value, float(base[one]["mae"].value[at]), gain.at(at), others[one], selection.written)
        for one, gain in gains.items()
    ]
    parts = [
        f"{guard.escape(split_unit(selection.name)[0])}: MAE "
        f"{line.joined(line.error_words(mae, three_digits, unit), *against)}",
        f"RMSE **{selection.written(float(model['rmse'].value[at]))}**",
    ]
    if not np.isnan(model["r2"].value[at]):
        parts.append(f"R² **{three_digits(float(model['r2'].value[at]))}**")
    chance = "" if intervals.judged(bias) in (intervals.BETTER, intervals.WORSE) else ", which may be chance"
    parts.append(f"bias **{line.signed(bias.value, three_digits)} {unit}".rstrip() + f"**{chance}")
    return line.BETWEEN.join(parts)


def _choose(names: tuple[str, ...], key: str) -> int:
    """Let one of several values be chosen."""
    if len(names) == 1:
        return 0
    asked = st.query_params.get(VALUE, "")
    widget = f"value-{key}"
    known = asked.isdecimal() and len(asked) < 9 and int(asked) < len(names)
    st.session_state[widget] = int(asked) if known else 0  # the address has the last word, also when going back
    chosen = st.selectbox(
        "Value",
        range(len(names)),
        format_func=names.__getitem__,
        key=widget,
        on_change=lambda: address.write(VALUE, str(st.session_state[widget])),
        width=200,
        label_visibility="collapsed",
    )
    return chosen


def _numbers(selection: _Selection, split: str, key: str) -> None:
    """Show the numbers of the value with their intervals, the mean value's beside."""
    model, base, _ = _worked_out(key, selection.predictions, selection.groups)
    at, unit = selection.value, selection.unit
    st.caption(
        f"{guard.escape(selection.name)} on {words.images(len(selection.predictions.items), split)}. In parentheses: "
        "the 95 % interval, a bootstrap over groups, widened for few of them and left out for fewer than 5."
    )
    titles = {
        "mae": ("MAE", METRICS["mae"].help, unit),
        "rmse": ("RMSE", METRICS["rmse"].help, unit),
        "r2": ("R²", METRICS["r2"].help, ""),
        "bias": ("Bias", "Mean of predicted minus true: far from 0, it says too much or too little.", unit),
    }
    with st.grid(2, min_column_width=190):
        for name, (title, text, of) in titles.items():
            interval, mean_value = model[name].at(at), float(base["baseline"][name].value[at])
            if np.isnan(interval.value):
                continue
            beside = [f"({interval.words(formatted)})"] if interval.is_defined else []
            beside += [] if np.isnan(mean_value) else [f"mean value {formatted(mean_value, of)}"]
            st.metric(
                title,
                formatted(interval.value, of),
                delta=" · ".join(beside) or None,
                delta_arrow="off",
                delta_color="off",
                help=text,
            )


def formatted(value: float, unit: str = "") -> str:
    """Return a number with its unit, or that it is not defined.

    Examples
    --------
    >>> formatted(-0.5, "bar"), formatted(float("nan"), "bar")
    ('−0.500 bar', 'not defined')
    """
    if np.isnan(value):
        return "not defined"
    return f"{three_digits(value)} {unit}".strip()


def _against(selection: _Selection, key: str) -> None:
    count = len(selection.predictions.items)
    rows = _drawn(count)
    few = f" Of {count:,} images {len(rows):,} are drawn, evenly." if len(rows) < count else ""
    st.caption(f"Each cross is an image; on the dashed line prediction and truth are equal.{few}")
    figure = values.against(
        selection.predictions.preds[rows, selection.value],
        selection.predictions.targs[rows, selection.value],
        selection.originals[rows],
        selection.name,
    )
    chart(figure, key=f"against-{key}-{selection.value}", alt="Predicted against true")


def _residuals(selection: _Selection, key: str) -> None:
    rows = _drawn(len(selection.predictions.items))
    st.caption(
        "What is left: predicted minus true. A slope or a bow on the left says that large and small values are judged "
        "differently; the model's errors on the right should be narrower than the mean value's."
    )
    left, right = st.columns(2)
    with left:
        figure = values.residuals(
            selection.predictions.preds[rows, selection.value],
            selection.off[rows],
            selection.originals[rows],
            selection.name,
        )
        chart(figure, key=f"residuals-{key}-{selection.value}", alt="Residuals against predictions")
    with right:
        figure = values.histogram(selection.off, selection.base, selection.name)
        chart(figure, key=f"histogram-{key}-{selection.value}", alt="How often each error occurs")


def _per_value(selection: _Selection, key: str) -> None:
    st.caption("Each in the value's own unit; from and to are the ends of the 95 % interval of the MAE.")
    model, base, _ = _worked_out(key, selection.predictions, selection.groups)
    table = regression.table(selection.predictions, model, base["baseline"]["mae"])
    words.table(table, key=f"values-{key}", digits=None, pinned="value")


def _measured(selection: _Selection) -> Measured:
    """Return the absolute errors of the value, by which the images are sorted."""
    unit = selection.unit
    notes = [f"off by {'+' if value > 0 else ''}{formatted(value, unit)}" for value in selection.off.tolist()]
    by = f"absolute error of {guard.escape(selection.name)}"
    return Measured(np.abs(selection.off), by, f"value-{selection.value}", "", notes)


def _drawn(n: int) -> np.ndarray:
    return np.arange(n) if n <= values.MOST else np.linspace(0, n - 1, values.MOST).astype(np.int64)


@st.cache_resource(max_entries=16, show_spinner=False)
def _worked_out(
    key: str, _predictions: Predictions, _groups: np.ndarray
) -> tuple[dict[str, Interval], dict[str, dict[str, Interval]], dict[str, Interval]]:
    """Return the numbers of the model; of what it is compared with; and by how much less it is wrong than that."""
    preds, targs = _predictions.preds, _predictions.targs
    others = {"baseline": _predictions.baseline}
    if _predictions.quick is not None:
        others["quick"] = _predictions.quick

    def off(values: np.ndarray) -> np.ndarray:
        return np.abs(values.astype(np.float64) - targs)

    return (
        regression.numbers(preds, targs, _groups),
        {name: regression.numbers(other, targs, _groups) for name, other in others.items()},
        {name: means.difference(off(other), off(preds), _groups) for name, other in others.items()},
    )
