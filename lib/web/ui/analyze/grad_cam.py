"""Grad-CAM heat maps of one label over the images that are shown, computed by a worker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lib.core.questions import asking, requests
from lib.core.questions.requests import Question
from lib.inference import ask
from lib.tasks.types import Card
from lib.training.runs import Run
from lib.web.ui import guard

_POLL_S = 0.4
_DIGITS = 3


def with_maps(run: Run, label: int, cards: list[Card]) -> list[Card]:
    """Let heat maps be asked for, and return ``cards`` with them as soon as they are there.

    Parameters
    ----------
    run : Run
        On a dataset that has not changed since.
    label : int
        For which the maps are.
    cards : list of Card
        All that are shown: their maps are asked for at once.
    """
    name = guard.escape(run.names()[label])
    wanted = st.toggle(
        "Where the model looks (Grad-CAM)",
        key="grad-cam",
        bind="query-params",
        help=f"Dark where nothing in the image speaks for {name}, bright where most does; lines at 25, 50 and 75 % of "
        "each image's own strongest place. The map is as coarse as the network's last layer and says what matters to "
        "the model, not where the thing is.",
    )
    if not wanted:
        return cards
    with guard.errors():
        question = ask.ask(run, ask.GradCam(label=label, rows=tuple(card.item for card in cards)))
        state = question.state()
        if state.name == requests.DONE:
            answer = question.result()
            return [
                _with_heat(card, *parts) for card, *parts in zip(cards, answer["maps"], answer["peaks"], strict=True)
            ]
        if state.name == requests.FAILED:
            st.error(guard.escape(state.message), icon=":material/error:")
            st.button("Try again", key="grad-cam-again", on_click=asking.ask_again, args=(question,))
        else:
            _wait(question)
    return cards


def _with_heat(card: Card, heat: np.ndarray, peak: float) -> Card:
    if not peak > 0:
        return replace(card, note=f"nothing in the image speaks for it · {card.note}")
    return replace(card, heat=np.round(heat.astype(np.float64), _DIGITS).tolist())


@st.fragment(run_every=_POLL_S)
def _wait(question: Question) -> None:
    """Say how it stands until the answer is there, then draw the page."""
    state = question.state()
    if not state.active:
        st.rerun()
    share = state.done / state.total if state.total else 0.0
    done = f"Heat maps: {state.done:,} of {state.total:,} images" if state.total else f"{state.message} …"
    st.progress(min(1.0, share), text=guard.escape(done))
