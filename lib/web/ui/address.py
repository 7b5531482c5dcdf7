"""Choices in the address: written, kept while another page is shown, forgotten with the dataset."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

#: The dataset and its run; and where a session keeps the dataset that was shown last, for an address without one.
DATASET, RUN, SHOWN = "dataset", "run", "shown-dataset"
#: The question about the weights file that was uploaded for a training.
WEIGHTS = "weights"
#: One threshold for all labels, or one a label in thousandths; a label and a curve of the threshold lab.
THRESH, THRESHS, LABEL, CURVE = "thresh", "threshs", "label", "curve"
#: Row and column of a cell of the confusion matrix, ``ROW_COLUMN``, and the label that it is of, where it is of one.
CELL = "cell"
#: ``px``, ``diagonal``, ``box`` or ``pair:A,B``; the limit in the norm's unit; the index of a point, and of a value.
NORM, LIMIT, POINT, VALUE = "norm", "limit", "point", "value"
#: Whose images the Analyze page shows.
SPLIT = "split"
#: The part of the page that keeps what it is about, and where a session keeps what that is of labels or points.
BENCH = "bench"
BENCH_KEPT = "bench-kept"
#: The open one of the tabs of the Analyze page, by its title.
TAB = "tab"
#: The open view of the Data page, by its title; without it the images are shown.
VIEW = "view"
#: The two revisions of which the Data page shows the differences; without them that of the last run, and now.
BEFORE, AFTER = "before", "after"
#: By what the points of the map of images are colored; without it the usual way.
COLOR = "color"
#: The open tab of the Train page, by its title; without it the metrics are shown.
ABOUT_RUN = "about"
#: The open panel of the Learn page, by its name; without it the first one is shown.
PANEL = "panel"
#: What is chosen in its figure: the browser writes it, in ``lib/web/components/learn/in_address.js``.
CHOICES = "choices"
#: The rows of the batch that is labeled next, on the Data page.
BATCH = "batch"
#: The entries that are chosen on the Runs page, by their keys, with `BETWEEN_RUNS` between them; and those of several
#: seeds whose runs are shown.
COMPARE, UNFOLDED, BETWEEN_RUNS = "compare", "unfolded", "."
#: The two that are compared side by side there, A and B; the open tab; at which thresholds; only where "a" or "b" is
#: right.
VERSUS, VERSUS_TAB, AT, WHO = "versus", "versus-tab", "at", "who"
#: The search of which the Runs page shows the runs; without it those of all.
SEARCH = "search"
#: The label audit whose proposals the Data page shows; without it the newest.
AUDIT = "audit"
#: Where a session keeps the page that is shown, and its addresses: the browser's, and those written since it told that.
_KNOWN = "addresses-known"
#: The parts of each page that keep a choice of their own, by the page's path.
_PARTS = {"": (VIEW,), "train": (ABOUT_RUN,), "analyze": (BENCH, TAB), "runs": (VERSUS_TAB,), "learn": (PANEL,)}
#: What is chosen about one dataset: its run, an open image, a question,
#: what only some of them have.
_OF_DATASET = (
    RUN,
    THRESH,
    THRESHS,
    LABEL,
    CELL,
    NORM,
    LIMIT,
    POINT,
    VALUE,
    "item",
    "asked",
    "finding",
    AUDIT,
    BEFORE,
    AFTER,
    TAB,
    WEIGHTS,
    COMPARE,
    BATCH,
    UNFOLDED,
    SEARCH,
    "like",
    "lasso",
    "seen",
    COLOR,
    VERSUS,
    AT,
    WHO,
    CHOICES,
)
#: Where runs are started, in how many processes and on how many machines each; without it the usual way.
ON, PROCESSES, NODES = "on", "processes", "nodes"


#: Values by name.
_Address = dict[str, list[str]]


def catch_up() -> None:
    """Let the address be the one that was written last, also where the browser asks before it has heard of that.

    The second of two quick acts comes with the address from before the first one, and what Streamlit's own widgets
    wrote into it. Read as it is, the first choice would be lost; and so would the second where it is what that address
    says anyway, as nothing was to be written.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return
    page, known = st.session_state.get(_KNOWN, ("", []))
    with context.session_state.query_params() as in_address:
        asked = in_address._initial_query_params
        names = _differing(known)
        is_late = _part(asked, names) in [_part(address, names) for address in known[:-1]]
        if page != context.page_script_hash or context.is_history_navigation or not is_late:
            st.session_state[_KNOWN] = (context.page_script_hash, [asked])
            return
        others = _part(asked, asked.keys() - names)  # as filters are, which Streamlit writes
        in_address.clear_with_no_forward_msg(preserve_embed=True)
        for name, values in {**others, **_part(known[-1], names)}.items():
            in_address.set_with_no_forward_msg(name, values)


def _differing(addresses: list[_Address]) -> set[str]:
    """Return the names by which addresses differ."""
    names = set().union(*addresses)
    return {name for name in names if any(one.get(name) != addresses[0].get(name) for one in addresses)}


def _part(whole: _Address, names: Iterable[str]) -> _Address:
    """Return what an address says of some names."""
    return {name: whole[name] for name in sorted(names) if name in whole}


def write(name: str, value: str | None) -> None:
    """Write a choice into the address, None for the usual one."""
    write_one_of({} if value is None else {name: value}, () if value is not None else (name,))


def write_one_of(chosen: Mapping[str, str], others: Iterable[str]) -> None:
    """Write ``chosen``, and nothing of ``others``, in one step of the browser's history."""
    catch_up()
    others = set(others) - set(chosen)
    # Each writing may be a step of the browser's history: one that changes nothing would make a step back do nothing.
    if not others & set(st.query_params) and all(st.query_params.get(name) == chosen[name] for name in chosen):
        return
    _discard(others)
    _send(chosen)


def go(chosen: Mapping[str, str]) -> None:
    """Name another dataset, or a run of it, in one step of the browser's history.

    Of the address stays what makes sense of any dataset: another one has other labels, points and values.
    """
    catch_up()
    st.session_state.pop(BENCH_KEPT, None)
    _discard((DATASET, *_OF_DATASET))  # one by one they would be steps at which dataset and run do not fit
    _send(chosen)


def _discard(names: Iterable[str]) -> None:
    """Take ``names`` out of what the address says; the browser learns it with what is written next."""
    context = get_script_run_ctx()
    assert context is not None
    with context.session_state.query_params() as in_address:
        for name in names:
            in_address.discard_param_no_forward_msg(name)


def _send(chosen: Mapping[str, str]) -> None:
    """Write ``chosen`` and keep in mind that the browser may ask without having heard of it."""
    st.query_params.update(chosen)
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return
    written = {name: st.query_params.get_all(name) for name in st.query_params}
    st.session_state[_KNOWN] = (context.page_script_hash, [*st.session_state[_KNOWN][1], written])


def by_history() -> bool:
    """Return whether Back or Forward of the browser was pressed: then the address alone says what is shown."""
    context = get_script_run_ctx(suppress_warning=True)
    return context is not None and context.is_history_navigation


def show_page(path: str) -> None:
    """Keep in mind that the page at ``path`` is shown: its address has none of the choices of the other pages."""
    for other, parts in _PARTS.items():
        if other != path:
            st.session_state.update({f"{part}-left": True for part in parts})


def came_back(part: str) -> bool:
    """Return, once, whether another page was shown since ``part`` was, and what was chosen is to be shown again."""
    return st.session_state.pop(f"{part}-left", False) and not by_history()
