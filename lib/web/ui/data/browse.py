"""Browsing: pictures and matrix as two views of the same filtered rows, with all that is chosen of them in one line."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.datasets import query as queries
from lib.datasets.query import Query
from lib.tasks.types import Card
from lib.web.components.gallery import Size, gallery
from lib.web.ui.data import alike, filter, inspect, matrix, picture_map, select

PER_PAGE = 24
_AHEAD = 12  # pictures of the next page that are loaded beforehand: those that are in sight first
_SIZES: dict[Size, str] = {"s": "S", "m": "M", "l": "L"}
_GALLERY, _BELOW = "pictures", "page-below"
#: Chips are small. Where the page is narrow a sign is enough for what selects all; where it is narrower the pictures
#: are equally large whatever is chosen, and the page is turned below them.
_STYLE = """<style>
.st-key-chips button { min-height: 1.75rem; padding: 0 0.6rem; border-radius: 1rem }
.st-key-find { flex: 1 1 90px; max-width: 170px }
:has(> .st-key-pages) { margin-left: auto }
@media (max-width: 1200px) {
  .st-key-select-all button [data-testid="stMarkdownContainer"] { position: absolute; clip-path: inset(50%) }
}
@media (max-width: 640px) {
  .st-key-page, .st-key-size { display: none }
  :has(> .st-key-view-line) { margin-bottom: -0.75rem }
  .st-key-view-line { row-gap: 0.5rem }
  .st-key-select-all button { min-height: 1.75rem }
  :has(> .st-key-chips) { flex: 1 1 12rem !important; min-width: 0 }
  .st-key-chips { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: none; width: 100% }
  .st-key-chips > * { flex: none; white-space: nowrap }
}
</style>"""


class Browse:
    """The images of ``dataset`` that pass the filters.

    Attributes
    ----------
    rows : ndarray of int
        Rows in their order, as one steps through them; before the filters are drawn, all that are included.
    """

    def __init__(self, dataset: Dataset):
        self.dataset, self.rows, self.query = dataset, dataset.included, Query()
        self.page, self.size = 1, next(iter(_SIZES))

    def choose_pictures(self) -> None:
        """Show, in a horizontal container, what is chosen of the pictures: filters, page and size."""
        st.html(_STYLE)
        self.query = filter.show(self.dataset)
        self.rows = queries.rows(self.dataset, self.query)
        select.select_all(self.dataset, self.rows)
        with st.container(horizontal=True, wrap=False, width="content", vertical_alignment="center", key="pages"):
            if self._pages() > 1:
                if st.session_state.get("page", 1) > self._pages():  # a filter in the address, a smaller dataset
                    st.session_state["page"] = 1
                self.page = st.pagination(
                    self._pages(), key="page", bind="query-params", width="content", max_visible_pages=3
                )
            self.size = st.segmented_control(
                "Size of the pictures",
                list(_SIZES),
                default="m",
                required=True,
                format_func=_SIZES.__getitem__,
                key="size",
                bind="query-params",
                label_visibility="collapsed",
            )

    def pictures(self) -> None:
        """Show one page of the pictures."""
        alike.say(self.dataset)
        if not len(self.rows):
            filter.nothing()
            select.line(self.dataset, self.rows)
            return
        dataset, shown = self.dataset, self.rows[(self.page - 1) * PER_PAGE : self.page * PER_PAGE]
        task, items = tasks.get(dataset.task), dataset.items.iloc[shown]
        sizes = items[["width", "height"]].to_numpy(dtype=np.float64)
        facts = zip(shown.tolist(), items["original"], dataset.targs[shown], sizes, strict=True)
        apart = alike.distances(dataset)
        cards = [
            _with_distance(task.card(row, str(title), targ, size, dataset.names), apart)
            for row, title, targ, size in facts
        ]
        selection = select.gallery_selection(dataset, self.rows, shown, _GALLERY)
        ahead = self.rows[self.page * PER_PAGE :][:_AHEAD].tolist()
        asked = gallery(
            dataset,
            cards,
            key=_GALLERY,
            size=self.size,
            editable=True,
            ahead=ahead,
            selection=selection,
            on_like=partial(alike.choose, dataset),
        )
        if asked is not None:
            inspect.open_(dataset, asked)
        if self._pages() > 1:
            st.session_state[_BELOW] = self.page
            st.pagination(self._pages(), key=_BELOW, on_change=_turn)
        select.line(dataset, self.rows)

    def choose_matrix(self) -> None:
        """Show, in a horizontal container, what is chosen of the matrix: filters and orders."""
        st.html(_STYLE)
        self.query = filter.show(self.dataset, beside=lambda: matrix.choose_order(self.dataset))
        self.rows = queries.rows(self.dataset, self.query)
        select.select_all(self.dataset, self.rows)

    def matrix(self) -> None:
        """Show the targets."""
        alike.say(self.dataset)
        matrix.show(self.dataset, self.query)
        select.line(self.dataset, self.rows)

    def choose_map(self) -> None:
        """Show, in a horizontal container, what is chosen of the map: filters, colors, and the network that sees."""
        st.html(_STYLE)
        self.query = filter.show(self.dataset)
        self.rows = queries.rows(self.dataset, self.query)
        select.select_all(self.dataset, self.rows)
        picture_map.choose(self.dataset)

    def map(self) -> None:
        """Show the map."""
        picture_map.show(self.dataset, self.query)
        select.line(self.dataset, self.rows)

    def _pages(self) -> int:
        return math.ceil(len(self.rows) / PER_PAGE)


def _with_distance(card: Card, apart: dict[int, float]) -> Card:
    """Return a card that says how far its picture is from the one that the pictures are ordered by."""
    if card.item not in apart:
        return card
    distance = f"distance {apart[card.item]:.2f}"
    return replace(card, note=f"{card.note} · {distance}" if card.note else distance)


def _turn() -> None:
    """Turn the page, a callback."""
    st.session_state["page"] = st.session_state[_BELOW]
