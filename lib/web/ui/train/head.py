"""State and progress of a run, with its buttons: stop, resume, train again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import streamlit as st

from lib.core import times
from lib.core.config import CHOICES, LR_FIND, QUICK, TRAIN
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.tasks.base import Task
from lib.tasks.types import three_digits
from lib.training import events, launch, run_metrics
from lib.training.history import Progress
from lib.training.runs import Run
from lib.web.ui import choose_run, guard, where
from lib.web.ui.train import form


def show(run: Run, numbers: Callable[[], None] | None = None) -> None:
    """Show state and ``numbers`` in a line with the buttons that fit, and below it progress and messages."""
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="run-head"):
        device = run.history.started.get("device", "")
        resumed = f", resumed {run.history.resumed}×" if run.history.resumed else ""
        on = f" on {guard.escape(device)}" if device else ""
        st.markdown(f"**{choose_run.state_words(run)}**{on}{resumed}", width="content")
        if numbers:
            numbers()
        if run.state in events.ACTIVE:
            _stop(run)
    with st.container():  # always there, so that the charts below stay where they are
        if run.state in events.ACTIVE:
            _progress(run)
        _messages(run)


def numbers(run: Run, task: Task, dataset: Dataset, baseline: float | None, second: float | None) -> None:
    """Show the newest epoch's numbers with the baseline and, where there is one, the quick model beside them."""
    if not run.history.epochs:
        return
    last = run.history.epochs[-1]
    value = last["metrics"][task.metric]
    quick_words = "of a linear head on the network's frozen features, fitted in seconds"
    meanings = [  # one help for all of them: each is a stop of the Tab key
        f"After epoch {last['epoch']}, on the {len(dataset.index('valid')):,} validation images.",
        f"**{task.baseline_title}**: the baseline, {task.metric_title} of a trivial predictor on the same images.",
        *([] if second is None else [f"**{run_metrics.QUICK_MODEL}**: {task.metric_title} {quick_words}."]),
        f"**Loss**: {task.loss_words(run.config, dataset.targs[dataset.included])}.",
    ]
    st.metric(
        f"{task.metric_title} (valid)",
        task.format(value, dataset.names) if value is not None else "not defined",
        help="\n\n".join(meanings),
        width="content",
    )
    st.metric(
        f"{task.baseline_title}: {task.metric_title}",
        "not known" if baseline is None else task.format(baseline, dataset.names),
        width="content",
    )
    if second is not None:
        st.metric(
            f"{run_metrics.QUICK_MODEL}: {task.metric_title}",
            task.format(second, dataset.names),
            width="content",
        )
    for name in ("train_loss", "valid_loss"):
        loss = last[name]
        st.metric(
            name,
            "not defined" if loss is None else three_digits(loss),
            width="content",
        )


def _messages(run: Run) -> None:
    """Say how the run ended where there is more to say, with the buttons that help."""
    if failure := run.failure():
        st.error(guard.escape(failure), icon=":material/error:")
    elif damage := run.damage():
        st.error(guard.escape(damage), icon=":material/error:")
    elif run.history.message:
        icon, say = (":material/warning:", st.warning) if run.history.retry else (":material/info:", st.info)
        say(guard.escape(run.history.message), icon=icon)
    elif run.config.kind == QUICK and run.state == events.STOPPED and not run.resumable:
        st.info("Stopped before it was done: start the quick model again.", icon=":material/info:")
    for note in run.history.notes:
        st.caption(guard.escape(note))
    retry = run.history.retry if run.state not in events.ACTIVE else {}
    hopeless = _is_hopeless(run)
    if not (retry or run.resumable or hopeless):
        return
    with st.container(horizontal=True):
        if hopeless and not retry and run.config.kind != QUICK:
            st.button(
                "Change the choices",
                type="primary",
                icon=":material/edit:",
                key=f"change-{run.id}",
                on_click=_change,
                args=(run,),
                help="Puts this run's choices into the form: change what is wrong there, then train again.",
            )
        if retry:
            chosen = ", ".join(f"{CHOICES[name].title.lower()} {value:g}" for name, value in retry.items())
            st.button(
                f"Train with {chosen}",
                type="primary",
                icon=":material/restart_alt:",
                key=f"retry-{run.id}",
                on_click=_retry,
                args=(run,),
                help="Starts a new run with all other choices unchanged.",
            )
        if run.can_finish:
            st.button(
                "Finish: predict with what it has",
                type="secondary" if retry else "primary",
                icon=":material/query_stats:",
                key=f"finish-{run.id}",
                on_click=_finish,
                args=(run,),
                help="Trains no further: predicts the validation and test images with what was learned until then. "
                "It can still be resumed afterward.",
            )
        if run.resumable:
            st.button(
                "Resume",
                type="secondary" if retry or run.can_finish or hopeless else "primary",
                icon=":material/play_arrow:",
                key=f"resume-{run.id}",
                on_click=_resume,
                args=(run,),
                help="Continues from the last complete epoch and ends as if it had not been interrupted.",
            )


