"""The Train page: what is trained in one line, and how the run that is shown goes."""

from __future__ import annotations

import streamlit as st

from lib import tasks
from lib.core.config import LR_FIND, WITH_MODEL
from lib.core.workspace import Workspace
from lib.web.ui import choose_run, frame, guard, theme
from lib.web.ui.train import live, mirror, start

workspace = Workspace.find()
kinds = (*WITH_MODEL, LR_FIND)
line = frame.show(workspace, "train", runs_of=kinds)
dataset = line.dataset
if dataset is None:
    guard.end_page()
task = tasks.get(dataset.task)
st.html(live.STYLE)
with theme.last_first_where_narrow("train-page"):
    choices, shown = st.container(key="train-choices"), st.container()
config = None
with choices, guard.errors():
    is_first = not choose_run.has_any(workspace, dataset.name, kinds)
    config = start.show(workspace, dataset, task, is_first=is_first)
run = line.choose_run(kinds=kinds)
if run is not None:
    with line.more:
        mirror.of_run(workspace, run)
with shown:
    if run is None:
        start.nothing_yet(dataset, task)
    else:
        live.show(run, dataset, config or run.config)
