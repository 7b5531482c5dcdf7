"""The frame of every page: what is chosen in one line, with the buttons that every page has, and messages below it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.core.config import WITH_MODEL
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.training.runs import Run
from lib.web.ui import account, choose, choose_run, guard
from lib.web.ui.data import add, arrived, bundles, edits, fastai, imports, notice, reports

#: The page on which datasets are brought, seen and edited.
DATA = "data"
#: The one that has pictures of its own where there is no dataset.
LEARN = "learn"


@dataclass(frozen=True)
class Frame:
    """What the line at the top of a page chose, and where the page goes on in it.

    Attributes
    ----------
    dataset : Dataset or None
        None where there is none to show; what to do is then on the page.
    run, split, more : streamlit.delta_generator.DeltaGenerator
        Where in the line the run and the split are chosen, and what is rarely needed opens.
    arrived : streamlit.delta_generator.DeltaGenerator or None
        Where `arrived.review` goes if the dataset has just come in.
    """

    dataset: Dataset | None
    run: DeltaGenerator
    split: DeltaGenerator
    more: DeltaGenerator
    arrived: DeltaGenerator | None = None

    def choose_run(self, *, kinds: tuple[str, ...] = WITH_MODEL, with_results: bool = False) -> Run | None:
        """Have a run of the dataset chosen in the line, as `choose_run.run`, and named; None if there is none."""
        assert self.dataset is not None
        with self.run:
            run = choose_run.run(Workspace.find(), self.dataset.name, kinds=kinds, with_results=with_results)
        if run is not None:
            with self.more:
                choose_run.name_field(run)
                bundles.of_run(run)
                reports.of_run(run)
        return run


def show(workspace: Workspace, page: str, *, runs_of: tuple[str, ...] = ()) -> Frame:
    """Show the line, then what there is to say; return what is chosen.

    Parameters
    ----------
    workspace : Workspace
    page : str
        Which one, for instance "train".
    runs_of : tuple of str, optional
        Kinds of runs that the page shows: of another kind, or of another dataset, the address' run may not be.
    """
    guard.need_gate()  # here too: a page may be started by its own file
    line, messages = (
        st.container(horizontal=True, vertical_alignment="center", gap="small", key="frame"),
        st.container(),
    )
    names = workspace.dataset_names()  # once: one that arrives meanwhile would show the forms of both
    is_open = bool(names) and add.is_open(workspace, page)
    with messages:
        guard.whole_page()
        imports.follow(workspace, with_form=is_open if names else page == DATA)
        fastai.follow(workspace)
        bundles.follow(workspace)
        notice.show()
    if not names:
        with messages:
            choose.not_here(workspace)
        if page == DATA:
            add.welcome(workspace)
        elif page != LEARN:
            choose.no_dataset()
        return Frame(None, line, line, line)
    with line:
        place, run, split = (st.container(key=f"frame-{part}", width="content") for part in ("dataset", "run", "split"))
        with messages, guard.errors():
            dataset = choose.dataset(workspace, names, place, runs_of=runs_of)
        if dataset is not None:
            with guard.errors():
                choose.facts(dataset)
                if page == DATA:
                    edits.buttons(dataset)
        add.button(page)
        more = st.popover("More", icon=":material/more_horiz:", key="frame-more")
        with more:
            if dataset is not None:
                choose.facts_in_words(dataset)
            about = st.container()
            account.show()
    if is_open:
        add.dialog(workspace)
    if dataset is None:
        return Frame(None, run, split, about)
    with messages:
        return Frame(dataset, run, split, about, arrived.show(dataset, page))
