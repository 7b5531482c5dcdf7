"""The result of a dry run: format, five items, every mismatch, and a button for each other way to read the source."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.questions import requests
from lib.importing.columns import CHOICE, OF, ROLES
from lib.importing.dry_run import DryRun
from lib.importing.questions import ask
from lib.importing.questions.ask import ImportQuestion
from lib.web.components.gallery import Album, gallery
from lib.web.ui import clicks, guard
from lib.web.ui.data import ask_first, columns
from lib.web.ui.data import progress as data_progress

#: Where a session keeps the answers that were given.
_CHOICES = "import_choices"
#: The buttons that check and import.
CHECK, IMPORT = "import_check", "import_go"
_NAMES = 12
_FEW = 3  # examples up to which they are shown at once


def choices(source: str) -> dict[str, str]:
    """Return the answers given about ``source``; another source has none."""
    return _kept(source)["answers"]


def titles(source: str) -> dict[str, str]:
    """Return what the buttons said that gave `choices`."""
    return _kept(source)["titles"]


def _kept(source: str) -> dict[str, Any]:
    kept = st.session_state.get(_CHOICES)
    if kept is None or kept["source"] != source:
        kept = st.session_state[_CHOICES] = {"source": source, "answers": {}, "titles": {}}
    return kept


def restore(source: str, answers: dict[str, str], button_titles: dict[str, str]) -> None:
    """Take over answers that were given before this visit."""
    st.session_state[_CHOICES] = {"source": source, "answers": dict(answers), "titles": dict(button_titles)}


def forget() -> None:
    """Forget the answers: it was imported."""
    st.session_state.pop(_CHOICES, None)


def show(question: ImportQuestion, source: str, options: dict[str, Any], *, in_dialog: bool) -> None:
    """Show how far the check or the import of ``source`` with these options is, what came out, and what to do next.

    Parameters
    ----------
    question : ImportQuestion
        For a dry run or an import; of another source or other options nothing is shown.
    source, options
        As the form says now.
    in_dialog : bool
        Whether the form is in a dialog, over which no other opens.
    """
    content = question.content()
    if content is None or (content["source"], content["options"]) != (source, options):
        return
    state = question.state()
    if state.active:
        if question.kind == ask.CHECK or in_dialog:  # else it is followed at the top of the page
            stop = partial(_stop, question)
            data_progress.follow(question, Path(source).name, key="import-check", stop="Cancel", on_stop=stop)
    elif state.name == requests.FAILED:
        st.error(guard.escape(state.message), icon=":material/error:")
        _kept(source)
        _answers([])
    else:
        with guard.errors():
            if (result := _result(question)) is not None:
                asked = False
                if question.kind == ask.IMPORT:
                    _kept(source)
                    asked = ask_first.show(result.questions, partial(_answer_all, IMPORT), in_dialog=in_dialog)
                if not asked or result.columns:
                    _show(result, source, asked=asked)


def _stop(question: ImportQuestion) -> None:
    question.dismiss()
    guard.draw_whole_page()


def _result(question: ImportQuestion) -> DryRun | None:
    """Return what a check found, or what an import asks; None of one that brought something in, see `imports`."""
    if question.kind == ask.CHECK:
        return question.trial()
    imported = question.imported()
    if imported.report is not None:
        return None
    return DryRun("", error=imported.error, questions=imported.questions, columns=imported.columns)


def _show(result: DryRun, source: str, *, asked: bool) -> None:
    """Show ``result``, without its questions where they are ``asked`` above it."""
    _kept(source)
    with st.container(border=True, key="import_report"):
        if result.format:
            _guess(result)
        if result.error and not any(fix["blocks"] for fix in result.questions):
            st.error(guard.escape(result.error), icon=":material/error:")
        _answers(result.columns)
        _questions(result, [] if asked else result.questions, "question")
        columns.show(
            result.columns,
            result.classes if any(OF in column["role"] for column in result.columns) else [],
            _roles(),
            _say_role,
            lambda name: _take_back(f"{CHOICE}{name}"),
            unsure=not result.format,
        )
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
            _questions(result, fixes, problem["kind"])
            st.code("\n".join(problem["examples"]), language=None)
            hidden = problem["count"] - len(problem["examples"])
            notes = [f"and {sentences.more(hidden)} of the same kind"] if hidden > 0 else []
            if problem["among"] < result.images:
                notes.append(f"counted among the {problem['among']:,} images opened")
            if notes:
                st.caption("; ".join(notes))


def _questions(result: DryRun, fixes: list[dict[str, str]], key: str) -> None:
    """Show each question once with a button for each answer."""
    for number, (question, answers) in enumerate(ask_first.by_question(fixes).items()):
        with st.container(key=f"import_{key}_{number}", gap="small"):
            if not result.error or question not in result.error or answers[0]["blocks"]:
                st.markdown(f":material/help: {guard.escape(question)}")
            with st.container(horizontal=True):
                for fix in answers:
                    st.button(
                        guard.escape(fix["title"]),
                        key=f"fix-{fix['choice']}-{fix['value']}",
                        icon=":material/build:",
                        on_click=_answer_all,
                        args=(CHECK, [fix]),
                    )


def _answers(columns: list[dict[str, Any]]) -> None:
    """Show the answers given so far, each with a button that takes it back, but for the roles of ``columns``."""
    kept = st.session_state[_CHOICES]
    shown_below = {f"{CHOICE}{column['name']}" for column in columns}
    for choice in [one for one in kept["answers"] if one not in shown_below]:
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


def _roles() -> dict[str, str]:
    """Return the roles of columns that were chosen."""
    answers = st.session_state[_CHOICES]["answers"]
    return {name.removeprefix(CHOICE): role for name, role in answers.items() if name.startswith(CHOICE)}


def _say_role(column: str, role: str) -> None:
    title = f"{column}: {ROLES.get(role, role)}"
    _answer_all(CHECK, [{"choice": f"{CHOICE}{column}", "value": role, "title": title}])


def _answer_all(button: str, fixes: list[dict[str, Any]]) -> None:
    """Keep answers, and do what ``button`` does with them."""
    kept = st.session_state[_CHOICES]
    kept["answers"] = {**kept["answers"], **{fix["choice"]: fix["value"] for fix in fixes}}
    kept["titles"] = {**kept["titles"], **{fix["choice"]: fix["title"] for fix in fixes}}
    clicks.ask(button, kept["source"])


def _take_back(choice: str) -> None:
    kept = st.session_state[_CHOICES]
    kept["answers"] = {name: value for name, value in kept["answers"].items() if name != choice}
    clicks.ask(CHECK, kept["source"])
