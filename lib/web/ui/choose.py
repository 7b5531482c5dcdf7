"""The choice of the dataset: in one line at the top of every page, and in the address."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.splits.kept import split_words
from lib.web.ui import address, guard, links

#: Key of the widget and name in the address.
KEY = "dataset"
_NEXT = "next_dataset"


def no_dataset() -> None:
    """Say that there is no dataset yet and lead to the page that adds one."""
    st.info("There is no dataset yet. Add your own images or a sample first.", icon=":material/photo_library:")
    links.link("data", "Add a dataset", ":material/add_photo_alternate:")


def dataset(*, empty: Callable[[], None] = no_dataset, names: list[str] | None = None) -> Dataset | None:
    """Show the choice of the dataset in one line and return it.

    The choice is ``?dataset=NAME`` in the address, so a refresh, a link and the other pages keep it. Without a
    choice it is the newest dataset.

    Parameters
    ----------
    empty : callable
        Called to show something else where there is no dataset to choose.
    names : list of str, optional
        Of the datasets, where the page has looked already: another may arrive at any moment.

    Returns
    -------
    Dataset or None
        None if there is none, or the chosen one cannot be read; what to do is then on the page.
    """
    workspace = Workspace.find()
    names = workspace.dataset_names() if names is None else names
    if not names:
        empty()
        return None
    name = _fall_back(workspace, names)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="chosen"), guard.errors():
        chosen = st.selectbox(
            "Dataset",
            names,
            index=None,  # no default, so that the address always names the dataset
            key=KEY,
            bind="query-params",
            required=True,
            placeholder=name,
            label_visibility="collapsed",
            icon=":material/photo_library:",
            width=280,
            on_change=address.forget,
        )
        # None after going back to an address without a dataset; writing it anew would make going back impossible.
        loaded = store.load(workspace, chosen or name)
        st.markdown(_facts(loaded), width="content")
        return loaded
    return None


def select(name: str) -> None:
    """Choose dataset ``name`` from the next run on."""
    st.session_state[_NEXT] = name
    address.forget()


def _fall_back(workspace: Workspace, names: list[str]) -> str:
    """Return the dataset to show: the chosen one, else the newest, said so if another was asked for."""
    # The widget's own key may only be set before the widget is there, hence a second one.
    wanted = st.session_state.pop(_NEXT, None)
    if wanted in names:
        st.session_state[KEY] = wanted
        return wanted
    wanted = st.session_state.get(KEY) or st.query_params.get(KEY)
    if wanted in names:
        if KEY not in st.query_params:  # else the address has the last word, also when going back
            st.session_state[KEY] = wanted
        return wanted
    newest = max(names, key=lambda name: (workspace.dataset(name) / "dataset.json").stat().st_mtime_ns)
    if wanted:
        st.toast(f"There is no dataset {guard.escape(wanted[:80])} here: {guard.escape(newest)} is shown.")
    st.session_state[KEY] = newest
    return newest


def _facts(loaded: Dataset) -> str:
    """Return task, images per split and revision as one line of Markdown."""
    counts = " / ".join(f"{count:,} {split}" for split, count in loaded.splits().items())
    title = tasks.get(loaded.task).title
    if excluded := len(loaded) - len(loaded.included):
        counts += f", {excluded:,} excluded"
    if words := split_words(loaded):
        counts += f" · {guard.escape(words)}"
    return f":blue-badge[{title}] **{len(loaded):,} images**: {counts} · :gray[revision `{loaded.revision}`]"
