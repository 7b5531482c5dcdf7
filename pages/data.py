"""The Data page: bring pictures, then see what they are."""

from __future__ import annotations

import streamlit as st

from lib.core.workspace import Workspace
from lib.web.ui import choose
from lib.web.ui.data import add, edits, fastai, notice, view

workspace = Workspace.find()
fastai.follow(workspace)
notice.show()
dataset = choose.dataset(empty=lambda: add.welcome(workspace))
if dataset is not None:
    edits.line(dataset)
if workspace.dataset_names():
    with st.expander("Add a dataset", icon=":material/add_photo_alternate:", key="add"):
        add.forms(workspace)
if dataset is not None:
    view.facts(dataset)
    view.tabs(workspace, dataset)
