"""The download of a run in plain fastai: script, notebook and table of labels."""

from __future__ import annotations

import streamlit as st

from lib.core import people
from lib.export.code import files
from lib.export.code.facts import Facts
from lib.training.runs import Run
from lib.web.ui import guard


def download(run: Run) -> None:
    """Offer the zip where the run has a result and its dataset is there as it was.

    It is made at a click, not as it is sent: what stands against it would be read by nobody there.
    """
    if run.manifest() is None:
        return
    dataset = run.dataset()
    if dataset is None:
        st.caption("There is no script of this run: its dataset is not there any more as it was trained on.")
        return
    if dataset.is_stand_in:
        st.caption("There is no script of this run: it came in a bundle without the pictures of its dataset.")
        return
    if not st.button(
        "Code in plain fastai",
        icon=":material/code:",
        key=f"code-{run.id}",
        help="A script, a notebook and the table of labels that train this very run again without this app: on a CPU "
        "to the same number.",
    ):
        return
    # Whoever logs in has another machine, and need not know this one's folders.
    pictures = "images" if people.at_work() else ""
    with guard.errors():
        with st.spinner("Looking at the pictures", show_time=True):
            content = files.zipped(Facts.of(run, pictures=pictures))
        st.download_button(
            "Download the code (zip)",
            data=content,
            file_name=f"{run.id}-code.zip",
            mime="application/zip",
            icon=":material/download:",
            key=f"code-zip-{run.id}",
            on_click="ignore",
        )
