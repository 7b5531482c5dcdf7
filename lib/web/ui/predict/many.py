"""Many pictures at once: a folder, a zip or a table of paths, answered in the background and written to a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from lib import tasks
from lib.core import depth, given_paths, in_place, sentences
from lib.core.questions import asking, requests
from lib.core.workspace import Workspace
from lib.export.many import questions
from lib.export.many.questions import Content, ManyQuestion
from lib.importing import uploads
from lib.metrics import unlike
from lib.training.launchers import launched
from lib.training.runs import Run
from lib.web.components.upload import upload
from lib.web.ui import guard, where
from lib.web.ui.data import progress
from lib.web.ui.predict import choices, formats

_FIELD = "many-path"
_SAME_PATHS = "The machines of Ray have to see the workspace and the pictures by the same paths."
#: How often pictures were brought.
_TURN = "many-turn"


def button(workspace: Workspace, run: Run) -> None:
    """Show the button that opens where many pictures are brought."""
    help_ = "A folder, a zip or a table of paths: answered in the background, then a file in one of several formats."
    key = f"many-open-{st.session_state.get(_TURN, 0)}"  # another one is closed
    popover = st.popover("Many pictures", icon=":material/photo_library:", help=help_, key=key, on_change="rerun")
    with popover:
        source = st.text_input(
            "Folder, zip or table of paths (.csv)",
            key=_FIELD,
            placeholder="/home/me/pictures",
            help="Read where Manyhot runs; nothing is uploaded. A table has the paths, relative to its folder, in a "
            "column called file.",
        ).strip()
        with guard.errors():
            if popover.open:  # else nobody is asked what is free
                where.choose("Predict on", alone=True, help=_SAME_PATHS)
        st.button(
            "Predict all",
            key="many-put",
            icon=":material/play_arrow:",
            disabled=not source,
            on_click=_put_path,
            args=(run, source),
        )
        with guard.errors():
            if arrived := upload(workspace, key="many-zip"):
                st.button(
                    f"Predict all of {guard.escape(arrived.name)}",
                    key="many-put-zip",
                    icon=":material/play_arrow:",
                    type="primary",
                    on_click=_put_upload,
                    args=(workspace, run, arrived.path, arrived.name),
                )


def follow(run: Run) -> None:
    """Show how far the pictures are that were brought last, or what they can be downloaded as."""
    if stopped := questions.stopped(run):
        _stopped(*stopped)
        return
    question = next(reversed(questions.about(run)), None)
    if question is None:
        return
    state, content = question.state(), question.content
    if content is None:  # withdrawn at this moment
        return
    with st.container(border=True, key="many"), guard.errors():
        if state.active:
            stop = partial(_stop, question, content)
            progress.follow(question, content["title"], key="many", stop="Stop", on_stop=stop, width="stretch")
        elif state.name == requests.FAILED:
            st.error(guard.escape(state.message), icon=":material/error:")
            _buttons(partial(_again, question), question.dismiss)
        else:
            _answered(run, question, content)


def _launcher() -> str:
    return (where.chosen(alone=True) or launched.usual()).launcher


def _put_path(run: Run, source: str) -> None:
    guard.draw_whole_page()
    with guard.later():
        path = given_paths.expanded(source)
        in_place.check_readable_with_folder(path)
        questions.put(run, path, path.name, launcher=_launcher())
        _brought()


def _put_upload(workspace: Workspace, run: Run, path: Path, name: str) -> None:
    guard.draw_whole_page()
    with guard.later():
        questions.put(run, path, name, is_upload=True, launcher=_launcher())
        uploads.discard(workspace, path)
        _brought()


def _brought() -> None:
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _stop(question: ManyQuestion, content: Content) -> None:
    guard.draw_whole_page()
    with guard.later():
        questions.stop(question, content)


def _stopped(question: ManyQuestion, content: Content) -> None:
    with st.container(border=True, key="many"):
        st.caption(f"{guard.escape(content['title'])} was stopped: what is answered is kept.")
        _buttons(partial(_go_on, question, content), question.dismiss)


def _buttons(go_on: partial[None], close: partial[None] | object) -> None:
    with st.container(horizontal=True, gap="small", key="many-buttons"):
        st.button("Go on", key="many-go-on", icon=":material/play_arrow:", on_click=go_on)
        st.button("Close", key="many-close", type="tertiary", icon=":material/close:", on_click=close)  # type: ignore[arg-type]


def _go_on(question: ManyQuestion, content: Content) -> None:
    guard.draw_whole_page()
    with guard.later():
        questions.go_on(question, content)


def _again(question: ManyQuestion) -> None:
    guard.draw_whole_page()
    with guard.later():
        asking.ask_again(question)


def _answered(run: Run, question: ManyQuestion, content: Content) -> None:
    answered = question.answered()
    words = [f"**{guard.escape(content['title'])}**: {sentences.count(answered['pictures'], 'picture')}"]
    if answered["boundary"] is not None:
        often = f"of pictures like those {100 * unlike.FALSE_ALARMS:.0f} % are"
        words.append(f"{answered['unlike']:,} unlike the training's ({often})")
    if answered["repeats"]:
        words.append(f"{answered['repeats']:,} repeated")
    if answered["errors"]:
        words.append(f"{answered['errors']:,} not answered, each with its error")
    st.markdown(", ".join(words) + ".")
    for remark in (answered["not_compared"], depth.remark(run.value_range(), answered["deep"])):
        if remark:
            st.caption(guard.escape(remark))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        threshold_set = choices.threshold_set(run, tasks.get(run.config.task), key="many-thresholds")
        stem = f"{run.id}-{Path(content['title']).stem}"
        formats.show(run, stem, question.written, threshold_set=threshold_set, key="many")
        st.button("Close", key="many-close", type="tertiary", icon=":material/close:", on_click=question.dismiss)
