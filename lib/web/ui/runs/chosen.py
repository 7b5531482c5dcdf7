"""What can be done with the runs that are ticked: name, note, tags, pin, open, delete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from lib.core import sentences
from lib.core.workspace import Workspace
from lib.training import run_names, run_notes
from lib.training.run_entries import Entry
from lib.training.run_table import Row
from lib.web.ui import guard
from lib.web.ui.runs import deleted, sides


def show(
    workspace: Workspace,
    entries: list[Entry],
    *,
    on_open: Callable[[str], None],
    on_compare: Callable[[list[Entry]], None],
) -> None:
    """Show, for ``entries``, the buttons, and for a single one the fields of what people keep of it."""
    ids = list(dict.fromkeys(row.id for entry in entries for row in entry.rows))
    which = guard.escape(entries[0].title) if len(entries) == 1 else sentences.count(len(ids), "run")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-chosen"):
        st.markdown(f"**{which}**", width="content")
        if len(ids) == 1:
            st.button("Open", key="runs-open", icon=":material/query_stats:", on_click=on_open, args=(ids[0],))
        if len(entries) == 2 and all(map(sides.can_be_compared, entries)):
            st.button(
                "Compare 2",
                key="runs-compare",
                type="primary",
                icon=":material/balance:",
                on_click=on_compare,
                args=(entries,),
                help="Which is better and by how much, where, and the pictures on which they disagree.",
            )
        pinned = all(row.notes.pinned for entry in entries for row in entry.rows)
        st.button(
            "Unpin" if pinned else "Pin",
            key="runs-pin",
            icon=":material/keep_off:" if pinned else ":material/keep:",
            on_click=_pin,
            args=(workspace, ids, not pinned),
            help="Pinned runs stand before the others.",
        )
        st.button(
            "Delete" if len(ids) == 1 else f"Delete {sentences.count(len(ids), 'run')}",
            key="runs-delete",
            icon=":material/delete:",
            on_click=deleted.delete,
            args=(workspace, ids),
            help="Takes it from all lists. It can be put back until it is deleted for good.",
        )
    if len(entries) == 1:
        _fields(workspace, entries[0])


def _fields(workspace: Workspace, entry: Entry) -> None:
    """Show name, note and tags of a run, or of all runs of an entry, each kept as it is entered."""
    for row in entry.rows:
        if row.why and not row.is_damaged:  # which is said below the table
            st.warning(guard.escape(row.why), icon=":material/warning:")
    ids = [row.id for row in entry.rows]
    with st.container(horizontal=True, gap="small", key="runs-fields"):
        fields: tuple[tuple[str, Callable[[Row], str], int | Literal["stretch"], str], ...] = (
            ("Name", lambda row: row.name, 240, "none"),
            ("Tags", lambda row: ", ".join(row.notes.tags), 240, "baseline, paper"),
            ("Note", lambda row: row.notes.note, "stretch", "What was tried, and why"),
        )
        for what, of_row, width, placeholder in fields:
            values = {of_row(row) for row in entry.rows}
            value = values.pop() if len(values) == 1 else ""
            key = f"runs-{what.lower()}-{entry.key}"
            if st.session_state.get(f"{key}-kept") != value or key not in st.session_state:
                st.session_state[key] = st.session_state[f"{key}-kept"] = value  # else what is typed would be lost
            st.text_input(
                what,
                key=key,
                max_chars=run_names.MOST if what == "Name" else None,
                width=width,
                placeholder=f"{len(values) + 1} different ones; what you enter is of all" if values else placeholder,
                on_change=partial(_write, workspace, ids, what, key),
            )


def _write(workspace: Workspace, ids: list[str], what: str, key: str) -> None:
    text = st.session_state[key]
    guard.draw_whole_page()
    with guard.later():
        for folder in map(workspace.run, ids):
            if what == "Name":
                run_names.write(folder, text)
            elif what == "Tags":
                run_notes.write(folder, tags=run_notes.tags_of(text))
            else:
                run_notes.write(folder, note=text)


def _pin(workspace: Workspace, ids: list[str], pinned: bool) -> None:
    guard.draw_whole_page()
    with guard.later():
        for run in ids:
            run_notes.write(workspace.run(run), pinned=pinned)
