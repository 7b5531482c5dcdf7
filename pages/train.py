"""The Train page: a quick model or choose, click Train, watch."""

from __future__ import annotations

import streamlit as st

from lib import tasks
from lib.core.config import LR_FIND, WITH_MODEL
from lib.core.workspace import Workspace
from lib.web.ui import choose_run, frame, guard, theme
from lib.web.ui.data import augment_preview
from lib.web.ui.train import form, record, start
from lib.web.ui.train import live as train_live

workspace = Workspace.find()
kinds = (*WITH_MODEL, LR_FIND)
line = frame.show(workspace, runs_of=kinds)
dataset = line.dataset
if dataset is None:
    guard.end_page()
task = tasks.get(dataset.task)

buttons = st.container()  # above the choices, which decide what they do
with theme.last_first_where_narrow("train-columns"):
    controls, live = st.columns([1, 2], gap="large")
with controls:
    about = st.empty()  # the choices below change the loss
    with guard.errors():
        config = form.config(dataset, task)
        loss = task.loss_words(config, dataset.targs[dataset.included])
        about.caption(f"{task.question} Loss: {loss}; output: {task.output_words(config)}.")
        with buttons:
            start.show(workspace, config, first=not choose_run.has_any(workspace, dataset.name))
        start.finder(workspace, config)
        augment_preview.beside(dataset, config)
run = line.choose_run(kinds=kinds)
with live:
    if run is None:
        start.nothing_yet(dataset)
    else:
        train_live.show(run, dataset)
        record.show(run)
