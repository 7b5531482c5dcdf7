"""The export form of the Data page: formats, notes and the download."""

from __future__ import annotations

import streamlit as st

from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.export import dataset as dataset_export
from lib.web.server import exports
from lib.web.server.routes import prefix
from lib.web.ui import guard


def show(workspace: Workspace, dataset: Dataset) -> None:
    """Show the formats that can hold the dataset, and the download of the one that is chosen."""
    forms = dataset_export.forms_of(dataset.task)
    st.subheader("Export")
    st.markdown("A zip of the original images under their own names, with labels, splits and groups.")
    form = st.selectbox(
        "Format", list(forms), format_func=lambda one: forms[one].title, key="export_form", help=_help(forms)
    )
    st.caption(f"{forms[form].help} Called `{form}` on the command line.")
    with guard.errors():
        with st.spinner("Writing the table and reading it back …"):
            export = exports.prepared(workspace, dataset.name, form)
        for note in export.notes:
            st.caption(guard.escape(note))
        base = prefix(st.get_option("server.baseUrlPath"))
        st.link_button(
            f"Download {guard.escape(export.file_name)}",
            f"{base}{exports.address(dataset.name, form)}",
            icon=":material/download:",
        )


def _help(forms: dict[str, dataset_export.Form]) -> str:
    return "  \n".join(f"**{form.title}**: {form.help}" for form in forms.values())
