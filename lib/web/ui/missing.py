"""What a page says in place of itself where its address names a dataset or a run that it cannot show."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator
from functools import partial

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.core.config import LR_FIND
from lib.core.errors import DamagedError, UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.training import runs
from lib.web.ui import address, choose_run, guard, links

_PAGE = "missing-page"
_ICON, _LONGEST = ":material/link_off:", 80


def dataset(name: str | None, run: str | None, newest: str, select: Callable[[str], None]) -> None:
    """Say that there is no dataset ``name``, on which ``run`` was trained, or no such run; lead to the newest."""
    not_here(name, run)
    _elsewhere(newest, select)


def not_here(name: str | None, run: str | None) -> None:
    """Say that there is no dataset ``name``, on which ``run`` was trained, or no such run."""
    if name is None:
        st.warning(f"There is no run {_named(run or '')} here: {_WHY}", icon=_ICON)
    else:
        of = f", on which the run {_named(run)} was trained," if run else ""
        st.warning(f"There is no dataset {_named(name)}{of} here: {_WHY}{_NEXT if run else ''}", icon=_ICON)


def page(known: Collection[str]) -> list[st.Page]:
    """Return a page to be shown under the name that the address asked for, where that is none of ``known``, else none.

    It is one of the pages from then on, so that the browser goes back to it.
    """
    context = get_script_run_ctx()
    asked = (context.pages_manager.intended_page_name or "").strip() if context else ""  # as a page's name is
    if asked and asked not in known and "/" not in asked:  # of a path with several names Streamlit knows no page
        st.session_state[_PAGE] = asked
    name = st.session_state.get(_PAGE)
    return [st.Page(partial(_no_page, name), title="Not found", url_path=name, visibility="hidden")] if name else []


def _no_page(name: str) -> None:
    st.warning(f"There is no page {_named(name)} here: choose one of those above.", icon=_ICON)
    links.link("data", "All datasets", ":material/photo_library:")


def damaged(error: UserError, newest: str, select: Callable[[str], None]) -> None:
    """Say why a dataset, or the run by which to know it, cannot be read, and lead to the newest if that one can."""
    st.error(guard.escape(str(error)), icon=":material/error:")
    if not store.damage(Workspace.find(), newest):
        _elsewhere(newest, select)


@contextlib.contextmanager
def whole_run(page: str) -> Iterator[None]:
    """Draw ``page``; where a damaged run ends it, say so, lead to another one of the dataset and to a training."""
    try:
        yield
    except DamagedError as error:
        st.error(guard.escape(str(error)), icon=":material/error:")
        chosen, dataset = st.query_params.get(choose_run.KEY), st.session_state.get(address.SHOWN, "")
        with st.container(horizontal=True, vertical_alignment="center"):
            if other := choose_run.newest_whole(Workspace.find(), dataset, chosen):
                st.button(
                    "Show the newest other run",
                    on_click=choose_run.select,
                    args=(other.id,),
                    type="primary",
                    key="missing-whole",
                )
            if page != "train":  # whose form is there
                links.link("train", "Train again", ":material/model_training:")


def _elsewhere(newest: str, select: Callable[[str], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(f"Show {guard.escape(newest)}", on_click=select, args=(newest,), type="primary", key="missing-newest")
        links.link("data", "All datasets", ":material/photo_library:", keep=False)


def run(
    workspace: Workspace, dataset: str, name: str, kinds: tuple[str, ...], select: Callable[[str, str | None], None]
) -> bool:
    """Say why the run ``name`` cannot be shown as one of ``dataset`` and of ``kinds``; return False if it can.

    One that is damaged can: it is among those to choose from, where the reason is said.
    """
    if name in {one.id for one in runs.list_damaged(workspace, dataset)}:
        return False
    config = None
    with guard.errors():
        config = runs.load(workspace, name).config if runs.is_there(workspace, name) else None
        if config is None:
            st.warning(f"There is no run {_named(name)} here: {_WHY}", icon=_ICON)
    if config is not None:
        if config.dataset != dataset:
            theirs = guard.escape(config.dataset)
            st.warning(f"The run {_named(name)} is of the dataset {theirs}, not of {_named(dataset)}.", icon=_ICON)
            st.button("Show this run", on_click=select, args=(config.dataset, name), type="primary", key="missing-run")
            return True
        if config.kind in kinds:
            return False
        what = "a learning-rate finder" if config.kind == LR_FIND else f"of the kind {_named(config.kind)}"
        st.warning(f"The run {_named(name)} is {what}: this page shows trainings.", icon=_ICON)
        links.link("train", "Show it on the Train page", ":material/model_training:")
    st.button(
        f"Show {guard.escape(dataset)} with its newest run"
        if choose_run.has_any(workspace, dataset, kinds)
        else f"Show {guard.escape(dataset)}",
        on_click=select,
        args=(dataset, None),
        type="primary",
        key="missing-run",
    )
    return True


_WHY = "it was deleted, or the link comes from another workspace."
_NEXT = (
    " Import it again under this name, or copy its folder from where the run comes from: the run, which has its model "
    "and its predictions, is shown with it."
)


def _named(name: str) -> str:
    return f"**{guard.escape(name[:_LONGEST])}**"
