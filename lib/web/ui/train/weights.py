"""Weights files on the Train page: an upload, how far it is looked into, and what the file is that the path names.

From its arrival on, an upload stands in the form's field: as the folder of its question until it has been looked into,
then as the path at which it is kept. So nothing can be trained without it unless the field is emptied.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from lib.core import in_place
from lib.core.config import TrainConfig
from lib.core.errors import UserError, reason
from lib.core.questions import asking, requests
from lib.core.workspace import Workspace
from lib.training import architectures, twins, weights_files, weights_questions
from lib.training.weights_files import WeightsFile
from lib.training.weights_questions import WeightsFolder, WeightsQuestion
from lib.web.components.upload import upload
from lib.web.ui import address, guard
from lib.web.ui.data import progress

_UPLOAD = "weights_upload"
#: Where a session keeps that an upload of before a reload of the page, which is in the address, is in the field again.
_RESTORED = "weights-restored"
#: Files, with architectures, of which this visitor does not want to know whether they fit.
_CANCELED = "weights-canceled"
_GONE = (
    "The weights file that was uploaded is not there any more: it was used or canceled on another page, or is too old. "
    "Dismiss it, or upload it again."
)


def take_upload(workspace: Workspace, arch: str, path_key: str, *, quiet: bool = False) -> None:
    """Show where a file is uploaded; one that has arrived is put into the form's field and looked into.

    Parameters
    ----------
    workspace : Workspace
    arch : str
        The architecture that is chosen.
    path_key : str
        Of the widget of the path, which is drawn after this.
    quiet : bool
        Whether only an upload that was begun is shown.
    """
    if not quiet:
        st.caption("Upload a weights file, or name one on the computer that trains:")
    _restore(workspace, path_key)
    with guard.errors():
        arrived = upload(workspace, key=_UPLOAD, weights=True, quiet=quiet)
        if arrived is not None:
            question = weights_questions.take(workspace, arrived.path, arrived.name, [arch])
            arrived.remove()
            st.session_state[path_key] = str(question.folder)
            st.rerun()  # another one can be uploaded
    path = st.session_state.get(path_key)
    if (awaited := weights_questions.awaited(workspace, path)) is not None:
        _awaited(workspace, awaited, path_key)
    follow(workspace, path_key)


def _restore(workspace: Workspace, path_key: str) -> None:
    """Put what was awaited before a reload of the page into the field again."""
    name = st.query_params.get(address.WEIGHTS, "")
    if not st.session_state.get(_RESTORED) and requests.ID.fullmatch(name) and not st.session_state.get(path_key):
        st.session_state[path_key] = str(WeightsQuestion(WeightsFolder.of(workspace), name).folder)
    st.session_state[_RESTORED] = True


def _awaited(workspace: Workspace, question: WeightsQuestion, path_key: str) -> None:
    """Show how far the upload in the field is, or why it cannot be used; put its path there once it is kept."""
    state = question.state()
    if question.content is None:
        _failed(question, _GONE, path_key)
    elif state.active:
        address.write(address.WEIGHTS, question.id)
        _progress(question, path_key)
    elif state.name == requests.FAILED:
        _failed(question, state.message, path_key)
    else:
        try:
            st.session_state[path_key] = _kept(workspace, question)
        except UserError as error:
            _failed(question, str(error), path_key)
            return
        question.dismiss()
        address.write(address.WEIGHTS, None)


def follow(workspace: Workspace, path_key: str | None = None) -> None:
    """Show how far uploads are that are not in the form's field, or why they failed.

    Parameters
    ----------
    workspace : Workspace
    path_key : str, optional
        Of the widget of the path, where the form has one: what trains from scratch has no weights.
    """
    path = st.session_state.get(path_key) if path_key else None
    awaited = weights_questions.awaited(workspace, path)
    for question in weights_questions.uploads(workspace):
        if awaited is None or question.id != awaited.id:
            with guard.errors():
                _beside(workspace, question, path, path_key)


def _beside(workspace: Workspace, question: WeightsQuestion, path: str | None, path_key: str | None) -> None:
    state = question.state()
    if state.active:
        _progress(question, None)
    elif state.name == requests.FAILED:
        _failed(question, state.message, None)
    elif (kept := _kept(workspace, question)) != path:
        next_step = "" if path_key else ": choose a pretrained architecture to use it"
        st.caption(f"{guard.escape(question.name)} was uploaded{next_step}.")
        with st.container(horizontal=True, key=f"weights-done-{question.id}"):
            if path_key:
                use = f"weights-use-{question.id}"
                st.button("Use", key=use, on_click=_write, args=(path_key, kept), icon=":material/check:")
            _dismiss(question, None)


def is_awaited() -> bool:
    """Return whether this visitor has uploaded a file that was not kept yet when the page was last drawn."""
    return address.WEIGHTS in st.query_params


def check_none_awaited(workspace: Workspace, config: TrainConfig) -> None:
    """Check that what stands in the field is no upload that is not kept yet.

    Raises
    ------
    UserError
        If it is still looked into, cannot be read, or somebody else canceled that; or if what stands there
        may not be read from a page.
    """
    question = weights_questions.awaited(workspace, config.weights)
    if question is None:
        _check_readable(workspace, config.weights)
        return
    if question.content is None:
        raise UserError(_GONE)
    state = question.state()
    if state.active:
        raise UserError(f"The weights file {question.name} is still being checked: wait for it, or cancel it.")
    if state.name == requests.FAILED:
        raise UserError(f"The weights file {question.name} cannot be used: dismiss it, or upload another.")
    raise UserError(f"The weights file {question.name} has just been checked: look at the form, then train.")


def _progress(question: WeightsQuestion, path_key: str | None) -> None:
    cancel = partial(_cancel, question, path_key)
    progress.follow(question, question.name, key="weights-take", stop="Cancel", on_stop=cancel, width="stretch")


def _failed(question: WeightsQuestion, message: str, path_key: str | None) -> None:
    st.error(guard.escape(message), icon=":material/error:")
    with st.container(horizontal=True, key=f"weights-failed-{question.id}"):
        if question.can_be_asked_again:
            _again(question)
        _dismiss(question, path_key)


def _dismiss(question: WeightsQuestion, path_key: str | None) -> None:
    key = f"weights-dismiss-{question.id}"
    st.button("Dismiss", key=key, on_click=_forget, args=(question, path_key), icon=":material/close:")


def _kept(workspace: Workspace, question: WeightsQuestion) -> str:
    """Return where the file is kept that was uploaded.

    Raises
    ------
    UserError
        If the answer is damaged.
    """
    return str(WeightsFolder.of(workspace).folder / Path(question.answer()["file"]).name)


def _write(path_key: str, path: str) -> None:
    st.session_state[path_key] = path


def _cancel(question: WeightsQuestion, path_key: str | None) -> None:
    name = guard.escape(question.name)
    _forget(question, path_key)
    guard.draw_whole_page(f"{name} was canceled.")


def _forget(question: WeightsQuestion, path_key: str | None) -> None:
    """Forget an upload; ``path_key`` is of the field, where it stands there."""
    question.dismiss()
    if path_key is not None:
        _write(path_key, "")
        address.write(address.WEIGHTS, None)


def _again(question: WeightsQuestion) -> None:
    def ask() -> None:
        with guard.later():
            asking.ask_again(question)

    st.button("Try again", key=f"weights-again-{question.id}", on_click=ask, icon=":material/refresh:")


def about(workspace: Workspace, arch: str, path: str | None) -> None:
    """Say what the file at ``path`` is, whether it fits, and what it may be mistaken for."""
    if not path or weights_questions.awaited(workspace, path) is not None:
        return
    file = weights_files.find(workspace, path)
    if file is None:
        if wrong := _wrong(workspace, arch, path):
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
        try:
            misfit = question.answer()["misfits"].get(arch, "")
        except UserError as error:
            st.error(guard.escape(str(error)), icon=":material/error:")
            _again(question)
            return
    if misfit:
        st.warning(guard.escape(misfit.replace(str(file.path), file.kept["name"])), icon=":material/warning:")
    else:
        st.caption(f"{words}. It fits {architectures.title(arch)}.")


def _check_readable(workspace: Workspace, path: str | None) -> None:
    if path:
        in_place.check_readable(Path(path), WeightsFolder.of(workspace).folder)


def _wrong(workspace: Workspace, arch: str, path: str) -> str:
    """Return why there can be no weights at ``path``, "" where it is not seen without opening the file."""
    try:
        _check_readable(workspace, path)
        if Path(path).is_dir():
            return f"{path} is a folder: name the weights file in it."
        architectures.check_weights(arch, path)
    except UserError as error:
        return str(error)
    except OSError as error:
        return f"{path[:80]}… is no path ({reason(error)}): name a weights file."
    return ""
