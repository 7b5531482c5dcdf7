"""Both ways to a dataset: samples that come along, and the user's own pictures."""

from __future__ import annotations

import streamlit as st

from lib import tasks
from lib.core.workspace import Workspace
from lib.importing import samples
from lib.importing.questions import ask
from lib.web.ui import guard
from lib.web.ui.data import arrived, fastai, import_form, imports


def welcome(workspace: Workspace) -> None:
    """Show an empty workspace: what the app does, and both ways to a dataset."""
    st.title("Import images, train, see what the model learned")
    st.markdown(
        "Manyhot trains fastai models on your own images: **labels** (one or several per image), **keypoints** or "
        "**numbers**. Everything stays on this computer. Start with a sample, or add your own images."
    )
    _samples(workspace)
    st.subheader("Your own images")
    import_form.show(workspace)
    fastai.show(workspace)


def button(workspace: Workspace) -> None:
    """Show the button that opens both ways to a dataset over the page, and these where they are open."""
    st.button("Add data", key="add", icon=":material/add:", on_click=arrived.open_form)
    if imports.needs_form(workspace):
        st.session_state.setdefault(arrived.FORM, True)
    if st.session_state.get(arrived.FORM):
        _forms(workspace)


@st.dialog("Add data", width="large", on_dismiss=arrived.close_form)
def _forms(workspace: Workspace) -> None:
    guard.drawn_whole()
    import_form.show(workspace, in_dialog=True)
    fastai.show(workspace)
    _samples(workspace)


def _samples(workspace: Workspace) -> None:
    there = set(workspace.dataset_names())
    st.subheader("Samples")
    st.caption("Generated on this computer in a few seconds: 1,500 small images each, one sample per task.")
    with st.grid(4, min_column_width=220, border=True):
        for name, sample in samples.SAMPLES.items():
            with st.container():
                st.markdown(f"**{sample.title}**  \n:blue-badge[{tasks.get(sample.task).title}]")
                st.markdown(sample.text)
                if name in there:
                    st.button("Added", key=f"sample-{name}", disabled=True, icon=":material/check:", width="stretch")
                else:
                    st.button(
                        "Add sample",
                        key=f"sample-{name}",
                        icon=":material/add:",
                        width="stretch",
                        on_click=_draw_sample,
                        args=(workspace, name),
                    )


def _draw_sample(workspace: Workspace, name: str) -> None:
    with guard.later():
        imports.mine(ask.draw_sample(workspace, name))
        arrived.close_form()
    guard.draw_whole_page()
