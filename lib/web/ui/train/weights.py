"""Weights files on the Train page: an upload, how far it is looked into, and what the file is that the path names."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.core.questions import asking, requests
from lib.core.workspace import Workspace
from lib.training import architectures, twins, weights_files, weights_questions
from lib.training.weights_files import WeightsFile
from lib.training.weights_questions import WeightsQuestion
from lib.web.components.upload import upload
from lib.web.ui import address, guard
from lib.web.ui.data import progress

_UPLOAD = "weights_upload"
#: Uploads of this visitor's; the last one is in the address too, where it is found after a reload.
_MINE, _ADDRESS = "weights-mine", "weights"
#: Files, with architectures, of which this visitor does not want to know whether they fit.
_CANCELED = "weights-canceled"


def take_upload(workspace: Workspace, arch: str, path_key: str) -> None:
    """Show where a file is uploaded; one that has arrived is looked into, kept, and its path put into the form's field.

    Parameters
    ----------
    workspace : Workspace
    arch : str
        The architecture that is chosen.
    path_key : str
        Of the widget of the path, which is drawn after this.
    """
    st.caption("Upload a weights file, or name one on the computer that trains:")
    with guard.errors():
        arrived = upload(workspace, key=_UPLOAD, weights=True)
        if arrived is not None:
            try:
                question = weights_questions.take(workspace, arrived.path, arrived.name, [arch])
            finally:
                arrived.remove()
            address.write(_ADDRESS, question.id)
            _mine().add(question.id)
            st.rerun()  # another one can be uploaded
    follow(workspace, path_key)


def follow(workspace: Workspace, path_key: str | None = None) -> None:
    """Show how far uploads are, or why they failed; this visitor's that are done are put into the form's field.

    Parameters
    ----------
    workspace : Workspace
    path_key : str, optional
        Of the widget of the path, where the form has one: what trains from scratch has no weights.
    """
    for question in weights_questions.uploads(workspace):
        with guard.errors():
            _show(workspace, question, path_key)


def is_awaited(workspace: Workspace) -> bool:
    """Return whether this visitor has uploaded a file that is not in the form yet."""
    return any(question.id in _mine() for question in weights_questions.uploads(workspace))


def check_none_awaited(workspace: Workspace, config: TrainConfig) -> None:
    """Check that a training starts with the weights that were uploaded for it.

    Raises
    ------
    UserError
        If they are still looked into.
    """
    for question in weights_questions.uploads(workspace) if config.pretrained else ():
        if question.id in _mine() and question.state().name != requests.FAILED:
            raise UserError(f"The weights file {question.name} is still being checked: wait for it, or cancel it.")


def _show(workspace: Workspace, question: WeightsQuestion, path_key: str | None) -> None:
    state = question.state()
    if state.active:
        cancel = partial(_cancel, question)
        progress.follow(question, question.name, key="weights-take", stop="Cancel", on_stop=cancel, width="stretch")
    elif state.name == requests.FAILED:
        st.error(guard.escape(state.message), icon=":material/error:")
        with st.container(horizontal=True, key=f"weights-failed-{question.id}"):
            if question.can_be_asked_again:
                _again(question)
            _dismiss(question)
    elif question.id in _mine() and path_key:
        _use(workspace, question, path_key)
    else:
        next_step = "" if path_key else ": choose a pretrained architecture to use it"
        st.caption(f"{guard.escape(question.name)} was uploaded{next_step}.")
        with st.container(horizontal=True, key=f"weights-done-{question.id}"):
            if path_key:
                use, chosen = f"weights-use-{question.id}", (workspace, question, path_key)
                st.button("Use", key=use, on_click=_use, args=chosen, icon=":material/check:")
            _dismiss(question)


def _dismiss(question: WeightsQuestion) -> None:
    key = f"weights-dismiss-{question.id}"
    st.button("Dismiss", key=key, on_click=_forget, args=(question,), icon=":material/close:")


def _use(workspace: Workspace, question: WeightsQuestion, path_key: str) -> None:
    with guard.later():
        path = weights_questions.WeightsFolder.of(workspace).folder / question.answer()["file"]
        st.session_state[path_key] = str(path)
    _forget(question)


def _mine() -> set[str]:
    """Return the names of this visitor's uploads; the one in the address is of before a reload of the page."""
    mine: set[str] = st.session_state.setdefault(_MINE, set())
    if name := st.query_params.get(_ADDRESS):
        mine.add(name)  # other pages have no such address
    return mine


def _cancel(question: WeightsQuestion) -> None:
    name = guard.escape(question.name)
    _forget(question)
    guard.draw_whole_page(f"{name} was canceled; nothing was kept.")


def _forget(question: WeightsQuestion) -> None:
    question.dismiss()
    _mine().discard(question.id)
    if question.id == st.query_params.get(_ADDRESS):
        address.write(_ADDRESS, None)


def _again(question: WeightsQuestion) -> None:
    def ask() -> None:
        with guard.later():
            asking.ask_again(question)

    st.button("Try again", key=f"weights-again-{question.id}", on_click=ask, icon=":material/refresh:")


def about(workspace: Workspace, arch: str, path: str | None) -> None:
    """Say what the file at ``path`` is, whether it fits, and what it may be mistaken for."""
    if not path:
        return
    file = weights_files.find(workspace, path)
    if file is None:
        if wrong := _wrong(arch, path):
            st.warning(guard.escape(wrong), icon=":material/warning:")
            return
    else:
        with guard.errors():
            _fit(file, arch)
    if hint := twins.hint(arch):
        st.caption(guard.escape(hint))


def _fit(file: WeightsFile, arch: str) -> None:
    """Say whether a file fits an architecture, or how far finding that out is."""
    words, misfit = guard.escape(file.words), file.kept["misfits"].get(arch)
    about = (file.path.name, arch)
    canceled: set[tuple[str, str]] = st.session_state.setdefault(_CANCELED, set())
    if misfit is None and about in canceled:
        st.caption(f"{words}. It was not checked whether it fits {architectures.title(arch)}.")
        st.button("Check", key="weights-fit", on_click=canceled.discard, args=(about,), icon=":material/fact_check:")
        return
    if misfit is None:
        question = weights_questions.fit(file, arch)
        state = question.state()
        if state.name == requests.FAILED:
            st.error(guard.escape(state.message), icon=":material/error:")
            _again(question)
            return
        if state.active:
            st.caption(f"{words}.")

            def cancel() -> None:
                question.dismiss()
                canceled.add(about)
                guard.draw_whole_page()

            title = f"Does it fit {architectures.title(arch)}?"
            progress.follow(question, title, key="weights-fit", stop="Cancel", on_stop=cancel, width="stretch")
            return
        misfit = question.answer()["misfits"].get(arch, "")
    if misfit:
        st.warning(guard.escape(misfit.replace(str(file.path), file.kept["name"])), icon=":material/warning:")
    else:
        st.caption(f"{words}. It fits {architectures.title(arch)}.")


def _wrong(arch: str, path: str) -> str:
    """Return why there can be no weights at ``path``, "" where it is not seen without opening the file."""
    if Path(path).is_dir():
        return f"{path} is a folder: name the weights file in it."
    try:
        architectures.check_weights(arch, path)
    except UserError as error:
        return str(error)
    return ""
