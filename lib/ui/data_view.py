"""What a dataset is: its numbers, its pictures, its one-hot matrix, its counts, and what import left out."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from lib import tasks
from lib.components.gallery import gallery
from lib.data.dataset import Dataset
from lib.ui import data_delete, data_export, data_filter, data_matrix, data_problems, guard, theme
from lib.workspace import Workspace

PER_PAGE = 24
_SIZES = {"s": "Small", "m": "Medium", "l": "Large"}


def facts(dataset: Dataset) -> None:
    """Show the few numbers to know."""
    with st.grid(6, min_column_width=150):
        for title, value, help in tasks.get(dataset.task).facts(dataset.targs, dataset.names):
            st.metric(title, value, help=help)


def tabs(workspace: Workspace, dataset: Dataset) -> None:
    """Show one view at a time; which one is in the address."""
    task = tasks.get(dataset.task)
    matrix = task.matrix(dataset.targs, dataset.names)
    labels = matrix if task.has_labels else None
    table = "One-hot matrix" if labels is not None else "Target table"
    pictures, targets, counts, about, export = st.tabs(
        ["Pictures", table, "Counts", "Import", "Export"], key="view", bind="query-params", on_change="rerun"
    )
    if pictures.open:
        with pictures:
            _pictures(dataset, data_filter.rows(dataset, labels))
    if targets.open:
        with targets:
            data_matrix.show(dataset, matrix, data_filter.rows(dataset, labels), one_hot=labels is not None)
    if counts.open:
        with counts:
            _counts(dataset)
    if about.open:
        with about:
            _about(workspace, dataset)
    if export.open:
        with export:
            data_export.show(workspace, dataset)


def _pictures(dataset: Dataset, rows: np.ndarray) -> None:
    """Show the pictures of ``rows``, 24 a page."""
    if not len(rows):
        st.info("No image passes these filters.", icon=":material/filter_alt_off:")
        st.button("Clear the filters", on_click=data_filter.clear, icon=":material/filter_alt_off:")
        return
    pages = math.ceil(len(rows) / PER_PAGE)
    if st.session_state.get("page", 1) > pages:  # a filter in the address, a smaller dataset
        st.session_state["page"] = 1
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        place = st.empty()
        # A width of its own: where five numbers do not fit, the widget shows the first and last only.
        page = st.pagination(pages, key="page", bind="query-params", width=340) if pages > 1 else 1
        size = st.segmented_control(
            "Size",
            list(_SIZES),
            default="m",
            required=True,
            format_func=_SIZES.__getitem__,
            key="size",
            bind="query-params",
            label_visibility="collapsed",
        )
    shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    first = (page - 1) * PER_PAGE + 1
    chosen = "" if len(rows) == len(dataset) else f" that pass the filters, {len(dataset):,} in all"
    place.caption(f"Images {first:,} to {first + len(shown) - 1:,} of {len(rows):,}{chosen}", width="content")
    task, originals = tasks.get(dataset.task), dataset.items["original"].to_numpy()
    sizes = dataset.sizes
    cards = [task.card(int(i), str(originals[i]), dataset.targs[i], sizes[i], dataset.names) for i in shown]
    gallery(dataset, cards, key="pictures", size=size)


def _counts(dataset: Dataset) -> None:
    """Show what there is of each name, as a picture and as a table."""
    task, splits = tasks.get(dataset.task), dataset.items["split"].to_numpy(dtype=str)
    panel = task.counts_figure(dataset.targs, splits, dataset.sizes, dataset.names)
    st.subheader(panel.title, help=panel.help)
    theme.chart(panel.content, key=f"counts-{dataset.name}", alt=panel.help)
    counts: pd.DataFrame = task.counts(dataset.targs, splits, dataset.names)
    st.dataframe(counts, height="content" if len(counts) <= 12 else 460)


def _about(workspace: Workspace, dataset: Dataset) -> None:
    """Show what was skipped and why, where the dataset came from, and how to be rid of it."""
    st.subheader("What was skipped, and why")
    data_problems.show(dataset.problems)
    st.subheader("Where it came from")
    st.markdown(_origin(dataset.source))
    if dataset.root is not None:
        st.caption("Its pictures are used where they are, in")
        st.code(str(dataset.root), language=None)
    st.caption("Kept in")
    st.code(str(dataset.path), language=None)
    if st.button("Delete this dataset …", icon=":material/delete:", key="delete"):
        data_delete.ask(workspace, dataset.name, len(dataset))


def _origin(source: dict) -> str:
    """Return where a dataset came from as Markdown."""
    name = guard.escape(str(source.get("name", "")))
    if "format" in source:
        answers = [guard.escape(f"{choice}={value}") for choice, value in source.get("choices", {}).items()]
        said = f" Answers: {', '.join(answers)}." if answers else ""
        return f"Imported from **{name}**, understood as {guard.escape(source['format'])}.{said}"
    return f"The sample **{name}**, drawn on this computer."
