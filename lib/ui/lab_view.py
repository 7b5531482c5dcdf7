"""The threshold lab on the page: its component, with what it needs."""

from __future__ import annotations

import streamlit as st

from lib import decisions, loaded
from lib.components.lab import LabPart, lab
from lib.runs import Run
from lib.server.sweeps import band_url, sweep_url
from lib.sweep import n_right
from lib.tasks.base import Task
from lib.ui import lab_state
from lib.ui.lab_state import LabState

#: What the images of a split are called; the first of a run's is what thresholds are chosen on.
TITLES = {"valid": "validation", "test": "test"}


def show(run: Run, task: Task, state: LabState) -> None:
    """Show the lab of ``run``: a release chooses thresholds, which the rest of the page then follows."""
    names, splits = run.names(), list(run.result()["splits"])
    key = f"lab-{run.id}"
    rights = []
    for split in splits:
        found = loaded.decisions(run, split)
        rights.append(n_right(decisions.predicted(found, state.thresh), found))
    lab(
        key=key,
        parts=[LabPart(split, TITLES[split], sweep_url(run, split)) for split in splits],
        band_url=band_url(run, splits[0]),
        names=names,
        noun=task.noun,
        curves=task.sweep_curves,
        baseline=task.baseline_title,
        cuts=state.cuts.tolist(),
        before=state.before.tolist(),
        label=state.label,
        curve=state.curve,
        rights=rights,
        on_change=lambda: lab_state.adopt(run, task, names, key),
    )
    _honesty(run, task, state)
    bad = sum(loaded.decisions(run, split).n_nan for split in splits)
    if bad:
        st.warning(
            f"{bad:,} probabilities of this run are no numbers: they count as 0, which is never predicted. Train "
            "again with a lower base_lr.",
            icon=":material/warning:",
        )


def _honesty(run: Run, task: Task, state: LabState) -> None:
    """Say which images the thresholds were chosen on and which ones tell how good they are."""
    tune, *others = run.result()["splits"]
    if others:
        st.caption(
            f"Thresholds are chosen on the {TITLES[tune]} images, which flatters them: trust the number on the "
            f"{len(loaded.decisions(run, others[0])):,} {TITLES[others[0]]} images beside each."
        )
    elif (state.cuts != lab_state.nearest(task.start_thresh(run.config))).any():
        st.caption(
            f":material/warning: There are no test images, so these numbers are of the very {TITLES[tune]} images that "
            "the thresholds were chosen on: somewhat too good. **Compare honestly** crosses halves of them."
        )
