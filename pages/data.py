"""The Data page: bring pictures, then see what they are."""

from __future__ import annotations

import streamlit as st

from lib.core.workspace import Workspace
from lib.web.ui import choose
from lib.web.ui.data import add, arrived, edits, fastai, imports, notice, view

workspace = Workspace.find()
imports.follow(workspace)
fastai.follow(workspace)
notice.show()
arrived_place = None
names = workspace.dataset_names()  # once: one that arrives meanwhile would show the forms of both
dataset = choose.dataset(empty=lambda: add.welcome(workspace), names=names)
if dataset is not None:
    edits.line(dataset)
    arrived_place = arrived.show(dataset)
if names:
    if imports.asked(workspace) is not None:
        st.session_state.setdefault(arrived.FORM, True)
    with st.expander("Add a dataset", icon=":material/add_photo_alternate:", key=arrived.FORM, on_change="rerun"):
        add.forms(workspace)
if dataset is not None:
    view.tabs(workspace, dataset)
if dataset is not None and arrived_place is not None:
    arrived.review(dataset, arrived_place)
