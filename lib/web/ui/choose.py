"""The choice of the dataset: in the line at the top of every page, and in the address."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.splits.kept import split_words
from lib.training import runs
from lib.web.ui import address, choose_run, guard, links, missing

#: Key of the widget and name in the address.
KEY = address.DATASET
_NEXT = "next_dataset"
#: Letters of a revision that tell it from others at a glance.
_SHORT = 4


def no_dataset() -> None:
    """Say that there is no dataset yet and lead to the page that adds one."""
    st.info("There is no dataset yet. Add your own images or a sample first.", icon=":material/photo_library:")
    links.link("data", "Add a dataset", ":material/add_photo_alternate:")


def not_here(workspace: Workspace) -> None:
    """Say, where there is no dataset at all, that what the address names is not here."""
    asked, run = _asked()
    with guard.errors():
        if asked or run:
            missing.not_here(asked or _of_run(workspace, run or ""), None if asked else run)


def dataset(
    workspace: Workspace, names: list[str], place: DeltaGenerator, *, runs_of: tuple[str, ...] = ()
) -> Dataset | None:
    """Show the choice of the dataset in ``place`` and return it.

    The choice is ``?dataset=NAME`` in the address, so a refresh, a link and the other pages keep it; without it, it is
    the dataset of the address' run, else the one that was shown last, else the newest.

    Parameters
    ----------
    workspace : Workspace
    names : list of str
        Of the datasets, of which there is one at least.
    place : streamlit.delta_generator.DeltaGenerator
    runs_of : tuple of str, optional
        Kinds of runs that the page shows: of another kind, or of another dataset, the address' run may not be.

    Returns
    -------
    Dataset or None
        None if the address names one or a run that is not there, or it cannot be read; why, and what to do, is then
        shown where this is called.
    """
    asked, run = _asked()
    try:
        name = asked or (_of_run(workspace, run) if run else _fall_back(workspace, names))
    except UserError as error:
        _choose(names, None, place)
        missing.damaged(error, newest(workspace, names), select)
        return None
    if name not in names:
        _choose(names, None, place)
        missing.dataset(name, None if asked else run, newest(workspace, names), select)
        return None
    st.session_state[address.SHOWN] = name
    loaded, damage = None, None
    try:
        loaded = store.load(workspace, name)
    except UserError as error:
        damage = error
    _choose(names, name, place)  # by now it is known whether it is damaged
    if damage is not None:
        missing.damaged(damage, newest(workspace, names), select)
    with guard.errors():
        if loaded is not None and not (runs_of and run and missing.run(workspace, name, run, runs_of, select)):
            return loaded
    return None


def facts(dataset: Dataset) -> None:
    """Show task, images of each split and revision, short."""
    counts = " / ".join(f"{count:,}" for count in dataset.splits().values())
    if excluded := len(dataset) - len(dataset.included):
        counts += f" (−{excluded:,})"
    title = tasks.get(dataset.task).title
    st.markdown(f":blue-badge[{title}] {counts} :gray[· rev `{dataset.revision[:_SHORT]}`]", width="content")


def facts_in_words(dataset: Dataset) -> None:
    """Show what the numbers of `facts` are."""
    counts = " / ".join(f"{count:,} {split}" for split, count in dataset.splits().items())
    if excluded := len(dataset) - len(dataset.included):
        counts += f", {excluded:,} excluded"
    if words := split_words(dataset):
        counts += f" · {guard.escape(words)}"
    images = sentences.count(len(dataset), "image")
    st.markdown(f"**{guard.escape(dataset.name)}**: {images}  \n{counts}  \nrevision `{dataset.revision}`")


def select(name: str, run: str | None = None) -> None:
    """Choose dataset ``name``, and ``run`` of it, from the next run of the page on."""
    st.session_state[_NEXT] = (name, run)


def forget() -> None:
    """Show, from the next run of the page on, whichever dataset is there: the one that was shown is gone."""
    st.session_state[_NEXT] = (None, None)


def newest(workspace: Workspace, names: list[str]) -> str:
    """Return the dataset that was changed last, of those that can be shown if there are any."""

    def changed(name: str) -> int:
        try:
            return (workspace.dataset(name) / "dataset.json").stat().st_mtime_ns
        except OSError:  # deleted at this moment, or damaged
            return 0

    whole = [name for name in names if not store.damage(workspace, name)]
    return max(whole or names, key=changed)


def write() -> None:
    """Name in the address what `select` chose; what was shown where it names nothing, as on the way to another page."""
    if _NEXT in st.session_state:
        chosen, run = st.session_state.pop(_NEXT)
        st.session_state[address.SHOWN] = chosen
        address.go(_named(chosen, run))
    elif (shown := _shown_last()) and not {KEY, choose_run.KEY} & set(st.query_params):
        address.write_one_of(_named(shown, None), ())


def _named(dataset: str | None, run: str | None) -> dict[str, str]:
    """Return what the address says of a dataset and of its run, by default the one that every page shows."""
    if dataset is None:
        return {}
    run = run or choose_run.shown_anywhere(Workspace.find(), dataset)
    return {KEY: dataset} | ({choose_run.KEY: run} if run else {})


def _choose(names: list[str], shown: str | None, place: DeltaGenerator) -> None:
    """Show the widget."""
    st.session_state[KEY] = shown  # the address has the last word, also when going back
    place.selectbox(
        "Dataset",
        names,
        format_func=_title,
        index=None,
        key=KEY,
        required=True,
        placeholder="Choose a dataset",
        label_visibility="collapsed",
        icon=":material/photo_library:",
        on_change=lambda: select(st.session_state[KEY]),
    )


def _title(name: str) -> str:
    return f"{choose_run.DAMAGED}{name}" if store.damage(Workspace.find(), name) else name


def _asked() -> tuple[str | None, str | None]:
    """Return the dataset and the run that the address names, None for none."""
    asked, run = (st.query_params.get(key, "").strip() or None for key in (KEY, choose_run.KEY))
    return asked, run


def _of_run(workspace: Workspace, run: str) -> str | None:
    """Return the dataset of a run, None where there is no such run."""
    return runs.load(workspace, run).config.dataset if runs.is_there(workspace, run) else None


def _fall_back(workspace: Workspace, names: list[str]) -> str:
    """Return the dataset that was shown last, else the newest."""
    shown = _shown_last()
    return shown if shown in names else newest(workspace, names)


def _shown_last() -> str | None:
    """Return the dataset that was shown last; None on the way back to an address of before any was."""
    return None if address.by_history() else st.session_state.get(address.SHOWN)
