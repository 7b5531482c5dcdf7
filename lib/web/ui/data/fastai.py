"""Download of one of fastai's own datasets: chosen by name, fetched and imported by a process of its own."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.questions import asking, requests
from lib.core.questions.requests import State
from lib.core.workspace import Workspace
from lib.importing.fastai import download, urls
from lib.importing.fastai.download import Download
from lib.web.ui import guard
from lib.web.ui.data import arrived, notice
from lib.web.ui.data import progress as data_progress

#: Downloads that this visitor saw on their way.
_SEEN = "fastai-seen"


def show(workspace: Workspace) -> None:
    """Show which there are, how large they are, and the button that brings one in."""
    with st.expander("fastai's own datasets", icon=":material/cloud_download:", type="compact"):
        name = st.selectbox(
            "Dataset",
            list(urls.DATASETS),
            format_func=_words,
            key="fastai_name",
            help="Those of fastai's lessons and of its book, as its untar_data fetches them.",
        )
        one = urls.DATASETS[name]
        st.caption(
            f"Downloads {_size(one.megabytes)} to where fastai keeps its datasets, unless it is there already, and "
            "needs about three times that on the disk. It goes on when you leave the page."
        )
        st.button(
            "Download and add",
            key="fastai_go",
            on_click=_start,
            args=(workspace, name),
            icon=":material/download:",
        )


def _words(name: str) -> str:
    one = urls.DATASETS[name]
    return f"{name} · {one.title} · {tasks.get(one.task).title} · {_size(one.megabytes)}"


def _size(megabytes: float) -> str:
    """Return a size in words.

    Examples
    --------
    >>> _size(0.8), _size(1638)
    ('0.8 MB', '1.6 GB')
    """
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:g} MB"


def _start(workspace: Workspace, name: str) -> None:
    with guard.later():
        download.start(workspace, name)
        arrived.close_form()
    guard.draw_whole_page()


def follow(workspace: Workspace) -> None:
    """Show how far downloads are, or why one failed; announce a dataset that is there, and choose it."""
    failed = []
    for question in download.asked(workspace):
        state = question.state()
        if state.name == requests.DONE:
            _announce(workspace, question)
        elif state.active:
            st.session_state.setdefault(_SEEN, set()).add(question.id)
            data_progress.follow(question, question.name, key="fastai", stop="Stop", on_stop=partial(_stop, question))
        else:
            failed.append((question, state))
    for question, state in failed[:1]:  # the next when it is dismissed
        _failed(question, state)


def _announce(workspace: Workspace, question: Download) -> None:
    """Say once that a dataset is there; whoever waited for it has it chosen as well."""
    dataset, images = question.dataset, _images(question)
    question.dismiss()
    if dataset not in workspace.dataset_names():  # deleted by now
        return
    sentence = f"{dataset} was added{images}"
    if question.id in st.session_state.get(_SEEN, ()):
        arrived.added(dataset, f"{sentence} and is chosen.")
    notice.say(f"{sentence}.")


def _images(question: Download) -> str:
    with guard.errors():
        return f" with {sentences.count(int(question.result()['images'][0]), 'image')}"
    return ""


def _failed(question: Download, state: State) -> None:
    st.error(guard.escape(state.message), icon=":material/error:")
    with st.container(horizontal=True, key=f"fastai-failed-{question.id}"):
        st.button(
            "Try again",
            key=f"fastai-again-{question.id}",
            on_click=_again,
            args=(question,),
            icon=":material/refresh:",
        )
        st.button("Dismiss", key=f"fastai-dismiss-{question.id}", on_click=question.dismiss, icon=":material/close:")


def _again(question: Download) -> None:
    with guard.later():
        asking.ask_again(question)


def _stop(question: Download) -> None:
    name = guard.escape(question.name)
    question.cancel()
    guard.draw_whole_page(f"The download of {name} was stopped.")
