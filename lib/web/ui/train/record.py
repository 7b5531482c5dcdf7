"""The record of a run: the command that reproduces it, choices, machine, versions."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.core.config import QUICK
from lib.training import record_words
from lib.training.options import command
from lib.training.runs import Run
from lib.web.ui import guard
from lib.web.ui.train import code, form


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
    who = {"Started by": run.user, "Trained on": run.history.host}
    who = {title: name for title, name in who.items() if name}
    rows = who | record_words.choices(run) | record_words.machine(run)
    values = pd.Series(rows, name="value").astype(str)
    st.table(values.map(guard.escape, na_action="ignore").rename(guard.escape))


def _use(run: Run) -> None:
    form.take(run.config)
    guard.draw_whole_page(toast="The form has this run's choices.")
