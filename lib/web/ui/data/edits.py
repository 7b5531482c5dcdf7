"""The edits since the import: Undo and Redo, and the history."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from lib.core import sentences, times
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets.edits import edits
from lib.datasets.edits.history import KINDS, Edit, count, history, next_redo, next_undo
from lib.training import runs
from lib.web.components.keys import keys
from lib.web.ui import guard
from lib.web.ui.data import notice

_KEYS = {"Ctrl+Z": "edits-undo", "Ctrl+Shift+Z": "edits-redo"}
_UNDONE, _COUNTS = "undone", "counts"


def buttons(dataset: Dataset) -> None:
    """Show Undo and Redo, small, which say on a look how many edits there are; nothing where there never was one."""
    undo, redo = next_undo(dataset), next_redo(dataset)
    if undo is None and redo is None:
        return
    with st.container(horizontal=True, gap=None, width="content", key="edits"):
        edited = count(dataset)
        state = f"{sentences.count(edited, 'edit')} since the import" if edited else "As imported"
        state = f"{state}, revision `{dataset.base}`"
        _button("undo", undo, dataset, edits.undo, f"Ctrl+Z. {state}.")
        _button("redo", redo, dataset, edits.redo, f"Ctrl+Shift+Z. {state}.")
        keys(_KEYS, key="edits-keys")


def _button(which: str, what: str | None, dataset: Dataset, step: Callable[[Dataset], Dataset], help: str) -> None:
    """Show a button that undoes or makes again ``what``, dimmed where there is nothing."""
    name = guard.escape(what) if what is not None else "nothing"
    st.button(
        which.title(),
        key=f"edits-{which}",
        on_click=_do,
        args=(dataset, step, f"{'Undone' if which == 'undo' else 'Done again'}: {what}"),
        icon=f":material/{which}:",
        type="tertiary",
        disabled=what is None,
        help=f"{which.title()} “{name}” ({help})",
    )


def _do(dataset: Dataset, step: Callable[[Dataset], Dataset], done: str) -> None:
    with guard.later():
        step(dataset)
        notice.say(done)


def show(workspace: Workspace, dataset: Dataset) -> None:
    """Show every edit since the import, newest first, and which trainings used which state."""
    st.subheader("History")
    st.markdown(
        "Imported files are never changed: every edit can be undone, and every training keeps the revision that it saw."
    )
    log = history(dataset)
    if not log:
        st.info(
            f"No edit yet: this is the import, revision `{dataset.base}`. Correct a label, move a point, exclude an "
            "image or assign splits, and it is listed here.",
            icon=":material/history:",
        )
    table = _table(log, dataset, trained(workspace, dataset))
    if log or table["trained on it"].any():
        st.dataframe(
            table,
            hide_index=True,
            key="history",
            height="content" if len(table) <= 14 else 500,
            column_config={
                "number": st.column_config.NumberColumn("edit", width="small", help="In the order they were made."),
                "time": st.column_config.DatetimeColumn(
                    "time", format="D MMM YYYY, HH:mm:ss", help="In your time zone."
                ),
                "what": st.column_config.TextColumn("what was done", width="large"),
                "user": st.column_config.TextColumn("by", help="Who was logged in."),
                "revision": st.column_config.TextColumn(
                    "revision after it", help="The id of the state: the same state has the same id, however reached."
                ),
                "trained on it": st.column_config.ListColumn("trained on it", help="Runs that saw this state."),
            },
        )
    if dataset.revision != dataset.base:
        st.button(
            "Go back to the import",
            key="edits-restore",
            on_click=_do,
            args=(dataset, edits.restore, "Back to the import"),
            icon=":material/settings_backup_restore:",
            help="One edit, which can be undone like any other.",
        )


def trained(workspace: Workspace, dataset: Dataset) -> dict[str, list[str]]:
    """Return the ids of the runs on each revision, with the names of those that have one."""
    run_ids: dict[str, list[str]] = {}
    for run in runs.list_runs(workspace):
        if run.config.dataset == dataset.name:
            run_ids.setdefault(run.config.revision, []).append(f"{run.name} · {run.id}" if run.name else run.id)
    return run_ids


def _table(log: list[Edit], dataset: Dataset, trained: dict[str, list[str]]) -> pd.DataFrame:
    shows_users = any(edit.user for edit in log)
    rows = [
        {
            "number": edit.number,
            "time": edit.time,
            "what": edit.note,
            **({"user": edit.user} if shows_users else {}),
            "state": _UNDONE if edit.undone else _COUNTS,
            "kind": KINDS[edit.kind],
            "revision": edit.revision,
        }
        for edit in reversed(log)
    ]
    imported = {
        "number": 0,
        "time": times.utc((dataset.path / "dataset.json").stat().st_mtime),
        "what": "Imported",
        "kind": "import",
        "state": _COUNTS,
        **({"user": ""} if shows_users else {}),
    }
    rows.append({**imported, "revision": dataset.base})
    frame = pd.DataFrame(rows)
    frame["time"] = _local(frame["time"])
    frame["trained on it"] = [trained.get(str(row["revision"]), []) for row in rows]
    return frame


def _local(written: pd.Series) -> pd.Series:
    """Return times in UTC as they are in the time zone of whoever looks."""
    local = pd.to_datetime(written, utc=True, errors="coerce")
    zone = st.context.timezone
    if zone:
        try:
            local = local.dt.tz_convert(zone)
        except (KeyError, ValueError):  # a browser's own name for a zone
            return local
    return local.dt.tz_localize(None)
