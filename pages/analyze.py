"""The Analyze page: drag the threshold, compare with the baseline, look at every prediction."""

from __future__ import annotations

import streamlit as st

from lib import tasks
from lib.core.workspace import Workspace
from lib.evaluation import results as loaded
from lib.evaluation import views
from lib.web.ui import choose, choose_run, run_state
from lib.web.ui.analyze import bench
from lib.web.ui.analyze import images as analyze_images
from lib.web.ui.analyze import numbers as analyze_numbers
from lib.web.ui.thresholds import state as lab_state
from lib.web.ui.thresholds import tabs as lab_tabs
from lib.web.ui.thresholds import view as lab_view

workspace = Workspace.find()
dataset = choose.dataset()
if dataset is None:
    st.stop()
choices = st.columns([3, 2], vertical_alignment="bottom")
with choices[0]:
    run = choose_run.run(workspace, dataset.name)
if not choose_run.has_result(run, dataset.name, "look at its predictions here"):
    st.stop()

dataset = run_state.seen(run, dataset, again=True)
task = tasks.get(run.config.task)
with choices[1]:
    split = analyze_numbers.choose_split(run)
predictions = loaded.predictions(run, split)
found = loaded.decisions(run, split)
if found is None:
    analyze_numbers.headline(run, task, predictions, split, run.config.thresh)
    bench.show(run, dataset, task, predictions, split)
else:
    state = lab_state.read(run, task, predictions.names)
    analyze_numbers.headline(run, task, predictions, split, state.thresh)
    lab_view.show(run, dataset, task, split, state)
    below, pictures = st.container(), st.container()
    with pictures:  # first: they are what people look at after a drag
        chosen = views.Chosen(found, state.thresh, state.thresh_before, state.label)
        analyze_images.show(run, dataset, task, predictions, state.thresh, split=split, chosen=chosen)
    with below:
        lab_tabs.show(run, dataset, task, predictions, split, state)
