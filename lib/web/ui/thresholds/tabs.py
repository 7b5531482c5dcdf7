"""What is below the picture of a run with labels: four groups of sections, of which only the open one is computed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation import results, views
from lib.tasks.base import Task
from lib.tasks.code import panels
from lib.tasks.types import Predictions
from lib.training.runs import Run
from lib.web.ui import address, lazy_tabs, words
from lib.web.ui.analyze import images, numbers, other_runs, show_code
from lib.web.ui.lazy_tabs import Draw
from lib.web.ui.thresholds import book, calibration, choose, compare, confusion, intervals, labels, slices, view
from lib.web.ui.thresholds.state import LabState

#: The curve that the book draws; a task that has it has the book's plot too.
_BOOK = "accuracy_multi"


@dataclass(frozen=True)
class Shown:
    """What the page shows: the predictions of one split of a run at the chosen thresholds."""

    run: Run
    dataset: Dataset
    task: Task
    predictions: Predictions
    split: str
    state: LabState

    def picture(self) -> None:
        """Show what the page opens on: the lab where the headline depends on thresholds, else the confusion matrix."""
        if self.task.uses_thresh:
            self.lab()
        else:
            self.confusion()

    def tabs(self) -> None:
        """Show the tabs."""
        run, task, split, state = self.run, self.task, self.split, self.state
        own = self._panels()
        per_label: dict[str, Draw] = {
            f"Per {task.noun}": self._with_code(panels.PER_NAME, partial(labels.show, run, task, split, state))
        }
        thresholds: dict[str, Draw] = {
            "Choose and keep": partial(choose.show, run, task, split, state),
            "Compare rules": partial(compare.show, run, task, state),
        }
        errors: dict[str, Draw] = {"Pictures": self.pictures, "Slices": self._slices}
        trust: dict[str, Draw] = {
            "Calibration": self._with_code(panels.CALIBRATION, self._calibration, label=state.label),
            "Intervals": partial(intervals.show, run, task, split, state),
            "Compare runs": partial(other_runs.show, run, split),
        }
        if _BOOK in {curve.name for curve in task.sweep_curves}:
            trust["The book's plot"] = self._book
        every: dict[str, Draw] = {
            "All metrics": self._with_code(
                panels.METRICS, partial(numbers.all_metrics, task, self.predictions, split, state.thresh)
            ),
            **own,
        }
        groups = {
            "Thresholds": per_label | thresholds,
            "Errors": {
                "Pictures": self.pictures,
                "Confusion": self._with_code(panels.CONFUSION, self.confusion, label=state.label),
            }
            | errors,
        }
        if not task.uses_thresh:
            groups = {"Errors": per_label | errors, "Thresholds": {"Answer or not": self.lab} | thresholds}
        lazy_tabs.show(groups | {"Trust": trust, "Metrics": every}, key=f"lab-tabs-{run.id}", in_address=address.TAB)

    def _with_code(self, panel: str, draw: Draw, *, label: int | None = None) -> Draw:
        """Return what draws a section, with the lines of Python behind it folded away below."""
        return show_code.below(draw, self.run, self.task, self.split, panel, self.state.thresh, label=label)

    def _code(self, panel: str, label: int | None, more: dict[str, Any]) -> None:
        """Show the lines of Python behind what stands above, folded away."""
        show_code.button(self.run, self.task, self.split, panel, self.state.thresh, label=label, more=more)

    def lab(self) -> None:
        """Show the threshold lab."""
        state, curves = self.state, self.task.sweep_curves
        view.show(self.run, self.dataset, self.task, self.predictions, self.split, state)
        curve = next(one for one in curves if one.name == state.curve)
        shown = curves[0] if state.label is not None and not curve.of_one else curve  # as the chart does
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            view.tuning_note(self.run, self.task, state)
            self._code(panels.SWEEP, state.label, {"curve": shown.name})

    def confusion(self) -> None:
        """Show the confusion matrix, and beside it the worst pictures or those of a cell."""

        def beside(rows: np.ndarray | None, _what: str) -> None:
            images.beside(*self._common, rows, split=self.split, chosen=self._view)

        decided = results.labeled(self.run, self.split)
        confusion.show(decided, self.split, self.state.thresh, self.state.label, key=self._key, pictures=beside)

    def pictures(self) -> None:
        """Show every picture, in the chosen order."""
        images.show(*self._common, split=self.split, chosen=self._view)

    @property
    def _common(self) -> tuple[Run, Dataset, Task, Predictions, np.ndarray]:
        return self.run, self.dataset, self.task, self.predictions, self.state.thresh

    @property
    def _view(self) -> views.View:
        state = self.state
        return views.View(results.labeled(self.run, self.split), state.thresh, state.thresh_before, state.label)

    @property
    def _key(self) -> str:
        return f"{self.run.id}-{results.version(self.run)}"

    def _panels(self) -> dict[str, Draw]:
        """Return a section for each panel of the task's own."""
        of = words.images(len(self.predictions.items), self.split)
        return {
            panel.title: partial(numbers.panel, panel, of, key=f"panel-{number}-{self.run.id}-{self.split}")
            for number, panel in enumerate(self.task.panels(self.predictions, self.state.thresh))
        }

    def _calibration(self) -> None:
        tune = next(iter(self.run.result()["splits"]))
        report = None if self.split == tune else results.labeled(self.run, self.split)
        decided = results.labeled(self.run, tune)
        calibration.show(decided, report, (tune, self.split), self.state.thresh, self.state.label, key=self._key)

    def _book(self) -> None:
        groups = results.labeled(self.run, self.split).groups
        book.show(self.predictions, groups, self.run.id, self.split)

    def _slices(self) -> None:
        same = self.dataset if self.dataset.revision == self.run.config.revision else None
        decided = results.labeled(self.run, self.split)
        way = slices.show(same, decided, self.split, self.state.thresh, self.state.label, key=self._key)
        if way is not None:
            self._code(panels.SLICES, self.state.label, {"way": way})
