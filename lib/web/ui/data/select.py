"""Images selected in the gallery, or all that pass the filters, and what is done to them at once, in one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED, SPLITS
from lib.datasets.edits import bulk, edits
from lib.datasets.edits.bulk import Divided, Result
from lib.tasks.editing import Assignment
from lib.web.components.gallery import Selection
from lib.web.ui import guard

_KEY = "selection"
#: So many images are changed before the page is drawn anew; of more it says meanwhile that it works.
_AT_ONCE = 10_000
_NAMED_GROUPS = 3
#: The line stays in sight below the pictures, which stay where they are when it comes; no focus is hidden below it.
_STYLE = """<style>
[data-testid="stMain"]:has(.st-key-bulk) {{ scroll-padding-bottom: 7rem }}
:has(> .st-key-bulk) {{ position: sticky; bottom: 0; z-index: 5 }}
.st-key-bulk {{ background: light-dark({}, {}); padding: 0.6rem 0 0.7rem;
  border-top: 1px solid light-dark({}, {}) }}
@media (max-width: 640px) {{ .st-key-bulk > :has(.stSelectbox) {{ flex-basis: 118px }} }}
</style>"""


@dataclass
class _State:
    """What a session knows of the selection in one dataset.

    ``number`` is that of the click that was heard last; ``chain`` is the dataset's after what ``done`` says, ``edited``
    whether that was an edit; ``split`` is what was asked for while groups would be divided; ``waits`` is what is still
    to be done.
    """

    dataset: str
    rows: np.ndarray
    number: int = 0
    done: str = ""
    chain: str = ""
    edited: bool = False
    split: str | None = None
    waits: Callable[[], Result] | None = None


def gallery_selection(dataset: Dataset, rows: np.ndarray, shown: np.ndarray, key: str) -> Selection:
    """Return what the gallery ``key`` of the images ``shown`` is told; only ``rows``, which pass, stay selected."""
    state = _kept(dataset, rows)
    return Selection(np.intersect1d(state.rows, shown).tolist(), state.number, partial(_pick, dataset, key))


def select_all(dataset: Dataset, rows: np.ndarray) -> None:
    """Show a button that selects all ``rows``, which pass the filters."""
    st.button(
        "Select all",
        key="select-all",
        type="tertiary",
        icon=":material/select_all:",
        on_click=_select,
        args=(dataset, rows),
        disabled=not len(rows),
        help=f"Select the {sentences.count(len(rows), 'image')} to change them at once. Single ones: the check mark of "
        "a picture, or Space; a range with Shift.",
    )


def line(dataset: Dataset, rows: np.ndarray) -> None:
    """Show what can be done to the images that are selected, and what was done last; nothing where there is neither.

    Parameters
    ----------
    dataset : Dataset
    rows : ndarray of int
        Those that pass the filters: others are not selected any more.
    """
    state = _kept(dataset, rows)
    if state.chain != dataset.chain:
        state.done, state.split = "", None
    if not len(state.rows) and not state.done and state.waits is None:
        return
    st.html(_style())
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="bulk"):
        if state.waits is not None:
            _carry_out(dataset, state)
        elif state.split is not None and (divided := bulk.divided_by(dataset, state.rows, state.split)):
            _ask(dataset, state, state.split, divided)
        else:
            title = "Select none" if len(state.rows) else "Close"
            st.button(title, key="bulk-close", type="tertiary", icon=":material/close:", on_click=_close)
            if len(state.rows):
                _choices(dataset, state)
            _done(dataset, state)


def _style() -> str:
    """Return `_STYLE` in the colors of the page."""
    names = [f"theme.{look}.{name}" for name in ("backgroundColor", "borderColor") for look in ("light", "dark")]
    return _STYLE.format(*(st.get_option(name) for name in names))


def _state(dataset: Dataset) -> _State:
    state = st.session_state.get(_KEY)
    if state is None or state.dataset != dataset.name:
        state = st.session_state[_KEY] = _State(dataset.name, np.empty(0, dtype=np.int64))
    return state


def _kept(dataset: Dataset, rows: np.ndarray) -> _State:
    """Return what is selected of ``rows``, which pass; nothing else is any more."""
    state = _state(dataset)
    if len(state.rows):
        state.rows = np.intersect1d(state.rows, rows)
    return state


def _choices(dataset: Dataset, state: _State) -> None:
    """Show how many are selected and what can be done to them: a choice does it."""
    st.markdown(f"**{len(state.rows):,}** selected", width="content")
    task, images = tasks.get(dataset.task), sentences.count(len(state.rows), "image")
    by_title: dict[str, list[Assignment]] = {}
    for assignment in task.assignments(dataset.names):
        by_title.setdefault(assignment.title, []).append(assignment)
    for title, assignments in by_title.items():
        names = [assignment.name for assignment in assignments]
        act = partial(_assign, dataset, assignments)
        _command(title, range(len(names)), names.__getitem__, act)
    _command("Set split", SPLITS, str, partial(_move, dataset))
    splits = dataset.items["split"].to_numpy(dtype=object)[state.rows]
    excluded = int((splits == EXCLUDED).sum())
    if excluded < len(state.rows):
        st.button(
            "Exclude",
            key="bulk-exclude",
            icon=":material/visibility_off:",
            on_click=_do,
            args=(dataset, partial(bulk.exclude, dataset, state.rows)),
            help=f"Excluded images are in no split: ignored in training and in metrics. {images}; can be undone.",
        )
    if excluded:
        st.button(
            "Include",
            key="bulk-include",
            icon=":material/visibility:",
            on_click=_do,
            args=(dataset, partial(bulk.include, dataset, state.rows)),
            help="Each in the split that it had.",
        )


def _command(title: str, options: Sequence, words: Callable[..., str], act: Callable[..., None]) -> None:
    """Show a choice that is carried out as it is made, and then is empty again."""
    key = f"bulk-{title}"

    def chosen() -> None:
        option = st.session_state[key]
        st.session_state[key] = None
        if option is not None:
            act(option)

    st.selectbox(
        title,
        options,
        index=None,
        format_func=words,
        key=key,
        placeholder=title,
        label_visibility="collapsed",
        width=160,
        on_change=chosen,
    )


def _done(dataset: Dataset, state: _State) -> None:
    """Say what was done last; what it changed can be undone as long as nothing was changed after it."""
    if not state.done:
        return
    st.markdown(f":material/check_circle: {guard.escape(state.done)}", width="content")
    if state.edited:
        st.button("Undo", key="bulk-undo", icon=":material/undo:", on_click=_undo, args=(dataset,))


def _ask(dataset: Dataset, state: _State, split: str, divided: Divided) -> None:
    """Say that groups would be divided, and let one choose."""
    n = len(divided.groups)
    named = sentences.listed(divided.groups, _NAMED_GROUPS)
    would = sentences.word(n, "group would be", "groups would be")
    st.markdown(
        f":material/warning: **{n:,} {would} divided** ({guard.escape(named)}): {guard.escape(divided.effect)}."
    )
    together = np.union1d(state.rows, divided.others)
    whole = sentences.sentence(n, "Move the whole group", "Move the whole groups")
    st.button(
        f"{whole} (+{len(divided.others):,})",
        key="bulk-whole",
        type="primary",
        on_click=_do,
        args=(dataset, partial(bulk.move, dataset, together, split)),
    )
    st.button(
        f"Move only {sentences.count(len(state.rows), 'image')}",
        key="bulk-divide",
        on_click=_do,
        args=(dataset, partial(bulk.move, dataset, state.rows, split)),
    )
    st.button("Cancel", key="bulk-cancel", type="tertiary", on_click=_keep_split)


# --- what clicks do ------------------------------------------------------------------------------------------------


def _pick(dataset: Dataset, key: str) -> None:
    """Take what the browser sent: which of the pictures it shows are selected."""
    picked = (st.session_state.get(key) or {}).get("picked")
    if not isinstance(picked, dict):
        return
    items, shown = (_rows(picked.get(name), len(dataset)) for name in ("items", "shown"))
    number = picked.get("number")
    if items is None or shown is None or not isinstance(number, int):
        return
    state = _state(dataset)
    state.number = number
    state.rows = np.union1d(np.setdiff1d(state.rows, shown), np.intersect1d(items, shown))
    state.split = None


def _rows(sent: object, count: int) -> np.ndarray | None:
    """Return rows that a browser sent, None if they are none."""
    if not isinstance(sent, list) or not all(type(row) is int and 0 <= row < count for row in sent):
        return None
    return np.array(sent, dtype=np.int64)


def _select(dataset: Dataset, rows: np.ndarray) -> None:
    state = _state(dataset)
    state.rows, state.split = rows.astype(np.int64), None


def _close() -> None:
    state = st.session_state[_KEY]
    state.rows, state.done = state.rows[:0], ""  # its number stays: a browser does not listen to older ones


def _keep_split() -> None:
    st.session_state[_KEY].split = None


def _assign(dataset: Dataset, assignments: Sequence[Assignment], chosen: int) -> None:
    _do(dataset, partial(bulk.assign, dataset, _state(dataset).rows, assignments[chosen]))


def _move(dataset: Dataset, split: str) -> None:
    """Move what is selected, unless groups would be divided: then it is asked first."""
    state = _state(dataset)
    if bulk.divided_by(dataset, state.rows, split) is None:
        _do(dataset, partial(bulk.move, dataset, state.rows, split))
    else:
        state.split, state.chain, state.done = split, dataset.chain, ""


def _do(dataset: Dataset, act: Callable[[], Result]) -> None:
    """Do it, or, where it takes longer, when the page is drawn."""
    state = _state(dataset)
    state.split, state.done = None, ""
    if len(state.rows) > _AT_ONCE:
        state.waits = act
        return
    with guard.later():
        _note(state, dataset, act())


def _note(state: _State, before: Dataset, result: Result) -> None:
    state.done, state.chain = result.sentence, result.dataset.chain
    state.edited = state.chain != before.chain


def _carry_out(dataset: Dataset, state: _State) -> None:
    """Do what takes longer, and draw the page anew."""
    # Drawn first: a page that is drawn anew ends this script where it draws, and what waits is still to be done then.
    st.markdown(f":material/hourglass_top: Changing {sentences.count(len(state.rows), 'image')} …")
    act, state.waits = state.waits, None
    if act is not None:
        with guard.later():
            _note(state, dataset, act())
    st.rerun()


def _undo(dataset: Dataset) -> None:
    state = _state(dataset)
    with guard.later():
        after = edits.undo(dataset)
        state.done, state.chain, state.edited = f"Undone: {state.done}", after.chain, False
