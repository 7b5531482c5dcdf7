"""How pictures are shown: a grid of cards with labels or points on them, one of them large on a click."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import streamlit as st

from lib.figures import PRED, TRUE
from lib.server.routes import prefix

if TYPE_CHECKING:
    from lib.data.dataset import Dataset
    from lib.tasks.base import Card

_HERE = Path(__file__).parent
_DIGITS = 5  # of a point's place: finer than a pixel of any screen
_GALLERY = st.components.v2.component(
    "manyhot_gallery",
    html='<div class="gallery"></div>',
    css=f".gallery {{\n --true: {TRUE};\n --pred: {PRED};\n}}\n" + (_HERE / "gallery.css").read_text(encoding="utf-8"),
    js=(_HERE / "gallery.js").read_text(encoding="utf-8"),
)


def gallery(
    dataset: Dataset, cards: Sequence[Card], *, key: str, size: Literal["s", "m", "l"] = "m", points: bool = True
) -> None:
    """Show ``cards`` in a grid; a click, or Enter, opens one large, the arrow keys step through them.

    Parameters
    ----------
    dataset : lib.data.dataset.Dataset
        Where the pictures are; a card's ``item`` is a row of it.
    cards : sequence of lib.tasks.base.Card
    key : str
        One for each gallery of a page.
    size : {"s", "m", "l"}
        Smallest width of a card: 132, 208 or 330 pixels.
    points : bool
        Whether points are drawn over the pictures.
    """
    _GALLERY(
        key=key,
        data={
            "base": prefix(st.get_option("server.baseUrlPath")),
            "dataset": dataset.name,
            "revision": dataset.revision,
            "size": size,
            "points": points,
            "cards": [_shown(dataset, card) for card in cards],
        },
    )


def _shown(dataset: Dataset, card: Card) -> dict:
    """Return what the browser needs of a card: the same for the same card, so that nothing is sent twice."""
    width, height = (int(dataset.items[side].iat[card.item]) for side in ("width", "height"))
    rounded = {
        field: [[round(float(x), _DIGITS), round(float(y), _DIGITS)] for x, y in getattr(card, field)]
        for field in ("true_points", "pred_points")
    }
    return card.to_json() | {"item": int(card.item), "width": width, "height": height} | rounded
