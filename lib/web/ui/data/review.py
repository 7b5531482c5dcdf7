"""One finding at a time: its pictures, what is odd, and the buttons that accept or dismiss it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.checks.finding import (
    CORRECT,
    ERROR,
    EXCLUDE,
    INFO,
    KEEP_ONE,
    SET,
    SHOW,
    SPLIT,
    SWAP,
    WARNING,
    Finding,
)
from lib.tasks.types import Card
from lib.web.components.gallery import gallery
from lib.web.components.keys import keys
from lib.web.ui import address, guard
from lib.web.ui.data import decisions, filter, inspect, splits
from lib.web.ui.data.check_results import Case

ICONS = {ERROR: ":material/error:", WARNING: ":material/warning:", INFO: ":material/info:"}
COLORS = {ERROR: "red", WARNING: "orange", INFO: "blue"}
WORDS = {ERROR: "error", WARNING: "warning", INFO: "remark"}
_KEYS = {"Enter": "review-accept", "Backspace": "review-dismiss", "ArrowRight": "review-skip"}
_KEYS["ArrowLeft"] = "review-back"
#: Of a larger group, and of the images with a label, the first are shown.
_MOST = 12
#: Pixels: as high and wide as one picture is shown.
_HIGH, _WIDE, _NARROW = 500, 640, 330
#: Fixes that edit the dataset, which can be made for many at once.
_EDITS = (KEEP_ONE, SWAP, EXCLUDE)


def show(
    dataset: Dataset, cases: Sequence[Case], at: int, card_of: Callable[[int, Finding, str], Card] | None = None
) -> None:
    """Show ``cases[at]`` and its buttons; ``card_of`` makes the card of a row where it shows more than the targets."""
    case, following = cases[at], cases[(at + 1) % len(cases)]
    rows = pictured(dataset, case)
    if len(rows) == 1:  # as wide as it is, and the words beside it
        with st.container(horizontal=True, gap="medium", key="review"):
            left, right = st.container(width=_width(dataset, rows[0])), st.container()
    else:
        left, right = st.columns([3, 2], gap="medium")
    with left:
        _pictures(dataset, case, rows, pictured(dataset, following), card_of)
    with right:
        finding = case.finding
        badge = f":{COLORS[finding.severity]}-badge[{ICONS[finding.severity]} {WORDS[finding.severity]}]"
        st.markdown(f"##### {guard.escape(finding.title)}")
        st.markdown(f"{badge} {_details(dataset, case)}")
        st.markdown(guard.escape(finding.words([case.place])))
        _buttons(dataset, case, cases)
        _others(dataset, case, cases)
    keys(_KEYS, key="review-keys")


# --- pictures ----------------------------------------------------------------------------------------------


def _pictures(
    dataset: Dataset,
    case: Case,
    rows: list[int],
    following: list[int],
    card_of: Callable[[int, Finding, str], Card] | None,
) -> None:
    if not rows:
        st.info("No image is about this.", icon=":material/hide_image:")
        return
    details = case.finding.details if len(case.rows) > 1 else {}
    asked = gallery(
        dataset,
        [
            card_of(row, case.finding, details.get(row, ""))
            if card_of
            else card(dataset, row, case.finding, details.get(row, ""))
            for row in rows[:_MOST]
        ],
        key="checks-pictures",
        size="l" if len(rows) <= 2 else "m",
        editable=True,
        ahead=following[:_MOST],
        columns=len(rows) if len(rows) <= 2 else 0,
    )
    if asked is not None:
        inspect.open_(dataset, asked, _column(dataset, case.finding, asked))
    if len(rows) > _MOST:
        st.caption(f"and {sentences.more(len(rows) - _MOST)}")


def _width(dataset: Dataset, row: int) -> int:
    """Return how wide a picture is shown, in pixels, so that it is not too high."""
    width, height = dataset.sizes[row]
    return int(np.clip(_HIGH * width / height, _NARROW, _WIDE))


def pictured(dataset: Dataset, case: Case) -> list[int]:
    """Return the images to show of a case: of a group those of its splits by turns, of a label some that have it."""
    finding = case.finding
    if finding.rows:
        splits, seen = dataset.items["split"].to_numpy(dtype=str), Counter[str]()
        turns = []
        for row in case.rows:
            turns.append((seen[splits[row]], row))
            seen[splits[row]] += 1
        return [row for _, row in sorted(turns)]
    included = dataset.included
    if not finding.columns:
        return included[:6].tolist()
    # Of a label that nearly all have those that lack it tell more.
    presence = tasks.get(dataset.task).presence(dataset.targs[included], dataset.names)
    column = case.members[0]
    wanted = 0 if finding.about.get(column) == "nearly all" else 1
    return [] if presence is None else included[np.flatnonzero(presence[:, column] == wanted)[:6]].tolist()


def card(dataset: Dataset, row: int, finding: Finding | None, why: str) -> Card:
    """Return the card of an image with the reason on it, and the point that the finding is about made prominent."""
    task, original = tasks.get(dataset.task), str(dataset.items["original"].iat[row])
    plain = task.card(row, original, dataset.targs[row], dataset.sizes[row], dataset.names)
    at = finding.at.get(row) if finding and plain.point_names and not finding.swaps else None
    place = None if at is None else plain.true_points[at]
    if place is None or not all(0 <= share <= 1 for share in place):  # it is not to be seen, the others are
        at = None
    return replace(plain, note=why or plain.note, chosen=at)


def _column(dataset: Dataset, finding: Finding, row: int) -> int | None:
    """Return which column of the targets a row is about."""
    about = finding.at.get(row)
    if about is None:
        return None
    return about * (dataset.targs[row].size // len(dataset.names))  # a point has x and y


def _details(dataset: Dataset, case: Case) -> str:
    """Return what is odd about this one; of several images it stands on each."""
    if len(case.rows) > 1 or not case.members:
        return ""
    name = "" if case.rows else f"{guard.escape(dataset.names[case.members[0]])}: "
    return f"**{name}{guard.escape(case.finding.details.get(case.members[0], ''))}**"


# --- buttons -----------------------------------------------------------------------------------------------


def _buttons(dataset: Dataset, case: Case, cases: Sequence[Case]) -> None:
    """Show what can be done about this one."""
    finding = case.finding
    with st.container(horizontal=True, gap="small"):
        if finding.fixes:
            _fix(dataset, case, finding.fixes[0], cases, "review-accept", "primary", " ⏎")
        st.button(
            "Dismiss ⌫",
            key="review-dismiss",
            on_click=decisions.dismiss,
            args=(dataset, [case], cases),
            icon=":material/check:",
            help="Looked at, it is fine: it is not asked about again as long as image and finding are the same.",
        )
        if len(cases) > 1:
            st.button("Back ←", key="review-back", on_click=decisions.step, args=(cases, -1), type="tertiary")
            st.button("Skip →", key="review-skip", on_click=decisions.step, args=(cases, 1), type="tertiary")


def _others(dataset: Dataset, case: Case, cases: Sequence[Case]) -> None:
    """Show the less fitting fixes, and what can be done about all of the kind."""
    finding = case.finding
    with st.container(horizontal=True, gap="small"):
        for fix in finding.fixes[1:]:
            _fix(dataset, case, fix, cases, f"review-{fix}", "tertiary")
        if case.rows and CORRECT not in finding.fixes:
            _fix(dataset, case, CORRECT, cases, "review-open", "tertiary")
        if finding.count > 1:
            with st.popover(f"All {finding.count:,} of this kind", icon=":material/done_all:", type="tertiary"):
                _all(dataset, case, cases)


def _all(dataset: Dataset, case: Case, among: Sequence[Case]) -> None:
    """Say what would be done to how many, with a button each."""
    of_kind = [one for one in among if one.finding.kind == case.finding.kind]
    st.markdown(f"**{guard.escape(case.finding.title)}**: {_counted(case.finding)} not reviewed yet.")
    for fix in case.finding.fixes:
        if fix in _EDITS:
            images = sentences.count(len(decisions.rows_of(dataset, of_kind, fix)), "image")
            title = {
                KEEP_ONE: f"Keep one of each, exclude {images}",
                SWAP: f"Swap left and right in {images}",
                EXCLUDE: f"Exclude {images}",
            }[fix]
            st.button(
                title,
                key=f"review-all-{fix}",
                on_click=decisions.accept,
                args=(dataset, of_kind, fix, among),
                icon=_ICON[fix],
            )
    st.button(
        f"Dismiss {sentences.count(len(of_kind), 'finding')}",
        key="review-all-dismiss",
        on_click=decisions.dismiss,
        args=(dataset, of_kind, among),
        icon=":material/check:",
    )
    st.caption("One undo takes all of it back.")


def _counted(finding: Finding) -> str:
    if finding.groups:
        return f"{sentences.count(len(finding.groups), 'group')} of {len(finding.rows):,} images"
    return sentences.count(finding.count, "image" if finding.rows else "label")


_ICON = {
    KEEP_ONE: ":material/filter_1:",
    SWAP: ":material/swap_horiz:",
    EXCLUDE: ":material/visibility_off:",
    CORRECT: ":material/edit:",
    SPLIT: ":material/call_split:",
    SHOW: ":material/photo_library:",
    SET: ":material/done:",
}
_HELP = {
    KEEP_ONE: "Keeps one in test or valid if there is one, so that metrics stay comparable; among these the one with "
    "the most pixels. The others are in no split; it can be undone.",
    SWAP: "Swaps the pairs that are named. It is an edit: it can be undone.",
    EXCLUDE: "Excluded images are in no split: ignored in training and in metrics. It can be undone.",
    CORRECT: "Opens the image with its targets: once they are right, it is found no more.",
    SPLIT: "Opens the splits, where a new division is proposed.",
    SHOW: "Opens the images that have the label.",
    SET: "Takes over what is proposed. It is an edit with its reason: it can be undone.",
}


def _fix(
    dataset: Dataset, case: Case, fix: str, cases: Sequence[Case], key: str, type: str, shortcut: str = ""
) -> None:
    """Show the button of a fix of one case."""
    count = len(case.rows)
    title = {
        KEEP_ONE: f"Keep one, exclude {'the other' if count == 2 else f'the other {count - 1:,}'}",
        SWAP: "Swap left and right",
        EXCLUDE: "Exclude it" if count == 1 else f"Exclude all {count:,}",
        CORRECT: "Open it" if CORRECT not in case.finding.fixes else "Correct it",
        SPLIT: "Split again",
        SHOW: "Show its images",
        SET: "Accept",
    }[fix]
    do: dict[str, tuple[Callable[..., None], tuple]] = {
        CORRECT: (_open, (dataset, case)),
        SPLIT: (splits.propose, (dataset,)),
        SHOW: (_show, (dataset, case)),
    }
    on_click, args = do.get(fix, (decisions.accept, (dataset, [case], fix, cases)))
    st.button(f"{title}{shortcut}", key=key, on_click=on_click, args=args, icon=_ICON[fix], help=_HELP[fix], type=type)  # type: ignore[arg-type]


def _open(dataset: Dataset, case: Case) -> None:
    inspect.open_(dataset, case.rows[0], _column(dataset, case.finding, case.rows[0]))


def _show(dataset: Dataset, case: Case) -> None:
    filter.clear()
    filter.choose(has=[dataset.names[case.members[0]]])
    address.write(address.VIEW, None)
