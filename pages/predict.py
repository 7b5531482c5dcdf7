"""The Predict page: show a trained model new pictures and see what it says of them."""

from __future__ import annotations

import streamlit as st

from lib.ui import analyze_numbers, choose, choose_run, guard, links, predict_pictures, predict_results
from lib.workspace import Workspace

workspace = Workspace.find()
dataset = choose.dataset()
if dataset is None:
    st.stop()
run = choose_run.run(workspace, dataset.name)
if run is None:
    st.info(
        f"No training of {guard.escape(dataset.name)} yet: train first, then show the model new pictures here.",
        icon=":material/model_training:",
    )
    links.link("train", "Train", ":material/model_training:")
    st.stop()
if run.manifest() is None:
    analyze_numbers.no_result(run)
    st.stop()

predict_pictures.show(run)
predict_results.show(run)
