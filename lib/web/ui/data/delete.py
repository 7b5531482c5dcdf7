"""The dialog that deletes a dataset, all at once."""

from __future__ import annotations

import shutil

import streamlit as st

from lib.core import picture_cache, temporary
from lib.core.workspace import Workspace
from lib.web.ui import choose, guard
from lib.web.ui.data import notice


@st.dialog("Delete this dataset?", icon=":material/delete:")
def ask(workspace: Workspace, name: str, images: int) -> None:
    """Ask whether to delete dataset ``name``, and do so on a yes."""
    st.markdown(
        f"**{guard.escape(name)}** with its {images:,} images will be gone from here. The files it was imported from "
        "stay. Runs trained on it stay too, but their images can no longer be shown."
    )
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", key="delete_yes", icon=":material/delete:"):
            remove(workspace, name)
            choose.forget()
            notice.say(f"{name} was deleted.")
            st.rerun()
        if st.button("Keep it", key="delete_no"):
            st.rerun()


def remove(workspace: Workspace, name: str) -> None:
    """Delete dataset ``name``; it disappears at once, then its files go."""
    # Moved under a name that is no dataset's first: half a dataset is never seen, even if deleting stops midway.
    with temporary.temporary(workspace.datasets, temporary.DELETED) as folder:
        workspace.dataset(name).rename(folder / name)
        shutil.rmtree(folder)
    picture_cache.remove(workspace, name)
