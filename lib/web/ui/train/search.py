"""A search around the choices of the Train page: which of them vary, between what, and how long it may take."""

from __future__ import annotations

import streamlit as st

from lib.core import sentences, times
from lib.core.config import CHOICES, TrainConfig
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.tasks.base import Task
from lib.training import estimates, runs
from lib.training.launchers import launched
from lib.training.search import plans, space, study
from lib.training.search.plans import Halving, Plan
from lib.training.search.study import Search
from lib.web.ui import address, clicks, guard, links, where

_START = "search-start"
#: What varies where nobody has chosen, and trials.
_USUAL, _TRIALS = ["base_lr", "size"], 10


def show(workspace: Workspace, dataset: Dataset, task: Task, config: TrainConfig) -> None:
    """Show what a search around the choices ``config`` needs, and start it."""
    with st.expander("Search around these choices", icon=":material/travel_explore:"):
        names = [choice.name for choice in space.searchable(task)]
        varied = st.multiselect(
            "What varies",
            names,
            _USUAL,
            format_func=lambda name: CHOICES[name].title,
            key="search-varies",
            placeholder="choose",
            select_all=False,
        )
        texts = _texts(task, config, varied)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            trials = st.number_input("Trials", 1, plans.MOST_TRIALS, _TRIALS, key="search-trials", width=120)
            minutes = st.number_input(
                "Minutes at most",
                1.0,
                plans.MOST_MINUTES,
                None,
                10.0,
                "%.0f",
                key="search-minutes",
                placeholder="no limit",
                width=150,
                help="A limit for the trials: those still training stop after their epoch and keep their models. "
                "Further seeds of the best come after.",
            )
            seeds = st.number_input(
                "Seeds of the best",
                1,
                20,
                1,
                key="search-seeds",
                width=150,
                help="At the end the best choice is trained with so many seeds, which says how much of it was luck.",
            )
            halving = st.toggle(
                "Stop worse trials early",
                True,
                key="search-halving",
                help="Successive halving: after a third of its epochs only one trial of three goes on. The others stop "
                "and keep their models.",
            )
            clicks.button("Search", key=_START, icon=":material/travel_explore:")
        st.caption(f"{_cost(workspace, dataset, config, int(trials))}{_where()} {_ABOUT}")
    if not clicks.asked(_START):
        return
    with guard.errors():
        with st.spinner("Checking the choices"), clicks.carry_out(_START):
            plan = Plan(
                dataset=dataset.name,
                revision=dataset.revision,
                task=dataset.task,
                space=space.parse(texts),
                given=_given(config, varied),
                trials=int(trials),
                minutes=minutes,
                halving=Halving.of_epochs(config.freeze_epochs + config.epochs) if halving else None,
                seeds=int(seeds),
                at_once=None,
                where=where.chosen(),
            )
            search = study.start(workspace, dataset, plan)
        _watch(search)


_ABOUT = (
    "Choices are drawn at random, rates by their logarithm; each trial is a run. The best is chosen by the validation "
    "images, which makes it look too good: its test images stand beside it."
)


def _texts(task: Task, config: TrainConfig, varied: list[str]) -> list[str]:
    """Let be written what each choice may be; return that as it is typed."""
    texts = []
    with st.container(horizontal=True, gap="small"):
        for name in varied:
            usual = space.around(CHOICES[name], getattr(config, name), task)
            written = st.text_input(
                CHOICES[name].title,
                usual,
                key=f"search-of-{name}-{usual}",
                width=220,
                help="LOW..HIGH for numbers between two, or A,B,C for one of several.",
            )
            texts.append(f"{name}={written}")
    return texts


def _given(config: TrainConfig, varied: list[str]) -> dict[str, space.Value]:
    values = {name: getattr(config, name) for name in CHOICES}
    return {name: value for name, value in values.items() if name not in varied and value is not None}


def _cost(workspace: Workspace, dataset: Dataset, config: TrainConfig, trials: int) -> str:
    """Return about how long all trials take if each is like the choices."""
    each = estimates.of_training(runs.list_runs(workspace), config, len(dataset.index("train")))
    count = sentences.count(trials, "trial")
    if each is None:
        return f"{count}; nothing like these choices was trained here yet, so that nobody knows how long they take."
    return f"{count} take about {times.duration(trials * each)} at most, if each takes as long as these choices do."


def _where() -> str:
    """Return where trials run, "" where that is one process of this machine."""
    words = where.words()
    if (where.chosen() or launched.HERE).launcher == launched.RAY:
        words += ", as many at a time as fit"
    return f" Trials run {words}." if words else ""


def _watch(search: Search) -> None:
    """Go to the Runs page, which shows the search."""
    chosen = {address.DATASET: search.plan.dataset, address.SEARCH: search.id}
    st.switch_page(links.page("runs"), query_params=chosen)
