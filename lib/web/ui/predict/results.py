"""The answer of a model to new pictures: cards as they are answered, the least certain first, and a CSV to download."""

from __future__ import annotations

import math
import time
from collections import Counter

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import tasks
from lib.core import depth, sentences
from lib.core.questions import asking, requests
from lib.core.questions.requests import State
from lib.export import answers
from lib.export.answers import Predicted
from lib.inference import ask
from lib.inference.ask import COPIES, ModelQuestion
from lib.tasks.base import Task
from lib.tasks.types import Card
from lib.training.runs import Run
from lib.web.components.gallery import Album, Size, gallery
from lib.web.server import uploads
from lib.web.ui import address, guard
from lib.web.ui.predict import choices, formats
from lib.web.ui.predict.pictures import ASKED, is_from_before, question_in_address, say_what_is_left_out

PER_PAGE = 24
_EVERY_S = 0.3  # between looks at the answer
#: So long the page itself waits for the answer to a question that is as fresh: a loaded model is as fast.
_AT_ONCE_S, _FRESH_S, _LOOK_S = 0.25, 1.0, 0.02
_MOST_COUNTS = 12
_FEW = 3  # so many pictures are shown large


def asked(run: Run) -> tuple[ModelQuestion, State] | None:
    """Return the question to ``run`` that the address names and how it stands, None where it names none.

    Of one just asked it is how it stands a moment later, in which a loaded model answers.
    """
    question = ask.find(run, question_in_address())
    if question is None or question.request().get("kind") != ask.Predict.kind:
        return None
    end = time.monotonic() + _AT_ONCE_S
    while (state := question.state()).active and state.seconds < _FRESH_S and time.monotonic() < end:
        if state.message == question.starts:
            break
        time.sleep(_LOOK_S)
    return question, state


def show(run: Run, question: ModelQuestion, state: State, line: DeltaGenerator) -> None:
    """Show how far a question to ``run`` is, or its answer.

    Parameters
    ----------
    run : Run
    question : ModelQuestion
    state : State
        How it stood when the page began.
    line : DeltaGenerator
        Where choices stand.
    """
    if state.name != requests.DONE:
        say_what_is_left_out(question.id, ())
    if not state.active and state.name != requests.DONE:
        st.error(guard.escape(state.message), icon=":material/error:")
        st.button("Try again", key="predict-again", icon=":material/refresh:", on_click=lambda: _ask_again(question))
        return
    task = tasks.get(run.config.task)
    predicted = answers.of_question(question) if state.name == requests.DONE else None
    with line:
        threshold_set, order = choices.thresh(run, task), choices.order()
        thresh = threshold_set.thresh
        _download(run, predicted, thresh)
        if predicted is not None:
            with st.popover("Other formats", icon=":material/file_save:"):
                formats.show(
                    run,
                    f"{run.id}-new-pictures",
                    lambda form, reading: formats.in_memory(form, predicted.part(), reading),
                    threshold_set=threshold_set,
                    key="predicted",
                )
    if predicted is None:
        st.fragment(_follow, run_every=_EVERY_S)(question, thresh)
    else:
        _answer(question, predicted, thresh, order)


def _ask_again(question: ModelQuestion) -> None:
    with guard.later():
        asking.ask_again(question)


def _download(run: Run, predicted: Predicted | None, thresh: float | np.ndarray) -> None:
    def content() -> bytes:
        return predicted.csv_bytes(thresh) if predicted else b""

    st.download_button(
        "CSV",
        data=content,
        file_name=f"{run.id}-new-pictures.csv",
        mime="text/csv",
        icon=":material/download:",
        key="download-predicted",
        on_click="ignore",
        disabled=predicted is None,
        help="All predictions as a table, in the order brought",
    )


# --- on the way --------------------------------------------------------------------------------------------


def _follow(question: ModelQuestion, thresh: float | np.ndarray) -> None:
    """Say how far the answer is, with the cards that are there by now, until the page is drawn with all of it."""
    guard.drawn_whole()
    state = question.state()
    if not state.active:
        st.rerun()
    share, stage = _progress(state)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, stage)
        st.button("Cancel", key="predict-cancel", icon=":material/close:", on_click=lambda: _cancel(question))
    predicted = answers.of_part(question)
    if predicted and len(predicted.kept):
        _cards(question, predicted, thresh, np.arange(min(PER_PAGE, len(predicted.kept))))


