"""The two sides of a comparison and at which thresholds and on which images they are compared, kept in the address."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import NamedTuple

import streamlit as st

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.evaluation.verdicts import images
from lib.evaluation.verdicts.sides import OWN
from lib.tasks.base import Task
from lib.tasks.types import three_digits
from lib.thresholds import sets
from lib.training import run_entries, run_table, runs
from lib.training.run_entries import Entry
from lib.training.run_table import Row
from lib.training.runs import Run
from lib.web.ui import address, guard
from lib.web.ui.runs import table

#: What a threshold for all labels is at first.
_COMMON, _USUAL = "common", 0.5
_SPLITS = {images.VALID: "validation", images.TEST: "test", images.EITHER: "both"}


class Sides(NamedTuple):
    """The entries A and B, what else the address names, and the keys of what it names and cannot be compared."""

    a: Entry
    b: Entry
    asked: tuple[Entry, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def rows(self) -> list[Row]:
        """The rows of all entries."""
        return [row for entry in (self.a, self.b, *self.asked) for row in entry.rows]

    @property
    def runs(self) -> tuple[tuple[Run, ...], tuple[Run, ...]]:
        """The runs of each, of several seeds one of each that has a result."""
        return runs_of(self.a), runs_of(self.b)


def runs_of(entry: Entry) -> tuple[Run, ...]:
    """Return the runs that count for an entry."""
    rows = entry.counted if entry.is_several else entry.rows
    return tuple(row.run for row in rows if row.run is not None)


def ordered(entries: list[Entry]) -> str:
    """Return what the address says of two entries: the one whose newest run is older is A."""
    return address.BETWEEN_RUNS.join(one.key for one in sorted(entries, key=lambda one: one.rows[0].id))


def can_be_compared(entry: Entry) -> bool:
    """Return whether an entry has a result."""
    return bool(entry.counted if entry.is_several else entry.rows[0].is_recorded)


def choose(workspace: Workspace, dataset: str) -> Sides | None:
    """Show which entries are compared, to be changed; None where there is only one that could be."""
    listed = run_entries.entries(run_table.rows(workspace, dataset))
    known = {entry.key: entry for entry in listed if can_be_compared(entry)}
    asked = st.query_params.get(address.VERSUS, "").split(address.BETWEEN_RUNS)
    for key in asked:
        if key not in known and (single := _single(workspace, key)) is not None:
            known[key] = single
    if len(known) < 2:
        st.info("There is only one run with a result: train another one to compare it with.", icon=":material/balance:")
        st.button("All runs", icon=":material/arrow_back:", key="versus-back", on_click=_leave)
        return None
    gone = [key for key in asked if key and key not in known]
    first = asked[0] if asked[0] in known else next(key for key in list(known)[::-1] if key != asked[-1])
    others = [key for key in known if key != first]
    second = asked[1] if len(asked) > 1 and asked[1] in others else others[0]
    names = dict(zip(known, table.titles(list(known.values())), strict=True))
    titles = {key: f"{name}{_value(known[key])}" for key, name in names.items()}
    st.button("All runs", icon=":material/arrow_back:", key="versus-back", on_click=_leave)
    _select("A", titles, first, second)
    st.button("Swap", icon=":material/swap_horiz:", key="versus-swap", on_click=_write, args=(second, first))
    _select("B", titles, first, second)
    return Sides(known[first], known[second], tuple(entry for entry in listed if entry.key in asked), tuple(gone))


def _select(letter: str, titles: Mapping[str, str], first: str, second: str) -> None:
    """Show the selection of one side."""
    widget = f"versus-{letter}"
    st.session_state[widget] = first if letter == "A" else second
    st.selectbox(
        letter,
        list(titles),
        format_func=lambda one: f"{letter}: {titles[one]}",
        key=widget,
        on_change=_changed,
        args=(letter, first, second),
        label_visibility="collapsed",
        width=270,
    )


def _leave() -> None:
    address.write_one_of(
        {}, (address.VERSUS, address.VERSUS_TAB, address.AT, address.WHO, address.LABEL, address.SPLIT)
    )


def _value(entry: Entry) -> str:
    return "" if entry.value is None else f" · {three_digits(entry.value)} {entry.unit}".rstrip()


def _single(workspace: Workspace, key: str) -> Entry | None:
    """Return the run called ``key``, of any dataset or several seeds; None if there is none with a result."""
    with contextlib.suppress(UserError):  # it was deleted or is damaged: another one is shown
        row = Row.of(runs.load(workspace, key))
        return Entry(key, (row,)) if row.is_recorded else None
    return None


def _changed(letter: str, first: str, second: str) -> None:
    chosen = st.session_state[f"versus-{letter}"]
    if letter == "A":
        _write(chosen, first if chosen == second else second)
    else:
        _write(second if chosen == first else first, chosen)


def _write(first: str, second: str) -> None:
    address.write(address.VERSUS, f"{first}{address.BETWEEN_RUNS}{second}")


def choose_split(sides: Sides) -> str:
    """Show which images are compared on where there are several splits, and return that."""
    splits = [set(run.result()["splits"]) for side in sides.runs for run in side]
    common = set.intersection(*splits)
    if {images.VALID, images.TEST} - common:
        return next(iter(sorted(common, reverse=True)), images.VALID)
    return option(
        address.SPLIT, _SPLITS, "Images", "Both: those that each kept from its training, to validate or to test with."
    )


def choose_thresholds(task: Task, sides: Sides) -> str:
    """Show at which thresholds labels are decided, where the task has any, and return that."""
    if not task.uses_thresh:
        return OWN
    every = [run for side in sides.runs for run in side]
    kept: set[str] = set()
    with guard.errors():
        kept = set.intersection(*({*sets.read_all(run)} - {sets.DEFAULT} for run in every))
    named = {name: name for name in sorted(kept) if _number(name) is None and name not in (OWN, _COMMON)}
    asked = st.query_params.get(address.AT, OWN)
    number = _number(asked)
    shown = {OWN: "own thresholds", _COMMON: "one for all", **named}
    chosen = asked if asked in shown else _COMMON if number is not None else OWN
    option(
        address.AT,
        shown,
        "Thresholds",
        "Own: each run's as it was trained. One for all labels of both. Or a set that all of them have.",
        at=chosen,
        written={_COMMON: f"{_USUAL:g}"},
    )
    if chosen != _COMMON:
        return chosen
    st.session_state["versus-thresh"] = number if number is not None else _USUAL
    st.number_input(
        "Threshold",
        0.0,
        1.0,
        step=0.05,
        key="versus-thresh",
        on_change=lambda: address.write(address.AT, f"{st.session_state['versus-thresh']:.6g}"),
        label_visibility="collapsed",
        width=130,
    )
    return f"{st.session_state['versus-thresh']:.6g}"


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None


def option(
    name: str,
    shown: Mapping[str, str],
    label: str,
    help: str | None = None,
    *,
    at: str | None = None,
    written: Mapping[str, str] | None = None,
) -> str:
    """Show a segmented control whose choice the address keeps, and return it.

    Parameters
    ----------
    name : str
        In the address, which does not have the first choice.
    shown : mapping of str to str
        What can be chosen, and what it is called.
    label : str
    help : str, optional
    at : str, optional
        What is chosen; by default what the address says.
    written : mapping of str to str, optional
        What the address says of some of them, where that is something else.
    """
    asked, usual, widget = st.query_params.get(name, ""), next(iter(shown)), f"versus-{name}"
    chosen = at if at is not None else asked if asked in shown else usual
    st.session_state[widget] = chosen

    def changed() -> None:
        now = st.session_state[widget]
        address.write(name, None if now == usual else (written or {}).get(now, now))

    st.segmented_control(
        label,
        list(shown),
        format_func=guard.letters(shown.__getitem__),
        required=True,
        key=widget,
        on_change=changed,
        help=help,
        label_visibility="collapsed",
    )
    return chosen
