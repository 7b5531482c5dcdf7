"""The tabs below the threshold lab; only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from lib.core.dataset import Dataset
from lib.evaluation import results
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training.runs import Run
from lib.web.ui import address, lazy_tabs, words
from lib.web.ui.analyze import numbers
from lib.web.ui.thresholds import book, calibration, choose, compare, confusion, labels, slices
from lib.web.ui.thresholds.state import LabState

#: The curve that the book draws; a task that has it has the book's plot too.
_BOOK = "accuracy_multi"


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str, state: LabState) -> None:
    """Show the tabs of ``split`` at the chosen thresholds."""
    tabs: dict[str, Callable[[], None]] = {
        f"Per {task.noun}": partial(labels.show, run, task, split, state),
        "Choose and keep": partial(choose.show, run, task, split, state),
        "Compare rules": partial(compare.show, run, task, state),
        "Confusion": partial(_confusion, run, split, state),
        **_panels(run, task, predictions, split, state),
        "Calibration": partial(_calibration, run, state),
        "Slices": partial(_slices, run, dataset, split, state),
        "All metrics": partial(numbers.all_metrics, task, predictions, split, state.thresh),
    }
    if _BOOK in {curve.name for curve in task.sweep_curves}:
        tabs["The book's plot"] = partial(_book, run, predictions, split)
    lazy_tabs.show(tabs, key=f"lab-tabs-{run.id}", in_address=address.TAB)


def _panels(
    run: Run, task: Task, predictions: Predictions, split: str, state: LabState
) -> dict[str, Callable[[], None]]:
    """Return a tab for each panel of the task's own."""
    of = words.images(len(predictions.items), split)
    return {
        panel.title: partial(numbers.panel, panel, of, key=f"panel-{number}-{run.id}-{split}")
        for number, panel in enumerate(task.panels(predictions, state.thresh))
    }


def _confusion(run: Run, split: str, state: LabState) -> None:
    decided = results.labeled(run, split)
    confusion.show(decided, split, state.thresh, state.label, key=_key(run))


def _calibration(run: Run, state: LabState) -> None:
    tune, *others = run.result()["splits"]
    report = results.labeled(run, others[0]) if others else None
    calibration.show(
        results.labeled(run, tune),
        report,
        (tune, others[0] if others else tune),
        state.thresh,
        state.label,
        key=_key(run),
    )


def _slices(run: Run, dataset: Dataset, split: str, state: LabState) -> None:
    same = dataset if dataset.revision == run.config.revision else None
    slices.show(same, results.labeled(run, split), split, state.thresh, state.label, key=_key(run))


def _book(run: Run, predictions: Predictions, split: str) -> None:
    book.show(predictions, run.id, split)


def _key(run: Run) -> str:
    return f"{run.id}-{results.version(run)}"
