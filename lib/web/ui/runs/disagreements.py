"""Pictures on which one side is right and the other wrong, or nearer: both answers side by side, the clearest first."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation.verdicts import words
from lib.evaluation.verdicts.disagreements import Disagreements, disagreements
from lib.evaluation.verdicts.sides import Side
from lib.evaluation.verdicts.verdicts import Verdict
from lib.tasks.types import Card
from lib.web.components.gallery import gallery
from lib.web.ui import address, guard
from lib.web.ui.runs import sides

#: Pictures a page, each twice.
PER_PAGE = 12
#: Kinds of chips of labels that are there or predicted.
_DECIDED = ("hit", "miss", "alarm")


def show(verdict: Verdict, key: str) -> None:
    """Show the pictures; ``key`` stands for the verdict."""
    task, names = verdict.task, verdict.names
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="versus-disagreements"):
        label = _label(verdict)
        differ = _differ(key, label, verdict)
        counts = {side: int(np.count_nonzero(differ.better == side)) for side in ("a", "b")}
        what = "right" if task.is_decided and (label is not None or not task.uses_thresh) else "better"
        what = what if task.is_decided else "nearer"
        shown = {"": f"all {len(differ):,}"}
        shown |= {side: f"{side.upper()} {what}: {count:,}" for side, count in counts.items()}
        better = sides.option(address.WHO, shown, "Who is right")
        chosen = differ.of(better) if better else differ
        pages = math.ceil(len(chosen) / PER_PAGE)
        page = st.pagination(pages, key=f"versus-page-{key}-{label}-{better}", width=300) if pages > 1 else 1
    dataset, side_with_pictures = _pictures(verdict)
    if not len(chosen):
        of = f" about {guard.escape(names[label])}" if label is not None else ""
        st.info(f"They do not disagree on any of these images{of}.", icon=":material/handshake:")
        return
    if dataset is None:
        st.info("The pictures of these runs are not here any more: import the dataset again.", icon=":material/image:")
        return
    answers = [side.mean for side in (verdict.a, verdict.b)]
    originals = dataset.items["original"].to_numpy()
    items = side_with_pictures.answers[0].items
    cards = []
    for place in range((page - 1) * PER_PAGE, min(page * PER_PAGE, len(chosen))):
        row = int(chosen.rows[place])
        pair = []
        for side, answer in zip((verdict.a, verdict.b), answers, strict=True):
            card = task.pred_card(answer, row, f"{side.letter} · {originals[items[row]]}", side.threshs[0])
            note = f"{side.letter}: {words.worth(verdict, chosen, place, side, label)}"
            pair.append(replace(card, item=int(items[row]), note=note, chosen=label if card.point_names else None))
        cards += _differing_first(pair, names[label] if label is not None else None)
    gallery(dataset, cards, key=f"versus-{key}-{label}-{better}-{page}", pairs=True)


def _label(verdict: Verdict) -> int | None:
    """Let one of the labels be chosen, or all."""
    task, names = verdict.task, verdict.names
    if len(names) == 1:
        return 0
    asked = st.query_params.get(address.LABEL)
    st.session_state["versus-label"] = asked if asked in names else None
    every = f"All {task.nouns}"
    st.selectbox(
        every,
        list(names),
        index=None,
        placeholder=every,
        key="versus-label",
        on_change=lambda: address.write(address.LABEL, st.session_state["versus-label"]),
        label_visibility="collapsed",
        width=220,
    )
    return names.index(asked) if asked in names else None


@st.cache_resource(max_entries=32, show_spinner=False)
def _differ(key: str, label: int | None, _verdict: Verdict) -> Disagreements:
    return disagreements(_verdict, label)


def _pictures(verdict: Verdict) -> tuple[Dataset | None, Side]:
    """Return the dataset of a side that has the pictures, and that side."""
    for side in (verdict.a, verdict.b):
        dataset = side.runs[0].dataset()
        if dataset is not None and not dataset.is_stand_in:
            return dataset, side
    return None, verdict.a


def _differing_first(pair: list[Card], name: str | None) -> list[Card]:
    """Return the cards with the chip of ``name`` first, then those that one side has right and the other wrong."""
    decided = [{chip.text: chip.kind for chip in card.chips if chip.kind in _DECIDED} for card in pair]
    differ = {text for text in {**decided[0], **decided[1]} if decided[0].get(text) != decided[1].get(text)}
    return [
        replace(card, chips=sorted(card.chips, key=lambda chip: (chip.text != name, chip.text not in differ)))
        for card in pair
    ]
