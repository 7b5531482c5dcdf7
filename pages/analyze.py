"""The Analyze page: drag the threshold, compare with the baseline, look at every prediction."""

from __future__ import annotations

import streamlit as st

from lib import tasks
from lib.ui import analyze_images, analyze_numbers, choose, choose_run, guard, links
from lib.workspace import Workspace

workspace = Workspace.find()
dataset = choose.dataset()
if dataset is None:
    st.stop()
choices = st.columns([3, 2], vertical_alignment="bottom")
with choices[0]:
    run = choose_run.run(workspace, dataset.name)
if run is None:
    st.info(
        f"No training of {guard.escape(dataset.name)} yet: train first, then look at its predictions here.",
        icon=":material/model_training:",
    )
    links.link("train", "Train", ":material/model_training:")
    st.stop()
if run.manifest() is None:
    analyze_numbers.no_result(run)
    st.stop()

task = tasks.get(run.config.task)
with choices[1]:
    split = analyze_numbers.choose_split(run)
predictions = run.predictions(split)
thresh = analyze_numbers.choose_thresh(run, task)
analyze_numbers.headline(run, task, predictions, split, thresh)
analyze_numbers.panels(task, predictions, thresh, key=f"{run.id}-{split}")
analyze_images.show(run, dataset, task, predictions, thresh)
