"""A map of pictures: points on a plane to drag, point at, open, and select with a lasso; all drawn in the browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lib.core.dataset import Dataset
from lib.web.server.routes import pictures_address, prefix

_HERE = Path(__file__).parent
_MAP = st.components.v2.component(
    "manyhot_map",
    html='<div class="map"></div>',
    css=(_HERE / "map.css").read_text(encoding="utf-8"),
    js=(_HERE / "map.bundle.js").read_text(encoding="utf-8"),
)


def picture_map(
    dataset: Dataset,
    *,
    key: str,
    positions: str,
    colors: str,
    words: str,
    lasso: str,
    on_open: Callable[[object], None],
    on_like: Callable[[object], None],
    on_lasso: Callable[[object], None],
) -> None:
    """Show the map; what is done on it calls a function with what the browser says, which is not trusted.

    Parameters
    ----------
    dataset : Dataset
        Whose pictures are shown.
    key : str
    positions, colors, words : str
        Addresses from `lib.web.server.picture_maps`.
    lasso : str
        What is selected, as in the address; "" for nothing.
    on_open, on_like : callable
        Called with the row of a picture that is to be opened, or of which those like it are to be shown.
    on_lasso : callable
        Called with the corners of what was drawn, "" where the selection is taken back.
    """
    base = prefix(st.get_option("server.baseUrlPath"))

    def sent(name: str) -> Any:
        return (st.session_state.get(key) or {}).get(name)

    data = {
        "positions": base + positions,
        "colors": base + colors,
        "words": base + words,
        "pictures": pictures_address(dataset.name, dataset.base, base),
        "lasso": lasso,
    }
    _MAP(
        key=key,
        data=data,
        on_open_change=lambda: on_open(sent("open")),
        on_like_change=lambda: on_like(sent("like")),
        on_lasso_change=lambda: on_lasso(sent("lasso")),
    )
