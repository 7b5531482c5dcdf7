"""The label audit of a dataset as a queue: the picture, what is labeled, what a model says that never saw it."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.evaluation.audit.queue import AuditQueue
from lib.evaluation.audit.ranking import Ranking
from lib.training import audits
from lib.training.audits import Audit
from lib.web.ui import address, guard, links
from lib.web.ui.data import audit_form, audit_results, decisions, review

#: Of the sections of the Data page.
TITLE = "Label audit"
#: Name in the address: the title of what is reviewed, all where there is none.
_TITLE = decisions.KIND
_ALL, _NEW = "All proposals", "A new audit …"


def choose(workspace: Workspace, dataset: Dataset) -> None:
    """Show, in a horizontal container, how far the review is, with the last decision to be taken back."""
    listed = audits.of_dataset(workspace, dataset.name)
    audit = _chosen(listed)
    if audit is None or audit.state != audits.FINISHED:
        if listed:
            _which(listed)
        return
    try:
        waiting = audit_results.proposed(workspace, audit, dataset)
        ranking = audit_results.ranked(workspace, audit)
    except UserError:  # `show` says it
        _which(listed)
        return
    _titles(waiting)
    st.markdown(f"**{waiting.done:,} of {len(waiting.items):,}** reviewed", width="content")
    decisions.undo_button(dataset)
    with st.popover("Audit", icon=":material/rule:", type="tertiary"):
        _which(listed)
        _about(ranking, waiting)
        audit_form.delete(workspace, audit)


def show(workspace: Workspace, dataset: Dataset) -> None:
    """Show the proposal that is reviewed now, or how far the audit is, or what one would do."""
    with guard.errors():
        audit = _chosen(audits.of_dataset(workspace, dataset.name))
        if audit is None:
            audit_form.start(workspace, dataset)
        elif audit.state == audits.RUNNING:
            audit_form.progress(workspace, audit.config)
        elif audit.state != audits.FINISHED:
            audit_form.unfinished(workspace, audit)
        else:
            _finished(workspace, dataset, audit)


def _finished(workspace: Workspace, dataset: Dataset, audit: Audit) -> None:
    try:
        ranking = audit_results.ranked(workspace, audit)
    except UserError as error:
        st.warning(guard.escape(str(error)), icon=":material/history:")
        with st.container(horizontal=True, gap="small"):
            audit_form.again(workspace, dataset, audit)
            audit_form.delete(workspace, audit)
        return
    waiting = audit_results.proposed(workspace, audit, dataset)
    cases = audit_results.cases(dataset, waiting, _title(waiting))
    if cases:
        draw = partial(audit_results.card, dataset, ranking)
        review.show(dataset, cases, decisions.current(cases), lambda row, finding, _why: draw(row, finding))
    else:
        _nothing_open(waiting)
    _below(workspace, dataset, audit, ranking, waiting)


def _nothing_open(waiting: AuditQueue) -> None:
    """Say that nothing is left to review, and the next step."""
    if waiting.items:
        text = f"All reviewed: {sentences.count(len(waiting.items), 'proposal')}."
    else:
        text = "The answers speak against nothing that is labeled."
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.markdown(f":green-badge[:material/check_circle: {text}]", width="content")
        if st.button("Train", key="audit-train", icon=":material/model_training:", type="primary"):
            st.switch_page(links.page("train"), query_params=st.query_params.to_dict())


def _below(workspace: Workspace, dataset: Dataset, audit: Audit, ranking: Ranking, waiting: AuditQueue) -> None:
    """Say below the review what was planted, and what was edited since."""
    for line in ranking.dose_words(audit_results.doses(workspace, audit)):
        st.markdown(f":material/vaccines: {guard.escape(line)}")
    if audit.config.revision == dataset.revision:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="audit-stale"):
        cells = sentences.count(waiting.edited, ranking.task.cell_noun)
        st.caption(
            f":material/history: {cells} edited or excluded since this audit: for all others its ranking holds.",
            width="content",
        )
        audit_form.again(workspace, dataset, audit)


# --- the line above the picture ----------------------------------------------------------------------------


def _chosen(listed: list[Audit]) -> Audit | None:
    """Return the audit that the address names, the newest where it names none; None for a new one."""
    asked = st.query_params.get(address.AUDIT)
    if asked == "new":
        return next((one for one in listed if one.state == audits.RUNNING), None)
    return next((one for one in listed if one.id == asked), listed[0] if listed else None)


def _which(listed: list[Audit]) -> None:
    """Let another audit be chosen, or a new one begun."""
    named = {audit.id: _name(audit) for audit in listed} | {"new": _NEW}
    chosen, key = _chosen(listed), "audit-which"
    st.session_state[key] = chosen.id if chosen else "new"

    def change() -> None:
        address.write(address.AUDIT, st.session_state[key])

    st.selectbox(
        "Audit",
        list(named),
        format_func=named.__getitem__,
        key=key,
        on_change=change,
        label_visibility="collapsed",
        width=420,
    )


def _name(audit: Audit) -> str:
    began = time.strftime("%d %b, %H:%M", max(audit.runs.values(), key=lambda run: run.id).began)
    kind = "quick" if audit.is_quick else f"full, {audit.config.arch}"
    planted = f" · {100 * audit.fold.dose:g} % planted" if audit.fold.dose else ""
    return f"{began} · {kind} · {audit.fold.count} folds{planted} · revision {audit.config.revision[:4]}"


def _about(ranking: Ranking, waiting: AuditQueue) -> None:
    """Say what the answers are worth, and what is not in the queue."""
    st.markdown(guard.escape(ranking.words()))
    for note in ranking.notes(waiting.before):
        st.caption(guard.escape(note))
    if waiting.others:
        st.caption(f"{sentences.more(waiting.others, 'less suspicious proposal')} not shown.")


def _title(waiting: AuditQueue) -> str:
    asked = st.query_params.get(_TITLE, "")
    return asked if any(item.proposal.title == asked for item in waiting.open) else ""


def _titles(waiting: AuditQueue) -> None:
    """Let the proposals of one kind be chosen; it is kept in the address."""
    counts: dict[str, int] = {}
    for item in waiting.open:
        counts[item.proposal.title] = counts.get(item.proposal.title, 0) + 1
    if not counts:
        return
    titles = {"": f"{_ALL} ({len(waiting.open):,})"}
    titles |= {title: f"{title} ({count:,})" for title, count in sorted(counts.items(), key=lambda one: -one[1])}
    key = "audit-title"
    st.session_state[key] = _title(waiting)

    def change() -> None:
        address.write(_TITLE, st.session_state[key] or None)

    st.selectbox(
        "Kind of proposal",
        list(titles),
        format_func=titles.__getitem__,
        key=key,
        on_change=change,
        label_visibility="collapsed",
        width=300,
    )
