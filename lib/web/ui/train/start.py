"""The Train button, the learning-rate finder's, and a way out where pretrained weights are not available."""

from __future__ import annotations

import dataclasses

import streamlit as st

from lib.core.config import LR_FIND, TrainConfig
from lib.core.workspace import Workspace
from lib.training import architectures, launch
from lib.web.ui import choose_run, clicks, guard
from lib.web.ui.train import form

_TRAIN, _LR_FIND = "train-start", "train-lr-find"


def show(workspace: Workspace, config: TrainConfig) -> None:
    """Show the buttons; a click starts a run and chooses it."""
    if clicks.button("Train", key=_TRAIN, type="primary", icon=":material/play_arrow:", width="stretch"):
        _start(workspace, config, _TRAIN)
    if clicks.button(
        "Find a learning rate",
        key=_LR_FIND,
        icon=":material/troubleshoot:",
        width="stretch",
        help="A separate run of about a hundred batches: the loss at increasing rates, and four rates to choose from.",
    ):
        _start(workspace, dataclasses.replace(config, kind=LR_FIND), _LR_FIND)


def _start(workspace: Workspace, config: TrainConfig, button: str) -> None:
    with guard.errors():
        try:
            with st.spinner("Checking the choices"):
                with clicks.carry_out(button):
                    run = launch.start(workspace, config)
                # Before the list of runs is drawn: it then shows the new one.
                choose_run.select(run)
        except architectures.NoWeightsError:
            st.button(
                "Train small from scratch instead",
                icon=":material/restart_alt:",
                on_click=_from_scratch,
                args=(config.dataset,),
                width="stretch",
            )
            raise


def _from_scratch(dataset: str) -> None:
    form.choose_arch(dataset, architectures.SMALL)
    clicks.ask(_TRAIN)
