"""Eight copies of a picture as training shows them to the model, with their labels and points."""

from __future__ import annotations

import time

import numpy as np
import streamlit as st

from lib import tasks
from lib.core.config import CHOICES, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions import asking, requests
from lib.inference import augment_preview
from lib.inference.augment_preview import Copy, Preview, PreviewRequest
from lib.training import options
from lib.web.components.gallery import Album, Size, gallery
from lib.web.ui import guard
from lib.web.ui.data import pairs

_EVERY = 0.4  # seconds between looks at the answer
#: Seconds that a page waits for an answer before it is drawn without: a worker that is ready takes less.
_PATIENCE = 0.8


def tab(dataset: Dataset) -> None:
    """Show the copies with choices of their own, and the points that change places in a mirror."""
    task = tasks.get(dataset.task)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="copies-line"):
        choice = _choice(dataset)
        row = _chosen_row(dataset, "tab")
    left, right = st.columns([1, 4], gap="medium")
    with left:
        _original(dataset, row, "tab")
    with right, guard.errors():
        _copies(dataset, choice, row, "tab", "m")
    if not task.can_flip(dataset):
        st.caption(guard.escape(task.flip_words(dataset)))
    if task.has_pairs and len(dataset.names) > 1:
        st.divider()
        pairs.show(dataset)


def beside(dataset: Dataset, config: TrainConfig) -> None:
    """Show the copies that a training of ``config`` would make, folded away beside its choices."""
    folded = st.expander(
        f"See {_COUNT} augmented copies", icon=":material/filter_none:", key="copies", on_change="rerun"
    )
    if not folded.open:
        return
    with folded, guard.errors():
        options.check_flip(config, dataset)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            row = _chosen_row(dataset, "train")
        _original(dataset, row, "train")
        _copies(dataset, _Choice(config.size, config.augment, config.flip), row, "train", "s")


_COUNT = {8: "eight"}.get(augment_preview.COPIES, str(augment_preview.COPIES))


class _Choice:
    """The choices that copies depend on."""

    def __init__(self, size: int, augment: bool, flip: bool):
        self.size, self.augment, self.flip = size, augment, flip and augment

    def of(self, row: int, seed: int) -> PreviewRequest:
        return PreviewRequest(row, self.size, self.augment, self.flip, seed)


def _choice(dataset: Dataset) -> _Choice:
    """Let the size be chosen, and what is done to the copies."""
    task = tasks.get(dataset.task)
    st.markdown(CHOICES["size"].title, help=CHOICES["size"].help, width="content")
    size = st.number_input(
        CHOICES["size"].title,
        min_value=int(CHOICES["size"].low),
        max_value=int(CHOICES["size"].high),
        value=int(options.defaults(dataset)["size"]),
        step=CHOICES["size"].step,
        key=f"copies-size-{dataset.name}",
        label_visibility="collapsed",
        width=130,
    )
    augment = st.toggle(
        CHOICES["augment"].title, True, key="copies-augment", help=CHOICES["augment"].help, width="content"
    )
    can_flip = task.can_flip(dataset)
    flip = st.toggle(
        CHOICES["flip"].title,
        key=f"copies-flip-{dataset.name}",
        help=f"{CHOICES['flip'].help} {guard.escape(task.flip_words(dataset))}",
        disabled=not (augment and can_flip),
        width="content",
    )
    return _Choice(int(size), augment, flip and can_flip)


# --- which picture -----------------------------------------------------------------------------------------


def _chosen_row(dataset: Dataset, where: str) -> int:
    """Let, in a horizontal container, a training picture be chosen, and other copies of it; return its row.

    Raises
    ------
    UserError
        If there is none.
    """
    rows = dataset.index("train")
    if not len(rows):
        raise UserError(
            f"The dataset {dataset.name} has no training images, of which copies are made: split it again, or choose "
            "another."
        )
    at_key, seed_key = f"copies-at-{where}-{dataset.name}", f"copies-seed-{where}"
    at = st.session_state.get(at_key, 0) % len(rows)

    def go(to: int) -> None:
        st.session_state[at_key] = to % len(rows)

    def other() -> None:
        st.session_state[seed_key] = st.session_state.get(seed_key, 0) + 1

    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.button("Previous", key=f"copies-back-{where}", icon=":material/chevron_left:", on_click=go, args=(at - 1,))
        st.button("Next", key=f"copies-next-{where}", icon=":material/chevron_right:", on_click=go, args=(at + 1,))
        some = int(np.random.default_rng().integers(len(rows)))
        st.button("Random", key=f"copies-random-{where}", icon=":material/shuffle:", on_click=go, args=(some,))
        st.button(
            "Other copies",
            key=f"copies-other-{where}",
            icon=":material/casino:",
            on_click=other,
            help="Draw other rotations, scales and brightness changes of the same image.",
        )
    return int(rows[at])


def _original(dataset: Dataset, row: int, where: str) -> None:
    task, name = tasks.get(dataset.task), str(dataset.items["original"].iat[row])
    card = task.card(row, name, dataset.targs[row], dataset.sizes[row], dataset.names)
    rows = dataset.index("train")
    number = int(np.flatnonzero(rows == row)[0]) + 1
    st.caption(f"Training image {number:,} of {len(rows):,}")
    gallery(dataset, [card], key=f"copied-{where}", size="m", columns=1 if where == "tab" else 0)


# --- the copies --------------------------------------------------------------------------------------------


def _copies(dataset: Dataset, choice: _Choice, row: int, where: str, size: Size) -> None:
    question = augment_preview.ask(dataset, choice.of(row, st.session_state.get(f"copies-seed-{where}", 0)))
    state = _waited(question)
    if state.name == requests.DONE:
        _answer(dataset, choice, augment_preview.copies(dataset, question), where, size)
    elif state.active:
        st.fragment(_follow, run_every=_EVERY)(question)
    else:
        st.error(guard.escape(state.message), icon=":material/error:")
        again = f"copies-again-{where}"
        st.button("Try again", key=again, icon=":material/refresh:", on_click=_ask_again, args=(question,))


def _waited(question: Preview) -> requests.State:
    """Return how the question stands, after a moment in which a worker that is ready would have answered."""
    until = time.monotonic() + _PATIENCE
    while (state := question.state()).active and not state.message and time.monotonic() < until:
        time.sleep(0.03)
    return state


def _ask_again(question: Preview) -> None:
    with guard.later():
        asking.ask_again(question)


def _follow(question: Preview) -> None:
    state = question.state()
    if not state.active:
        st.rerun()
    stage = state.message or "Making the copies"
    st.progress(0.0, f"{stage}: {state.seconds:.0f} s so far, usually 4 to 10 s the first time, then under a second")


def _answer(dataset: Dataset, choice: _Choice, copies: list[Copy], where: str, size: Size) -> None:
    st.caption(
        f"{len(copies)} copies as the model sees them in training, squished to {choice.size} × {choice.size} px"
        + (". Click one to enlarge it." if choice.augment else "; **Augment** is off, so all are the image itself.")
    )
    if lost := augment_preview.lost_words(copies):
        st.warning(lost, icon=":material/crop_free:")
    if mirror_note := augment_preview.mirror_words(dataset, copies):
        st.info(guard.escape(mirror_note), icon=":material/flip:")
    sizes = np.full((len(copies), 2), choice.size)
    album = Album("", sizes, [one.picture for one in copies])
    lines = tasks.get(dataset.task).lines(dataset)
    gallery(album, [one.card for one in copies], key=f"copies-{where}", size=size, lines=lines)
