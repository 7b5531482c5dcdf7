"""The mirror of the run that is shown: into which tool and folder, how far it is, and a button that stops it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.core import given_paths, sentences
from lib.core.questions import requests
from lib.core.questions.requests import State
from lib.core.workspace import Workspace
from lib.export import mirror_questions as mirrors
from lib.export.mirror_questions import TARGETS, Content, MirrorQuestion
from lib.training.runs import Run
from lib.web.ui import guard
from lib.web.ui.data import progress


def of_run(workspace: Workspace, run: Run) -> None:
    """Show where ``run`` is mirrored to, or where it can be."""
    with guard.errors():
        question = mirrors.about(run)
        state, content = (question.state(), question.content) if question else (None, None)
        if question and state and content and state.active:
            title = f"Mirror to {TARGETS[content['to']][0]}"
            progress.follow(question, title, key="mirror", stop="Stop", on_stop=question.dismiss, width="stretch")
            return
        with st.expander("Mirror to TensorBoard, W&B or MLflow", icon=":material/sync_alt:", type="compact"):
            _last(question, state, content)
            _form(workspace, run)


def _last(question: MirrorQuestion | None, state: State | None, content: Content | None) -> None:
    """Say how the mirror that was started last has ended."""
    if question is None or state is None or content is None:
        return
    if state.name == requests.FAILED:
        st.error(guard.escape(state.message), icon=":material/error:")
    else:
        new = sentences.count(question.mirrored()["values"], "new value")
        st.caption(f"Mirrored to {guard.escape(content['folder'])}: {new}. Look at it with")
        st.code(mirrors.view(content["to"], content["folder"]), language=None)


def _form(workspace: Workspace, run: Run) -> None:
    to = st.selectbox(
        "Mirror to",
        list(TARGETS),
        format_func=lambda name: TARGETS[name][0],
        key=f"mirror-to-{run.id}",
        help="A process of its own writes what the tool reads, also while the run goes on, and ends with it.",
    )
    default = mirrors.default_folder(workspace, to)
    folder = st.text_input("Folder", str(default), key=f"mirror-folder-{run.id}-{to}").strip()
    st.button(
        "Mirror this run",
        key=f"mirror-start-{run.id}",
        icon=":material/sync_alt:",
        on_click=_start,
        args=(run, to, given_paths.expanded(folder) if folder else default),
    )


def _start(run: Run, to: str, folder: Path) -> None:
    guard.draw_whole_page()
    with guard.later():
        mirrors.follow(run, to, folder)
