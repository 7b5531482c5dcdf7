"""What will be trained, in one line that unfolds, with the buttons that start a run: quick model, training, finder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

import streamlit as st

from lib.core import times
from lib.core.config import LR_FIND, TrainConfig
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.tasks.base import Task
from lib.training import architectures, estimates, launch, runs
from lib.web.ui import choose_run, clicks, guard, where
from lib.web.ui.data import augment_preview
from lib.web.ui.train import at_hand, form, reasons, search, watch, weights

_QUICK, _TRAIN, _LR_FIND = "train-quick", "train-start", "train-lr-find"
#: Where a session keeps whether the form is unfolded.
_UNFOLDED = "choices-unfolded"
#: What needs no download, best first.
_WITHOUT_NETWORK = {
    "Train lite0 instead, whose weights are here": architectures.LITE0,
    "Train small from scratch instead": architectures.SMALL,
}
_QUICK_HELP = (
    "No training: one look at every picture with the pretrained network that comes with the app, then the best linear "
    "head on what it saw, its penalty chosen by cross-validation within the training images. A first answer at 128 px, "
    "then one at 224 px. The choices for Train have no part in it."
)


def show(workspace: Workspace, dataset: Dataset, task: Task, *, is_first: bool) -> TrainConfig:
    """Show the choices in one line with the buttons that start a run, and the form below it where it is unfolded.

    Parameters
    ----------
    workspace : Workspace
    dataset : Dataset
    task : Task
    is_first : bool
        Whether there is no run yet: the quick model is the one to begin with.

    Returns
    -------
    TrainConfig
        The choices.
    """
    config = form.kept(dataset, task)
    line, below = st.container(), st.container()
    with below:  # before the form: what was clicked is answered first
        _carry_out(workspace, config)
    is_unfolded = st.session_state.get(_UNFOLDED, False)
    with line:
        at_hand.show(config, form.arch_key(config))
        _line(workspace, dataset, config, is_first=is_first, is_unfolded=is_unfolded)
    if not is_unfolded:
        form.follow(config, task)
        return config
    form.show(dataset, task, beside=_finder)
    search.show(workspace, dataset, task, config)
    augment_preview.beside(dataset, config)
    return config


def _finder() -> None:
    """Show the learning-rate finder's button."""
    clicks.button(
        "Find a learning rate",
        key=_LR_FIND,
        icon=":material/troubleshoot:",
        help="A separate run of about a hundred batches: the loss at increasing rates, and four rates to choose from.",
    )


def _line(workspace: Workspace, dataset: Dataset, config: TrainConfig, *, is_first: bool, is_unfolded: bool) -> None:
    """Show what will be trained, and the buttons."""
    known = runs.list_runs(workspace)
    quick = estimates.of_quick_model(known, dataset.name, dataset.revision, len(dataset.included))
    training = estimates.of_training(known, config, len(dataset.index("train")))
    changed = form.changed(config, dataset)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="train-line"):
        st.markdown(reasons.summary(config, changed, where.words()), width="stretch")
        back, again = partial(form.back, config, dataset), form.again(config)
        reasons.ways_back(dataset.name, bool(changed), back=back, again=again)
        st.button(
            "Fold" if is_unfolded else "Change",
            key="choices-fold",
            icon=":material/expand_less:" if is_unfolded else ":material/expand_more:",
            help="Recipe, network, size, epochs and every other choice.",
            on_click=_fold,
            args=(is_unfolded,),
        )
        where.show("train-where")
        clicks.button(
            f"Quick model{_about(quick)}",
            key=_QUICK,
            type="primary" if is_first else "secondary",
            icon=":material/bolt:",
            help=_QUICK_HELP,
        )
        seeds = form.seeds(dataset.name)
        several = f" {seeds} seeds" if seeds > 1 else ""
        clicks.button(
            f"Train{several}{_about(training and seeds * training)}",
            key=_TRAIN,
            type="secondary" if is_first else "primary",
            icon=":material/play_arrow:",
        )


def _about(seconds: float | None) -> str:
    """Return what a button says of the time that it takes, "" where no earlier run tells."""
    return "" if seconds is None else f" ~{times.duration(seconds)}"


def _fold(is_unfolded: bool) -> None:
    st.session_state[_UNFOLDED] = not is_unfolded


def nothing_yet(dataset: Dataset, task: Task) -> None:
    """Say what to begin with where there is no run, and show what will be watched."""
    st.info(
        f"No model of {guard.escape(dataset.name)} yet. An answer before the coffee: **Quick model** takes one look at "
        "every picture, answers at 128 px, then at 224 px. Or click **Train** and watch; the defaults are sensible.",
        icon=":material/bolt:",
    )
    with st.container(key="train-before"):
        watch.before(dataset, task, size="m")


def _carry_out(workspace: Workspace, config: TrainConfig) -> None:
    """Start what was clicked."""
    finder = dataclasses.replace(config, kind=LR_FIND)
    launched: dict[str, Callable[[], str]] = {
        _QUICK: lambda: launch.start_quick(workspace, config.dataset, where=where.chosen(alone=True))[0],
        _TRAIN: lambda: _seeds(workspace, config, form.seeds(config.dataset)),
        _LR_FIND: lambda: _finder_started(workspace, finder),
    }
    for button, start in launched.items():
        if clicks.asked(button):
            _start(config.dataset, button, start)


def _finder_started(workspace: Workspace, config: TrainConfig) -> str:
    weights.check_none_awaited(workspace, config)
    return launch.start(workspace, config, where.chosen(alone=True))


def _seeds(workspace: Workspace, config: TrainConfig, count: int) -> str:
    """Start a run a seed, and return the first."""
    weights.check_none_awaited(workspace, config)
    started = launch.start_seeds(workspace, config, count, where.chosen())
    if count > 1:
        st.toast(f"{count} runs train, as there is room; the Runs page has them as one line.", icon=":material/casino:")
    return started[0]


def _start(dataset: str, button: str, launched: Callable[[], str]) -> None:
    """Carry out the click on ``button``: ``launched`` starts a run and returns its id."""
    with guard.errors():
        try:
            with st.spinner("Checking the choices"):
                with clicks.carry_out(button):
                    run = launched()
                # Before the list of runs is drawn: it then shows the new one.
                choose_run.select(run)
                st.session_state[_UNFOLDED] = False
        except architectures.NoWeightsError:
            for label, arch in _WITHOUT_NETWORK.items():
                st.button(
                    label, icon=":material/restart_alt:", on_click=_instead, args=(dataset, arch), width="stretch"
                )
            raise


def _instead(dataset: str, arch: str) -> None:
    form.choose_arch(dataset, arch)
    clicks.ask(_TRAIN)
