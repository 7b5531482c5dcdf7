"""The targets of a dataset: the one-hot matrix to browse, or a table of points or numbers."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import query as queries
from lib.datasets import store
from lib.datasets.query import Query
from lib.export.tables import as_csv
from lib.web.components import matrix
from lib.web.server import matrices
from lib.web.ui import address
from lib.web.ui.data import filter, inspect

_KEY, _ORDER = "matrix", "columns"


def show(dataset: Dataset, query: Query) -> None:
    """Show the targets of the images that ``query`` leaves, in its order."""
    if tasks.get(dataset.task).has_labels:
        _one_hot(dataset, query)
    else:
        _table(dataset, queries.rows(dataset, query))


def choose_order(dataset: Dataset) -> None:
    """Show the order of the columns, where they are labels; called before `show`."""
    task = tasks.get(dataset.task)
    if task.has_labels:
        st.selectbox(
            f"Order of {task.nouns}",
            list(queries.COLUMNS),
            format_func=queries.COLUMNS.__getitem__,
            key=_ORDER,
            bind="query-params",
        )


def _one_hot(dataset: Dataset, query: Query) -> None:
    task = tasks.get(dataset.task)
    shown, everything = queries.totals(dataset, query), queries.totals(dataset, Query())
    order = st.session_state.get(_ORDER, "given")
    if not len(queries.rows(dataset, query)):
        filter.nothing()
        return
    by = queries.label_of(query.order)
    matrix.matrix(
        key=_KEY,
        dataset=dataset.name,
        revision=dataset.revision,
        pictures=dataset.base,
        url=matrices.window_url(dataset, query, order),
        csv=matrices.csv_url(dataset, query, order),
        n_rows=len(queries.rows(dataset, query)),
        n_all=len(dataset),
        columns=matrix.columns_of(dataset.names, queries.columns(dataset, order), shown, everything),
        nouns=(task.noun, task.nouns),
        order=queries.orders(dataset).get(query.order, "") if query.like is None else "Most alike first",
        by=None if by is None or query.like is not None else (dataset.names.index(by[0]), by[1]),
        on_cell=partial(_opened, dataset.name),
        on_head=partial(_headed, dataset.names),
    )
    st.caption(_summary(dataset, query, shown))


def _summary(dataset: Dataset, query: Query, shown: tuple[np.ndarray, np.ndarray]) -> str:
    n_rows, n_columns = len(queries.rows(dataset, query)), len(dataset.names)
    present, unknown = (int(counts.sum()) for counts in shown)
    known = n_rows * n_columns - unknown
    share = f"{100 * present / known:.3g} %" if known else "none"
    unknown_note = ", ?: unknown" if unknown else ""
    task = tasks.get(dataset.task)
    size = f"{sentences.count(n_rows, 'image')} by {sentences.count(n_columns, task.noun, task.nouns)}"
    return (
        f"{size}. 1: present, 0: absent{unknown_note}. "
        f"Ones: {present:,} ({share} of the {'known ' if unknown else ''}cells)."
    )


def _opened(name: str) -> None:
    """Open the picture whose cell was clicked, a callback."""
    asked = _sent("cell")
    dataset = store.load(Workspace.find(), name)
    row, label = asked.get("row"), asked.get("label")
    if isinstance(row, int) and 0 <= row < len(dataset):
        inspect.open_(dataset, row, label if isinstance(label, int) and label >= 0 else None)


def _headed(names: tuple[str, ...]) -> None:
    """Do what was chosen in the menu of a column, a callback."""
    asked = _sent("head")
    label, act = asked.get("label"), asked.get("act")
    if not (isinstance(label, int) and 0 <= label < len(names)):
        return
    name = names[label]
    if act == "first":
        filter.choose(order=queries.first(name))
    elif act == "last":
        filter.choose(order=queries.last(name))
    elif act in ("only", "without"):
        has, lacks = ([one for one in st.session_state.get(key) or [] if one != name] for key in ("has", "lacks"))
        (has if act == "only" else lacks).append(name)
        filter.choose(has=has, has_not=lacks)
    elif act == "pictures":
        filter.choose(has=[name], has_not=[], exactly=False)
        address.write(address.VIEW, None)


def _sent(what: str) -> dict:
    """Return what the browser sent last; {} if it is nothing that can be used."""
    value = (st.session_state.get(_KEY) or {}).get(what)
    return value if isinstance(value, dict) else {}


def _table(dataset: Dataset, rows: np.ndarray) -> None:
    """Show points or numbers, one row an image."""
    table = with_names(dataset, rows)
    config = {"file": st.column_config.Column(width="medium")}
    config |= {name: st.column_config.NumberColumn() for name in table.columns}
    st.dataframe(table, column_config=config, height=560, key="targets", placeholder="")
    st.caption(f"{sentences.count(len(table), 'image')} by {sentences.count(table.shape[1], 'column')}.")
    st.download_button(
        "Download as CSV",
        lambda: as_csv(table.reset_index(allow_duplicates=True)),
        f"{dataset.name}-targets.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def with_names(dataset: Dataset, rows: np.ndarray) -> pd.DataFrame:
    """Return the targets of ``rows`` under (file, split): an index, because a label may be called "file" too."""
    items = dataset.items.iloc[rows]
    index = pd.MultiIndex.from_arrays([items["original"], items["split"]], names=["file", "split"])
    return tasks.get(dataset.task).matrix(dataset.targs[rows], dataset.names).set_axis(index, axis=0)
