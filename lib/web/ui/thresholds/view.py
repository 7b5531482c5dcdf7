"""The threshold lab on the page: its component, with what it needs."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation import results, views
from lib.metrics import counts, decisions
from lib.metrics.sweep import n_right
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training.runs import Run
from lib.web.components import gallery
from lib.web.components.lab import LabPart, lab
from lib.web.server.sweeps import band_url, sweep_url
from lib.web.ui import words
from lib.web.ui.analyze import images
from lib.web.ui.thresholds import state as lab_state
from lib.web.ui.thresholds.state import LabState

#: What the images of a split are called; the first of a run's is what thresholds are chosen on.
TITLES = {"valid": "validation", "test": "test"}


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str, state: LabState) -> None:
    """Show the lab of ``run``: a release chooses thresholds, which the rest of the page then follows.

    Parameters
    ----------
    run : Run
    dataset : Dataset
        As it is now; without the run's revision no picture is shown.
    task : Task
    predictions : Predictions
        Of ``split``.
    split : str
        Whose numbers come first, and whose images show what the last change of the thresholds made others.
    state : LabState
    """
    names, splits = run.names(), list(run.result()["splits"])
    key = f"lab-{run.id}"
    every = [results.labeled(run, one) for one in splits]
    rights = [n_right(decisions.predicted(decided, state.thresh), decided) for decided in every]
    what, pictures = _beside(run, dataset, task, predictions, split, state)
    lab(
        key=key,
        parts=[LabPart(one, TITLES[one], sweep_url(run, one)) for one in splits],
        band_url=band_url(run, splits[0]),
        names=names,
        noun=task.noun,
        curves=task.sweep_curves,
        baseline=task.baseline_title,
        indices=state.indices.tolist(),
        before=state.before.tolist(),
        label=state.label,
        curve=state.curve,
        rights=rights,
        shown=splits.index(split),
        words=what,
        pictures=pictures,
        on_change=lambda: lab_state.adopt(run, task, names, key),
    )
    bad = sum(decided.n_nan for decided in every)
    if bad:
        st.warning(
            f"{bad:,} probabilities of this run are no numbers: they count as 0, which is never predicted. Train "
            "again with a lower base_lr.",
            icon=":material/warning:",
        )


def _beside(
    run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str, state: LabState
) -> tuple[str, dict[str, Any] | None]:
    """Return what stands beside the chart: the images that the last change made others or else the worst, in words."""
    if dataset.revision != run.config.revision:
        return images.CHANGED, None
    chosen = views.View(results.labeled(run, split), state.thresh, state.thresh_before, state.label)
    rows, order = views.order(chosen, np.zeros(len(chosen.decisions)), "flips"), "flips"
    what = f"{words.images(len(rows), split)} changed"
    if not len(rows):
        rows, order = views.order(chosen, task.errors(predictions, state.thresh), "worst"), "worst"
        what = images.worst_words(task, chosen, split)
    elif len(rows) > images.BESIDE:
        what += f", the first {images.BESIDE} of them (all: Errors, Pictures)"
    cards = images.cards(dataset, task, predictions, state.thresh, rows[: images.BESIDE], chosen, order)
    return what, gallery.contents(dataset, cards, key="lab", size="s", compact=True)


def tuning_note(run: Run, task: Task, state: LabState) -> None:
    """Say which images the thresholds were chosen on and which ones tell how good they are."""
    tune, *others = run.result()["splits"]
    moved = (state.indices != counts.nearest(task.start_thresh(run.config))).any()
    if others:
        n = len(results.labeled(run, others[0]))
        st.caption(
            f"Thresholds are chosen on the {TITLES[tune]} images, which flatters them: trust the numbers on the "
            f"{n:,} {TITLES[others[0]]} images."
            if moved
            else f"Choose thresholds on the {TITLES[tune]} images, and trust the numbers on the {n:,} "
            f"{TITLES[others[0]]} images."
        )
    elif moved:
        st.caption(
            f":material/warning: There are no test images, so these numbers are of the very {TITLES[tune]} images that "
            "the thresholds were chosen on: somewhat too good. **Compare rules** crosses halves of them."
        )
