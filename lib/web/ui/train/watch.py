"""The film of a run: the same few validation images after every epoch."""

from __future__ import annotations

import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.training import events, previews
from lib.training.runs import Run
from lib.web.components import gallery

#: Where a session keeps the film of the run that it looks at.
_FILM = "watched-film"


def show(run: Run, dataset: Dataset) -> None:
    """Show what ``run`` predicted after each epoch, if it keeps that: the page is made anew every second."""
    started = run.history.started
    if "preview" not in started and "device" in started:  # of an earlier version
        return
    count = len(started.get("preview", ()))
    st.markdown(
        "**Watch it learn**",
        help=f"The same {count or 'few'} validation images after every epoch: play it, or move the slider; at its end "
        "it follows the training. Click an image to enlarge it.",
    )
    if not previews.has_frames(run.history):
        if run.state in events.ACTIVE:
            before(dataset, tasks.get(run.config.task), size="s")
        return
    if dataset.revision != run.config.revision:
        st.info(
            "The dataset changed after this training, so its images may differ: train again to watch it learn.",
            icon=":material/sync_problem:",
        )
        return
    if film := _film(run, dataset):
        gallery.play(film, key=f"film-{run.id}")


def before(dataset: Dataset, task: Task, *, size: gallery.Size) -> None:
    """Show the images that will be watched as they are labeled."""
    rows = previews.rows(dataset)
    if not len(rows):
        return
    st.caption(f"{len(rows)} validation images as they are labeled: what is predicted of them comes with each epoch.")
    titles = dataset.items["original"].iloc[rows].astype(str).tolist()
    cards = [
        task.card(int(row), title, dataset.targs[row], dataset.sizes[row], dataset.names)
        for row, title in zip(rows, titles, strict=True)
    ]
    gallery.gallery(dataset, cards, key=f"watched-{dataset.name}", size=size)


def _film(run: Run, dataset: Dataset) -> dict | None:
    """Return the film, made anew only when an epoch came; a resumed run may go back by some."""
    history = run.history
    version = (run.id, len(history.epochs), history.resumed, dataset.name, dataset.revision)
    if st.session_state.get(_FILM, (None, None))[0] != version:
        frames = previews.frames(history, run.config, dataset)
        st.session_state[_FILM] = (version, gallery.film(dataset, frames, size="s") if frames else None)
    return st.session_state[_FILM][1]
