"""The figures of the Learn page: a panel each, chosen beside it, that answer the pointer without asking the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from lib.figures.base import NEUTRAL, PRED, TRUE

_HERE = Path(__file__).parent
_COLORS = f".learn {{\n --true: {TRUE};\n --pred: {PRED};\n --neutral: {NEUTRAL};\n}}\n"
_LEARN = st.components.v2.component(
    "manyhot_learn",
    html='<div class="learn"></div>',
    css=_COLORS + "".join(path.read_text(encoding="utf-8") for path in sorted(_HERE.glob("*.css"))),
    js=(_HERE / "learn.bundle.js").read_text(encoding="utf-8"),
)


def learn(
    panels: Sequence[dict[str, Any]],
    panel: str,
    content: dict[str, Any] | None,
    *,
    key: str,
    on_panel: Callable[[], None],
    on_act: Callable[[], None],
) -> None:
    """Show the figure of ``panel``, with the choice among ``panels`` beside it.

    Parameters
    ----------
    panels : sequence of dict
        What `lib.web.ui.learn.panel.Panel.to_json` says of each.
    panel : str
        Name of the one that is shown.
    content : dict or None
        What its figure is about; None where that could not be read.
    key : str
    on_panel : callable
        Called when another panel was chosen, with its name as ``st.session_state[key]["panel"]``.
    on_act : callable
        Called when the figure asks for something, which is ``st.session_state[key]["act"]``; not trusted.
    """
    _LEARN(
        key=key,
        data={"panels": list(panels), "panel": panel, "content": content},
        on_panel_change=on_panel,
        on_act_change=on_act,
    )
