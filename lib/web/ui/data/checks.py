"""The findings of the checks as a queue: one at a time with its picture, accepted or dismissed; nothing is deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.checks import Result, scan
from lib.datasets.checks.case_keys import keys_of
from lib.datasets.checks.finding import Finding
from lib.datasets.edits import edits
from lib.export import findings
from lib.web.components.gallery import gallery
from lib.web.ui import address, guard, links
from lib.web.ui.data import check_results, decisions, inspect, notice, review
from lib.web.ui.data import scan as data_scan
from lib.web.ui.data.check_results import Queue

_EXCLUDED_SHOWN, _DISMISSED_SHOWN = 24, 8
_ALL = "All findings"


def choose(dataset: Dataset) -> None:
    """Show, in a horizontal container, what is reviewed and how far it is, with the last decision to be taken back."""
    queue = check_results.queue(dataset)
    if queue.cases:
        _kinds(queue)
    if queue.review.total:
        words = f"**{queue.review.done:,} of {queue.review.total:,}** reviewed"
        st.markdown(words, width="content")
    decisions.undo_button(dataset)
    with st.popover("Checked", icon=":material/rule:", type="tertiary"):
        _about(dataset, queue)


def show(dataset: Dataset) -> None:
    """Show the finding that is reviewed now, and below it what else there is to check."""
    with guard.errors():
        queue = check_results.queue(dataset)
        cases = queue.of_kind(decisions.kind(queue))
        if cases:
            review.show(dataset, cases, decisions.current(cases))
        else:
            _nothing_open(dataset, queue)
        data_scan.show(dataset)
        _dismissed(dataset, queue.review.dismissed)
        _excluded(dataset)


def count(dataset: Dataset) -> int:
    """Return how many findings are to be reviewed, 0 where something stands in the way, which is said."""
    with guard.errors():
        return len(check_results.queue(dataset).cases)
    return 0


# --- the line above the picture ----------------------------------------------------------------------------


def _kinds(queue: Queue) -> None:
    """Let one kind of finding be chosen; it is kept in the address."""
    kinds = {"": f"{_ALL} ({len(queue.cases):,})"}
    kinds |= {kind: f"{cases[0].finding.title} ({len(cases):,})" for kind, cases in queue.by_kind.items()}
    key = "review-kind"
    st.session_state[key] = decisions.kind(queue)

    def change() -> None:
        address.write(decisions.KIND, st.session_state[key] or None)

    st.selectbox(
        "Kind of finding",
        list(kinds),
        format_func=kinds.__getitem__,
        key=key,
        on_change=change,
        label_visibility="collapsed",
        width=300,
    )


def _about(dataset: Dataset, queue: Queue) -> None:
    """Say what was looked for; offer the list, and to look again."""
    counts = [
        f":{review.COLORS[one]}-badge[{review.ICONS[one]} {sentences.count(count, review.WORDS[one])}]"
        for one, count in queue.review.open.counts().items()
        if count
    ]
    if counts:
        st.markdown(f"Not reviewed yet: {' '.join(counts)}")
    st.markdown(guard.escape(findings.checked_words(queue.result)))
    if queue.edited:
        st.caption(f"Checked before the last {sentences.count(queue.edited, 'edit')}: the rest is as it was then.")
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Check again",
            key="checks-again",
            on_click=_again,
            args=(dataset,),
            icon=":material/refresh:",
            help="Checks the files again; of scanned images only those that changed are scanned again.",
        )
        for suffix, make in (("csv", findings.csv_bytes), ("json", findings.json_bytes)):
            st.download_button(
                suffix.upper(),
                data=partial(make, dataset, queue.review),
                file_name=f"{dataset.name}-findings.{suffix}",
                key=f"checks-{suffix}",
                on_click="ignore",
                icon=":material/download:",
                help="Every finding with all of its images, and whether it was dismissed.",
            )


def _again(dataset: Dataset) -> None:
    check_results.forget()
    if scan.state(dataset).name == scan.DONE:
        with guard.later():
            scan.start(dataset)


def _nothing_open(dataset: Dataset, queue: Queue) -> None:
    """Say that there is nothing to review, and the next step."""
    count = sentences.count(len(dataset.included), "image")
    if queue.review.total:
        words = f"All reviewed: {sentences.count(queue.review.total, 'finding')} in {count}."
    else:
        words = f"Nothing found {'in what was checked so far of' if queue.result.waiting else 'in'} {count}."
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f":green-badge[:material/check_circle: {words}]", width="content")
        type: Literal["primary", "secondary"] = "secondary" if queue.result.waiting else "primary"
        if st.button("Train", key="review-train", icon=":material/model_training:", type=type):
            st.switch_page(links.page("train"), query_params=st.query_params.to_dict())
    st.caption(guard.escape(findings.checked_words(queue.result)))


# --- what is not in the queue any more ---------------------------------------------------------------------


def _dismissed(dataset: Dataset, dismissed: Result) -> None:
    """Show what was dismissed, and bring it back."""
    if not dismissed.findings:
        return
    title = f":material/check: {sentences.count(dismissed.cases, 'dismissed finding')}"
    with st.expander(title, key=f"checks-{dataset.name}-dismissed", on_change="rerun") as folded:
        if not folded.open:
            return
        cases = [(finding, place) for finding in dismissed.findings for place in range(finding.count)]
        pages = -(-len(cases) // _DISMISSED_SHOWN)
        key = f"checks-page-{dataset.name}-dismissed"
        if st.session_state.get(key, 1) > pages:
            st.session_state[key] = 1
        page = st.pagination(pages, key=key, width=340) if pages > 1 else 1
        for number, (finding, place) in enumerate(cases[(page - 1) * _DISMISSED_SHOWN : page * _DISMISSED_SHOWN]):
            _dismissed_case(dataset, finding, place, number)


def _dismissed_case(dataset: Dataset, finding: Finding, place: int, number: int) -> None:
    members = finding.cases[place]
    names = dataset.items["original"].to_numpy(dtype=object) if finding.rows else dataset.names
    named = sentences.listed([str(names[one]) for one in members], 2)
    detail = finding.details.get(members[0], "") if members else finding.words([place])
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", border=True):
        if finding.rows:
            with st.container(width=150):
                small = replace(review.card(dataset, members[0], finding, ""), true_points=[], chosen=None)
                gallery(dataset, [small], key=f"dismissed-{number}", size="s", columns=1)
        st.markdown(f"**{guard.escape(finding.title)}**  \n{guard.escape(named)}  \n:gray[{guard.escape(detail)}]")
        st.button(
            "Bring back",
            key=f"dismissed-back-{number}",
            on_click=decisions.bring_back,
            args=(dataset, [keys_of(dataset, finding)[place]]),
            icon=":material/undo:",
        )


def _excluded(dataset: Dataset) -> None:
    """Show what is excluded, and take it back."""
    gone = sorted(set(range(len(dataset))) - set(dataset.included.tolist()))
    if not gone:
        return
    title = f":material/visibility_off: {sentences.count(len(gone), 'excluded image')}"
    with st.expander(title, key=f"checks-{dataset.name}-excluded", on_change="rerun") as folded:
        if not folded.open:
            return
        st.markdown("They are in no split: ignored in training, metrics and checks. Nothing of them is deleted.")
        st.button(
            f"Include them again ({len(gone):,})",
            key="checks-include",
            on_click=_include,
            args=(dataset, gone),
            icon=":material/visibility:",
        )
        cards = [review.card(dataset, row, None, "") for row in gone[:_EXCLUDED_SHOWN]]
        asked = gallery(dataset, cards, key="checks-pictures-excluded", size="m", editable=True)
        if asked is not None:
            inspect.open_(dataset, asked)
        if len(gone) > _EXCLUDED_SHOWN:
            st.caption(f"and {sentences.more(len(gone) - _EXCLUDED_SHOWN)}: choose the split “excluded” under Images")


def _include(dataset: Dataset, rows: Sequence[int]) -> None:
    note = f"{sentences.count(len(rows), 'image')} included again"
    with guard.later():
        edits.include(dataset, rows, note=note)
        notice.say(f"{note}. It can be undone.")
