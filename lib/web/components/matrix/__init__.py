"""The one-hot matrix to browse: only what is on the screen is drawn, and fetched from a route."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from lib.figures.base import TRUE
from lib.web.server.routes import pictures_address, prefix

_HERE = Path(__file__).parent
_MATRIX = st.components.v2.component(
    "manyhot_matrix",
    html='<div class="matrix"></div>',
    css=f".matrix {{\n --true: {TRUE};\n}}\n" + (_HERE / "matrix.css").read_text(encoding="utf-8"),
    js=(_HERE / "matrix.bundle.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Column:
    """One label: its number in the dataset, its name, on how many of the images shown it is, and of how many unknown.

    ``all_present`` and ``all_unknown`` are the same of all images.
    """

    label: int
    name: str
    present: int
    unknown: int
    all_present: int
    all_unknown: int


def matrix(
    *,
    key: str,
    dataset: str,
    revision: str,
    pictures: str,
    url: str,
    csv: str,
    n_rows: int,
    n_all: int,
    columns: Sequence[Column],
    nouns: tuple[str, str],
    order: str,
    by: tuple[int, bool] | None,
    on_cell: Callable[[], None],
    on_head: Callable[[], None],
) -> None:
    """Show the matrix; a click calls ``on_cell`` or ``on_head`` with what is meant in ``st.session_state[key]``.

    ``cell`` is ``{"row": ..., "label": ...}``: a row and a label of the dataset. ``head`` is ``{"label": ..., "act":
    ...}``, an act being "first", "last", "only", "without" or "pictures".

    Parameters
    ----------
    key : str
    dataset, revision : str
        Name, and what changes when the targets do.
    pictures : str
        What changes when the pictures do.
    url, csv : str
        `lib.web.server.matrices.window_url` and `csv_url` of what is shown.
    n_rows, n_all : int
        How many images are shown, and there are.
    columns : sequence of Column
        In the order in which they are shown.
    nouns : tuple of str
        What one of the columns is called, and what several are.
    order : str
        What the rows are sorted by, in words.
    by : tuple of (int, bool), optional
        The label that the rows are sorted by, and whether images with it come first.
    """
    base = prefix(st.get_option("server.baseUrlPath"))
    data = {
        "dataset": dataset,
        "revision": revision,
        "pictures": pictures_address(dataset, pictures, base),
        "url": base + url,
        "csv": base + csv,
        "rows": n_rows,
        "all": n_all,
        "columns": [[*asdict(column).values()] for column in columns],
        "noun": nouns[0],
        "nouns": nouns[1],
        "order": order,
        "by": by,
    }
    _MATRIX(key=key, data=data, on_cell_change=on_cell, on_head_change=on_head)


def columns_of(
    names: Sequence[str],
    order: np.ndarray,
    shown: tuple[np.ndarray, np.ndarray],
    everything: tuple[np.ndarray, np.ndarray],
) -> list[Column]:
    """Return the labels in ``order`` with their counts, each given as (present, unknown) by label."""
    counts = [counted.tolist() for counted in (*shown, *everything)]
    return [Column(label, names[label], *(count[label] for count in counts)) for label in order.tolist()]
