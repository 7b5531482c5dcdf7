"""The Data page: bring pictures, then see what they are."""

from __future__ import annotations

import streamlit as st

from lib.core.workspace import Workspace
from lib.web.ui import choose
from lib.web.ui.data import add, edits, fastai, imports, notice, view

workspace = Workspace.find()
imports.follow(workspace)
fastai.follow(workspace)
notice.show()
dataset = choose.dataset(empty=lambda: add.welcome(workspace))
if dataset is not None:
    edits.line(dataset)
if workspace.dataset_names():
    is_asked = imports.asked(workspace) is not None
    with st.expander("Add a dataset", icon=":material/add_photo_alternate:", key="add", expanded=is_asked):
        add.forms(workspace)
if dataset is not None:
    view.facts(dataset)
    view.tabs(workspace, dataset)
