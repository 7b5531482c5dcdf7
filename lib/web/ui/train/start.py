"""The buttons that start a run: quick model, training, learning-rate finder; and a way out without weights."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import streamlit as st

from lib.core.config import LR_FIND, TrainConfig
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.training import architectures, launch
from lib.web.ui import choose_run, clicks, guard
from lib.web.ui.train import form, weights

_QUICK, _TRAIN, _LR_FIND = "train-quick", "train-start", "train-lr-find"
#: What needs no download, best first.
_WITHOUT_NETWORK = {
    "Train lite0 instead, whose weights are here": architectures.LITE0,
    "Train small from scratch instead": architectures.SMALL,
}
_QUICK_HELP = (
    "No training: one look at every picture with the pretrained network that comes with the app, then the best linear "
    "head on what it saw, its penalty chosen by cross-validation within the training images. A first answer at 128 px, "
    "then one at 224 px. The choices below have no part in it."
)


def show(workspace: Workspace, config: TrainConfig, *, first: bool) -> None:
    """Show the quick model's button and Train; a click starts a run and chooses it.

    Parameters
    ----------
    workspace : Workspace
    config : TrainConfig
    first : bool
        Whether there is no run yet: the quick model is the one to begin with.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader("Train", width="stretch")
        quick_clicked = clicks.button(
            "Quick model",
            key=_QUICK,
            type="primary" if first else "secondary",
            icon=":material/bolt:",
            help=_QUICK_HELP,
        )
        train_clicked = clicks.button(
            "Train", key=_TRAIN, type="secondary" if first else "primary", icon=":material/play_arrow:"
        )
    if quick_clicked:
        _start(config.dataset, _QUICK, lambda: launch.start_quick(workspace, config.dataset)[0])
    if train_clicked:
        _start(config.dataset, _TRAIN, lambda: _launched(workspace, config))


def nothing_yet(dataset: Dataset) -> None:
    """Say what to begin with where there is no run."""
    st.info(
        f"No model of {guard.escape(dataset.name)} yet. An answer before the coffee: **Quick model** takes one look at "
        "every picture, answers at 128 px, then at 224 px. Or click **Train** and watch; the defaults are sensible.",
        icon=":material/bolt:",
    )


def finder(workspace: Workspace, config: TrainConfig) -> None:
    """Show the learning-rate finder's button."""
    if clicks.button(
        "Find a learning rate",
        key=_LR_FIND,
        icon=":material/troubleshoot:",
        width="stretch",
        help="A separate run of about a hundred batches: the loss at increasing rates, and four rates to choose from.",
    ):
        finder = dataclasses.replace(config, kind=LR_FIND)
        _start(config.dataset, _LR_FIND, lambda: _launched(workspace, finder))


def _launched(workspace: Workspace, config: TrainConfig) -> str:
    weights.check_none_awaited(workspace, config)
    return launch.start(workspace, config)


def _start(dataset: str, button: str, launched: Callable[[], str]) -> None:
    """Carry out the click on ``button``: ``launched`` starts a run and returns its id."""
    with guard.errors():
        try:
            with st.spinner("Checking the choices"):
                with clicks.carry_out(button):
                    run = launched()
                # Before the list of runs is drawn: it then shows the new one.
                choose_run.select(run)
        except architectures.NoWeightsError:
            for label, arch in _WITHOUT_NETWORK.items():
                st.button(
                    label, icon=":material/restart_alt:", on_click=_instead, args=(dataset, arch), width="stretch"
                )
            raise


def _instead(dataset: str, arch: str) -> None:
    form.choose_arch(dataset, arch)
    clicks.ask(_TRAIN)
