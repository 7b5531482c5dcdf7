"""The threshold lab: the sweep curve and every label's own, dragged and counted in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from lib.figures.base import BAND, LINE, NEUTRAL, PRED, THIN, TRUE
from lib.metrics.sweep import SweepCurve
from lib.web.components import gallery
from lib.web.server.routes import prefix

_HERE = Path(__file__).parent
#: The chart looks as those that Plotly draws.
_STYLE = (
    f".lab {{\n --true: {TRUE};\n --pred: {PRED};\n --neutral: {NEUTRAL};\n --line: {LINE}px;\n --thin: {THIN}px;\n"
    f" --band: {BAND};\n --dash: {6 * THIN:g} {6 * THIN:g};\n}}\n"
)
_LAB = st.components.v2.component(
    "manyhot_lab",
    html='<div class="lab"></div>',
    css=_STYLE + gallery.CSS + (_HERE / "lab.css").read_text(encoding="utf-8"),
    js=(_HERE / "lab.bundle.js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class LabPart:
    """One split whose counts are shown; ``title`` is what its images are called, ``url`` where the counts are."""

    split: str
    title: str
    url: str


def lab(
    *,
    key: str,
    parts: Sequence[LabPart],
    band_url: str,
    names: Sequence[str],
    noun: str,
    curves: Sequence[SweepCurve],
    baseline: str,
    indices: Sequence[int],
    before: Sequence[int],
    label: int | None,
    curve: str,
    rights: Sequence[int],
    shown: int,
    words: str,
    pictures: dict[str, Any] | None,
    on_change: Callable[[], None],
) -> None:
    """Show the lab; a release, a key or a click calls ``on_change`` with the choice in ``st.session_state[key]``.

    The choice is ``chosen``: ``indices``, ``label`` and ``curve`` as below, and its ``number``.

    Parameters
    ----------
    key : str
    parts : sequence of LabPart
        The first is drawn and dragged along.
    band_url : str
        Where the band of the first part's curve is; ``&label=INDEX`` is added for one label.
    names : sequence of str
        The C labels.
    noun : str
        What one of them is called.
    curves : sequence of SweepCurve
    baseline : str
        What the baseline does, in words.
    indices, before : sequence of int
        Thresholds now and before the last change, as indices into `lib.metrics.counts.grid`, one a label.
    label : int or None
        The label that is shown large; None for all together.
    curve : str
        Name of the curve.
    rights : sequence of int
        Of each part, how many images have every label right at ``indices``.
    shown : int
        The part whose numbers come first, and whose flips are counted; the others' stand beside, with their titles.
    words : str
        What the pictures beside the chart are, or why there are none.
    pictures : dict, optional
        `lib.web.components.gallery.contents` of them.
    """
    fixed: dict[str, Any] = {
        "parts": [{**asdict(part), "url": _address(part.url)} for part in parts],
        "band": _address(band_url),
        "names": list(names),
        "noun": noun,
        "title": f"All {len(names):,} together" if len(names) > 1 else "All together",
        "curves": [asdict(one) for one in curves],
        "baseline": baseline,
    }
    chosen = {"indices": list(indices), "before": list(before), "label": label, "curve": curve}
    data = {
        "fixed": fixed,
        "chosen": chosen,
        "heard": _heard(key),
        "rights": list(rights),
        "shown": shown,
        "beside": {"words": words, "gallery": pictures},
    }
    _LAB(key=key, data=data, on_chosen_change=on_change)


def _heard(key: str) -> int:
    """Return the number of the last choice that came from the browser, so that it knows what this is the answer to."""
    number = ((st.session_state.get(key) or {}).get("chosen") or {}).get("number")
    return number if isinstance(number, int) else 0


def _address(url: str) -> str:
    return prefix(st.get_option("server.baseUrlPath")) + url
