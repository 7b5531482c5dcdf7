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
#: Uploads of this visitor's that are not in the form yet, names of files by names of questions, whatever others do with
#: them; the last one is in the address too, where it is found after a reload.
_MINE, _ADDRESS = "weights-mine", "weights"
#: Uploads that this visitor has used or dismissed; they may still be another's.
_SETTLED = "weights-settled"
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
            _uploaded()[question.id] = arrived.name
            _settled().discard(question.id)
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
    asked = weights_questions.uploads(workspace)
    for question in asked:
        if question.id not in _settled():
            with guard.errors():
                _show(workspace, question, path_key)
    for name in [name for name in _uploaded() if name not in {question.id for question in asked}]:
        st.error(guard.escape(_gone(_uploaded()[name])), icon=":material/error:")
        dismiss = f"weights-gone-{name}"
        st.button("Dismiss", key=dismiss, on_click=_settle, args=(name,), icon=":material/close:")


def is_awaited(workspace: Workspace) -> bool:
    """Return whether this visitor has uploaded a file that is not in the form yet."""
    return bool(_uploaded()) or any(_is_mine(question) for question in weights_questions.uploads(workspace))


def check_none_awaited(workspace: Workspace, config: TrainConfig) -> None:
    """Check that a training starts with the weights that were uploaded for it.

    Raises
    ------
    UserError
        If they are not in the form: they are still looked into, cannot be read, or somebody else canceled that.
    """
    if not config.pretrained:
        return
    asked = {question.id: question for question in weights_questions.uploads(workspace)}
    for name, file in _uploaded().items():
        if name not in asked:
            raise UserError(_gone(file))
    for question in asked.values():
        if not _is_mine(question):
            continue
        state = question.state()
        if state.active:
            raise UserError(f"The weights file {question.name} is still being checked: wait for it, or cancel it.")
        raise UserError(f"The weights file {question.name} is not in the form: dismiss it, or upload it again.")


def _gone(file: str) -> str:
    why = "it was used or canceled elsewhere"
    return f"The weights file {file} is not there any more: {why}. Dismiss it, or upload it again."


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
    elif _is_mine(question) and path_key:
        _put(workspace, question, path_key)
    else:
        next_step = "" if path_key else ": choose a pretrained architecture to use it"
        st.caption(f"{guard.escape(question.name)} was uploaded{next_step}.")
        with st.container(horizontal=True, key=f"weights-done-{question.id}"):
            if path_key:
                use, chosen = f"weights-use-{question.id}", (workspace, question, path_key)
                st.button("Use", key=use, on_click=_use_later, args=chosen, icon=":material/check:")
            _dismiss(question)


def _dismiss(question: WeightsQuestion) -> None:
    key = f"weights-dismiss-{question.id}"
    st.button("Dismiss", key=key, on_click=_forget, args=(question,), icon=":material/close:")


def _put(workspace: Workspace, question: WeightsQuestion, path_key: str) -> None:
    """Put this visitor's file into the form's field, or say why it cannot be."""
    try:
        _use(workspace, question, path_key)
    except UserError as error:
        st.error(guard.escape(str(error)), icon=":material/error:")
        _dismiss(question)


def _use(workspace: Workspace, question: WeightsQuestion, path_key: str) -> None:
    """Put a file into the form's field; only who waits for it forgets the question, not who takes another's file.

    Raises
    ------
    UserError
        If the answer is damaged.
    """
    path = weights_questions.WeightsFolder.of(workspace).folder / Path(question.answer()["file"]).name
    st.session_state[path_key] = str(path)
    if _is_mine(question):
        question.dismiss()
    _settle(question.id)


def _use_later(workspace: Workspace, question: WeightsQuestion, path_key: str) -> None:
    with guard.later():
        _use(workspace, question, path_key)


def _uploaded() -> dict[str, str]:
    """Return what this visitor has uploaded since the page was loaded and not settled."""
    uploaded: dict[str, str] = st.session_state.setdefault(_MINE, {})
    return uploaded


def _settled() -> set[str]:
    settled: set[str] = st.session_state.setdefault(_SETTLED, set())
    return settled


def _is_mine(question: WeightsQuestion) -> bool:
    """Return whether this visitor waits for an upload; the one in the address is of before a reload of the page."""
    is_mine = question.id in _uploaded() or question.id == st.query_params.get(_ADDRESS)
    return is_mine and question.id not in _settled()


def _settle(name: str) -> None:
    _uploaded().pop(name, None)
    _settled().add(name)
    if name == st.query_params.get(_ADDRESS):
        address.write(_ADDRESS, None)


def _cancel(question: WeightsQuestion) -> None:
    name = guard.escape(question.name)
    _forget(question)
    guard.draw_whole_page(f"{name} was canceled; nothing was kept.")


def _forget(question: WeightsQuestion) -> None:
    question.dismiss()
    _settle(question.id)


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
