"""The dialog that deletes a dataset, all at once."""

from __future__ import annotations

import streamlit as st

from lib.core.workspace import Workspace
from lib.datasets import deletion
from lib.export import forgetting
from lib.web.ui import choose, guard
from lib.web.ui.data import notice


@st.dialog("Delete this dataset?", icon=":material/delete:")
def ask(workspace: Workspace, name: str, images: int) -> None:
    """Ask whether to delete dataset ``name``, and do so on a yes."""
    st.markdown(
        f"**{guard.escape(name)}** with its {images:,} images will be gone from here. The files it was imported from "
        "stay. Runs trained on it stay too, but their images can no longer be shown, and "
        "their bundles and reports are deleted."
    )
    with st.container(horizontal=True):
        if st.button("Delete", type="primary", key="delete_yes", icon=":material/delete:"):
            with guard.errors():
                deletion.delete(workspace, name)
                forgetting.forget(workspace, name)
                choose.forget()
                notice.say(f"{name} was deleted.")
                st.rerun()
        if st.button("Keep it", key="delete_no"):
            st.rerun()
