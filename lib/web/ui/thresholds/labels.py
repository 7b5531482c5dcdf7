"""Every label in one table: its numbers at its threshold, and a click that shows its images."""

from __future__ import annotations

import streamlit as st

from lib.evaluation import label_table, results
from lib.tasks.base import Task
from lib.training.runs import Run
from lib.web.ui import words
from lib.web.ui.thresholds import state as lab_state
from lib.web.ui.thresholds.state import LabState

_HELP = {
    "threshold": "It is predicted where its probability is above.",
    "labeled": "Images that have it (support).",
    "predicted": "Images in which it is predicted.",
    "TP": "True positives: predicted and present.",
    "FP": "False positives: predicted, not present.",
    "FN": "False negatives: present, not predicted.",
    "precision": "TP / (TP + FP): share of the predicted that are right. Empty: nothing was predicted.",
    "recall": "TP / (TP + FN): share of the labeled that are found. Empty: no image has it.",
    "F1": "2·TP / (2·TP + FP + FN).",
    "average precision": "How far images with it rank above the others, at any threshold. Empty: no image has it.",
    "chance": "The average precision of guessing: the share of images that have it.",
    "unknown": "Images whose label is unknown: ignored everywhere.",
}


def show(run: Run, task: Task, split: str, state: LabState) -> None:
    """Show the table; a click on a row chooses the label, whose images are shown below."""
    decided, names = results.labeled(run, split), run.names()
    st.caption(
        f"On {words.images(len(decided), split)}, at the chosen thresholds. Click at the left of a row to look at "
        f"it alone, with its curve and its pictures (Errors, Pictures has its false positives, false negatives and "
        "closest calls); click again to see all."
    )
    frame = label_table.table(decided, state.thresh, results.average_precision(run, split), task.noun)
    words.rows(
        frame,
        key=f"labels-{run.id}-{split}",
        row=state.label,
        on_choose=lambda row: lab_state.choose_label(names, row),
        digits=3,
        helps=_HELP,
        pinned=task.noun,
    )
