"""Weights files on the Train page: an upload, and what the file is that the path names."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import architectures, twins, weights_files
from lib.web.components.upload import upload
from lib.web.ui import guard

_UPLOAD = "weights_upload"


def take_upload(workspace: Workspace, arch: str, path_key: str) -> None:
    """Show where a file is uploaded; one that has arrived is checked, kept, and its path put into the form's field.

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
        if arrived is None:
            return
        try:
            with st.spinner("Looking into the file"):
                file = weights_files.take(workspace, arrived.path, arrived.name, [arch])
        finally:
            arrived.remove()
        st.session_state[path_key] = str(file.path)


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
            with st.spinner("Looking into the file"):
                misfit = weights_files.fits(file, arch)
            words = guard.escape(file.words)
            if misfit:
                st.warning(guard.escape(misfit.replace(str(file.path), file.kept["name"])), icon=":material/warning:")
            else:
                st.caption(f"{words}. It fits {architectures.title(arch)}.")
    if hint := twins.hint(arch):
        st.caption(guard.escape(hint))


def _wrong(arch: str, path: str) -> str:
    """Return why there can be no weights at ``path``, "" where it is not seen without opening the file."""
    if Path(path).is_dir():
        return f"{path} is a folder: name the weights file in it."
    try:
        architectures.check_weights(arch, path)
    except UserError as error:
        return str(error)
    return ""