def _is_hopeless(run: Run) -> bool:
    """Return whether the run failed for a choice or the data before it learned anything: again it would just so."""
    return run.state == events.FAILED and run.history.user_mistake and not run.history.epochs


def _stop(run: Run) -> None:
    """Show the two ways to stop; the quick one is there until it was clicked."""
    asked = run.stopping
    if run.config.kind == TRAIN and run.history.fitting:
        st.button(
            "Stopping after this epoch…" if asked == events.AFTER_EPOCH else "Stop after this epoch",
            icon=":material/stop_circle:",
            key=f"stop-epoch-{run.id}",
            on_click=_ask_to_stop,
            args=(run,),
            kwargs={"after_epoch": True},
            disabled=asked is not None,
            help="Finishes the epoch, so that resuming loses nothing, then predicts and saves the model.",
            width="content",
        )
    st.button(
        "Stopping…" if asked == events.NOW else "Stop now",
        icon=":material/stop:",
        key=f"stop-{run.id}",
        on_click=_ask_to_stop,
        args=(run,),
        disabled=asked == events.NOW,
        help="Ends it at once; nothing is left of a quick model before it is done."
        if run.config.kind == QUICK
        else "Stops at once, without predicting: you can have that done afterward, or resume.",
        width="content",
    )


def _retry(run: Run) -> None:
    guard.draw_whole_page()
    config = dataclasses.replace(run.config, **run.history.retry)
    with guard.later():
        choose_run.select(launch.start(Workspace.find(), config, where.chosen(alone=config.kind != TRAIN)))


def _change(run: Run) -> None:
    form.take(run.config)
    guard.draw_whole_page(toast="The form has this run's choices.")


def _ask_to_stop(run: Run, *, after_epoch: bool = False) -> None:
    with guard.later():
        launch.stop(run.folder, after_epoch=after_epoch)


def _finish(run: Run) -> None:
    guard.draw_whole_page()
    with guard.later():
        launch.finish(run, where.of_resumed(run))


def _resume(run: Run) -> None:
    guard.draw_whole_page()
    with guard.later():
        launch.resume(run, where.of_resumed(run))


def _progress(run: Run) -> None:
    progress, history = run.progress(), run.history
    if not history.fitting or run.state != events.RUNNING:
        st.progress(
            progress.fraction,
            text=guard.escape(run.note or "Starting the worker: loading torch takes a few seconds"),
        )
        return
    if history.note and run.config.kind != QUICK:
        st.progress(progress.fraction, text=guard.escape(history.note))
        return
    if run.config.kind == QUICK and not history.counted:  # fitting or saving: a bar would fall back to its beginning
        st.caption(f":material/hourglass_empty: {guard.escape(_at(run))}: {times.duration(run.quiet_seconds)} so far")
        return
    parts = filter(None, (_at(run), _speed(progress), time_left(progress)))
    st.progress(progress.fraction, text=guard.escape(" · ".join(parts)))


def _at(run: Run) -> str:
    """Return what of its work the run is at, in words."""
    progress, history = run.progress(), run.history
    if run.config.kind == QUICK:
        return history.note or "Computing features"
    if run.config.kind == LR_FIND:
        return f"Batch {history.step} of {history.started['n_steps']}"
    return f"Epoch {progress.epoch} of {progress.epochs} ({history.fits[-1]['phase']})"


def _speed(progress: Progress) -> str:
    speed = progress.images_per_s
    return f"{speed:,.{0 if speed >= 1 else 1}f} images/s" if speed else ""


def time_left(progress: Progress) -> str:
    """Return how long it still takes, "" where that is not known."""
    return "" if progress.seconds_left is None else f"{times.duration(progress.seconds_left)} left"
