"""The findings of the checks with their images, and the fixes for them; nothing is deleted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets import checks
from lib.datasets.checks import Result, fingerprints, fixes, scan
from lib.datasets.checks.finding import ERROR, INFO, KEEP_ONE, SWAP, WARNING, Finding
from lib.datasets.edits import edits
from lib.export import findings
from lib.tasks.types import Card
from lib.web.components.gallery import gallery
from lib.web.ui import guard
from lib.web.ui.data import inspect, notice
from lib.web.ui.data import scan as data_scan

PER_PAGE = 24
GROUPS_PER_PAGE = 8
#: Of a larger group the first are shown.
_MOST_OF_GROUP = 12
#: Seconds after which files are looked for anew: they may have been deleted meanwhile.
_FRESH = 300
_NAMES_SHOWN = 500
_ICONS = {ERROR: ":material/error:", WARNING: ":material/warning:", INFO: ":material/info:"}
_COLORS = {ERROR: "red", WARNING: "orange", INFO: "blue"}
_WORDS = {ERROR: "error", WARNING: "warning", INFO: "remark"}


def show(dataset: Dataset) -> None:
    """Show how many findings there are, what was checked, and each finding."""
    with guard.errors():
        data_scan.show(dataset)
        result = _result(dataset)
        _head(dataset, result)
        for finding in result.findings:
            _finding(dataset, finding)
        _excluded(dataset)


def count(dataset: Dataset) -> int:
    """Return how many findings there are, 0 where something stands in the way of the checks, which they then say."""
    with guard.errors():
        return len(_result(dataset).findings)
    return 0


def _result(dataset: Dataset) -> Result:
    path = fingerprints.path_of(dataset)
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _checked(str(dataset.path), dataset.revision, changed, dataset)


@st.cache_resource(max_entries=8, ttl=_FRESH, show_spinner="Checking …")
def _checked(path: str, revision: str, changed: int, _dataset: Dataset) -> Result:
    return checks.run(_dataset, fingerprints.read(_dataset))


def _head(dataset: Dataset, result: Result) -> None:
    """Say how many findings there are and what was looked for; offer the list."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if result.findings:
            counts = [
                f":{_COLORS[one]}-badge[{_ICONS[one]} {sentences.count(count, _WORDS[one])}]"
                for one, count in result.counts().items()
                if count
            ]
            total = len(result.findings)
            st.markdown(f"**{sentences.count(total, 'finding')}** {' '.join(counts)}", width="content")
        else:
            done = "in what was checked so far" if result.waiting else f"in {len(dataset.included):,} images"
            st.markdown(f":green-badge[:material/check_circle: Nothing found] {done}", width="content")
        st.button(
            "Check again",
            key="checks-again",
            on_click=_again,
            args=(dataset,),
            icon=":material/refresh:",
            type="tertiary",
            help="Checks the files again; of scanned images only those that changed are scanned again.",
        )
        for suffix, make in (("csv", findings.csv_bytes), ("json", findings.json_bytes)) if result.findings else ():
            st.download_button(
                suffix.upper(),
                data=partial(make, dataset, result),
                file_name=f"{dataset.name}-findings.{suffix}",
                key=f"checks-{suffix}",
                on_click="ignore",
                icon=":material/download:",
                type="tertiary",
                help="Every finding with all of its images.",
            )
    st.caption(guard.escape(findings.checked_words(result)))


def _finding(dataset: Dataset, finding: Finding) -> None:
    badge = f":{_COLORS[finding.severity]}[{_ICONS[finding.severity]}]"
    title = f"{badge} **{guard.escape(finding.title)}** · {_count(dataset, finding)}"
    key = f"checks-{dataset.name}-{finding.kind}"
    with st.container(border=True):
        st.markdown(f"{title}  \n{guard.escape(finding.sentence)}")
        what = "images" if finding.rows else tasks.get(dataset.task).nouns
        # In the label of what opens it, so that it can be told from the others by ear too.
        label = f"Show the {what}: {guard.escape(finding.title)}"
        with st.expander(label, key=key, type="compact", on_change="rerun") as place:
            if place.open:
                _opened(dataset, finding)