def _progress(state: State) -> tuple[float, str]:
    if state.name == requests.WORKING:
        return state.done / max(
            state.total, 1
        ), f"{state.message or 'Predicting'}: {state.done:,} of {state.total:,} images"
    return 0.0, f"{state.message}: {state.seconds:.0f} s so far, usually 4 to 10 s the first time"


def _cancel(question: ModelQuestion) -> None:
    question.cancel()
    address.write(ASKED, None)
    guard.draw_whole_page()


# --- the answer --------------------------------------------------------------------------------------------


def _answer(question: ModelQuestion, predicted: Predicted, thresh: float | np.ndarray, order: str) -> None:
    run = question.run
    task = tasks.get(run.config.task)
    say_what_is_left_out(question.id, predicted.refused)
    if remark := depth.remark(run.value_range(), predicted.n_deep):
        st.info(remark, icon=":material/contrast:")
    if not len(predicted.kept):
        return
    rows = choices.rows(order, task.doubts(predicted.preds, thresh, predicted.sizes, predicted.spread))
    pages = math.ceil(len(rows) / PER_PAGE)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        before = "Brought before: " if is_from_before(question.id) else ""
        st.caption(before + _summary(task, predicted, thresh), help=_certainty(task, predicted), width="stretch")
        page = st.pagination(pages, key=f"page-{question.id}", width=340) if pages > 1 else 1
    _cards(question, predicted, thresh, rows[(page - 1) * PER_PAGE : page * PER_PAGE])


def _certainty(task: Task, predicted: Predicted) -> str:
    """Say by what the cards are sorted."""
    words = f"How certain a prediction is: by {task.doubt_title}."
    if predicted.spread is None:
        return words
    return (
        f"Spread is the standard deviation over the copies: the image as it is and {COPIES - 1} times changed as in "
        f"training, the same changes for every image. {words}"
    )


def _cards(question: ModelQuestion, predicted: Predicted, thresh: float | np.ndarray, rows: np.ndarray) -> None:
    """Show the cards of ``rows``."""
    run = question.run
    task, dataset = tasks.get(run.config.task), run.dataset()
    sizes = np.ones((int(predicted.kept.max()) + 1, 2))
    sizes[predicted.kept] = predicted.sizes
    cards = [_card(task, predicted, run.names(), thresh, row) for row in rows.tolist()]
    album = Album(uploads.address(run.id, question.id), sizes)
    size: Size = "l" if len(predicted.kept) <= _FEW else "m"
    gallery(album, cards, key=f"predicted-{question.id}", size=size, lines=task.lines(dataset) if dataset else [])


def _card(task: Task, predicted: Predicted, names: tuple[str, ...], thresh: float | np.ndarray, row: int) -> Card:
    spread = None if predicted.spread is None else predicted.spread[row]
    item = int(predicted.kept[row])
    return task.new_card(predicted.preds[row], predicted.sizes[row], names, thresh, predicted.files[row], item, spread)


def _summary(task: Task, predicted: Predicted, thresh: float | np.ndarray) -> str:
    """Say how many pictures there are and, where labels are predicted, how many have each; else what spread is."""
    many = sentences.count(len(predicted.kept), "image")
    if not task.has_labels:
        words = task.spread_words.format(copies=COPIES) if predicted.spread is not None else ""
        return f"{many}. {words}".rstrip()
    cards = [_card(task, predicted, predicted.run.names(), thresh, row) for row in range(len(predicted.kept))]
    counts = Counter(chip.text for card in cards for chip in card.chips if chip.kind == "pred")
    if not counts:
        return f"{many}, none with a {task.noun} above its threshold."
    none = sum(not any(chip.kind == "pred" for chip in card.chips) for card in cards)
    parts = [f"{guard.escape(name)} {count:,}" for name, count in counts.most_common(_MOST_COUNTS)]
    parts += [sentences.more(len(counts) - _MOST_COUNTS)] if len(counts) > _MOST_COUNTS else []
    parts += [f"none {none:,}"] if none else []
    return f"{many}, with {' · '.join(parts)}."
