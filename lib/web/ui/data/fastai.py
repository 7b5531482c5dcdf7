"""How one of fastai's own datasets gets in: chosen by name, downloaded by a process of its own, imported."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib import tasks
from lib.core.workspace import Workspace
from lib.importing import importer
from lib.importing.fastai import urls
from lib.web.ui import guard
from lib.web.ui.data import notice
from lib.web.ui.data import progress as data_progress


def show(workspace: Workspace) -> None:
    """Show which there are, how large they are, and the button that brings one in."""
    with st.expander("fastai's own datasets", icon=":material/cloud_download:"):
        name = st.selectbox(
            "Dataset",
            list(urls.DATASETS),
            format_func=_words,
            key="fastai_name",
            help="Those of fastai's lessons and of its book, as its untar_data fetches them.",
        )
        one = urls.DATASETS[name]
        st.caption(
            f"Downloads {_size(one.megabytes)} to where fastai keeps its datasets, unless it is there already, and "
            "needs about three times that on the disk. Leaving the page, or any button, stops it."
        )
        if st.button("Download and add", key="fastai_go", icon=":material/download:"):
            with guard.errors():
                _add(workspace, name)


def _words(name: str) -> str:
    one = urls.DATASETS[name]
    return f"{name} · {one.title} · {tasks.get(one.task).title} · {_size(one.megabytes)}"


def _size(megabytes: float) -> str:
    """Return a size in words.

    Examples
    --------
    >>> _size(0.8), _size(1638)
    ('0.8 MB', '1.6 GB')
    """
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:g} MB"


def _add(workspace: Workspace, name: str) -> None:
    wanted = urls.dataset_name(name)
    importer.named(workspace, Path.cwd(), wanted)  # before a download of hours
    with data_progress.bar("Asking for it") as progress:
        folder = urls.fetch(name, progress)
        report = importer.import_dataset(
            workspace, folder, name=wanted, choices=urls.DATASETS[name].choices, progress=progress
        )
    notice.added(report.dataset, f"{report.dataset} was added with {report.images:,} images and is chosen.")
