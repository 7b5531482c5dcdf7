"""A place where pictures are dropped, pasted or chosen: they are sent at once, file by file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from lib.inference import drops
from lib.web.server import drops as route
from lib.web.server import receiving
from lib.web.server.routes import prefix

_HERE = Path(__file__).parent
_DROP = st.components.v2.component(
    "manyhot_drop",
    html='<div class="place"></div>',
    css=(_HERE / "drop.css").read_text(encoding="utf-8"),
    js=(_HERE / "drop.bundle.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Drop:
    """Pictures that have arrived, see `lib.inference.drops`, as the browser tells of them.

    Attributes
    ----------
    id : str
        Which drop.
    left_out : tuple of (str, str)
        Names of files that are not among them, and why.
    remarks : tuple of (str, str)
        Names of files that are, and what is to be said of them.
    too_many : int
        Files over `lib.inference.drops.MOST`.
    """

    id: str
    left_out: tuple[tuple[str, str], ...]
    remarks: tuple[tuple[str, str], ...]
    too_many: int


def drop(*, key: str, taken: str, small: bool, on_soon: Callable[[], None]) -> None:
    """Show where pictures are brought; `arrived` says what has come.

    They are sent by the browser to `lib.web.server.drops`, past Streamlit, which would hold them in memory. A drop
    anywhere on the page, and a picture pasted anywhere on it, count.

    Parameters
    ----------
    key : str
    taken : str
        Id of the drop that was taken last: until its own is, the browser says that it waits.
    small : bool
        Whether it is one line, because there is something else to see.
    on_soon : callable
        Is called when pictures are likely to come.
    """
    _DROP(
        key=key,
        data={
            "address": route.address(prefix(st.get_option("server.baseUrlPath"))),
            "token": receiving.page_token(),
            "limit": drops.MOST_BYTES,
            "most": drops.MOST,
            "taken": taken,
            "small": small,
        },
        on_drop_change=lambda: None,
        on_soon_change=on_soon,
        on_renew_change=lambda: None,
    )


def arrived(key: str) -> Drop | None:
    """Return the drop that the component ``key`` told of last, None where there is none, or it is no drop."""
    state = st.session_state.get(key)
    told = state.get("drop") if isinstance(state, Mapping) else None
    if not isinstance(told, dict) or not isinstance(told.get("id"), str) or not drops.ID.fullmatch(told["id"]):
        return None
    too_many = told.get("too_many")
    return Drop(
        told["id"],
        _pairs(told.get("left_out")),
        _pairs(told.get("remarks")),
        too_many if isinstance(too_many, int) else 0,
    )


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    """Return pairs of texts of what a browser has sent; what is none is left out."""
    pairs = value if isinstance(value, list) else []
    return tuple(
        (one[0], one[1])
        for one in pairs
        if isinstance(one, list) and len(one) == 2 and all(isinstance(part, str) for part in one)
    )
