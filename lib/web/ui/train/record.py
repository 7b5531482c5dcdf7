"""The record of a run: the command that reproduces it, choices, machine, versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from lib.core.config import CHOICES, QUICK
from lib.training.options import command
from lib.training.runs import Run
from lib.web.ui import guard
from lib.web.ui.train import code, form

_TITLES = {
    "dataset": "Dataset",
    "revision": "Dataset revision",
    "task": "Task",
    "kind": "Kind of run",
    "split_by": "Groups",
    "n_train": "Images in train",
    "n_valid": "Images in valid",
    "n_batches": "Batches per epoch",
    "n_params": "Parameters of the model",
    "loss": "Loss (class)",
    "device": "Device",
    "threads": "Threads",
    "platform": "Operating system",
    "machine": "Processor",
    "python": "Python",
}
#: Choices that a quick model depends on.
_OF_A_QUICK_MODEL = ("arch", "pretrained", "weights", "size", "head", "thresh", "seed", "normalize")


def folded(run: Run) -> None:
    """Show the record, folded away."""
    place = st.expander("Reproduce: choices, machine, versions", key=f"record-{run.id}", on_change="rerun")
    if place.open:
        with place:
            show(run)


def show(run: Run) -> None:
    """Show the command that makes ``run`` again, its choices and its machine."""
    st.caption("This command on the same processor, with the same revision of the dataset, gives the same numbers.")
    st.code(command(run.config), language="sh", wrap_lines=True)
    with st.container(horizontal=True):
        if run.config.kind != QUICK:
            st.button(
                "Use these choices",
                icon=":material/content_copy:",
                key=f"use-{run.id}",
                on_click=_use,
                args=(run,),
                help="Puts them all into the form.",
            )
        code.download(run)
    who = {"Started by": run.user} if run.user else {}
    rows = who | _choices(run) | _machine(run.history.started)
    values = pd.Series(rows, name="value").astype(str)
    st.table(values.map(guard.escape, na_action="ignore").rename(guard.escape))


def _use(run: Run) -> None:
    form.take(run.config)
    guard.draw_whole_page(toast="The form has this run's choices.")


def _choices(run: Run) -> dict[str, Any]:
    titles = _TITLES | {name: choice.title for name, choice in CHOICES.items()}
    named = run.config.to_json()
    if run.config.kind == QUICK:  # the others have no part in it
        named = {name: value for name, value in named.items() if name not in CHOICES or name in _OF_A_QUICK_MODEL}
    return {titles[name]: value for name, value in named.items()}


def _machine(started: Mapping[str, Any]) -> dict[str, Any]:
    rows = {_TITLES[name]: value for name, value in started.items() if name in _TITLES and value != ""}
    rows |= started.get("versions", {})
    if git := started.get("git"):
        rows["Manyhot's commit"] = git["commit"] + (" with changes" if git["changed"] else "")
    return rows
