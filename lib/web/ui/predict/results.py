"""The answer of a model to uploaded pictures: progress, predictions, and a CSV to download."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.questions import asking, requests
from lib.core.questions.requests import State
from lib.export.answers import of_question
from lib.inference import ask
from lib.inference.ask import ModelQuestion
from lib.tasks.base import Task
from lib.tasks.types import Card
from lib.thresholds import sets as threshold_sets
from lib.thresholds.sets_file import DEFAULT, ThresholdSet
from lib.training.runs import Run
from lib.web.components.gallery import Album, gallery
from lib.web.server import uploads
from lib.web.ui import guard
from lib.web.ui.predict.pictures import ASKED
from lib.web.ui.thresholds import state as lab_state

PER_PAGE = 24
_EVERY = 0.4  # seconds between looks at the answer
_MOST_COUNTS = 12
#: The thresholds that were chosen on the Analyze page.
_SHOWN = "as on the Analyze page"


def show(run: Run) -> None:
    """Show the question that the address names, if it is one to ``run``: how far it is, or its answer."""
    question = ask.find(run, st.query_params.get(ASKED, ""))
    if question is None or question.request().get("kind") != ask.Predict.kind:
        st.info(
            "Upload images, or drop them above, and click **Predict**: the predictions appear here, with a CSV to "
            "download.",
            icon=":material/add_photo_alternate:",
        )
        return
    state = question.state()
    if state.name == requests.DONE:
        _answer(question)
    elif state.active:
        st.fragment(_follow, run_every=_EVERY)(question)
    else:
        st.error(guard.escape(state.message), icon=":material/error:")
        st.button("Try again", key="predict-again", icon=":material/refresh:", on_click=lambda: _ask_again(question))


def _ask_again(question: ModelQuestion) -> None:
    with guard.later():
        asking.ask_again(question)


# --- on the way --------------------------------------------------------------------------------------------


def _follow(question: ModelQuestion) -> None:
    guard.drawn_whole()
    state = question.state()
    if not state.active:
        st.rerun()
    share, stage = _progress(state)
    st.progress(share, stage)
    st.button("Cancel", key="predict-cancel", icon=":material/close:", on_click=lambda: _cancel(question))


def _progress(state: State) -> tuple[float, str]:
    if state.name == requests.WORKING:
        return state.done / max(state.total, 1), f"Predicting: {state.done:,} of {state.total:,} images"
    return 0.0, f"{state.message}: {state.seconds:.0f} s so far, usually 4 to 10 s the first time"


def _cancel(question: ModelQuestion) -> None:
    question.cancel()
    st.query_params.pop(ASKED, None)
    guard.draw_whole_page()


# --- the answer --------------------------------------------------------------------------------------------


def _answer(question: ModelQuestion) -> None:
    run, predicted = question.run, of_question(question)
    task, names = tasks.get(run.config.task), run.names()
    st.subheader("Predictions")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        thresh = _thresh(run, task)
        st.download_button(
            "All predictions (CSV)",
            data=lambda: predicted.csv_bytes(thresh),
            file_name=f"{run.id}-new-pictures.csv",
            mime="text/csv",
            icon=":material/download:",
            key="download-predicted",
            on_click="ignore",
        )
    shown = enumerate(zip(predicted.preds, predicted.sizes, predicted.files, strict=True))
    cards = [task.new_card(pred, size, names, thresh, file, item) for item, (pred, size, file) in shown]
    st.caption(_summary(task, cards))
    pages = math.ceil(len(cards) / PER_PAGE)
    page = st.pagination(pages, key=f"page-{question.id}", width=340) if pages > 1 else 1
    album = Album(uploads.address(run.id, question.id), predicted.sizes)
    seen = run.dataset()
    lines = task.lines(seen) if seen else []
    gallery(album, cards[(page - 1) * PER_PAGE : page * PER_PAGE], key=f"predicted-{question.id}", lines=lines)


def _summary(task: Task, cards: list[Card]) -> str:
    """Say how many pictures there are and, where labels are predicted, how many have each."""
    many = sentences.count(len(cards), "image")
    if not task.has_labels:
        return f"{many}. Click one to enlarge it."
    counts = Counter(chip.text for card in cards for chip in card.chips if chip.kind == "pred")
    none = sum(not any(chip.kind == "pred" for chip in card.chips) for card in cards)
    parts = [f"{guard.escape(name)} {count:,}" for name, count in counts.most_common(_MOST_COUNTS)]
    parts += [sentences.more(len(counts) - _MOST_COUNTS)] if len(counts) > _MOST_COUNTS else []
    parts += [f"none {none:,}"] if none else []
    return f"{many}, with {' · '.join(parts)}."


def _thresh(run: Run, task: Task) -> float | np.ndarray:
    """Let thresholds be chosen where the task has some."""
    if not task.has_labels:
        return run.config.thresh
    sets = threshold_sets.read_all(run)
    looked_at = lab_state.last(run, task, run.names())
    if looked_at is not None:
        sets = {_SHOWN: ThresholdSet(_SHOWN, looked_at), **sets}
    chosen = st.selectbox(
        "Thresholds",
        list(sets),
        format_func=lambda name: f"{name} ({_span(sets[name])})" if name in sets else name,
        key="thresholds",
        bind="query-params",
        width=360,
        help="A label is predicted where its probability is above its threshold. Choose and keep thresholds on the "
        "Analyze page.",
    )
    return sets.get(chosen, sets[DEFAULT]).thresh


def _span(one: ThresholdSet) -> str:
    low, high = float(one.thresh.min()), float(one.thresh.max())
    return f"{low:.3g} for all" if low == high else f"{low:.3g} to {high:.3g}"
