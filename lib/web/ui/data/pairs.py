"""Left and right points that a mirror swaps: suggested by name, declared by a person."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.edits import edits
from lib.tasks import mirror
from lib.web.ui import guard

_USE, _ONE, _OTHER = "swap", "one point", "the other"


def show(dataset: Dataset) -> None:
    """Show the pairs, declared or suggested, and let them be declared."""
    st.subheader(
        "Left and right",
        help="A mirrored face has its left eye on the right. Of each pair the two points change places in mirrored "
        "copies; points in no pair, such as the nose, stay the same point.",
    )
    declared, suggested = mirror.declared(dataset), mirror.suggested(dataset)
    st.caption(_state(declared, suggested))
    pairs = suggested if declared is None else [*declared, *(pair for pair in suggested if pair not in declared)]
    used = [declared is None or pair in declared for pair in pairs]
    names = list(dataset.names)
    with st.form(f"pairs-{dataset.name}-{dataset.revision}", border=False):
        table = st.data_editor(
            _table([(names[one], names[other]) for one, other in pairs], used),
            num_rows="dynamic",
            hide_index=True,
            width=560,
            key=f"pairs-table-{dataset.name}-{dataset.revision}",
            column_config={
                _USE: st.column_config.CheckboxColumn(help="Whether a mirror swaps these two.", default=True, width=70),
                _ONE: st.column_config.SelectboxColumn(options=names, required=True),
                _OTHER: st.column_config.SelectboxColumn(options=names, required=True),
            },
        )
        with st.container(horizontal=True):
            declare = st.form_submit_button("Declare these pairs", icon=":material/check:", type="primary")
            none = st.form_submit_button("No point changes places", icon=":material/block:")
    if declare or none:
        chosen = [] if none else _chosen(table)
        with guard.errors():
            edits.declare(dataset, flip_pairs=chosen, note=mirror.note(chosen))
            st.rerun()


def _state(declared: list | None, suggested: list) -> str:
    """Say where the pairs come from."""
    if declared is None and suggested:
        return (
            f"Nothing is declared: training that mirrors uses these {len(suggested):,}, guessed from the points. "
            "Declare them to be sure."
        )
    if declared is None:
        return "Nothing is declared and nothing could be guessed from the names: add the pairs, or say that none is."
    if not declared:
        return "Declared: no point changes places in a mirror."
    return f"Declared: {sentences.count(len(declared), 'pair changes', 'pairs change')} places in a mirror."


def _table(pairs: list[tuple[str, str]], used: list[bool]) -> pd.DataFrame:
    first, second = ([pair[k] for pair in pairs] for k in (0, 1))
    return pd.DataFrame(
        {
            _USE: pd.Series(used, dtype=bool),
            _ONE: pd.Series(first, dtype=object),
            _OTHER: pd.Series(second, dtype=object),
        }
    )


def _chosen(table: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the pairs that are ticked and whole."""
    whole = table.dropna(subset=[_ONE, _OTHER])
    return [(one, other) for use, one, other in whole[[_USE, _ONE, _OTHER]].itertuples(index=False) if use is not False]
