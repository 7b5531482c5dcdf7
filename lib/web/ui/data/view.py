"""The tabs of the Data page: images and matrix to browse, quality, splits and augmentation, history and export."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import query as queries
from lib.datasets.query import Query
from lib.web.components.gallery import Size, gallery
from lib.web.ui import address, guard, lazy_tabs
from lib.web.ui.data import (
    augment_preview,
    checks,
    delete,
    edits,
    export,
    filter,
    inspect,
    matrix,
    problems,
    splits,
    stats,
)

PER_PAGE = 24
_SIZES: dict[Size, str] = {"s": "Small", "m": "Medium", "l": "Large"}


def tabs(workspace: Workspace, dataset: Dataset) -> None:
    """Show one view at a time; which one is in the address."""
    table = "One-hot matrix" if tasks.get(dataset.task).has_labels else "Target table"
    passed = [dataset.included]  # the rows that the view shows, and that one steps through in the inspector

    def filtered(beside: Callable[[], None] = lambda: None) -> Query:
        query = filter.show(dataset, beside=beside)
        passed.append(queries.rows(dataset, query))
        return query

    views: dict[str, dict[str, Callable[[], None]]] = {
        "Browse": {
            "Images": lambda: _pictures(dataset, queries.rows(dataset, filtered())),
            table: lambda: matrix.show(dataset, filtered(lambda: matrix.choose_order(dataset))),
        },
        "Quality": {"Checks": lambda: checks.show(dataset), "Statistics": lambda: stats.show(dataset)},
        "Prepare": {"Splits": lambda: splits.show(dataset), "Augmentation": lambda: augment_preview.tab(dataset)},
        "History & export": {
            "History": lambda: edits.show(workspace, dataset),
            "Import": lambda: _about(workspace, dataset),
            "Export": lambda: export.show(workspace, dataset),
        },
    }
    lazy_tabs.show(views, key="view", in_address=address.VIEW)
    inspect.show(dataset, passed[-1])


def _pictures(dataset: Dataset, rows: np.ndarray) -> None:
    """Show the pictures of ``rows``, 24 a page."""
    if not len(rows):
        st.info("No image passes these filters.", icon=":material/filter_alt_off:")
        st.button("Clear the filters", on_click=filter.clear, icon=":material/filter_alt_off:")
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
    filtered = not np.array_equal(np.sort(rows), dataset.included)
    chosen = f" that pass the filters, {len(dataset):,} in all" if filtered else ""
    place.caption(f"Images {first:,} to {first + len(shown) - 1:,} of {len(rows):,}{chosen}", width="content")
    task, items = tasks.get(dataset.task), dataset.items.iloc[shown]
    sizes = items[["width", "height"]].to_numpy(dtype=np.float64)
    facts = zip(shown.tolist(), items["original"], dataset.targs[shown], sizes, strict=True)
    cards = [task.card(row, str(title), targ, size, dataset.names) for row, title, targ, size in facts]
    asked = gallery(dataset, cards, key="pictures", size=size, editable=True)
    if asked is not None:
        inspect.open_(dataset, asked)


def _about(workspace: Workspace, dataset: Dataset) -> None:
    """Show what was skipped and why, where the dataset came from, and how to be rid of it."""
    st.subheader("What was skipped, and why")
    problems.show(dataset.problems)
    st.subheader("Where it came from")
    st.markdown(_origin(dataset.source))
    if dataset.root is not None:
        st.caption("Its images stay where they are, in")
        st.code(str(dataset.root), language=None)
    st.caption("Kept in")
    st.code(str(dataset.path), language=None)
    if st.button("Delete this dataset …", icon=":material/delete:", key="delete"):
        delete.ask(workspace, dataset.name, len(dataset))


def _origin(source: dict) -> str:
    """Return where a dataset came from as Markdown."""
    name = guard.escape(str(source.get("name", "")))
    if "format" in source:
        answers = [guard.escape(f"{choice}={value}") for choice, value in source.get("choices", {}).items()]
        answers_text = f" Answers: {', '.join(answers)}." if answers else ""
        return f"Imported from **{name}**, format: {guard.escape(source['format'])}.{answers_text}"
    return f"The sample **{name}**, generated on this computer."
