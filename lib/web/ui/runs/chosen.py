"""What can be done with the runs that are ticked: name, note, tags, pin, open, delete."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import streamlit as st

from lib.core import sentences
from lib.core.workspace import Workspace
from lib.training import run_names, run_notes
from lib.training.run_table import Row
from lib.web.ui import guard
from lib.web.ui.runs import deleted


def show(workspace: Workspace, rows: list[Row], *, on_open: Callable[[str], None]) -> None:
    """Show, for ``rows``, the buttons, and for a single one the fields of what people keep of it."""
    which = guard.escape(rows[0].title) if len(rows) == 1 else sentences.count(len(rows), "run")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-chosen"):
        st.markdown(f"**{which}**", width="content")
        if len(rows) == 1:
            st.button("Open", key="runs-open", icon=":material/query_stats:", on_click=on_open, args=(rows[0].id,))
        pinned = all(row.notes.pinned for row in rows)
        st.button(
            "Unpin" if pinned else "Pin",
            key="runs-pin",
            icon=":material/keep_off:" if pinned else ":material/keep:",
            on_click=_pin,
            args=(workspace, [row.id for row in rows], not pinned),
            help="Pinned runs stand before the others.",
        )
        st.button(
            "Delete",
            key="runs-delete",
            icon=":material/delete:",
            on_click=deleted.delete,
            args=(workspace, [row.id for row in rows]),
            help="Takes it from all lists. It can be put back until it is deleted for good.",
        )
    if len(rows) == 1:
        _fields(workspace, rows[0])


def _fields(workspace: Workspace, row: Row) -> None:
    """Show name, note and tags of one run, each kept as it is entered."""
    if row.why and not row.is_damaged:  # which is said below the table
        st.warning(guard.escape(row.why), icon=":material/warning:")
    with st.container(horizontal=True, gap="small", key="runs-fields"):
        fields: tuple[tuple[str, str, int | Literal["stretch"], str], ...] = (
            ("Name", row.name, 240, "none"),
            ("Tags", ", ".join(row.notes.tags), 240, "baseline, paper"),
            ("Note", row.notes.note, "stretch", "What was tried, and why"),
        )
        for what, value, width, placeholder in fields:
            key = f"runs-{what.lower()}-{row.id}"
            if st.session_state.get(f"{key}-kept") != value or key not in st.session_state:
                st.session_state[key] = st.session_state[f"{key}-kept"] = value  # else what is typed would be lost
            st.text_input(
                what,
                key=key,
                max_chars=run_names.MOST if what == "Name" else None,
                width=width,
                placeholder=placeholder,
                on_change=partial(_write, workspace, row.id, what, key),
            )


def _write(workspace: Workspace, run: str, what: str, key: str) -> None:
    folder, text = workspace.run(run), st.session_state[key]
    guard.draw_whole_page()
    with guard.later():
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
