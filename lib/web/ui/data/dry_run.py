"""The result of a dry run: format, five items, every mismatch, and a button for each other way to read the source."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.workspace import Workspace
from lib.importing.dry_run import DryRun, dry_run
from lib.importing.parsed import UnsureError
from lib.web.components.gallery import Album, gallery
from lib.web.ui import clicks, guard
from lib.web.ui.data import progress as data_progress

#: Where a session keeps what was checked and found, the answers that were given, and that it is to be checked again.
_RESULT, _CHOICES = "import_found", "import_choices"
#: The buttons that check and import.
CHECK, IMPORT = "import_check", "import_go"
_NAMES = 12
_FEW = 3  # examples up to which they are shown at once


def choices(source: str) -> dict[str, str]:
    """Return the answers given about ``source``; another source has none."""
    kept = st.session_state.get(_CHOICES)
    if kept is None or kept["source"] != source:
        kept = st.session_state[_CHOICES] = {"source": source, "answers": {}, "titles": {}}
    return kept["answers"]


def check(workspace: Workspace, source: str, options: dict[str, Any]) -> None:
    """Check ``source`` and keep what was found for `show`; a mistake is said by the caller."""
    st.session_state.pop(_RESULT, None)
    with data_progress.bar("Reading") as progress:
        result = dry_run(
            workspace, Path(source), **options, choices=choices(source), progress=progress, with_pictures=True
        )
    st.session_state[_RESULT] = (source, options, result)


def keep_question(source: str, options: dict[str, Any], error: UnsureError) -> None:
    """Keep what an import asked for `show`."""
    fixes = [fix.to_json() for fix in error.fixes]
    st.session_state[_RESULT] = (source, options, DryRun("", error=str(error), questions=fixes))


def forget() -> None:
    """Forget what was found and answered: it was imported."""
    for key in (_RESULT, _CHOICES):
        st.session_state.pop(key, None)


def show(source: str, options: dict[str, Any]) -> None:
    """Show what was found of ``source`` with these options, if that was checked, and the button that imports it."""
    checked_source, checked_options, result = st.session_state.get(_RESULT, ("", {}, None))
    if result is None or (checked_source, checked_options) != (source, options):
        return
    with st.container(border=True, key="import_report"):
        if result.format:
            _guess(result)
        if result.error:
            st.error(guard.escape(result.error), icon=":material/error:")
        _answers()
        _questions(result.questions, "question")
        if result.samples:
            _samples(result)
        if result.format:
            _problems(result)
        if result.error:
            return
        st.button(
            f"Import these {result.images:,} images",
            key="import_go_checked",
            type="primary",
            icon=":material/upload:",
            on_click=clicks.ask,
            args=(IMPORT, source),
        )


def _guess(result: DryRun) -> None:
    task = tasks.get(result.task)
    st.markdown(f"**Format: {guard.escape(result.format)}.** Nothing has been written yet.")
    with st.grid(3, min_column_width=150):
        st.metric("Task", task.title)
        st.metric("Images", f"{result.images:,}")
        st.metric(task.nouns.capitalize(), f"{len(result.classes):,}")
    few = sentences.listed(result.classes, _NAMES)
    lines = [f"{task.nouns.capitalize()}: {guard.escape(few)}"]
    if result.splits:
        splits = ", ".join(f"{count:,} {split}" for split, count in result.splits.items())
        lines.append(f"Splits: {splits}")
    if not result.complete:
        lines.append(
            f"{result.opened:,} of {result.images:,} images were opened, spread evenly over the data; the import "
            "opens all of them."
        )
    st.markdown("  \n".join(lines))


def _samples(result: DryRun) -> None:
    count = len(result.samples)
    st.markdown(f"**{count} of the images, as they were read.** Are their targets right?")
    album = Album(
        "",
        np.array([(sample.width, sample.height) for sample in result.samples]),
        [sample.picture for sample in result.samples],
    )
    cards = []
    for number, sample in enumerate(result.samples):
        parts = [sample.target] if not sample.card.chips else [sample.card.note]
        parts += [sample.split, f"group {sample.group}" if sample.group else ""]
        cards.append(replace(sample.card, item=number, note=" · ".join(filter(None, parts))))
    gallery(album, cards, key="import_samples")


def _problems(result: DryRun) -> None:
    if not result.problems:
        opened = "every image" if result.complete else f"each of the {result.opened:,} images opened"
        st.success(f"Nothing would be skipped: {opened} and every row can be used.", icon=":material/check_circle:")
        return
    st.markdown(f"**{sentences.count(len(result.problems), 'kind')} of mismatch**")
    for problem in result.problems:
        fixes = problem["fixes"]
        icon = ":material/help:" if fixes else ":material/info:"
        with st.expander(
            guard.escape(problem["sentence"]), icon=icon, expanded=bool(fixes) or problem["count"] <= _FEW
        ):
            _questions(fixes, problem["kind"])
            st.code("\n".join(problem["examples"]), language=None)
            hidden = problem["count"] - len(problem["examples"])
            notes = [f"and {sentences.more(hidden)} of the same kind"] if hidden > 0 else []
            if problem["among"] < result.images:
                notes.append(f"counted among the {problem['among']:,} images opened")
            if notes:
                st.caption("; ".join(notes))


def _questions(fixes: list[dict[str, str]], key: str) -> None:
    """Show each question once with a button for each answer."""
    by_question: dict[str, list[dict[str, str]]] = {}
    for fix in fixes:
        by_question.setdefault(fix["question"], []).append(fix)
    for number, (question, answers) in enumerate(by_question.items()):
        with st.container(key=f"import_{key}_{number}", gap="small"):
            if question not in (result := st.session_state[_RESULT][2]).error or not result.error:
                st.markdown(f":material/help: {guard.escape(question)}")
            with st.container(horizontal=True):
                for fix in answers:
                    st.button(
                        guard.escape(fix["title"]),
                        key=f"fix-{fix['choice']}-{fix['value']}",
                        icon=":material/build:",
                        on_click=_answer,
                        args=(fix,),
                    )


def _answers() -> None:
    """Show the answers given so far, each with a button that takes it back."""
    kept = st.session_state[_CHOICES]
    for choice in kept["answers"]:
        title = kept["titles"].get(choice, choice)
        with st.container(horizontal=True, vertical_alignment="center", key=f"answer-{choice}"):
            st.markdown(f":material/check: You chose: **{guard.escape(title)}**", width="content")
            st.button(
                "Take back",
                key=f"undo-{choice}",
                icon=":material/undo:",
                type="tertiary",
                on_click=_take_back,
                args=(choice,),
            )


def _answer(fix: dict[str, str]) -> None:
    kept = st.session_state[_CHOICES]
    kept["answers"] = {**kept["answers"], fix["choice"]: fix["value"]}
    kept["titles"] = {**kept["titles"], fix["choice"]: fix["title"]}
    clicks.ask(CHECK, kept["source"])


def _take_back(choice: str) -> None:
    kept = st.session_state[_CHOICES]
    kept["answers"] = {name: value for name, value in kept["answers"].items() if name != choice}
    clicks.ask(CHECK, kept["source"])
