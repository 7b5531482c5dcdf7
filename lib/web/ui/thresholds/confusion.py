"""The confusion matrix on a page: images or percent, cells that show their pictures, the worst pairs as a list."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import streamlit as st

from lib.evaluation import confusion
from lib.evaluation.calibration import SOFTMAX
from lib.evaluation.confusion import NOTHING, Matrix, Pairs
from lib.metrics import decisions
from lib.metrics.decisions import Decisions
from lib.web.charts import confusion as figures
from lib.web.components.chart import chart, to_json
from lib.web.ui import address, guard, words
from lib.web.ui.address import CELL

_MOST = 30  # pairs in the list
_COUNT, _PERCENT = "images", "percent"
_SHOWN = {_COUNT: "Images", _PERCENT: "Percent"}

#: Draws pictures: those of the rows of the predictions with what they are, or the worst where no cell is chosen.
Pictures: TypeAlias = Callable[[np.ndarray | None, str], None]


class _Confused(NamedTuple):
    table: Matrix
    pairs: Pairs
    left_out: np.ndarray
    figure: str


def show(
    decided: Decisions, split: str, thresh: np.ndarray, label: int | None, *, key: str, pictures: Pictures
) -> None:
    """Show the confusion matrix beside the pictures of the cell that is chosen.

    Parameters
    ----------
    decided : Decisions
    split : str
        Name of the split they are of.
    thresh : ndarray of float32, shape (C,)
    label : int, optional
        Which label to look at, as yes and no; None for all together.
    key : str
        Names the run and the version of its predictions: what is worked out is kept under it.
    pictures : callable
        Draws what stands beside the matrix.
    """
    if not decided.known.any():
        st.info(f"Confusions are not defined, because nothing is known of {words.images(len(decided), split)}.")
        return
    if len(decided.names) == 1:
        label = 0
    left, right = st.columns([11, 10], gap="medium")
    with left:
        view = _View(decided, split, thresh, label, key)
        pairs = view.matrix()
    with right:
        chosen = view.chosen()
        if chosen is None:
            pictures(None, "")
        else:
            rows, what = view.of_cell(*chosen)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{what}**")
                st.button("All", key=f"cell-none-{key}", icon=":material/close:", on_click=view.choose, type="tertiary")
            pictures(rows, what)
        if label is None:
            view.list_pairs(pairs)


class _View:
    """The matrix of some decisions, and the cell that is chosen in the address."""

    def __init__(self, decided: Decisions, split: str, thresh: np.ndarray, label: int | None, key: str):
        self.decided, self.split, self.thresh, self.label, self.key = decided, split, thresh, label, key
        self.predicted = decisions.predicted(decided, thresh)
        self.one_class = decided.activation == SOFTMAX

    def matrix(self) -> Pairs:
        """Show the matrix and what it counts; return the pairs that are confused most."""
        many = self.label is None and len(self.decided.names) > figures.READABLE
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            shown = st.segmented_control(
                "Confusion",
                list(_SHOWN),
                default=_COUNT,
                required=True,
                format_func=_SHOWN.__getitem__,
                key="confusion",
                bind="query-params",
                help=self._meaning(),
                label_visibility="collapsed",
            )
            everything = many and st.toggle(
                f"All {len(self.decided.names):,}",
                key=f"confusion-all-{self.key}",
                help=f"Otherwise the {figures.READABLE} that are confused with others most often.",
            )
        most = figures.READABLE if many and not everything else len(self.decided.names)
        name = "-".join(map(str, (self.key, self.split, self.label, shown, most)))
        confused = _confused(name, self.thresh.tobytes(), self, shown == _PERCENT, most)
        alt = f"Confusion matrix of {words.images(len(self.decided), self.split)}, rows true, columns predicted"

        def clicked(column: int, row: int) -> None:
            if 0 <= row < len(confused.table.rows) and 0 <= column < len(confused.table.columns):
                self.choose(confused.table.rows[row], confused.table.columns[column])

        chart(confused.figure, key=f"confusion-chart-{self.key}", alt=alt, on_cell=clicked)
        left_out = len(confused.left_out)
        others = f" {left_out:,} others, which are confused less, are left out." if left_out else ""
        st.caption(f"{self._meaning()} Click a cell, or go there by arrow keys and Enter, to see its pictures.{others}")
        return confused.pairs

    def _meaning(self) -> str:
        count = words.images(len(self.decided), self.split)
        if self.label is not None:
            return f"Rows: whether the label is there, columns: whether it is predicted; {count}."
        rows = f"Rows: the true one, with its images, columns: the predicted one; {count}."
        if self.one_class:
            return f"{rows} Percent are of the row: on the diagonal the recall."
        return (
            f"{rows} Off the diagonal the column's label is predicted and not true where the row's is. Percent are of "
            "the row: on the diagonal the recall; an image may have several labels, so rows do not add up."
        )

    def list_pairs(self, pairs: Pairs) -> None:
        """Show the pairs that are confused most; a click at the left of a row chooses its cell."""
        names = self.decided.names
        if not len(pairs.images):
            st.caption("Nothing is confused with another one.")
            return
        st.markdown("**Confused most often**")
        frame = pd.DataFrame(
            {
                "true": [names[b] for b in pairs.true],
                "predicted": [names[a] for a in pairs.predicted],
                "images": pairs.images,
                "% of the true": 100 * pairs.share,
                "% of all others": 100 * pairs.usual,
            }
        )
        helps = {
            "% of the true": "Share of the images with the true label.",
            "% of all others": "How often the predicted one is a false positive anyway, whatever the image shows.",
        }
        cells = list(zip(pairs.true.tolist(), pairs.predicted.tolist(), strict=True))
        chosen = self.chosen()
        row = cells.index(chosen) if chosen in cells else None
        words.rows(
            frame,
            key=f"pairs-{self.key}",
            row=row,
            on_choose=lambda one: self.choose(*(cells[one] if one is not None else ())),
            digits=1,
            helps=helps,
            height=180,
        )

    # --- the chosen cell -----------------------------------------------------------------------------------

    def choose(self, *cell: int) -> None:
        """Write row and column of a cell into the address; without them none is chosen."""
        of = "" if self.label is None else f"_{self.label}"
        address.write(CELL, f"{cell[0]}_{cell[1]}{of}" if cell else None)

    def chosen(self) -> tuple[int, int] | None:
        """Return row and column of the chosen cell, None where there is none in this matrix."""
        parts = st.query_params.get(CELL, "").split("_")
        if parts[2:] != ([] if self.label is None else [str(self.label)]):
            return None
        n = 2 if self.label is not None else len(self.decided.names)
        columns = {str(at): at for at in range(n)} | ({str(NOTHING): NOTHING} if self.one_class else {})
        if len(parts) < 2 or parts[0] not in columns or parts[1] not in columns or parts[0] == str(NOTHING):
            return None
        return columns[parts[0]], columns[parts[1]]

    def of_cell(self, row: int, column: int) -> tuple[np.ndarray, str]:
        """Return the rows of the predictions in a cell, and what they are, as Markdown."""
        truth, names = self.decided.truth, self.decided.names
        if self.label is not None:
            inside = confusion.in_cell_of_one(self.predicted, truth, self.label, row, column)
            name = guard.escape(names[self.label])
            what = f"{name} {('absent', 'present')[row]}, {('not predicted', 'predicted')[column]}"
        else:
            inside = confusion.in_cell(self.predicted, truth, row, column)
            predicted_name = "nothing" if column == NOTHING else guard.escape(names[column])
            what = f"{guard.escape(names[row])}, {predicted_name} predicted"
        rows = np.flatnonzero(inside)
        return rows, f"{what}: {words.images(len(rows), self.split)}"


@st.cache_resource(max_entries=32, show_spinner=False)
def _confused(name: str, thresh: bytes, _view: _View, percent: bool, most: int) -> _Confused:
    predicted, truth, names = _view.predicted, _view.decided.truth, _view.decided.names
    if _view.label is not None:
        table, left_out = confusion.matrix_of_one(predicted, truth, _view.label), np.array([], dtype=int)
        sides = [["absent", "present"], ["not predicted", "predicted"]]
    else:
        whole = confusion.matrix(predicted, truth, one_class=_view.one_class)
        left_out = confusion.least_confused(whole, most)
        table = whole.without(left_out)
        sides = [["nothing" if one == NOTHING else names[one] for one in side] for side in table[2:]]
    instead = confusion.predicted_instead(predicted, truth)
    pairs = confusion.pairs(instead, predicted, truth, _MOST)
    wrong = "" if _view.one_class or _view.label is not None else ", not true"
    figure = figures.matrix(table, *sides, percent=percent, wrong=wrong)
    return _Confused(table, pairs, left_out, to_json(figure))
