"""The Data page: bring pictures, then see what they are."""

from __future__ import annotations

import streamlit as st

from lib.core.workspace import Workspace
from lib.ui import choose, data_add, data_edits, data_notice, data_view

workspace = Workspace.find()
data_notice.said()
dataset = choose.dataset(empty=lambda: data_add.welcome(workspace))
if dataset is not None:
    data_edits.line(dataset)
if workspace.dataset_names():
    with st.expander("Add a dataset", icon=":material/add_photo_alternate:", key="add"):
        data_add.forms(workspace)
if dataset is not None:
    data_view.facts(dataset)
    data_view.tabs(workspace, dataset)
