"""Starting a label audit, how far it is, and going on with one that was stopped."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from lib import tasks
from lib.core import sentences, times
from lib.core.config import QUICK, TrainConfig
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.training import audits, estimates, events, runs
from lib.training.audits import Audit
from lib.web.ui import address, guard, where

_EVERY = 1.0  # seconds between two looks at how far it is
_DOSE = "audit-dose"


def start(workspace: Workspace, dataset: Dataset) -> None:
    """Say what an audit does and costs, and offer both kinds."""
    if dataset.is_stand_in:
        st.info("Its images came in a bundle, as examples only: there is nothing to train on.", icon=":material/info:")
        return
    task = tasks.get(dataset.task)
    n = len(dataset.included)
    st.markdown(
        f"**Which labels are wrong?** {audits.FOLDS} models each learn four fifths of the images of all splits and "
        "answer the fifth that they never saw, groups and copies kept together. Where an answer speaks against what is "
        f"labeled, the {task.audited_words} are listed, the most suspicious first, for you to accept, dismiss or skip."
    )
    st.checkbox(
        f"Plant known errors in {100 * audits.DOSE:g} % of the {task.audited_words}",
        key=_DOSE,
        help="Only in the copy that these models learn: the dataset is not touched, and no planted error is ever shown "
        "to you. The result then says how many of them stood among the first proposals. Planted: "
        f"{task.planted_words}.",
    )
    with guard.errors():
        known = sorted([*runs.list_runs(workspace), *runs.list_folds(workspace)], key=lambda run: run.id, reverse=True)
        like = audits.newest_choices(known, dataset)
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit-start"):
            for quick in (True, False):
                config = audits.plan(dataset, quick=quick, like=like)
                st.button(
                    f"{'Quick' if quick else 'Full'} audit{_about(estimates.of_audit(known, config, n))}",
                    key=f"audit-{'quick' if quick else 'full'}",
                    icon=":material/bolt:" if quick else ":material/play_arrow:",
                    type="primary" if quick else "secondary",
                    on_click=_start,
                    args=(workspace, dataset, config),
                    help=_HELP[config.kind == QUICK],
                )
            where.show("audit-where", alone=True)
            st.markdown(where.words(alone=True), width="content")
        st.caption(_costs(like, dataset))


_HELP = {
    True: "One layer on what a pretrained network sees, fitted for each fold: what it sees is computed once and kept.",
    False: "A whole training for each fold: slower, and as good as your model.",
}


def _about(seconds: float | None) -> str:
    return "" if seconds is None else f" ~{times.duration(max(1, seconds))}"


def _costs(like: TrainConfig | None, dataset: Dataset) -> str:
    """Return what the full audit trains, and what is known of how long it takes."""
    if like is None:
        return (
            f"The full audit trains {audits.FOLDS} times with the recommended choices; how long that takes is known "
            f"once {guard.escape(dataset.name)} was trained so, or after its first fold."
        )
    return (
        f"The full audit has the choices of your newest training ({guard.escape(like.arch)}, {like.size} px, "
        f"{sentences.count(like.freeze_epochs + like.epochs, 'epoch')}). Trainings wait in the queue of the device; "
        "you may leave the page."
    )


def _start(workspace: Workspace, dataset: Dataset, config: TrainConfig) -> None:
    assert config.fold is not None
    dose = audits.DOSE if st.session_state.get(_DOSE) else 0.0
    with guard.later():
        audits.go_on(workspace, replace(config, fold=replace(config.fold, dose=dose)), where.chosen(alone=True))
        address.write(address.AUDIT, None)


def again(workspace: Workspace, dataset: Dataset, audit: Audit) -> None:
    """Show the button that audits the dataset as it is now, in the same way; nothing where it is as it was."""
    if audit.config.revision == dataset.revision:
        return
    st.button(
        "Audit again",
        key="audit-again",
        icon=":material/refresh:",
        on_click=_again,
        args=(workspace, dataset, audit),
        help="The same on the labels as they are now. What was judged already is not asked again.",
    )


def _again(workspace: Workspace, dataset: Dataset, audit: Audit) -> None:
    with guard.later():
        like = None if audit.is_quick else audit.config
        fold = audit.fold
        config = audits.plan(dataset, quick=audit.is_quick, folds=fold.count, dose=fold.dose, seed=fold.seed, like=like)
        audits.go_on(workspace, config, where.chosen(alone=True))
        address.write(address.AUDIT, None)


# --- one that is not finished ------------------------------------------------------------------------------


@st.fragment(run_every=_EVERY)
def progress(workspace: Workspace, config: TrainConfig) -> None:
    """Show how far an audit is, and stop it."""
    audit = audits.of_config(workspace, config)
    if audit.state != audits.RUNNING:
        st.rerun()
    count, done = audit.fold.count, len(audit.done)
    at_work = [run for _, run in sorted(audit.runs.items()) if run.state == events.RUNNING]
    part = sum(run.progress().fraction for run in at_work)
    note = at_work[0].history.note if at_work else audit.note
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="audit-running"):
        left = _left(audit, part, max(1, len(at_work)))
        text = f"Fold {min(done + 1, count)} of {count}: {guard.escape(note or 'training')}{left}"
        st.progress(min(1.0, (done + part) / count), text, width=520)
        st.button("Stop", key="audit-stop", on_click=_stop, args=(audit,), icon=":material/stop_circle:")
    st.caption("You may leave the page: it goes on, and is here when you come back.")


def _left(audit: Audit, part: float, at_once: int) -> str:
    """Return how long it still takes, as the folds so far took, with so many ``at_once``."""
    seconds = [one for one in (estimates.worked(audit.runs[index]) for index in audit.done) if one is not None]
    if not seconds:
        return ""
    left = max(0.0, audit.fold.count - len(audit.done) - part) * sum(seconds) / len(seconds) / at_once
    return f", about {times.duration(left)} left"


def _stop(audit: Audit) -> None:
    with guard.later():
        audits.stop(audit)


def unfinished(workspace: Workspace, audit: Audit) -> None:
    """Say why an audit is not finished, and let it go on or be deleted."""
    done = f"{len(audit.done)} of {audit.fold.count} folds are done"
    for reason in audit.failures[:2]:
        st.error(guard.escape(reason), icon=":material/error:")
    if not audit.failures:
        st.info(f"This label audit was stopped: {done}.", icon=":material/stop_circle:")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audit-unfinished"):
        st.button(
            "Go on",
            key="audit-go-on",
            type="primary",
            icon=":material/play_arrow:",
            on_click=_go_on,
            args=(workspace, audit),
            help=f"{done}; the others go on where they were.",
        )
        delete(workspace, audit)


def _go_on(workspace: Workspace, audit: Audit) -> None:
    with guard.later():
        audits.go_on(workspace, audit.config, where.chosen(alone=True))


def delete(workspace: Workspace, audit: Audit) -> None:
    """Show the button that deletes an audit's trainings."""
    st.button(
        "Delete this audit",
        key="audit-delete",
        icon=":material/delete:",
        type="tertiary",
        on_click=_delete,
        args=(workspace, audit),
        help="Deletes what its models answered. What you decided, and every edit, stays.",
    )


def _delete(workspace: Workspace, audit: Audit) -> None:
    with guard.later():
        audits.delete(workspace, audit)
