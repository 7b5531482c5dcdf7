"""What a network sees in the pictures: which network that is, pictures like one, a lasso; kept in the address."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Literal

import streamlit as st

from lib.core import sentences
from lib.core.config import WITH_MODEL
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions import requests
from lib.core.workspace import Workspace
from lib.datasets.query import Rows
from lib.inference.similar import chosen, features
from lib.inference.similar.chosen import BY, LASSO, LIKE
from lib.inference.similar.questions import SeenQuestion
from lib.training import runs
from lib.training.runs import Run
from lib.web.ui import address, choose_run, guard, links
from lib.web.ui.data import progress as data_progress

_WIDGET = "seen-by"
_LEAVES = "like-elsewhere"  # where a session keeps what the Data page is to show
_PRETRAINED = "ImageNet"
#: Pictures of 128 px that two cores look at in a second, about.
_PACE = 60


def network() -> Run | None:
    """Return the run whose network sees, as the address says, None for the one that comes with the installation.

    Raises
    ------
    UserError
        If there is no such run, or it has no model.
    """
    return chosen.network(Workspace.find(), st.query_params.get(BY, ""))


def choose_network(dataset: Dataset, *, width: int | Literal["stretch"] = "stretch") -> None:
    """Show the choice of the network that sees; with a ``width`` in pixels, in a line, without its title."""
    by_id = {
        run.id: run
        for run in runs.list_runs(Workspace.find())
        if run.config.dataset == dataset.name and run.config.kind in WITH_MODEL and run.recorded()
    }
    shown = st.query_params.get(BY, "")
    st.session_state[_WIDGET] = shown
    st.selectbox(
        "Network that sees the images",
        ["", *by_id, *([shown] if shown and shown not in by_id else [])],
        format_func=lambda one: f"Network: {choose_run.label(by_id[one]) if one in by_id else one or _PRETRAINED}",
        key=_WIDGET,
        on_change=_choose_network,
        width=width,
        label_visibility="visible" if width == "stretch" else "collapsed",
        help="Images are alike that this network sees alike: the one that comes with the app knows everyday things, "
        "that of a run what it was trained on.",
    )


def _choose_network() -> None:
    """Write the network into the address, a callback; a lasso was drawn on the map of another one."""
    run = st.session_state[_WIDGET]
    address.write_one_of({BY: run} if run else {}, (LASSO,) if run else (BY, LASSO))


def choose_elsewhere(dataset: Dataset, row: object) -> None:
    """Do as `choose`, a callback of another page: `leave` then leads to the Data page."""
    if isinstance(row, int) and 0 <= row < len(dataset):
        st.session_state[_LEAVES] = {address.DATASET: dataset.name, LIKE: str(row)}
        with guard.later():
            if features.read(dataset) is None:
                features.ask(dataset)


def leave() -> None:
    """Lead to the Data page where `choose_elsewhere` asked for it; called where the gallery was shown."""
    if to := st.session_state.pop(_LEAVES, None):
        st.switch_page(links.page("data"), query_params={**to, address.RUN: st.query_params.get(address.RUN, "")})


def choose(dataset: Dataset, row: object) -> None:
    """Show the pictures that are like that of a row, of which the browser says which, and have the network look first.

    A callback, or called before anything is drawn.
    """
    if isinstance(row, int) and 0 <= row < len(dataset):
        st.session_state["page"] = 1
        address.write_one_of({LIKE: str(row)}, (address.VIEW,))
        with guard.later():
            if features.read(dataset, of := network()) is None:
                features.ask(dataset, of)


def forget(*names: str) -> None:
    """Take ``names`` out of the address, a callback."""
    st.session_state["page"] = 1
    address.write_one_of({}, names)


def like(dataset: Dataset) -> Rows | None:
    """Return the rows in the order of their likeness to the one in the address; None without one, or not yet."""
    with contextlib.suppress(UserError):  # `say` says why
        if (row := _row(dataset)) is not None:
            return chosen.like(dataset, network(), row)
    return None


def distances(dataset: Dataset) -> dict[int, float]:
    """Return how far rows are from the one in the address, those of which it is known."""
    with contextlib.suppress(UserError):
        if (row := _row(dataset)) is not None:
            return chosen.distances(dataset, network(), row)
    return {}


def among(dataset: Dataset) -> Rows | None:
    """Return the rows inside the lasso in the address; None where there is none, or it cannot be used."""
    with contextlib.suppress(UserError):
        if text := st.query_params.get(LASSO, ""):
            return chosen.within(dataset, network(), text)
    return None


def chips(dataset: Dataset, selected: Rows | None) -> Iterator[tuple[str, str]]:
    """Yield of each choice that the address makes its words and its name."""
    if (row := _row(dataset)) is not None:
        yield f"↕ like {dataset.items['original'].iat[row]}", LIKE
    if st.query_params.get(LASSO):
        count = "?" if selected is None else f"{len(selected.rows):,}"
        yield f"{count} selected on the map", LASSO


def say(dataset: Dataset) -> None:
    """Say why choices of the address cannot be used (yet), and how far it is that they can."""
    with guard.errors():
        row, of = _row(dataset), network()
        if st.query_params.get(LIKE) and row is None:
            st.warning("The address asks for images like one that is not there: it is left out.")
        if row is not None and chosen.like(dataset, of, row) is None:
            _of_features(dataset, of)
        text = st.query_params.get(LASSO, "")
        if text and chosen.within(dataset, of, text) is None:
            st.info("The selection was drawn on a map that is not there any more: open **Map** to make it again.")


def _of_features(dataset: Dataset, of: Run | None) -> None:
    follow(
        dataset,
        [features.question(dataset, of)],
        start="Look at the images",
        why="A network has to look at every image once before it can say which are alike.",
        ask=lambda: features.ask(dataset, of),
    )


def follow(dataset: Dataset, asked: list[SeenQuestion], *, start: str, why: str, ask: Callable[[], object]) -> None:
    """Show how far the first of some questions is that has no answer, or a button that asks them.

    Parameters
    ----------
    dataset : Dataset
    asked : list of SeenQuestion
        In the order in which they are answered.
    start : str
        The button's label.
    why : str
        What it is for.
    ask : callable
        Asks all of them.
    """

    def stop() -> None:
        for question in asked:
            question.cancel()

    wanted = [question for question in asked if question.is_wanted]
    states = [question.state() for question in wanted]
    at_work = next((question for question, state in zip(wanted, states, strict=True) if state.active), None)
    if at_work is not None:
        data_progress.follow(at_work, dataset.name, key="looking", stop="Stop", on_stop=stop)
        return
    for state in states:
        if state.name == requests.FAILED:
            st.error(guard.escape(state.message), icon=":material/error:")
            break

    def put() -> None:
        with guard.later():
            stop()
            ask()

    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="looking"):
        st.button(start, key="looking-start", on_click=put, type="primary", icon=":material/visibility:")
        st.markdown(f"{why} About {_guess(dataset)}; you may leave the page.", width="content")


def _guess(dataset: Dataset) -> str:
    """Return how long about the network that comes along looks at all pictures, in words."""
    minutes = round(len(dataset) * (features.size_of(dataset) / features.SMALL) ** 2 / _PACE / 60)
    return "half a minute" if minutes < 1 else sentences.count(minutes, "minute")


def _row(dataset: Dataset) -> int | None:
    return chosen.row_of(dataset, st.query_params.get(LIKE, ""))
