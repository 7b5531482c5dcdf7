"""The download of a run in plain fastai: script, notebook and table of labels."""

from __future__ import annotations

import streamlit as st

from lib.core import people
from lib.export.code import files
from lib.export.code.facts import Facts
from lib.training.runs import Run


def download(run: Run) -> None:
    """Offer the zip where the run has a result and its dataset is there as it was."""
    if run.manifest() is None:
        return
    if run.dataset() is None:
        st.caption("There is no script of this run: its dataset is not there any more as it was trained on.")
        return
    # Whoever logs in has another machine, and need not know this one's folders.
    pictures = "images" if people.at_work() else ""
    st.download_button(
        "Code in plain fastai (zip)",
        data=lambda: files.zipped(Facts.of(run, pictures=pictures)),
        file_name=f"{run.id}-code.zip",
        mime="application/zip",
        icon=":material/code:",
        key=f"code-{run.id}",
        help="A script, a notebook and the table of labels that train this very run again without this app: on a CPU "
        "to the same number.",
        on_click="ignore",
    )
