"""The Predict page: show a trained model new pictures and see what it says of them."""

from __future__ import annotations

import streamlit as st

from lib.core.config import WITH_MODEL
from lib.core.workspace import Workspace
from lib.web.ui import choose, choose_run
from lib.web.ui.predict import pictures, results

workspace = Workspace.find()
dataset = choose.dataset(runs_of=WITH_MODEL)
if dataset is None:
    st.stop()
run = choose_run.run(workspace, dataset.name, with_results=True)
if not choose_run.has_result(run, dataset.name, "show the model new images here"):
    st.stop()

pictures.show(run)
results.show(run)
