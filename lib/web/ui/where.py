"""Where runs are started from a page: this machine or Ray, how much of each is free, and in how many processes."""

from __future__ import annotations

import functools
import os
from dataclasses import replace

import streamlit as st

from lib.core import sentences
from lib.core.config import TRAIN
from lib.core.errors import UserError
from lib.training import launchers
from lib.training.launchers import launched, ray_client
from lib.training.launchers.launched import LAUNCHERS, LOCAL, RAY, Launch
from lib.training.runs import Run
from lib.web.ui import address, guard

_LAUNCHER, _PROCESSES, _NODES = "where-launcher", "where-processes", "where-nodes"
#: Where a session keeps what the address said last, for pages whose links say nothing of it; and whether the choice was
#: seen, which makes it one.
_KEPT, _SEEN = "where-kept", "where-seen"
_IN_ADDRESS = (address.ON, address.PROCESSES, address.NODES)
_TITLES = {LOCAL: "This machine", RAY: "Ray"}


def is_a_choice(*, alone: bool = False) -> bool:
    """Return whether there is anything to choose: the environment states a Ray, or this machine has several GPUs.

    ``alone`` is as in `show`: then only a Ray is a choice.
    """
    return _has_ray() or (not alone and _gpus() > 1)


def show(key: str, *, alone: bool = False) -> None:
    """Show where runs are started, and let it be changed; nothing where there is no choice.

    Parameters
    ----------
    key : str
        Of the button, one a page.
    alone : bool
        Whether each run is one process, whatever is chosen elsewhere.
    """
    if not is_a_choice(alone=alone):
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
            choose(alone=alone)


def choose(title: str = "Start runs on", *, alone: bool = False, help: str | None = None) -> None:
    """Let be chosen where runs are started, with what is free there; nothing where there is no choice.

    ``alone`` is as in `show`; ``title`` and ``help`` are what is chosen.
    """
    if not is_a_choice(alone=alone):
        return
    names = LAUNCHERS if _has_ray() else (LOCAL,)
    with st.spinner("Asking what is free"):
        captions = [_free(name) for name in names]
    now = chosen() or launched.HERE
    st.session_state.update({_LAUNCHER: now.launcher, _PROCESSES: now.processes, _NODES: now.nodes})
    if not alone:  # who asks for one process has not chosen for a run of several
        st.session_state[_SEEN] = True
    launcher = st.radio(
        title,
        names,
        format_func=guard.letters(_TITLES.__getitem__),
        captions=captions,
        key=_LAUNCHER,
        help=help,
        on_change=_change,
    )
    if alone:
        return
    with st.container(horizontal=True):
        st.number_input(
            "Processes" if launcher == LOCAL else "Processes per machine",
            1,
            launched.MOST_PROCESSES,
            key=_PROCESSES,
            on_change=_change,
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
                on_change=_change,
                width=120,
                help="That work on one training together.",
            )


def chosen(*, alone: bool = False) -> Launch | None:
    """Return where runs shall be started; None where there is no choice. ``alone`` is as in `show`."""
    if not is_a_choice(alone=alone):
        return None
    asked = _asked()
    is_ray = _has_ray() and asked.get(address.ON, launched.usual().launcher) == RAY
    where = Launch(RAY) if is_ray else launched.HERE
    if alone:
        return where
    nodes = _count(asked, address.NODES, launched.MOST_NODES) if is_ray else 1
    return replace(where, processes=_count(asked, address.PROCESSES, launched.MOST_PROCESSES), nodes=nodes)


def of_resumed(run: Run) -> Launch | None:
    """Return where ``run`` shall go on: here where there is no choice, else as was chosen; None is where it was."""
    if not is_a_choice():
        return launched.HERE
    is_chosen = address.ON in _asked() or _SEEN in st.session_state
    return chosen(alone=run.config.kind != TRAIN) if is_chosen else None


def _asked() -> dict[str, str]:
    """Return what the address says, or, where another page's link said nothing of it, what it said before."""
    asked = {name: st.query_params[name] for name in _IN_ADDRESS if name in st.query_params}
    if not asked and not address.by_history() and (kept := st.session_state.get(_KEPT)):
        address.write_one_of(kept, ())
        return dict(kept)
    st.session_state[_KEPT] = asked
    return asked


def _count(asked: dict[str, str], name: str, most: int) -> int:
    """Return how many the address says, 1 where it says no number that can be."""
    text = asked.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= most else 1


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


def _change() -> None:
    """Write into the address what was chosen: where, and how many there are of it unless it is one."""
    counts = {address.PROCESSES: _PROCESSES, address.NODES: _NODES}
    now = {name: str(st.session_state[key]) for name, key in counts.items() if st.session_state.get(key, 1) > 1}
    if st.session_state[_LAUNCHER] == LOCAL:
        now.pop(address.NODES, None)
    address.write_one_of({address.ON: st.session_state[_LAUNCHER], **now}, _IN_ADDRESS)


def _free(name: str) -> str:
    """Return what is free there, in words."""
    launcher = launchers.of(name)
    try:
        at = f"{guard.escape(launcher.address)}: " if launcher.address else ""
        return f"{at}{launcher.resources().words}"
    except UserError as error:
        return guard.escape(str(error))
