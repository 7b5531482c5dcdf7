"""The Data page: bring pictures, then see what they are."""

from __future__ import annotations

import streamlit as st

from lib.core.workspace import Workspace
from lib.web.ui import choose
from lib.web.ui.data import add as data_add
from lib.web.ui.data import edits as data_edits
from lib.web.ui.data import notice as data_notice
from lib.web.ui.data import view as data_view

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
