"""Dry runs, imports and samples that this visitor asked for: followed, announced, and found again after a reload."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from lib.core.questions import requests
from lib.core.workspace import Workspace
from lib.importing import samples, uploads
from lib.importing.questions import ask
from lib.importing.questions.ask import Content, ImportQuestion
from lib.web.ui import address, guard
from lib.web.ui.data import arrived, dry_run, notice
from lib.web.ui.data import progress as data_progress

#: Where a session keeps the name of the question that the form asked last; in the address it is there after a reload.
_ASKED, _ADDRESS = "import_asked", "import"
#: Imports and samples that this visitor asked for.
_MINE = "imports-mine"
#: The source for which a process was started.
_READY = "import-ready"
#: The form's fields, by what a question says of them.
_FIELDS = {
    "name": "import_name",
    "task": "import_task",
    "valid": "import_valid",
    "seed": "import_seed",
    "group": "import_group",
    "stratify": "import_stratify",
}
#: The form's ways to a source, and its fields that begin with something else than nothing.
BY_UPLOAD, BY_PATH = "Zip to upload", "Folder or zip on this computer"
_USUAL = {"import_from": BY_UPLOAD, "import_seed": 42}


def asked(workspace: Workspace) -> ImportQuestion | None:
    """Return the dry run or import that the form asked for last, if it was not withdrawn."""
    name = st.session_state.get(_ASKED) or st.query_params.get(_ADDRESS, "")
    question = ask.find(workspace, name)
    return question if question is not None and question.content() is not None else None


def needs_form(workspace: Workspace) -> bool:
    """Return whether the form has something to show: what a check found, what an import asks or why it failed."""
    return asked(workspace) is not None and not is_importing(workspace)


def is_importing(workspace: Workspace) -> bool:
    """Return whether what the form asked for last is an import that goes on."""
    question = asked(workspace)
    return question is not None and question.kind == ask.IMPORT and question.state().active


def ask_for(question: ImportQuestion) -> None:
    """Show a question that the form has put from now on, and forget the one before."""
    before = asked(question.place.workspace)
    if before is not None and before.id != question.id and not (before.kind == ask.IMPORT and before.state().active):
        before.dismiss()
    st.session_state[_ASKED] = question.id
    address.write(_ADDRESS, question.id)
    if question.kind == ask.IMPORT:
        mine(question)
        st.rerun()  # it is followed at the top of the page


def get_ready(workspace: Workspace, source: str) -> None:
    """Start the process that will be asked about ``source``, once, while the visitor looks for the button."""
    if source and st.session_state.get(_READY) != source:
        st.session_state[_READY] = source
        with guard.errors():
            ask.get_ready(workspace)


def mine(question: ImportQuestion) -> None:
    """Note that this visitor waits for what ``question`` brings in."""
    st.session_state.setdefault(_MINE, set()).add(question.id)


def _forget(question: ImportQuestion) -> None:
    question.dismiss()
    if question.id in (st.session_state.get(_ASKED), st.query_params.get(_ADDRESS)):
        st.session_state.pop(_ASKED, None)
        address.write(_ADDRESS, None)
        dry_run.forget()


def restore(workspace: Workspace) -> None:
    """Fill the form in before it is drawn: as it was when it asked, where the page was left or loaded anew since."""
    if "import_from" in st.session_state:
        return
    st.session_state.update(_USUAL)
    question = asked(workspace)
    content = question.content() if question is not None else None
    if content is not None:
        dry_run.restore(content["source"], content["choices"], content["titles"])
        st.session_state.update(_fields(workspace, content))


def _fields(workspace: Workspace, content: Content) -> dict[str, Any]:
    fields = {key: content["options"].get(name) for name, key in _FIELDS.items()}
    fields |= {key: fields[key] or "" for key in ("import_name", "import_group")}
    source = Path(content["source"])
    if source.is_relative_to(workspace.root / uploads.FOLDER):  # the upload is known where it is chosen
        return fields
    copied = {"import_copy": True} if content.get("in_place", ()) is None else {}
    return {**fields, **copied, "import_from": BY_PATH, "import_path": content["source"]}


def follow(workspace: Workspace, *, with_form: bool) -> None:
    """Show how far imports and samples are, or why one failed; announce a dataset that is there, and choose it.

    ``with_form`` says that the form is shown, and with it what it asked for last.
    """
    shown_below, failed = asked(workspace) if with_form else None, []
    for question in ask.asked(workspace, ask.IMPORT, ask.SAMPLE):
        state = question.state()
        if state.active:
            stop = partial(_stop, question)
            data_progress.follow(question, _title(question), key="importing", stop="Stop", on_stop=stop)
        elif state.name == requests.DONE:
            _announce(workspace, question)
        elif shown_below is None or shown_below.id != question.id:
            failed.append((question, state.message))
    for question, message in failed[:1]:  # the next when it is dismissed
        _failed(question, message)


def _title(question: ImportQuestion) -> str:
    if question.kind == ask.SAMPLE:
        return samples.SAMPLES[question.about].title if question.about in samples.SAMPLES else question.about
    return Path(question.about).name


def _announce(workspace: Workspace, question: ImportQuestion) -> None:
    """Say once that a dataset is there; whoever waited for it has it chosen as well."""
    waited = question.id in st.session_state.get(_MINE, ()) or question.id == st.query_params.get(_ADDRESS)
    if question.kind == ask.SAMPLE:
        name, added = question.about, f"{_title(question)} was added"
    else:
        imported = question.imported()
        if imported.report is None:  # a question, which the form shows
            return
        name = imported.report.dataset
        added = f"{name} was added with {imported.report.images:,} images"
    _forget(question)
    if name not in workspace.dataset_names():  # deleted by now
        return
    if waited:
        arrived.added(name, f"{added} and is chosen.")
    notice.say(f"{added}.")


def _failed(question: ImportQuestion, message: str) -> None:
    st.error(guard.escape(message), icon=":material/error:")
    st.button(
        "Dismiss", key=f"importing-dismiss-{question.id}", on_click=_forget, args=(question,), icon=":material/close:"
    )


def _stop(question: ImportQuestion) -> None:
    name = guard.escape(_title(question))
    _forget(question)
    guard.draw_whole_page(f"{name} was stopped; nothing was added.")
