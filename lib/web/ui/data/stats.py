"""The statistics of a dataset: label counts, co-occurrence, point locations, differences between splits."""

from __future__ import annotations

from functools import partial
from typing import Any, TypeAlias

import pandas as pd
import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.cache import remember
from lib.export.tables import as_csv
from lib.tasks import summary
from lib.tasks.statistics.sections import Ask, Section
from lib.tasks.types import Panel
from lib.web.components.chart import chart
from lib.web.ui import address, guard, lazy_tabs
from lib.web.ui.data import filter

#: Title, value, and what it means.
Fact: TypeAlias = tuple[str, str, str]
_ROW, _MOST = 35, 460  # pixels
#: How a column of floats is written, and that of shares.
_DIGITS, _SHARE_DIGITS = 2, 1


def show(dataset: Dataset) -> None:
    """Show the statistics of the included images, one question at a time."""
    facts = _facts(dataset)
    _line(facts)
    sections = _sections(str(dataset.path), dataset.revision, dataset)
    if not sections:
        st.info("Every image is excluded: include some where the images are, or undo it.", icon=":material/info:")
        return
    excluded = len(dataset) - len(dataset.included)
    if excluded:
        images = sentences.count(excluded, "excluded image is", "excluded images are")
        st.caption(f"Of {len(dataset.included):,} images; {images} counted nowhere.")
    titles_above = {title for title, *_ in facts}
    views = {section.title: partial(_section, dataset, section, titles_above) for section in sections}
    lazy_tabs.show(views, key=f"statistics-{dataset.task}")


def _facts(dataset: Dataset) -> list[Fact]:
    """Return the few numbers to know."""

    def compute() -> list[Fact]:
        rows = dataset.included
        splits = dataset.items["split"].to_numpy()[rows]
        return tasks.get(dataset.task).facts(dataset.targs[rows], dataset.names, dataset.sizes[rows], splits)

    return remember(dataset, "facts", compute)


def _line(facts: list[Fact]) -> None:
    """Show numbers in one line, what each means behind its question mark."""
    words = " · ".join(f"{guard.escape(title)} **{guard.escape(value)}**" for title, value, _ in facts)
    meanings = "\n".join(f"- **{guard.escape(title)}**: {guard.escape(help)}" for title, _, help in facts)
    if facts:
        st.markdown(words, help=meanings)


@st.cache_resource(max_entries=8, show_spinner="Counting …")
def _sections(path: str, revision: str, _dataset: Dataset) -> list[Section]:
    return summary.sections(tasks.get(_dataset.task), _dataset)


@st.fragment
def _section(dataset: Dataset, section: Section, titles_above: set[str]) -> None:
    """Show a question's answer; ``titles_above`` are the titles of the numbers that stand above it already."""
    guard.drawn_whole()
    _line([fact for fact in section.facts if fact[0] not in titles_above])
    for sentence in section.words:
        st.markdown(guard.escape(sentence))
    key = f"stats-{dataset.name}-{section.key}"
    chosen: dict[str, Any] = {}
    if section.asks:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            chosen = {ask.key: _ask(ask, f"{key}-{ask.key}") for ask in section.asks}
    for number, panel in enumerate(section.draw(chosen)):
        st.markdown(f"**{guard.escape(panel.title)}**  \n:gray[{guard.escape(panel.help)}]")
        if isinstance(panel.content, pd.DataFrame):
            _table(dataset, panel, f"{key}-{number}")
        else:
            chart(panel.content, key=f"{key}-{number}", alt=panel.help)


def _ask(ask: Ask, key: str) -> Any:
    """Let one choose; options are told by their numbers, because two names may be alike."""
    numbers = range(len(ask.options))
    if ask.many:
        return st.multiselect(
            guard.escape(ask.title),
            numbers,
            format_func=ask.options.__getitem__,
            key=key,
            placeholder=ask.otherwise,
            width=420,
        )
    if len(ask.options) <= 3:
        return st.segmented_control(
            guard.escape(ask.title),
            numbers,
            default=0,
            required=True,
            format_func=guard.letters(ask.options.__getitem__),
            key=key,
        )
    return st.selectbox(guard.escape(ask.title), numbers, format_func=ask.options.__getitem__, key=key, width=320)


def _table(dataset: Dataset, panel: Panel, key: str) -> None:
    table = panel.content
    config = {}
    for name in table.columns:
        digits = _SHARE_DIGITS if name.endswith("(%)") else _DIGITS
        form = f"%.{digits}f" if table[name].dtype.kind == "f" else None
        if table[name].dtype.kind in "fiu":
            config[name] = st.column_config.NumberColumn(format=form or "localized", help=panel.helps.get(name))
        else:
            config[name] = st.column_config.TextColumn(help=panel.helps.get(name))
    height = min(_MOST, 3 + _ROW * (len(table) + 1))
    shown: dict[str, Any] = {
        "hide_index": True,
        "column_config": config,
        "height": height,
        "placeholder": "",
        "key": key,
    }
    if not panel.has:
        st.dataframe(table, **shown)
        _save(table, key)
        return
    selected = st.dataframe(table, on_select="rerun", selection_mode="single-row", **shown).selection.rows
    _save(table, key)
    if not selected:
        st.caption("Select a row to see its images.")
        return
    labels = panel.has[selected[0]]
    description = f"exactly {', '.join(labels) or 'no label'}" if panel.exactly else " and ".join(labels)
    st.button(
        f"Show the images with {guard.escape(description)}",
        on_click=_pictures,
        args=(labels, panel.exactly),
        icon=":material/photo_library:",
        key=f"{key}-show",
    )


def _save(table: pd.DataFrame, key: str) -> None:
    """Let a table be saved: Streamlit's own button would write names as they are, see `lib.web.ui.theme`."""
    st.download_button(
        "Download as CSV",
        lambda: as_csv(table),
        f"{key}.csv",
        "text/csv",
        type="tertiary",
        icon=":material/download:",
        key=f"{key}-csv",
        on_click="ignore",
    )


def _pictures(labels: tuple[str, ...], exactly: bool) -> None:
    """Show the gallery of the images that have ``labels``, a callback."""
    filter.clear()
    filter.choose(has=list(labels), exactly=exactly or not labels)
    address.write(address.VIEW, None)
    guard.draw_whole_page()
