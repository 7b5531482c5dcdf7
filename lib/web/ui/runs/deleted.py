"""Runs that were deleted: the last ones are put back by one click, all others from a list that is folded away."""

from __future__ import annotations

import streamlit as st

from lib.core import sentences
from lib.core.workspace import Workspace
from lib.export import forgetting
from lib.training import run_trash
from lib.web.ui import address, guard

#: Where a session keeps the runs that it deleted last.
_LAST = "runs-deleted"
_WIDGET = "runs-put-back"


def delete(workspace: Workspace, ids: list[str]) -> None:
    """Delete runs and offer to put them back; a callback."""
    gone: list[str] = []
    guard.draw_whole_page()
    with guard.later():
        try:
            for run in ids:
                run_trash.delete(workspace, run)
                gone.append(run)
        finally:
            if gone:
                st.session_state[_LAST] = gone
                address.write(address.COMPARE, None)


def undo(workspace: Workspace) -> None:
    """Show what was deleted last, with the button that puts it back."""
    last = st.session_state.get(_LAST, [])
    kept = set(run_trash.listed(workspace)) if last else set()
    gone = [run for run in last if run in kept]
    if not gone:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-undo-line"):
        st.markdown(f":material/delete: {sentences.count(len(gone), 'run')} deleted.", width="content")
        st.button("Undo", key="runs-undo", icon=":material/undo:", on_click=_restore, args=(workspace, gone))


def folded(workspace: Workspace) -> None:
    """Show all runs that can be put back, folded away; nothing where there are none."""
    gone = run_trash.listed(workspace)
    if not gone:
        return
    unfolded = st.expander(
        f"Deleted runs ({len(gone):,})", icon=":material/delete:", key="runs-trash", on_change="rerun"
    )
    if not unfolded.open:
        return
    with unfolded, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        run = st.selectbox(
            "Deleted run", gone, format_func=lambda one: run_trash.title(workspace, one), key=_WIDGET, required=True
        )
        st.button("Put it back", key="runs-restore", icon=":material/undo:", on_click=_restore, args=(workspace, [run]))
        st.button(
            "Delete it for good",
            key="runs-remove",
            icon=":material/delete_forever:",
            on_click=_remove,
            args=(workspace, run),
            help="Frees the room on the disk that it takes, with its bundles and reports. It cannot be put back.",
        )


def _restore(workspace: Workspace, ids: list[str]) -> None:
    guard.draw_whole_page()
    with guard.later():
        for run in ids:
            run_trash.restore(workspace, run)


def _remove(workspace: Workspace, run: str) -> None:
    guard.draw_whole_page()
    with guard.later():
        run_trash.remove(workspace, run)
        forgetting.forget_runs(workspace, {run})
