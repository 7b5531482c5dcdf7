"""The inspector: one image, large, with targets to edit (labels, a class, points, numbers)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED
from lib.figures.base import PRED, TRUE
from lib.web.server.routes import pictures_address

_HERE = Path(__file__).parent
_COLORS = f".inspector {{\n --true: {TRUE};\n --chosen: {PRED};\n}}\n"
_INSPECTOR = st.components.v2.component(
    "manyhot_inspector",
    html='<div class="inspector"></div>',
    css=_COLORS + (_HERE / "inspector.css").read_text(encoding="utf-8"),
    js=(_HERE / "inspector.bundle.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class Answer:
    """What Python says to the last acts: their ``number``, what was ``refused`` and a ``message``, "" if none.

    ``undo`` and ``redo`` are the edits that would be undone and done again, in words, None where there is none;
    ``opening`` tells one opening of the inspector from the next.
    """

    number: int = 0
    refused: str = ""
    message: str = ""
    undo: str | None = None
    redo: str | None = None
    opening: int = 0


def inspector(
    dataset: Dataset,
    row: int,
    editor: dict[str, Any],
    *,
    key: str,
    place: str,
    before: int | None,
    after: int | None,
    column: int | None,
    answer: Answer,
) -> None:
    """Show the picture of ``row`` in a dialog over the page; what is done there is in `acts` at the next run.

    The dialog is the browser's own, like the gallery's large picture: it takes the whole window, Esc can end a drag
    before it closes anything, and no rerun of the page closes it.

    Parameters
    ----------
    dataset : lib.core.dataset.Dataset
    row : int
    editor : dict
        From the task's ``editor``.
    key : str
    place : str
        Which picture of how many it is, in words.
    before, after : int or None
        The rows next to it, None where there is none.
    column : int or None
        The target that is looked for, see `lib.web.ui.data.inspect.open_`.
    answer : Answer
    """
    item = dataset.items.iloc[row]
    shown = {
        "row": row,
        "title": str(item["original"]),
        "width": int(item["width"]),
        "height": int(item["height"]),
        "split": str(item["split"]),
        "excluded": bool(item["split"] == EXCLUDED),
        "place": place,
        "before": before,
        "after": after,
        "column": column,
    }
    data = {
        "pictures": pictures_address(dataset.name, dataset.base, st.get_option("server.baseUrlPath")),
        "item": shown,
        "targets": editor,
        "heard": answer.number,
        "refused": answer.refused,
        "message": answer.message,
        "undo": answer.undo,
        "redo": answer.redo,
        "opening": answer.opening,
    }
    _INSPECTOR(key=key, data=data, on_acts_change=_nothing)


def acts(key: str, heard: int) -> tuple[int, Sequence[Any]] | None:
    """Return the number and the list of what was done since ``heard``, None if there is nothing new.

    What the browser says is only as sure as that: a number and a list. It may send the same twice.
    """
    sent = (st.session_state.get(key) or {}).get("acts")
    if not isinstance(sent, dict):
        return None
    number, done = sent.get("number"), sent.get("acts")
    if not isinstance(number, int) or isinstance(number, bool) or number <= heard or not isinstance(done, list):
        return None
    return number, done


def _nothing() -> None:
    """Draw the page again."""
