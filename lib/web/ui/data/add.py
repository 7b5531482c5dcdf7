"""Both ways to a dataset, side by side: the user's own pictures, and samples that come along."""

from __future__ import annotations

import streamlit as st

from lib.core.workspace import Workspace
from lib.web.ui import guard
from lib.web.ui.data import arrived, fastai, import_form, imports, sample_cards


def welcome(workspace: Workspace) -> None:
    """Show an empty workspace: what the app does, and both ways to a dataset."""
    st.title("Import images, train, see what the model learned")
    st.caption(
        "Manyhot trains fastai models on your own images: labels (one or several per image), keypoints or numbers. "
        "Everything stays on this computer."
    )
    _both_ways(workspace)


def is_open(workspace: Workspace, page: str) -> bool:
    """Return whether both ways are open over ``page``: as somebody asked, or for what an import has to say."""
    if imports.needs_form(workspace):
        st.session_state.setdefault(arrived.FORM, page)
    if st.session_state.get(arrived.FORM) not in (None, page):  # another page is shown since
        arrived.close_form()
    return st.session_state.get(arrived.FORM) == page


def button(page: str) -> None:
    """Show the button that opens both ways to a dataset over ``page``."""
    st.button("Add data", key="add", icon=":material/add:", on_click=arrived.open_form, args=(page,))


def dialog(workspace: Workspace) -> None:
    """Show both ways over the page."""

    def close() -> None:
        arrived.close_form()
        if imports.is_importing(workspace):  # it opens again if there is something to ask
            st.session_state.pop(arrived.FORM)

    def draw() -> None:
        guard.drawn_whole()
        _both_ways(workspace, in_dialog=True)

    st.dialog("Add data", width="large", on_dismiss=close)(draw)()


def _both_ways(workspace: Workspace, *, in_dialog: bool = False) -> None:
    heading = st.subheader if in_dialog else st.header  # below the dialog's own, or the page's title
    own, beside = st.columns(2, gap="large")
    report = beside.container()
    with own:
        heading("Your pictures")
        import_form.show(workspace, report, in_dialog=in_dialog)
        fastai.show(workspace)
    with beside:
        heading("Try a sample")
        sample_cards.show(workspace)
