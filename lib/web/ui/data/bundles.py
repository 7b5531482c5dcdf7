"""Bundles of runs on every page: made of the run that is chosen, downloaded, and taken in as a run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from lib.core import sentences
from lib.core.config import WITH_MODEL
from lib.core.questions import asking, requests
from lib.core.workspace import Workspace
from lib.export.bundle import arriving as bundle_files
from lib.export.bundle import questions
from lib.export.bundle.questions import BundleQuestion
from lib.importing import uploads
from lib.tasks.types import three_digits
from lib.training.runs import Run
from lib.web.server import downloads
from lib.web.server.routes import prefix
from lib.web.ui import choose, guard
from lib.web.ui.data import arrived, notice, progress

#: Bundles that this visitor asked for.
_MINE = "bundles-mine"
_HELP = (
    "A zip with the model as ONNX and safetensors, all sets of thresholds, a model card, six example pictures, and a "
    "script that predicts with onnxruntime, numpy and Pillow alone. Brought to **Add data**, here or elsewhere, it is "
    "a run again."
)


def of_run(run: Run) -> None:
    """Show the button that makes the bundle of ``run``, how that stands or why not; nothing of one without a model."""
    if run.config.kind not in WITH_MODEL:
        return
    if damage := run.damage():
        st.warning(f"No bundle can be made of it. {guard.escape(damage)}", icon=":material/warning:")
        return
    if run.manifest() is None:
        return
    question, is_current = questions.latest(run)
    state = question.state() if question else None
    if question is None or state is None:
        _button(run, "Make a bundle")
    elif state.active:
        st.caption(":material/hourglass_empty: Its bundle is being made: the line at the top of the page says how far.")
    elif state.name == requests.FAILED:
        st.caption(f":material/error: {guard.escape(state.message)}")
        st.button(
            "Try again", key=f"bundle-again-{run.id}", on_click=_again, args=(question,), icon=":material/refresh:"
        )
    else:
        _download(question)
        if not is_current:
            st.caption(":material/history: It was made before the run's name, model or thresholds were changed.")
            _button(run, "Make it anew")


def _button(run: Run, label: str) -> None:
    st.button(
        label,
        key=f"bundle-make-{run.id}",
        on_click=_make,
        args=(run,),
        icon=":material/inventory_2:",
        help=_HELP,
    )


def follow(workspace: Workspace) -> None:
    """Show how far bundles are, give those that this visitor waited for, and choose a run that was taken in."""
    for question in questions.asked(workspace, questions.MAKE):
        state = question.state()
        if state.active:
            _progress(question, f"Bundle of {question.about}")
        elif question.id in st.session_state.get(_MINE, ()):
            _done(question, state)
    failed = []
    for question in questions.asked(workspace, questions.TAKE):
        state = question.state()
        if state.active:
            _progress(question, question.about)
        elif state.name != requests.DONE:
            failed.append((question, state.message))
        elif question.id in st.session_state.get(_MINE, ()):
            _announce(workspace, question)
    for question, message in failed[:1]:  # the next when it is dismissed
        st.error(guard.escape(message), icon=":material/error:")
        _dismiss(question)


def offer(workspace: Workspace, source: Path, name: str, *, is_upload: bool) -> bool:
    """Show the button that takes ``source`` in if it is the bundle of a run; return whether it is."""
    if not bundle_files.is_bundle(source):
        return False
    st.info(f"{guard.escape(name)} is the bundle of a run.", icon=":material/inventory_2:")
    st.button(
        "Import the run",
        key="bundle-take",
        type="primary",
        icon=":material/upload:",
        on_click=_take,
        args=(workspace, source, name, is_upload),
        help="Checks every file, then the model against the examples' expected answers. Where its dataset is not here, "
        "one is made of what the bundle knows: names, targets and predictions, and the example pictures.",
    )
    return True


def _make(run: Run) -> None:
    guard.draw_whole_page()
    with guard.later():
        _mine(questions.make(run))


def _again(question: BundleQuestion) -> None:
    guard.draw_whole_page()
    with guard.later():
        asking.ask_again(question)
        _mine(question)


def _take(workspace: Workspace, source: Path, name: str, is_upload: bool) -> None:
    guard.draw_whole_page()
    with guard.later():
        _mine(questions.take(workspace, source, name, is_upload=is_upload))
        uploads.discard(workspace, source)
        arrived.close_form()


def _mine(question: BundleQuestion) -> None:
    st.session_state.setdefault(_MINE, set()).add(question.id)


def _progress(question: BundleQuestion, title: str) -> None:
    progress.follow(question, title, key="bundle", stop="Stop", on_stop=partial(_stop, question, title))


def _stop(question: BundleQuestion, title: str) -> None:
    question.dismiss()
    guard.draw_whole_page(f"{guard.escape(title)} was stopped.")


def _done(question: BundleQuestion, state: requests.State) -> None:
    """Show the bundle that this visitor waited for, or why there is none, until it is dismissed."""
    if state.name == requests.FAILED:
        st.error(guard.escape(state.message), icon=":material/error:")
        _dismiss(question)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"bundle-done-{question.id}"):
        _download(question)
        st.button(
            "Close",
            key=f"bundle-close-{question.id}",
            type="tertiary",
            icon=":material/close:",
            on_click=_seen,
            args=(question,),
        )


def _download(question: BundleQuestion) -> None:
    with guard.errors():
        answer = question.answer()
        base, parity = prefix(st.get_option("server.baseUrlPath")), answer["parity"]
        st.link_button(
            f"Download the bundle ({sentences.size(answer['bytes'])})",
            f"{base}{downloads.bundle_address(question.id)}",
            icon=":material/download:",
            help=_HELP,
        )
        onnx, recorded = (three_digits(parity[name]) for name in ("onnx", "recorded"))
        st.caption(
            f"ONNX differs from PyTorch by {onnx} {guard.escape(parity['unit'])} at most on all {parity['images']:,} "
            f"{parity['split']} images, PyTorch from what the run recorded by {recorded}.",
            width="content",
        )


def _announce(workspace: Workspace, question: BundleQuestion) -> None:
    """Say once, to whoever waited for it, that a run is there, and choose it."""
    with guard.errors():
        taken = question.taken_in()
        question.dismiss()
        _seen(question)
        notice.say(f"The run {taken['run']} of {taken['dataset']} was imported.")
        if taken["dataset"] in workspace.dataset_names():
            choose.select(taken["dataset"], taken["run"])
            st.rerun()


def _dismiss(question: BundleQuestion) -> None:
    st.button("Dismiss", key=f"bundle-dismiss-{question.id}", on_click=question.dismiss, icon=":material/close:")


def _seen(question: BundleQuestion) -> None:
    st.session_state.get(_MINE, set()).discard(question.id)