def _opened(dataset: Dataset, finding: Finding) -> None:
    if not finding.rows:
        _names(dataset, finding)
        return
    shown = _page(dataset, finding)
    _fixes(dataset, finding, shown)
    if finding.groups:
        _groups(dataset, finding, shown)
    else:
        _gallery(dataset, finding, [row for group in shown for row in group], finding.kind)


def _count(dataset: Dataset, finding: Finding) -> str:
    if finding.groups:
        return f"{sentences.count(len(finding.groups), 'group')}, {len(finding.rows):,} images"
    if finding.rows:
        return sentences.count(len(finding.rows), "image")
    task = tasks.get(dataset.task)
    return sentences.count(len(finding.columns), task.noun, task.nouns)


def _names(dataset: Dataset, finding: Finding) -> None:
    """List labels; plain text, as names come from outside."""
    lines = [f"{dataset.names[c]}: {finding.details.get(c, '')}" for c in finding.columns[:_NAMES_SHOWN]]
    st.code(
        "\n".join(" ".join(line.split()) for line in lines),
        language=None,
        wrap_lines=True,
        height=320 if len(lines) > 12 else "content",
    )
    if len(finding.columns) > _NAMES_SHOWN:
        st.caption(f"and {sentences.more(len(finding.columns) - _NAMES_SHOWN)}: the CSV has them all")


def _page(dataset: Dataset, finding: Finding) -> list[tuple[int, ...]]:
    """Show which page it is, where there are several; return its groups, or images as groups of one."""
    parts = list(finding.groups) or [(row,) for row in finding.rows]
    size = GROUPS_PER_PAGE if finding.groups else PER_PAGE
    pages = math.ceil(len(parts) / size)
    key = f"checks-page-{dataset.name}-{finding.kind}"
    if st.session_state.get(key, 1) > pages:
        st.session_state[key] = 1
    page = st.pagination(pages, key=key, width=340) if pages > 1 else 1
    return parts[(page - 1) * size : page * size]


def _fixes(dataset: Dataset, finding: Finding, shown: Sequence[tuple[int, ...]]) -> None:
    """Show the buttons that do something about all of it, or about what is shown."""
    parts = list(finding.groups) or [(row,) for row in finding.rows]
    with st.container(horizontal=True, gap="small"):
        for fix in finding.fixes:
            _fix(dataset, finding, fix, parts, "all")
            if len(shown) < len(parts):
                _fix(dataset, finding, fix, shown, "shown")


def _fix(dataset: Dataset, finding: Finding, fix: str, parts: Sequence[tuple[int, ...]], which: str) -> None:
    """Show one button; ``which`` names it among those of the finding."""
    rows = [row for part in parts for row in part]
    of = "shown" if which == "shown" else "these"
    if fix == KEEP_ONE:
        rows = fixes.all_but_one(dataset, parts)
        only = len(parts) == 1
        title = (
            f"Exclude all but one{'' if only else f' of each {of}' if which == 'shown' else ' of each'} ({len(rows):,})"
        )
        do, icon = _exclude, ":material/filter_1:"
        help = "Keeps one in test or valid if there is one, so that metrics stay comparable; among these the one "
        help += "with the most pixels."
    elif fix == SWAP:
        title, do, icon = f"Swap left and right in {of} ({len(rows):,})", _swap, ":material/swap_horiz:"
        help = "Swaps the pairs that the cards name. It is an edit: it can be undone."
    else:
        title, do, icon = f"Exclude {of} ({len(rows):,})", _exclude, ":material/visibility_off:"
        help = "Excluded images are in no split: ignored in training and in metrics. They can be included again."
    st.button(
        title,
        key=f"checks-{fix}-{dataset.name}-{finding.kind}-{which}",
        on_click=do,
        args=(dataset, finding, rows),
        icon=icon,
        help=help,
        type="secondary" if which in ("all", "shown") else "tertiary",
    )


