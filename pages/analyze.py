"""The Analyze page: drag the threshold, compare with the baseline, look at every prediction."""

from __future__ import annotations

import streamlit as st

from lib import tasks
from lib.core.config import WITH_MODEL
from lib.core.workspace import Workspace
from lib.evaluation import results
from lib.web.ui import choose_run, frame, guard, run_state
from lib.web.ui.analyze import kept, numbers, values
from lib.web.ui.keypoints import view as points
from lib.web.ui.thresholds import state as lab_state
from lib.web.ui.thresholds.tabs import Shown

#: What is shown of a task whose predictions no threshold changes, by the task's ``bench``.
BENCHES = {"points": points.show, "values": values.show}

workspace = Workspace.find()
line = frame.show(workspace, "analyze", runs_of=WITH_MODEL)
dataset = line.dataset
if dataset is None:
    guard.end_page()
run = line.choose_run(with_results=True)
if not choose_run.has_result(run, dataset.name, "look at its predictions here"):
    guard.end_page()

dataset = run_state.seen(run, dataset, again=True)
task = tasks.get(run.config.task)
kept.follow(run)
with line.split:
    split = numbers.choose_split(run)
predictions = results.predictions(run, split)
decisions = results.decisions(run, split)
if decisions is None:
    BENCHES[task.bench](run, dataset, task, predictions, split)
else:
    state = lab_state.read(run, task, predictions.names)
    line_of_numbers = st.container(key="headline")
    shown = Shown(run, dataset, task, predictions, split, state)
    shown.picture()
    shown.tabs()
    with line_of_numbers:  # after the pictures, which are what people look at after a drag: intervals take longer
        numbers.headline(run, task, predictions, split, state.thresh, state.label)
