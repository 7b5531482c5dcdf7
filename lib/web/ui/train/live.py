"""A training while it runs and after: state and numbers, the loss beside the film, what they say, the rest in tabs."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib import tasks
from lib.core.config import LR_FIND, QUICK, TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training import events
from lib.training.runs import Run
from lib.web.charts import live
from lib.web.ui import address, guard, lazy_tabs, run_state
from lib.web.ui.train import advice, charts, head, quick, rates, record, watch

#: Pictures beside a chart are as high as it is with its title, and scrolled. Where it is narrow they are in one row, a
#: number stands beside its title, and what is trained next, the last to be read, stays at the lower edge, where it
#: unfolds; what has the focus is not hidden by it. Chromium takes the order of the focus from a layout after the first
#: only: there is another. Buttons stay beside a sentence of two lines.
_LIGHT, _DARK = (st.get_option(f"theme.{name}.backgroundColor") for name in ("light", "dark"))
STYLE = f"""<style>
.st-key-train-pictures {{ --film-top: 0px; max-height: {live.LARGE + 40}px; overflow-y: auto; padding-right: .4rem }}
@media (min-width: 641px) {{ .st-key-says {{ flex-wrap: nowrap }} .st-key-says > :not(:first-child) {{ flex: none }} }}
@media (max-width: 640px) {{
  .st-key-train-pictures {{ max-height: none; padding-right: 0 }}
  :is(.st-key-train-pictures, .st-key-train-before) {{
    --row: none; --row-flow: column; --row-scroll: auto; --row-room: 4px
  }}
  .st-key-run-head {{ gap: .2rem .9rem }}
  .st-key-run-head [data-testid="stMetric"] > div {{ display: flex; align-items: baseline; gap: .4rem }}
  .st-key-run-head [data-testid="stMetricLabel"] p {{ font-size: .8rem }}
  .st-key-run-head [data-testid="stMetricValue"] {{ font-size: .9rem; font-weight: 600; line-height: 1.3 }}
  .st-key-train-page > :has(> .st-key-train-choices) {{
    position: sticky; bottom: 0; z-index: 20; width: calc(100% + 2rem) !important; max-width: none; margin: 0 -1rem;
    border-top: 1px solid #8884; background: light-dark({_LIGHT}, {_DARK}); animation: laid-out-again 1s step-end 5
  }}
  @keyframes laid-out-again {{ from {{ margin-top: .02px }} 50% {{ margin-top: 0 }} }}
  .st-key-train-choices {{ max-height: 75vh; overflow-y: auto; padding: .5rem 1rem }}
  .st-key-train-line {{ gap: .4rem }}
  .st-key-train-line p {{ font-size: .85rem }}
  .st-key-train-line button {{ padding: 0 .6rem }}
  [data-testid="stMain"] {{ scroll-padding-bottom: 9rem }}
}}
</style>"""


def show(run: Run, dataset: Dataset, config: TrainConfig) -> None:
    """Show ``run`` and follow it as long as it goes on; ``config`` is what the form has."""
    every = _every(run)
    st.fragment(_guarded, run_every=every)(run, dataset, config, every)


def _every(run: Run) -> float | None:
    """Return the seconds between looks at ``run``; None where there is nothing to wait for."""
    return charts.every(run.history.step) if quick.goes_on(run) else None


def _guarded(run: Run, dataset: Dataset, config: TrainConfig, every: float | None) -> None:
    with guard.errors():  # a fragment runs again without the page around it
        _live(run, dataset, config, every)


def _live(run: Run, dataset: Dataset, config: TrainConfig, every: float | None) -> None:
    guard.drawn_whole()
    state = run.refresh().state
    if _every(run) != every:
        st.rerun()  # the whole page: the list of runs, and when to look again
    task = tasks.get(run.config.task)
    dataset = run_state.seen(run, dataset)
    if run.config.kind == LR_FIND:
        head.show(run)
        rates.show(run, config)
        record.folded(run)
    elif run.config.kind == QUICK:
        quick.show(run, task, dataset, _baselines(run, task, dataset).get(task.metric))
        record.folded(run)
    else:
        _training(run, task, dataset, is_begun=bool(run.history.step) or state in events.ACTIVE)


def _training(run: Run, task: Task, dataset: Dataset, *, is_begun: bool) -> None:
    """Show a training; of one that never began there is no chart."""
    baselines, second = _baselines(run, task, dataset), _quick_model(run)
    baseline = baselines.get(task.metric)
    head.show(run, lambda: head.numbers(run, task, dataset, baseline, second.get(task.metric)))
    if not is_begun:
        advice.show(run, task, dataset, baseline)
        record.folded(run)
        return
    drawn = charts.figures(run)
    # Each part has its place from the start: a chart that moved would be a new one, and lose its zoom.
    left, right = st.columns(2)
    with left:
        charts.loss(run, drawn)
    with right, st.container(key="train-pictures"):
        watch.show(run, dataset)
    with st.container():
        advice.show(run, task, dataset, baseline)
    tabs = {
        "Metrics": lambda: charts.metrics(run, task, dataset, baselines, second, drawn),
        "Speed & memory": lambda: charts.machine(run, drawn),
        "Rate": lambda: charts.rates(run, drawn),
        "Record": lambda: record.show(run),
    }
    lazy_tabs.show(tabs, key="train-tabs", in_address=address.ABOUT_RUN)


def _quick_model(run: Run) -> Mapping[str, float | None]:
    """Return the metrics on valid of the quick model beside the run, by name; none where there is no such model."""
    manifest = run.recorded()
    return manifest.get("quick", {}).get("valid", {}) if manifest else {}


def _baselines(run: Run, task: Task, dataset: Dataset) -> dict[str, float | None]:
    """Return the baseline's metrics on the validation split; none if the dataset was imported anew."""
    if dataset.revision != run.config.revision:
        return {}
    if not len(dataset.index("train")):  # of an imported run, which brings what it was
        manifest = run.recorded()
        return dict(manifest.get("baseline", {}).get("valid", {})) if manifest else {}
    return _baselines_on(dataset.revision, run.config.thresh, task, dataset)


@st.cache_data(show_spinner=False, max_entries=100)
def _baselines_on(revision: str, thresh: float, _task: Task, _dataset: Dataset) -> dict[str, float | None]:
    """Return the baseline's metrics; the ``revision`` stands for the dataset and its task."""
    train, valid = _dataset.index("train"), _dataset.index("valid")
    preds = _task.baseline(_dataset.targs[train], _dataset.sizes[train], _dataset.sizes[valid], _dataset.names)
    return _task.metrics(Predictions.of(_dataset, valid, preds), thresh)
