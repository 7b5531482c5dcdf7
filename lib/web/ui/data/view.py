"""The tabs of the Data page: images and matrix to browse, quality, splits and augmentation, history and export."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.web.ui import address, guard, lazy_tabs, run_state
from lib.web.ui.data import (
    audit,
    augment_preview,
    browse,
    checks,
    delete,
    difference,
    edits,
    export,
    inspect,
    label_next,
    problems,
    splits,
    stats,
)


def tabs(workspace: Workspace, dataset: Dataset) -> None:
    """Show one view at a time; which one is in the address."""
    table = "One-hot matrix" if tasks.get(dataset.task).has_labels else "Target table"
    shown = browse.Browse(dataset)
    views: dict[str, dict[str, Callable[[], None]]] = {
        "Browse": {"Images": shown.pictures, table: shown.matrix, "Map": shown.map},
        "Quality": {
            "Checks": lambda: checks.show(dataset),
            audit.TITLE: lambda: audit.show(workspace, dataset),
            "Statistics": lambda: stats.show(dataset),
        },
        "Prepare": {
            "Splits": lambda: splits.show(dataset),
            "Augmentation": lambda: augment_preview.tab(dataset),
            label_next.TITLE: lambda: label_next.show(workspace, dataset),
        },
        "History & export": {
            "History": lambda: edits.show(workspace, dataset),
            run_state.CHANGES: lambda: difference.show(workspace, dataset),
            "Import": lambda: _about(workspace, dataset),
            "Export": lambda: export.show(workspace, dataset),
        },
    }
    beside: dict[str, Callable[[], None]] = {
        "Images": shown.choose_pictures,
        table: shown.choose_matrix,
        "Map": shown.choose_map,
        "Checks": lambda: checks.choose(dataset),
        audit.TITLE: lambda: audit.choose(workspace, dataset),
    }
    lazy_tabs.show(views, key="view", in_address=address.VIEW, beside=beside)
    batch = label_next.rows(dataset)
    inspect.show(dataset, shown.rows if batch is None else batch)


def _about(workspace: Workspace, dataset: Dataset) -> None:
    """Show what was skipped and why, where the dataset came from, and how to be rid of it."""
    st.subheader("What was skipped, and why")
    problems.show(dataset.problems)
    st.subheader("Where it came from")
    st.markdown(_origin(dataset))
    if dataset.root is not None:
        st.caption("Its images stay where they are, in")
        st.code(str(dataset.root), language=None)
    st.caption("Kept in")
    st.code(str(dataset.path), language=None)
    if st.button("Delete this dataset …", icon=":material/delete:", key="delete"):
        delete.ask(workspace, dataset.name, len(dataset))


def _origin(dataset: Dataset) -> str:
    """Return where a dataset came from as Markdown."""
    source = dataset.source
    name = guard.escape(str(source.get("name", "")))
    if "format" in source:
        answers = [guard.escape(f"{choice}={value}") for choice, value in source.get("choices", {}).items()]
        answers_text = f" Answers: {', '.join(answers)}." if answers else ""
        return f"Imported from **{name}**, format: {guard.escape(source['format'])}.{answers_text}"
    if dataset.is_stand_in:
        return f"Made of the bundle of the run **{name}**: what it predicted, and the example pictures."
    return f"The sample **{name}**, generated on this computer."
