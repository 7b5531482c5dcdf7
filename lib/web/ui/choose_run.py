"""The choice of the run, kept in the address, and the states of a run in words."""

from __future__ import annotations

import time
from collections.abc import Mapping

import streamlit as st

from lib.core import sentences
from lib.core.config import DEFAULT, LR_FIND, QUICK, WITH_MODEL
from lib.core.workspace import Workspace
from lib.training import events, run_names, runs
from lib.training.damaged import Damaged
from lib.training.runs import Run
from lib.web.ui import address, guard, links

#: Name in the address.
KEY = address.RUN
_WIDGET = "chosen-run"

#: How a state is said, with a sign that does not depend on color.
STATES = {
    events.QUEUED: ":material/hourglass_empty: queued",
    events.STARTING: ":material/pending: starting",
    events.RUNNING: ":material/play_circle: training",
    events.FINISHED: ":material/check_circle: finished",
    events.STOPPED: ":material/stop_circle: stopped",
    events.FAILED: ":material/error: failed",
    events.DIED: ":material/heart_broken: died",
}
#: What stands before a run or a dataset that cannot be shown.
DAMAGED = "\N{WARNING SIGN} damaged · "
#: A quick model trains nothing.
_COMPUTING = ":material/bolt: computing"


def run(
    workspace: Workspace, dataset: str, *, kinds: tuple[str, ...] = WITH_MODEL, with_results: bool = False
) -> Run | None:
    """Let one of the runs of ``kinds`` on ``dataset`` be chosen, newest first; None if there is none.

    Where none was looked at yet it is the newest, ``with_results`` the newest of those that have some. One that is
    damaged is marked so, and is shown only where it is asked for.

    The address always names the run by its id, so that a link shows the same run when there are newer ones. Without
    one, as after going to another page, it is the run of the dataset that was looked at last.
    Streamlit's own binding would put the label there, which is for people and may change.

    Raises
    ------
    DamagedError
        If the chosen one cannot be read, with the reason.
    """
    readable, unreadable = runs.list_all(workspace)
    by_id = {run.id: run for run in readable if _fits(run, dataset, kinds)}
    damaged = {run.id: run for run in unreadable if run.may_be_of(dataset)}
    if not by_id and not damaged:
        return None
    asked = st.query_params.get(KEY) or st.session_state.get(_last(dataset))
    whole = [one for one in by_id.values() if not one.damage()]
    newest = [one.id for one in whole if not with_results or (one.folder / events.MANIFEST).exists()]
    if asked not in by_id and asked not in damaged:
        asked = next(iter([*newest, *by_id]), None)
    st.session_state[_WIDGET] = asked
    if asked is None:
        raise next(iter(damaged.values())).reason
    chosen = st.selectbox(
        "Run",
        sorted([*by_id, *damaged], reverse=True),
        format_func=lambda run_id: _label(run_id, by_id, damaged),
        key=_WIDGET,
        on_change=lambda: select(st.session_state[_WIDGET]),
        label_visibility="collapsed",
    )
    select(chosen)
    st.session_state[_last(dataset)] = chosen
    if chosen in damaged:
        raise damaged[chosen].reason
    return by_id[chosen]


def _label(run_id: str, by_id: Mapping[str, Run], damaged: Mapping[str, Damaged]) -> str:
    if run_id in damaged:
        name = damaged[run_id].name
        return f"{DAMAGED}{f'{name} · ' if name else ''}{run_id}"
    if run_id not in by_id:
        return run_id
    return f"{DAMAGED if by_id[run_id].damage() else ''}{label(by_id[run_id])}"


def name_field(run: Run) -> None:
    """Show the field in which ``run`` is named, and its id."""
    key = f"run-name-{run.id}"
    st.session_state[key] = run.name  # whoever else names it
    st.text_input(
        "Name of this run",
        key=key,
        max_chars=run_names.MOST,
        placeholder="none",
        on_change=_name,
        args=(run, key),
        help="Shown wherever the run is. Two runs may have the same name; empty takes it away.",
    )
    st.caption("Its id, for the command line and for links")
    st.code(run.id, language=None)


def _name(run: Run, key: str) -> None:
    with guard.later():
        run_names.write(run.folder, st.session_state[key])