def _groups(dataset: Dataset, finding: Finding, shown: Sequence[tuple[int, ...]]) -> None:
    """Show each group in a frame of its own, its images side by side."""
    for group in shown:
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                splits = dataset.items["split"].to_numpy(dtype=str)[list(group)]
                count = ", ".join(f"{(splits == one).sum():,} {one}" for one in dict.fromkeys(splits.tolist()))
                st.markdown(f"**{len(group):,} images**: {count}", width="content")
                if KEEP_ONE in finding.fixes and len(finding.groups) > 1:
                    _fix(dataset, finding, KEEP_ONE, [group], f"group-{group[0]}")
            _gallery(dataset, finding, group[:_MOST_OF_GROUP], f"{finding.kind}-{group[0]}")
            if len(group) > _MOST_OF_GROUP:
                st.caption(f"and {sentences.more(len(group) - _MOST_OF_GROUP)}: the CSV has them all")


def _gallery(dataset: Dataset, finding: Finding | None, rows: Sequence[int], name: str) -> None:
    cards = [_card(dataset, int(row), finding.details.get(row, "") if finding else "") for row in rows]
    asked = gallery(dataset, cards, key=f"checks-pictures-{name}", size="m", editable=True)
    if asked is not None:
        about = finding.at.get(asked) if finding else None
        each = dataset.targs[asked].size // len(dataset.names) if about is not None else 0  # a point has x and y
        inspect.open_(dataset, asked, None if about is None else about * each)


def _card(dataset: Dataset, row: int, why: str) -> Card:
    """Return the card of an image with the reason on it."""
    task, original = tasks.get(dataset.task), str(dataset.items["original"].iat[row])
    card = task.card(row, original, dataset.targs[row], dataset.sizes[row], dataset.names)
    return replace(card, note=why or card.note)


def _excluded(dataset: Dataset) -> None:
    """Show what is excluded, and take it back."""
    gone = sorted(set(range(len(dataset))) - set(dataset.included.tolist()))
    if not gone:
        return
    title = f":material/visibility_off: {sentences.count(len(gone), 'excluded image')}"
    with st.expander(title, key=f"checks-{dataset.name}-excluded", on_change="rerun") as place:
        st.markdown("They are in no split: ignored in training, metrics and checks. Nothing of them is deleted.")
        if place.open:
            st.button(
                f"Include them again ({len(gone):,})",
                key="checks-include",
                on_click=_include,
                args=(dataset, gone),
                icon=":material/visibility:",
            )
            _gallery(dataset, None, gone[:PER_PAGE], "excluded")
            if len(gone) > PER_PAGE:
                st.caption(f"and {sentences.more(len(gone) - PER_PAGE)}: choose the split “excluded” under Images")


# --- what buttons do ---------------------------------------------------------------------------------------


def _again(dataset: Dataset) -> None:
    _checked.clear()
    if scan.state(dataset).name == scan.DONE:
        with guard.later():
            scan.start(dataset)


def _exclude(dataset: Dataset, finding: Finding, rows: Sequence[int]) -> None:
    note = f"{_images(rows)} excluded: {finding.title[:1].lower()}{finding.title[1:]}"
    _edit(lambda: edits.exclude(dataset, [int(row) for row in rows], note=note), note)


def _swap(dataset: Dataset, finding: Finding, rows: Sequence[int]) -> None:
    note = f"Left and right swapped in {_images(rows)}"
    _edit(lambda: edits.set_targs(dataset, fixes.swap_cells(dataset, finding, rows), note=note), note)


def _include(dataset: Dataset, rows: Sequence[int]) -> None:
    note = f"{_images(rows)} included again"
    _edit(lambda: edits.include(dataset, rows, note=note), note)


def _edit(do: Callable[[], object], note: str) -> None:
    with guard.later():
        do()
        notice.say(f"{note}. It can be undone.")


def _images(rows: Sequence[int]) -> str:
    return sentences.count(len(rows), "image")
