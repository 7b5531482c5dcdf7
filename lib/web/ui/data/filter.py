"""The filters and the order of images, kept in the address: split, labels and file name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED
from lib.datasets import query as queries
from lib.datasets.query import Query

#: Values of the widgets where nothing is filtered; the keys are the names in the address.
_PLAIN = {"split": queries.ALL, "has": [], "lacks": [], "exactly": False, "find": ""}
_OF = "filters_of"  # name of the dataset that the filters were set for
_WITH, _WITHOUT = "With {} first", "Without {} first"
_SPLIT_TITLES = {queries.WITH_EXCLUDED: "all + excluded"}


def show(dataset: Dataset, *, beside: Callable[[], None] = lambda: None) -> Query:
    """Show the filters, the order and how many images pass; return what is asked for.

    ``beside`` shows what else there is to choose of the view.
    """
    if st.session_state.setdefault(_OF, dataset.name) != dataset.name:  # labels of one are none of another
        st.session_state[_OF] = dataset.name
        clear()
        st.session_state["order"] = "given"
    has_labels = tasks.get(dataset.task).has_labels
    with st.container(key="filters", gap="small"):
        with _line():
            split, find, order, labels = _split(dataset), _find(), _order(dataset), {}
            beside()
            if not has_labels:
                place = st.container(width="content")
        if has_labels:
            with _line():
                labels = _labels(dataset)
                place = st.container(width="content")
    query = Query(split=split, find=find, order=order, **labels)
    with place, st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(_passed(dataset, len(queries.rows(dataset, query))), width="content")
        if query != Query(order=query.order):
            st.button("Clear", on_click=clear, key="clear-filters", icon=":material/filter_alt_off:", type="tertiary")
    return query


def _passed(dataset: Dataset, count: int) -> str:
    """Return how many images pass, as Markdown; those that are excluded are told apart."""
    excluded = len(dataset) - len(dataset.included)
    apart = f" · {excluded:,} excluded" if excluded else ""
    return f"**{count:,}** of {max(count, len(dataset.included)):,} images{apart}"


def _line() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def clear() -> None:
    """Take every filter back, not the order; a callback, or called before the filters are shown."""
    st.session_state.update(_PLAIN)
    _first_page()


def choose(**values: object) -> None:
    """Set some filters by the names of `lib.datasets.query.Query` and leave the others; a callback.

    ``has`` and ``has_not`` are lists of labels, ``exactly`` says whether there may be no others than those of ``has``.
    """
    names = {"has_not": "lacks"}
    st.session_state.update({names.get(name, name): value for name, value in values.items()})
    _first_page()


def _split(dataset: Dataset) -> str:
    options = [queries.ALL, *dataset.splits()]
    if len(dataset.included) < len(dataset):
        options += [EXCLUDED, queries.WITH_EXCLUDED]
    return st.segmented_control(
        "Split",
        options,
        default=queries.ALL,
        required=True,
        format_func=lambda split: _SPLIT_TITLES.get(split, split),
        key="split",
        bind="query-params",
        on_change=_first_page,
    )


def _find() -> str:
    return st.text_input(
        "File name has",
        key="find",
        bind="query-params",
        placeholder="any",
        width=170,
        on_change=_first_page,
    )


def _order(dataset: Dataset) -> str:
    """Show the order; one by a label, which the matrix or the address chose, is one more option."""
    titles = queries.orders(dataset)
    for order in (st.session_state.get("order") or "", _from_title(st.query_params.get("order", "")) or ""):
        by = queries.label_of(order)
        if by is not None and by[0] in dataset.names:
            titles[order] = _WITH.format(by[0]) if by[1] else _WITHOUT.format(by[0])
    return st.selectbox(
        "Order of images",
        list(titles),
        format_func=lambda order: titles.get(order, order),
        key="order",
        bind="query-params",
        width=240,
        on_change=_first_page,
    )


def _from_title(title: str) -> str | None:
    """Return the order by a label that has ``title``: titles are what stands in the address."""
    for form, order in ((_WITHOUT, queries.last), (_WITH, queries.first)):
        head, tail = form.split("{}")
        if title.startswith(head) and title.endswith(tail):
            return order(title[len(head) : len(title) - len(tail)])
    return None


def _labels(dataset: Dataset) -> dict[str, Any]:
    nouns, names = tasks.get(dataset.task).nouns, list(dataset.names)
    has = _of_labels(f"Has all of these {nouns}", names, "has")
    lacks = _of_labels(f"Has none of these {nouns}", names, "lacks")
    exactly = st.toggle(
        "Nothing else",
        key="exactly",
        bind="query-params",
        help=f"Only images that have just the {nouns} chosen on the left and no others; if none are chosen, images "
        "without any. Unknown labels pass no filter.",
        on_change=_first_page,
    )
    return {"has": tuple(has), "has_not": tuple(lacks), "exactly": tuple(has) if exactly else None}


def _of_labels(title: str, names: list[str], key: str) -> list[str]:
    return st.multiselect(
        title,
        names,
        key=key,
        bind="query-params",
        placeholder="any",
        select_all=False,
        width=290,
        on_change=_first_page,
    )


def _first_page() -> None:
    st.session_state["page"] = 1
