"""A gallery: a grid of image cards with labels or points on them, and one of them large on a click."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import streamlit as st

from lib import tasks
from lib.figures.base import PRED, TRUE
from lib.web.server.routes import pictures_address, prefix

if TYPE_CHECKING:
    from lib.core.dataset import Dataset
    from lib.tasks.types import Card
    from lib.training.previews import Frame

_HERE = Path(__file__).parent
_DIGITS = 6  # of a point's place, a share: errors in pixels that are worked out from it are right to 0.01
#: How a gallery looks, also as a part of another component.
CSS = f".gallery {{\n --true: {TRUE};\n --pred: {PRED};\n}}\n" + (_HERE / "gallery.css").read_text(encoding="utf-8")
_GALLERY = st.components.v2.component(
    "manyhot_gallery",
    html='<div class="gallery"></div>',
    css=CSS,
    js=(_HERE / "gallery.bundle.js").read_text(encoding="utf-8"),
)
Size = Literal["s", "m", "l"]


@dataclass(frozen=True)
class Album:
    """Pictures that are in no dataset; a card's ``item`` is the number of one.

    Attributes
    ----------
    address : str
        Where they are, below the app's own address, with ``{item}`` and ``{size}`` to be filled in.
    sizes : ndarray of shape (n, 2)
        (width, height) of each in pixels.
    pictures : sequence of bytes
        The pictures themselves as JPEG, where they are nowhere yet: a few and small ones.
    """

    address: str
    sizes: np.ndarray
    pictures: Sequence[bytes] = ()


@dataclass(frozen=True)
class Selection:
    """Which cards are selected.

    Attributes
    ----------
    items : sequence of int
        Of the cards that are selected.
    number : int
        Of the click that they are the answer to.
    on_picked : callable
        Called when it was changed in the browser, with ``st.session_state[key]["picked"]`` being ``items``, those
        selected of the cards ``shown``, and the ``number`` of the click; not trusted.
    """

    items: Sequence[int]
    number: int
    on_picked: Callable[[], None]


def gallery(
    dataset: Dataset | Album,
    cards: Sequence[Card],
    *,
    key: str,
    size: Size = "m",
    points: bool = True,
    editable: bool = False,
    lines: Sequence[Sequence[int]] | None = None,
    ahead: Sequence[int] = (),
    columns: int = 0,
    selection: Selection | None = None,
    compact: bool = False,
    revisions: bool = False,
    on_like: Callable[[object], None] | None = None,
    pairs: bool = False,
) -> int | None:
    """Show ``cards`` in a grid; a click, or Enter, opens one large, the arrow keys step through them.

    Parameters
    ----------
    dataset : lib.core.dataset.Dataset or Album
        Where the pictures are; a card's ``item`` is a row of it, or a number of the album.
    cards : sequence of lib.tasks.types.Card
    key : str
        One for each gallery of a page.
    size : {"s", "m", "l"}
        Smallest width of a card: 132, 208 or 330 pixels.
    points : bool
        Whether points are drawn over the pictures.
    editable : bool
        Whether the large picture has a button that asks for its targets to be edited.
    lines : sequence of pairs of int, optional
        Which points a line joins; a dataset's own if not given, an album has none.
    ahead : sequence of int, optional
        Items that are shown next: their pictures are loaded beforehand.
    columns : int, optional
        So many cards side by side, however wide the gallery is; by default as many as fit.
    selection : Selection, optional
        Which cards are selected, where they can be.
    compact : bool
        Whether only a few chips stand below a picture, the wrong ones first; the large picture has all.
    revisions : bool
        Whether true points are those of a later revision, and predicted ones those of an earlier one.
    on_like : callable, optional
        Called when what is like a picture is asked for, with its ``item``, which is not trusted; cards have a button
        for it then.
    pairs : bool
        Whether two cards in turn belong together and stand side by side.

    Returns
    -------
    int or None
        The ``item`` of the card that was just asked to be edited.
    """
    data = contents(dataset, cards, key=key, size=size, points=points, lines=lines, compact=compact)
    if columns:
        data["columns"] = columns
    if revisions:
        data["revisions"] = True
    if pairs:
        data["pairs"] = True
    if not isinstance(dataset, Album) and len(ahead):
        data["ahead"] = [{"item": int(item), **_sides(dataset, item)} for item in ahead]
    hooks: dict[str, Any] = {}
    if on_like is not None:
        data["alike"] = True
        hooks["on_like_change"] = lambda: on_like((st.session_state.get(key) or {}).get("like"))
    if not editable:
        _GALLERY(key=key, data=data, **hooks)
        return None
    data["editable"] = True
    hooks["on_edit_change"] = lambda: None
    if selection is not None:
        data["selected"] = {"items": list(selection.items), "number": selection.number}
        hooks["on_picked_change"] = selection.on_picked
    asked = _GALLERY(key=key, data=data, **hooks).edit
    return asked if isinstance(asked, int) and asked in {int(card.item) for card in cards} else None


def contents(
    dataset: Dataset | Album,
    cards: Sequence[Card],
    *,
    key: str,
    size: Size = "m",
    points: bool = True,
    lines: Sequence[Sequence[int]] | None = None,
    compact: bool = False,
) -> dict[str, Any]:
    """Return what the browser is sent of a `gallery`, for a component that has one as a part of it.

    Parameters
    ----------
    dataset, cards, key, size, points, lines
        As in `gallery`.
    compact : bool
        Whether only a few chips stand below a picture, the wrong ones first; the large picture has all.
    """
    shown = [_shown(dataset, card) for card in cards]
    data = {**_head(dataset, cards, key, lines), "size": size, "points": points, "cards": shown}
    return {**data, "compact": True} if compact else data


def film(
    dataset: Dataset, frames: Sequence[Frame], *, label: str = "Epoch", size: Size = "m", points: bool = True
) -> dict[str, Any]:
    """Return what `play` shows: make it when a frame came, for it takes longer than to show it.

    Parameters
    ----------
    dataset : lib.core.dataset.Dataset
    frames : sequence of lib.training.previews.Frame
        At least one; titles differ, and every frame has cards of the same images in the same order.
    label : str
        What a frame is, the slider's name.
    size, points
        As in `gallery`.
    """
    # What moves is one text: Streamlit, which writes and compares the data at every run, then hardly looks at it, and
    # the browser sees at once whether it is new.
    moving = [{"title": frame.title, "cards": [_moving(card) for card in frame.cards]} for frame in frames]
    return {
        **_head(dataset, cards := frames[-1].cards, "film"),
        "size": size,
        "points": points,
        "label": label,
        "cards": [{**_shown(dataset, card), "chips": [], "note": "", "pred_points": []} for card in cards],
        "frames": json.dumps(moving, separators=(",", ":"), allow_nan=False),
    }


def play(film: dict[str, Any], *, key: str) -> None:
    """Show a `film`: a gallery with a slider through its frames, which needs neither server nor rerun.

    The slider stays at the newest frame until it is moved away from it. Pictures are loaded once.
    """
    _GALLERY(key=key, data=film)


def _head(
    dataset: Dataset | Album, cards: Sequence[Card], key: str, lines: Sequence[Sequence[int]] | None = None
) -> dict[str, Any]:
    """Return where the pictures are, and what is the same of all cards.

    ``kind`` is under which name the browser keeps what of the points is shown: galleries of other runs share it.
    """
    names = next((card.point_names for card in cards if card.point_names), [])
    head = {"kind": key.partition("-")[0], "point_names": names}
    if isinstance(dataset, Album):  # each card says where its picture is
        return {**head, "lines": _pairs(lines or [])}
    own = tasks.get(dataset.task).lines(dataset) if names and lines is None else lines
    address = pictures_address(dataset.name, dataset.base, st.get_option("server.baseUrlPath"))
    return {**head, "lines": _pairs(own or []), "pictures": address}


def _pairs(lines: Sequence[Sequence[int]]) -> list[list[int]]:
    return [[int(one), int(other)] for one, other in lines]


def _shown(dataset: Dataset | Album, card: Card) -> dict[str, Any]:
    """Return what the browser needs of a card: the same for the same card, so that nothing is sent twice."""
    fields = card.to_json() | {"item": int(card.item)}
    del fields["point_names"]  # the head has them
    if isinstance(dataset, Album):
        width, height = (int(side) for side in dataset.sizes[card.item])
        base = prefix(st.get_option("server.baseUrlPath"))
        fields |= {"src": _inline(dataset, card) if dataset.pictures else base + dataset.address}
        fields |= {"width": width, "height": height}
    else:
        fields |= _sides(dataset, card.item)
    return fields | {"true_points": _rounded(card.true_points), "pred_points": _rounded(card.pred_points)}


def _sides(dataset: Dataset, row: int) -> dict[str, int]:
    return {side: int(dataset.items[side].iat[row]) for side in ("width", "height")}


def _inline(album: Album, card: Card) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(album.pictures[card.item]).decode()


def _moving(card: Card) -> dict[str, Any]:
    """Return what may differ from frame to frame."""
    chips = [
        {"text": chip.text, "kind": chip.kind, "value": None if chip.value is None else round(chip.value, _DIGITS)}
        for chip in card.chips
    ]
    return {"chips": chips, "note": card.note, "pred_points": _rounded(card.pred_points)}


def _rounded(points: Sequence[Sequence[float] | None]) -> list[list[float] | None]:
    return [None if place is None else [round(place[0], _DIGITS), round(place[1], _DIGITS)] for place in points]
