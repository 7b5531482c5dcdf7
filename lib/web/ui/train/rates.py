"""The result of the learning-rate finder: the curve, and four rates to click."""

from __future__ import annotations

import dataclasses

import streamlit as st

from lib.metrics import curves
from lib.training import events
from lib.training.learning_rates import SUGGESTIONS
from lib.training.runs import Run
from lib.web.charts import live
from lib.web.components.chart import chart
from lib.web.ui import guard
from lib.web.ui.train import form

_ALT = "Loss against learning rate"


def show(run: Run) -> None:
    """Show the curve of a learning-rate finder, live, and its suggestions."""
    batches = run.history.batches()
    if not len(batches["step"]):
        return
    st.markdown("**Loss against learning rate**")
    st.caption(
        "The rate grows with every batch until the loss diverges. Good rates lie where the curve falls, well before "
        "its minimum. Training afterward starts from fresh weights: nothing of this run is kept in them."
    )
    figure = live.lr_finder(
        batches["lr"], batches["loss"], curves.smooth(batches["loss"]), run.history.suggestions, SUGGESTIONS
    )
    chart(figure, key=f"rates-{run.id}", alt=_ALT)
    if run.history.suggestions:
        _suggestions(run)
    elif run.state not in events.ACTIVE:
        st.caption("Stopped before the curve was long enough for suggestions.")


def _suggestions(run: Run) -> None:
    st.markdown("**Use one as the base learning rate**")
    for column, (name, suggestion) in zip(st.columns(len(SUGGESTIONS)), SUGGESTIONS.items(), strict=True):
        rate = run.history.suggestions[name]
        with column:
            st.button(
                f"{suggestion.title}: {rate:.2g}",
                key=f"take-{name}-{run.id}",
                on_click=_take,
                args=(run, name),
                width="stretch",
            )
            st.caption(suggestion.help)


def _take(run: Run, name: str) -> None:
    rate = float(f"{run.history.suggestions[name]:.2g}")
    # With everything else that it was found for: a rate says nothing about another network or batch size.
    form.take(dataclasses.replace(run.config, base_lr=rate))
    guard.draw_whole_page(toast=f"Base learning rate set to {rate:g} ({SUGGESTIONS[name].title.lower()}).")
