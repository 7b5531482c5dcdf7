"""The result of the learning-rate finder: the curve, and four rates to click."""

from __future__ import annotations

import dataclasses

import streamlit as st

from lib.core.config import TrainConfig
from lib.metrics import curves
from lib.training import events
from lib.training.learning_rates import SUGGESTIONS
from lib.training.runs import Run
from lib.web.charts import live
from lib.web.components.chart import chart
from lib.web.ui import guard
from lib.web.ui.train import form

_ALT = "Loss against learning rate"
#: The suggestion that is recommended.
_FIRST = next(iter(SUGGESTIONS))
#: Choices that a rate does not depend on.
_RATES_OWN = ("base_lr", "epochs", "freeze_epochs", "thresh", "patience", "seed", "revision")


def show(run: Run, config: TrainConfig) -> None:
    """Show the curve of a learning-rate finder, live, beside its suggestions.

    Parameters
    ----------
    run : Run
    config : TrainConfig
        What the form has: its rate is drawn beside the suggestions.
    """
    batches = run.history.batches()
    if not len(batches["step"]):
        return
    left, right = st.columns([2, 1], gap="medium")
    with left:
        st.markdown(
            "**Loss against learning rate**",
            help="The rate grows with every batch until the loss diverges. Good rates lie where the curve falls, well "
            "before its minimum. Training afterward starts from fresh weights: nothing of this run is kept in them.",
        )
        smoothed = curves.smooth(batches["loss"])
        suggestions = run.history.suggestions
        figure = live.lr_finder(
            batches["lr"], batches["loss"], smoothed, suggestions, SUGGESTIONS, current=config.base_lr
        )
        chart(figure, key=f"rates-{run.id}", alt=_ALT)
    with right:
        if suggestions:
            _suggestions(run, config)
        elif run.state not in events.ACTIVE:
            st.caption("Stopped before the curve was long enough for suggestions.")


def _suggestions(run: Run, config: TrainConfig) -> None:
    rates = run.history.suggestions
    name = st.radio(
        "Base learning rate",
        list(SUGGESTIONS),
        format_func=guard.letters(
            lambda one: f"{SUGGESTIONS[one].title}: {rates[one]:.2g}{' · recommended' * (one == _FIRST)}"
        ),
        captions=[suggestion.help for suggestion in SUGGESTIONS.values()],
        key=f"rate-{run.id}",
    )
    st.button(
        f"Use {rates[name]:.2g}",
        key=f"take-{run.id}",
        type="primary",
        icon=":material/check:",
        on_click=_take,
        args=(run, name),
        help="Puts it into the form, with every other choice that it was found for.",
    )
    st.caption(f"The form has {config.base_lr:g} now{_otherwise(run.config, config)}.")


def _otherwise(found_for: TrainConfig, config: TrainConfig) -> str:
    """Return that the form's rate is for other choices, "" where it is not."""
    same = dataclasses.replace(config, kind=found_for.kind, **{name: getattr(found_for, name) for name in _RATES_OWN})
    return "" if same == found_for else ", with other choices than this search: rates of the two do not compare"


def _take(run: Run, name: str) -> None:
    rate = float(f"{run.history.suggestions[name]:.2g}")
    # With everything else that it was found for: a rate says nothing about another network or batch size.
    form.take(dataclasses.replace(run.config, base_lr=rate))
    guard.draw_whole_page(toast=f"Base learning rate set to {rate:g} ({SUGGESTIONS[name].title.lower()}).")
