"""The filters and the order of images in one line, kept in the address: file name, split, labels."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any

import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED
from lib.datasets import query as queries
from lib.datasets.query import Query
from lib.web.ui import address, guard
from lib.web.ui.data import alike

#: Values of the widgets where nothing is filtered; the keys are the names in the address.
_PLAIN: dict[str, Any] = {"split": queries.ALL, "has": [], "lacks": [], "exactly": False, "find": ""}
_GIVEN = "given"  # the order that is the dataset's own
_OF = "filters_of"  # name of the dataset that the filters were set for
_WITH, _WITHOUT = "With {} first", "Without {} first"
_SPLIT_TITLES = {queries.WITH_EXCLUDED: "all + excluded"}
#: Where a session keeps, in words, what the address filters by and the dataset has not, until a filter is chosen.
_UNKNOWN = "unknown-filters"
_MOST_CHIPS, _LONGEST = 8, 30  # characters of a chip


def show(dataset: Dataset, *, beside: Callable[[], None] = lambda: None) -> Query:
    """Show the search, the other filters folded away, a chip for each that is set, and how many images pass.

    In a horizontal container. ``beside`` shows, among what is folded away, what else there is to choose of the view.
    """
    if st.session_state.setdefault(_OF, dataset.name) != dataset.name:  # labels of one are none of another
        st.session_state[_OF] = dataset.name
        st.session_state.update(_PLAIN)
        _first_page()
        st.session_state["order"] = _GIVEN
    _note_unknown(dataset)
    find, labels = _find(), {}
    with st.popover("Filter", icon=":material/filter_list:", key="filters"):
        split = _split(dataset)
        if tasks.get(dataset.task).has_labels:
            labels = _labels(dataset)
        order = _order(dataset)
        beside()
        if st.query_params.get(alike.LIKE):
            alike.choose_network(dataset)
    among, like = alike.among(dataset), alike.like(dataset)
    query = Query(split=split, find=find, order=order, among=among, like=like, **labels)
    _chips(dataset, query)
    st.markdown(_passed(dataset, query), width="content")
    if unknown := st.session_state.get(_UNKNOWN):
        st.warning(unknown, icon=":material/filter_alt_off:")
    return query


def _note_unknown(dataset: Dataset) -> None:
    """Keep, before the widgets take it out of the address, what that filters by and ``dataset`` has not."""
    task, title = tasks.get(dataset.task), st.query_params.get("order", "")
    labels = dataset.names if task.has_labels else ()
    by_label = queries.label_of(_from_title(title) or "")
    orders = {*queries.orders(dataset).values(), *([title] if by_label and by_label[0] in labels else [])}
    noun = task.noun if task.has_labels else "label"
    known: dict[str, tuple[str, Collection[str]]] = {
        "split": ("split", [_SPLIT_TITLES.get(split, split) for split in _splits(dataset)]),
        "has": (noun, labels),
        "lacks": (noun, labels),
        "order": ("order", orders),
    }
    unknown = [
        f"{what} **{guard.escape(_short(value))}**"
        for key, (what, values) in known.items()
        if key not in st.session_state or address.by_history()  # later the widget has the last word
        for value in st.query_params.get_all(key)
        if value and value not in values
    ]
    if unknown:
        left_out = sentences.word(len(unknown), "it is left out", "they are left out")
        named, name = sentences.joined(unknown, _MOST_CHIPS), guard.escape(dataset.name)
        st.session_state[_UNKNOWN] = f"The address asks for the {named}, which {name} does not have: {left_out}."
    elif address.by_history():
        st.session_state.pop(_UNKNOWN, None)


def _passed(dataset: Dataset, query: Query) -> str:
    """Return how many images pass, as Markdown; those that are excluded are told apart."""
    count, all_ = len(queries.rows(dataset, query)), len(dataset.included)
    of = f" of {max(count, all_):,}" if _filters(query) else ""
    apart = f" · {len(dataset) - all_:,} excluded" if all_ < len(dataset) else ""
    return f"**{count:,}**{of} images{apart}"


def _filters(query: Query) -> bool:
    return query != Query(order=query.order, like=query.like)


def nothing() -> None:
    """Say that no image passes, with a button that takes the filters back."""
    st.info("No image passes these filters.", icon=":material/filter_alt_off:")
    st.button("Clear the filters", on_click=clear, icon=":material/filter_alt_off:", key="clear-all-filters")


def clear() -> None:
    """Take every filter back, not the order; a callback, or called before the filters are shown."""
    _clear(alike.LASSO)


def choose(**values: object) -> None:
    """Set some filters by the names of `lib.datasets.query.Query` and leave the others; a callback.

    ``has`` and ``has_not`` are lists of labels, ``exactly`` says whether there may be no others than those of ``has``.
    """
    names = {"has_not": "lacks"}
    st.session_state.update({names.get(name, name): value for name, value in values.items()})
    _first_page()


# --- chips ---------------------------------------------------------------------------------------------------------


def _chips(dataset: Dataset, query: Query) -> None:
    """Show what is set, each with a click that takes it back; the search field shows itself what is searched for."""
    chips = [(words, key, partial(choose, **values)) for words, key, values in _set(dataset, query)]
    chips += [(words, key, partial(alike.forget, key)) for words, key in alike.chips(dataset, query.among)]
    if not chips:
        return
    with st.container(horizontal=True, gap="xsmall", width="content", vertical_alignment="center", key="chips"):
        for words, key, take_back in chips[:_MOST_CHIPS]:
            st.button(
                guard.escape(_short(words)),
                key=f"chip-{key}-{words}",
                on_click=take_back,
                icon=":material/close:",
                icon_position="right",
                help=f"Take {guard.escape(words)} back",
            )
        if len(chips) > _MOST_CHIPS:
            st.markdown(f"and {sentences.more(len(chips) - _MOST_CHIPS)}", width="content")
        if len(chips) > 1:
            st.button("Clear", on_click=_clear_all, key="clear-filters", type="tertiary")


def _set(dataset: Dataset, query: Query) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield of each choice its words, its widget, and what widgets are set to when it is taken back."""
    if query.split != queries.ALL:
        yield _SPLIT_TITLES.get(query.split, query.split), "split", {"split": queries.ALL}
    for key, form, names in (("has", "{}", query.has), ("lacks", "not {}", query.has_not)):
        for name in names:
            left = [one for one in names if one != name]
            ends = key == "has" and query.exactly and not left  # "nothing else" than nothing asks for something new
            yield form.format(name), key, {key: left} | ({"exactly": False} if ends else {})
    if query.exactly is not None:
        words = "nothing else" if query.exactly else f"no {tasks.get(dataset.task).nouns}"
        yield words, "exactly", {"exactly": False}
    if query.order != _GIVEN:
        yield f"↕ {_order_title(dataset, query.order)}", "order", {"order": _GIVEN}


