"""Searches on the Runs page: which one is shown, how it stands, what its trials reached against what they chose."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy as np
import streamlit as st

from lib.core import sentences, times
from lib.core.config import CHOICES
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.evaluation import search_winner
from lib.metrics.scores import METRICS
from lib.training import events, run_ids
from lib.training.run_table import Row
from lib.training.search import standing, study
from lib.training.search.standing import Standing
from lib.training.search.study import Search
from lib.web.charts import search as charts
from lib.web.components.chart import chart
from lib.web.ui import address, guard

_WHICH, _ALL = "runs-search", ""
#: Charts of choices, and pixels of each: three stand beside each other on a tablet, one on a phone.
_MOST, _WIDTH = 6, 290


def of_dataset(workspace: Workspace, dataset: str) -> tuple[list[Search], list[str]]:
    """Return the searches of a dataset, newest first, and the ids of those that are damaged, maybe of others.

    What of the asked one is damaged is said here.
    """
    whole, damaged = study.listed(workspace)
    asked = st.query_params.get(address.SEARCH)
    if asked in damaged:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.warning(guard.escape(str(damaged[asked])), icon=":material/warning:")
            _delete_button(workspace, asked)
    return [one for one in whole if one.plan.dataset == dataset], list(damaged)


def asked(listed: Iterable[Search]) -> Search | None:
    """Return the search that the address names, None where it names none that is listed."""
    name = st.query_params.get(address.SEARCH)
    return next((one for one in listed if one.id == name), None)


def choose(listed: list[Search], damaged: Sequence[str]) -> None:
    """Let the runs of one search be shown, or be said what is ``damaged``; nothing where there is no search."""
    if not listed and not damaged:
        return
    states = {one.id: one.state for one in listed} | dict.fromkeys(damaged, "damaged")
    named = {_ALL: "All runs"} | {one: f"{title(one)} · {states[one]}" for one in sorted(states, reverse=True)}
    now = st.query_params.get(address.SEARCH)
    st.session_state[_WHICH] = now if now in named else _ALL

    def change() -> None:
        address.write(address.SEARCH, st.session_state[_WHICH] or None)

    st.selectbox(
        "Search",
        list(named),
        format_func=named.__getitem__,
        key=_WHICH,
        on_change=change,
        label_visibility="collapsed",
        width=250,
    )


def title(search: str) -> str:
    """Return what the search of this id is called: when it began."""
    return time.strftime("Search %d %b, %H:%M", run_ids.began(search))


def only(rows: list[Row], search: Search | None) -> list[Row]:
    """Return the rows of the runs of a search, all where there is none."""
    ids = set(search.runs) if search else set()
    return [row for row in rows if search is None or row.id in ids]


def show(workspace: Workspace, search: Search, rows: list[Row], on_open: Callable[[str], None]) -> None:
    """Show how a search stands by the rows of its runs: progress, buttons, the best trial and the charts."""
    now = standing.of(search, rows)
    with st.container(border=True, key="search-card"):
        _head(workspace, now, on_open)
        if search.done.message:
            st.warning(guard.escape(search.done.message), icon=":material/warning:")
        if now.best is None:
            st.caption("No trial has left a model yet: each is a mark here once it has.")
            return
        _best(now)
        _charts(now, on_open)


def _head(workspace: Workspace, now: Standing, on_open: Callable[[str], None]) -> None:
    search = now.search
    is_active = search.state in study.ACTIVE
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="search-head"):
        text = f"**{title(search.id)}** · {'stopping' if search.is_stopping else search.state}: {now.words}"
        if is_active:
            left = f", about {times.duration(max(1.0, now.seconds_left))} left" if now.seconds_left else ""
            st.progress(min(1.0, now.n_ended / search.plan.most_trials), text + left, width=560)
        else:
            st.markdown(text, width="content")
        if now.best:
            st.button(
                f"Open trial {now.best.number}",
                key="search-open",
                icon=":material/query_stats:",
                on_click=on_open,
                args=(now.best.trial.run,),
                help="The best trial's run.",
            )
        if is_active:
            st.button(
                "Stop",
                key="search-stop",
                icon=":material/stop_circle:",
                on_click=partial(_do, study.stop, search),
                disabled=search.is_stopping,
                help="Starts no trial any more; those at work end after their epoch and keep their models.",
            )
            return
        if search.state != events.FINISHED:
            st.button(
                "Go on",
                key="search-go-on",
                icon=":material/play_circle:",
                on_click=partial(_do, study.go_on, workspace, search),
                help="Goes on where it was; no trial is made twice.",
            )
        _delete_button(workspace, search.id)


def _delete_button(workspace: Workspace, search: str) -> None:
    st.button(
        "Delete",
        key=f"search-delete-{search}",
        icon=":material/delete:",
        on_click=_delete,
        args=(workspace, search),
        help="Deletes the search for good; its runs stay.",
    )


def _delete(workspace: Workspace, search: str) -> None:
    with guard.later():
        study.delete(workspace, search)
        guard.draw_whole_page("The search is deleted; its runs stay.")
        address.write(address.SEARCH, None)


def _do(act: Callable[..., object], *arguments: object) -> None:
    guard.draw_whole_page()
    with guard.later():
        act(*arguments)


def _best(now: Standing) -> None:
    """Say what the best trial is worth where it was chosen and where it was not, and what its further seeds are."""
    try:
        winner = search_winner.of(now)
    except UserError as error:
        st.warning(guard.escape(str(error)), icon=":material/warning:")
        return
    if winner:
        st.markdown(guard.escape(f"{winner.words} {search_winner.seeds_words(now)}".strip()))


def _charts(now: Standing, on_open: Callable[[str], None]) -> None:
    """Show a chart for each choice that varies, side by side as many as there is room for."""
    measured, best = now.measured, now.best
    if best is None or best.row is None:
        return
    metric, unit = best.row.metric, best.row.unit
    reached = METRICS[metric].title + (f" ({unit})" if unit else "")
    values = np.array([one.value for one in measured], dtype=float)
    numbers, is_short = [one.number for one in measured], np.array([one.is_short for one in measured])
    runs = {one.number: one.trial.run for one in measured}

    def clicked(number: float) -> None:
        if run := runs.get(int(number)):
            on_open(run)

    names = list(now.search.plan.space)
    with st.container(horizontal=True, gap="small", key="search-charts"):
        for name in names[:_MOST]:
            choice, dimension = CHOICES[name], now.search.plan.space[name]
            figure = charts.against_choice(
                [one.choice(name) for one in measured],
                values,
                numbers,
                is_short,
                best.number,
                options=dimension.options,
                ends=(dimension.low, dimension.high),
                is_log=dimension.is_log(choice),
                x=choice.title,
                y=reached,
            )
            with st.container(width=_WIDTH):
                alt = f"{reached} of {sentences.count(len(measured), 'trial')} against {choice.title}"
                chart(figure, key=f"search-{name}", alt=alt, on_click=clicked)
    more = f" {sentences.more(len(names) - _MOST, 'choice')} varied." if len(names) > _MOST else ""
    st.caption(
        f"{METRICS[metric].title} on the validation images. Diamond: the best trial; disk: trained to its end; ring: "
        f"stopped early. A click on a mark opens its run.{more}"
    )
