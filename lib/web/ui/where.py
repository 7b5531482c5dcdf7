"""Where runs are started from a page: this machine or Ray, how much of each is free, and in how many processes."""

from __future__ import annotations

import functools
import os

import streamlit as st

from lib.core import sentences
from lib.core.config import TRAIN
from lib.core.errors import UserError
from lib.training import launchers
from lib.training.launchers import launched, ray_client
from lib.training.launchers.launched import LAUNCHERS, LOCAL, RAY, Launch
from lib.training.runs import Run
from lib.web.ui import guard

_LAUNCHER, _PROCESSES, _NODES = "where-launcher", "where-processes", "where-nodes"
_TITLES = {LOCAL: "This machine", RAY: "Ray"}


def is_a_choice() -> bool:
    """Return whether there is anything to choose: the environment states a Ray, or this machine has several GPUs."""
    return _has_ray() or _gpus() > 1


def show(key: str, *, alone: bool = False) -> None:
    """Show where runs are started, and let it be changed; nothing where there is no choice.

    Parameters
    ----------
    key : str
        Of the button, one a page.
    alone : bool
        Whether each run is one process, whatever is chosen elsewhere.
    """
    if not is_a_choice():
        return
    button = st.popover(
        "Where",  # always the same: another one would close it
        icon=":material/dns:",
        key=key,
        help="Where runs are started: this machine or Ray, and what is free there.",
        on_change="rerun",
    )
    if button.open:  # else nobody is asked
        with button:
            _choose(alone=alone)


def chosen(*, alone: bool = False) -> Launch | None:
    """Return where runs shall be started; None where there is no choice. ``alone`` is as in `show`."""
    if not is_a_choice():
        return None
    launcher = st.session_state.get(_LAUNCHER) or (launched.usual().launcher if _has_ray() else LOCAL)
    if launcher == RAY and not _has_ray():
        launcher = LOCAL
    if alone:
        return Launch(launcher)
    nodes = int(st.session_state.get(_NODES, 1)) if launcher == RAY else 1
    return Launch(launcher, processes=int(st.session_state.get(_PROCESSES, 1)), nodes=nodes)


def of_resumed(run: Run) -> Launch | None:
    """Return where ``run`` shall go on: here where there is no choice, else as was chosen; None is where it was."""
    if not is_a_choice():
        return launched.HERE
    return chosen(alone=run.config.kind != TRAIN) if _LAUNCHER in st.session_state else None


def _has_ray() -> bool:
    return bool(os.environ.get(ray_client.ADDRESS, "").strip())


@functools.cache
def _gpus() -> int:
    return int(launchers.of(LOCAL).resources().gpus)


def words(*, alone: bool = False) -> str:
    """Return where runs are started, "" where that is one process of this machine. ``alone`` is as in `show`."""
    where = chosen(alone=alone) or launched.HERE
    count = where.processes * where.nodes
    on = ["on Ray"] if where.launcher == RAY else []
    return ", ".join([*on, *([sentences.count(count, "process", "processes")] if count > 1 else [])])


def _choose(*, alone: bool) -> None:
    names = LAUNCHERS if _has_ray() else (LOCAL,)
    with st.spinner("Asking what is free"):
        captions = [_free(name) for name in names]
    launcher = st.radio(
        "Start runs on",
        names,
        index=names.index((chosen() or launched.HERE).launcher),
        format_func=guard.letters(_TITLES.__getitem__),
        captions=captions,
        key=_LAUNCHER,
        persist_state="session",
    )
    if alone:
        return
    with st.container(horizontal=True):
        st.number_input(
            "Processes" if launcher == LOCAL else "Processes per machine",
            1,
            launched.MOST_PROCESSES,
            key=_PROCESSES,
            persist_state="session",
            width=180,
            help="Of one training, one a GPU: they share each batch, so that the batch size stays as chosen. Quick "
            "models and the learning-rate finder have one.",
        )
        if launcher == RAY:
            st.number_input(
                "Machines",
                1,
                launched.MOST_NODES,
                key=_NODES,
                persist_state="session",
                width=120,
                help="That work on one training together.",
            )


def _free(name: str) -> str:
    """Return what is free there, in words."""
    launcher = launchers.of(name)
    try:
        at = f"{guard.escape(launcher.address)}: " if launcher.address else ""
        return f"{at}{launcher.resources().words}"
    except UserError as error:
        return guard.escape(str(error))
