"""The Train button: starts what was chosen, and offers a way out where pretrained weights cannot be had."""

from __future__ import annotations

import streamlit as st

from lib import architectures, launch
from lib.protocol import TrainConfig
from lib.ui import choose_run, guard, train_form
from lib.workspace import Workspace

_NOW = "train-now"


def show(workspace: Workspace, config: TrainConfig) -> None:
    """Show the button; a click starts a run and chooses it."""
    clicked = st.button("Train", type="primary", icon=":material/play_arrow:", width="stretch")
    if not (clicked or st.session_state.pop(_NOW, False)):
        return
    with guard.errors():
        try:
            with st.spinner("Checking the choices"):
                run = launch.start(workspace, config)
        except architectures.NoWeightsError:
            st.button(
                "Train small from scratch instead",
                icon=":material/restart_alt:",
                on_click=_from_scratch,
                args=(config.dataset,),
                width="stretch",
            )
            raise
        # Before the list of runs is drawn: it then shows the new one.
        choose_run.select(run)


def _from_scratch(dataset: str) -> None:
    train_form.choose_arch(dataset, architectures.SMALL)
    st.session_state[_NOW] = True
