"""What changed between two revisions: in one sentence, as pictures with before and after, in tables."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.config import WITH_MODEL
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import difference, revisions
from lib.datasets.edits.difference import Difference
from lib.export.tables import as_csv
from lib.training import runs
from lib.web.components.gallery import gallery
from lib.web.ui import address, guard, words
from lib.web.ui.data import edits, inspect

_PER_PAGE = 12
_PAGE = "changes-page"
_SHORT = 8  # letters of a revision
_NOTE = 50  # letters of what an edit did
_SHOWN = 1000  # changes in the table; the file has all
_HELPS = {
    "split": "Where the image is in the later revision.",
    "change": "Of a target: added was unknown before, removed is unknown after, changed was and is known.",
    "distance": "By how much, in the unit of the values.",
    "changed": "Images in which it differs, excluded ones as well.",
    "prevalence before": "Share of the included images in which it is known.",
    "prevalence after": "Share of the included images in which it is known.",
}


def show(workspace: Workspace, dataset: Dataset) -> None:
    """Let two revisions be chosen, by default that of the last run and now, and show what differs."""
    states = {one.id: one for one in revisions.revisions(dataset)}
    before, after = _choose(workspace, dataset, states)
    differs = _compared(str(dataset.path), *(store.load(workspace, dataset.name, one) for one in (before, after)))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="changes-numbers"):
        st.markdown(f"**{guard.escape(differs.sentence())}**", width="content")
        page = _choose_page(differs)
    if not differs.rows.size:
        return
    _pictures(dataset, differs, page)
    left, right = st.columns([3, 1], gap="medium")
    with left:
        _table(differs.names, f"Each {differs.task.noun}", f"{dataset.name}-names", pinned=differs.task.noun)
    with right:
        _table(differs.splits, "Images of each split", f"{dataset.name}-splits")
    _table(differs.table, "Each change", f"{dataset.name}-changes")


def _choose(workspace: Workspace, dataset: Dataset, states: dict[str, revisions.Revision]) -> tuple[str, str]:
    """Let the two revisions be chosen and return their ids."""
    trained = edits.trained(workspace, dataset)
    default = _last_seen(workspace, dataset, states)

    def title(revision: str) -> str:
        state = states[revision]
        now = "now" if revision == dataset.revision else ""
        edit = f"edit {state.number}: {state.note}" if state.number else state.note
        seen = f"trained on it: {sentences.listed(trained[revision], 1)}" if revision in trained else ""
        return " · ".join(filter(None, (now, revision[:_SHORT], edit[:_NOTE], seen)))

    chosen = []
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="changes-line"):
        for name, label, usual in (
            (address.BEFORE, "From revision", default),
            (address.AFTER, "To revision", dataset.revision),
        ):
            asked = st.query_params.get(name, usual)
            if asked not in states:
                st.warning(guard.escape(revisions.gone(dataset, asked)), icon=":material/history_toggle_off:")
                asked = usual
            st.session_state[f"changes-{name}"] = asked
            chosen.append(
                st.selectbox(
                    label,
                    list(states),
                    format_func=title,
                    key=f"changes-{name}",
                    on_change=_write,
                    args=(name, usual),
                    width=460,
                )
            )
    return chosen[0], chosen[1]


def _write(name: str, usual: str) -> None:
    """Write a choice into the address, a callback."""
    chosen = st.session_state[f"changes-{name}"]
    st.session_state[_PAGE] = 1
    address.write(name, None if chosen == usual else chosen)


def _last_seen(workspace: Workspace, dataset: Dataset, states: dict[str, revisions.Revision]) -> str:
    """Return the revision of the last run, that of the import where there is none or it is the one now.

    Where it cannot be shown any more, it is said why.
    """
    fitting = (one for one in runs.list_runs(workspace) if one.config.dataset == dataset.name)
    last = next((run for run in fitting if run.config.kind in WITH_MODEL), None)
    if last is None or last.config.revision == dataset.revision:
        return dataset.base
    if last.config.revision in states:
        return last.config.revision
    if address.BEFORE not in st.query_params:
        sentence = f"Of the last run, {last.name or last.id}: {revisions.gone(dataset, last.config.revision)}"
        st.warning(guard.escape(sentence), icon=":material/history_toggle_off:")
    return dataset.base


@st.cache_resource(
    max_entries=4, show_spinner="Comparing …", hash_funcs={Dataset: lambda one: (one.revision, one.chain)}
)
def _compared(path: str, before: Dataset, after: Dataset) -> Difference:
    """Return what differs; the ``path`` stands for the dataset."""
    return difference.compare(before, after)


def _choose_page(differs: Difference) -> int:
    """Let a page of the pictures be chosen where there are several."""
    pages = math.ceil(len(differs.rows) / _PER_PAGE)
    if pages < 2:
        return 1
    if st.session_state.get(_PAGE, 1) > pages:
        st.session_state[_PAGE] = 1
    return st.pagination(pages, key=_PAGE, bind="query-params", width="content", max_visible_pages=3)


def _pictures(dataset: Dataset, differs: Difference, page: int) -> None:
    """Show a page of the images of which anything differs; they are edited where they are shown as they are now."""
    rows = differs.rows_by_change
    shown = rows[(page - 1) * _PER_PAGE : page * _PER_PAGE]
    cards = [differs.card(row) for row in shown.tolist()]
    is_now = differs.after.revision == dataset.revision
    ahead = rows[page * _PER_PAGE :][:_PER_PAGE].tolist()
    asked = gallery(dataset, cards, key="changes-pictures", editable=is_now, ahead=ahead, revisions=True)
    if asked is not None:
        inspect.open_(dataset, asked)


def _table(table: pd.DataFrame, title: str, key: str, pinned: str = "") -> None:
    """Show a table without its empty columns, and let all of it be saved."""
    st.markdown(f"##### {title}")
    kept = table.loc[:, ~(table.isna() | (table == "")).all()]
    words.table(kept.head(_SHOWN), key=f"changes-{key}", digits=None, helps=_HELPS, pinned=pinned)
    if len(table) > _SHOWN:
        st.caption(f"The first {_SHOWN:,} of {len(table):,}: the file has all.")
    st.download_button(
        "Download as CSV",
        lambda: as_csv(table),
        f"{key}.csv",
        "text/csv",
        type="tertiary",
        icon=":material/download:",
        key=f"changes-{key}-csv",
        on_click="ignore",
    )
