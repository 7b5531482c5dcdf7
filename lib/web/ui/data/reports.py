"""The report of the run that is chosen: made in the background, then downloaded, beside the run's other exports."""

from __future__ import annotations

import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.config import WITH_MODEL
from lib.core.questions import requests
from lib.export.report import questions
from lib.export.report.questions import ReportQuestion
from lib.thresholds import sets
from lib.thresholds.sets_file import DEFAULT
from lib.training.runs import Run
from lib.web.server import downloads
from lib.web.server.routes import prefix
from lib.web.ui import guard
from lib.web.ui.data import progress

_HELP = (
    "One HTML file with the numbers, tables with intervals, worst pictures, data card and how it was made. It needs no "
    "server and no network, and prints."
)
_DRAG = " The threshold can still be dragged in it."


def of_run(run: Run) -> None:
    """Show the button that makes the report of ``run``, how far that is, or the download; of some runs nothing."""
    if run.config.kind not in WITH_MODEL or run.damage() or run.manifest() is None:
        return
    with guard.errors():
        split, thresholds = _choose_split(run), _choose_thresholds(run)
        question, is_current = questions.latest(run, split, thresholds)
        state = question.state() if question else None
        if question is None or state is None:
            _button(run, split, thresholds, "Make a report")
        elif state.active:
            progress.follow(question, "Report", key="report", stop="Stop", on_stop=question.dismiss, width="stretch")
        elif state.name == requests.FAILED:
            st.caption(f":material/error: {guard.escape(state.message)}")
            _button(run, split, thresholds, "Try again")
        else:
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"report-{run.id}"):
                _download(run, question)
                _button(run, split, thresholds, "Make it anew")
            if not is_current:
                st.caption(":material/history: It was made before the run or its dataset was changed.")


def _choose_split(run: Run) -> str:
    """Let one of the splits that the run predicted be chosen, where there are several."""
    splits = list(run.result()["splits"])
    if len(splits) == 1:
        return splits[0]
    return st.segmented_control(
        "Images of the report",
        splits,
        default=splits[0],
        required=True,
        key=f"report-split-{run.id}",
        format_func=guard.letters(),
    )


def _choose_thresholds(run: Run) -> str:
    """Let one of the kept sets of thresholds be chosen, where there are some."""
    if not tasks.get(run.config.task).has_labels or len(names := list(sets.read_all(run))) < 2:
        return DEFAULT
    return st.selectbox(
        "Thresholds of the report", names, key=f"report-thresholds-{run.id}", format_func=guard.letters()
    )


def _button(run: Run, split: str, thresholds: str, label: str) -> None:
    st.button(
        label,
        key=f"report-make-{run.id}",
        on_click=_make,
        args=(run, split, thresholds),
        icon=":material/summarize:",
        type="tertiary" if label == "Make it anew" else "secondary",
        help=_help(run),
    )


def _make(run: Run, split: str, thresholds: str) -> None:
    guard.draw_whole_page()
    with guard.later():
        questions.make(run, split, thresholds)


def _help(run: Run) -> str:
    return _HELP + (_DRAG if tasks.get(run.config.task).has_labels else "")


def _download(run: Run, question: ReportQuestion) -> None:
    base = prefix(st.get_option("server.baseUrlPath"))
    st.link_button(
        f"Download the report ({sentences.size(question.answer()['bytes'])})",
        f"{base}{downloads.report_address(question.id)}",
        icon=":material/download:",
        help=_help(run),
    )