def shown_anywhere(workspace: Workspace, dataset: str) -> str | None:
    """Return the id of the run of ``dataset`` that every page with runs would show, None where they differ."""
    by_id = {run.id: run for run in runs.list_runs(workspace) if _fits(run, dataset, (*WITH_MODEL, LR_FIND))}
    last = by_id.get(st.session_state.get(_last(dataset), ""))
    chosen = last or next(iter(by_id.values()), None)
    if chosen is None or chosen.config.kind not in WITH_MODEL:
        return None
    return chosen.id if last or (chosen.folder / events.MANIFEST).exists() else None


def has_any(workspace: Workspace, dataset: str, kinds: tuple[str, ...] = WITH_MODEL) -> bool:
    """Return whether ``dataset`` has a run of ``kinds``, by default a training or a quick model, in whatever state."""
    return any(_fits(run, dataset, kinds) for run in runs.list_runs(workspace))


def newest_whole(workspace: Workspace, dataset: str, but: str | None) -> Run | None:
    """Return the newest run of ``dataset`` with a model that can be read, other than ``but``."""
    of_it = (run for run in runs.list_runs(workspace) if run.id != but and _fits(run, dataset, WITH_MODEL))
    return next((run for run in of_it if not run.damage()), None)


def has_result(run: Run | None, dataset: str, then: str) -> bool:
    """Return whether ``run`` left a model and predictions; where it did not, show why and what to do.

    ``then`` is what can be done here once there is one, for instance "look at its predictions here".
    """
    if run is None:
        st.info(
            f"No training of {guard.escape(dataset)} yet: train first, then {then}.", icon=":material/model_training:"
        )
        links.link("train", "Train", ":material/model_training:")
        return False
    if run.manifest() is None:
        _no_result(run)
        return False
    if damage := run.damage_of_events:
        st.warning(guard.escape(damage), icon=":material/warning:")
    return True


def _no_result(run: Run) -> None:
    """Say why a run left nothing and what to do."""
    state_badge(run)
    if run.state in events.ACTIVE:
        st.info("This training goes on; its predictions come at its end.", icon=":material/hourglass_empty:")
        links.link("train", "Watch it", ":material/model_training:")
        return
    if run.state == events.STOPPED and run.can_finish:
        st.info("This run was stopped before it predicted.", icon=":material/stop_circle:")
        links.link("train", "Finish or resume it on the Train page", ":material/model_training:")
        return
    st.error(guard.escape(run.failure() or "This run was stopped before it began to train."), icon=":material/error:")
    label = "Resume it on the Train page" if run.resumable else "Train again"
    links.link("train", label, ":material/model_training:")


def _last(dataset: str) -> str:
    """Return where a session keeps which run of ``dataset`` was looked at last."""
    return f"last-run-{dataset}"


def _fits(run: Run, dataset: str, kinds: tuple[str, ...]) -> bool:
    return run.config.dataset == dataset and run.config.kind in kinds


def select(run_id: str) -> None:
    """Choose run ``run_id`` by writing it into the address."""
    address.write(KEY, run_id)


def label(run: Run) -> str:
    """Return, as plain text, what a run is called, when it was started and with what; not its state, which changes."""
    year = "" if run.began.tm_year == time.localtime().tm_year else " %Y"
    began = (f"{run.name} · " if run.name else "") + time.strftime(f"%d %b{year}, %H:%M:%S", run.began)
    began += f" · {run.user}" if run.user else ""
    config = run.config
    if config.kind == QUICK:
        return f"{began} · quick model, {config.arch} · {config.size} px"
    how = "pretrained" if config.pretrained else "from scratch"
    own = "".join(f", {choice}" for choice in (config.head, config.loss) if choice != DEFAULT)
    frozen = f"{config.freeze_epochs} + " if config.freeze_epochs else ""
    what = f"{frozen}{config.epochs} epochs" if frozen else sentences.count(config.epochs, "epoch")
    if config.kind == LR_FIND:
        what = "learning-rate finder"
    return f"{began} · {config.arch}, {how}{own} · {config.size} px · {what}"


def state_words(run: Run) -> str:
    """Return the state of ``run`` in words, with its sign."""
    return _COMPUTING if run.state == events.RUNNING and run.config.kind == QUICK else STATES[run.state]


def state_badge(run: Run) -> None:
    """Show the state of ``run``."""
    st.markdown(state_words(run))