def _short(words: str) -> str:
    """Return ``words`` without their middle where they are long: names often differ at their end."""
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST // 2]}…{words[-_LONGEST // 3 :]}"


def _clear_all() -> None:
    st.session_state["order"] = _GIVEN
    _clear(alike.LASSO, alike.LIKE)


def _clear(*names: str) -> None:
    """Take every filter back, and with it ``names`` out of the address, in one step of the browser's history."""
    st.session_state.update(_PLAIN)
    _first_page()
    alike.forget(*names)


# --- widgets -------------------------------------------------------------------------------------------------------


def _splits(dataset: Dataset) -> list[str]:
    apart = [EXCLUDED, queries.WITH_EXCLUDED] if len(dataset.included) < len(dataset) else []
    return [queries.ALL, *dataset.splits(), *apart]


def _split(dataset: Dataset) -> str:
    return st.segmented_control(
        "Split",
        _splits(dataset),
        default=queries.ALL,
        required=True,
        format_func=guard.letters(lambda split: _SPLIT_TITLES.get(split, split)),
        key="split",
        bind="query-params",
        on_change=_first_page,
    )


def _find() -> str:
    return st.text_input(
        "File name has",
        key="find",
        bind="query-params",
        placeholder="File name",
        icon=":material/search:",
        label_visibility="collapsed",
        width=170,
        on_change=_first_page,
    )


def _order(dataset: Dataset) -> str:
    """Show the order; one by a label, which the matrix or the address chose, is one more option."""
    options = list(queries.orders(dataset))
    for order in (st.session_state.get("order") or "", _from_title(st.query_params.get("order", "")) or ""):
        by = queries.label_of(order)
        if by is not None and by[0] in dataset.names and order not in options:
            options.append(order)
    return st.selectbox(
        "Order of images",
        options,
        format_func=lambda order: _order_title(dataset, order),
        key="order",
        bind="query-params",
        on_change=_first_page,
    )


def _order_title(dataset: Dataset, order: str) -> str:
    by = queries.label_of(order)
    return queries.orders(dataset).get(order, order) if by is None else (_WITH if by[1] else _WITHOUT).format(by[0])


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
        help=f"Only images that have just the {nouns} chosen above and no others; if none are chosen, images without "
        "any. Unknown labels pass no filter.",
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
        on_change=_first_page,
    )


def _first_page() -> None:
    st.session_state["page"] = 1
    st.session_state.pop(_UNKNOWN, None)
