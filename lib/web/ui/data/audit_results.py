"""What a label audit proposes now, kept until its runs, the dataset or a decision changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets.checks import reviewed
from lib.datasets.checks.finding import Finding
from lib.evaluation.audit import queue, ranking
from lib.evaluation.audit.queue import AuditQueue
from lib.evaluation.audit.ranking import Dose, Ranking
from lib.tasks.types import Card, Predictions
from lib.training.audits import Audit
from lib.web.ui.data.check_results import Case


def ranked(workspace: Workspace, audit: Audit) -> Ranking:
    """Return the ranking of a finished audit.

    Raises
    ------
    UserError
        As `lib.evaluation.audit.ranking.of_audit`.
    """
    return _ranked(str(workspace.root), audit.id, _runs(audit), workspace, audit)


def proposed(workspace: Workspace, audit: Audit, dataset: Dataset) -> AuditQueue:
    """Return its first proposals, as the dataset and what was decided are now; raises as `ranked`."""
    path = dataset.path / reviewed.FILE
    stamp = path.stat().st_mtime_ns if path.is_file() else 0
    own = str(workspace.root), audit.id, _runs(audit)
    return _proposed(*own, (dataset.revision, dataset.chain), stamp, ranked(workspace, audit), dataset)


def doses(workspace: Workspace, audit: Audit) -> list[Dose]:
    """Return how many planted errors are found; raises as `ranked`."""
    return _doses(str(workspace.root), audit.id, _runs(audit), ranked(workspace, audit))


def _runs(audit: Audit) -> tuple[str, ...]:
    return tuple(run.id for _, run in sorted(audit.runs.items()))


@st.cache_resource(max_entries=4, show_spinner="Comparing answers and labels …")
def _ranked(root: str, audit: str, runs: tuple[str, ...], _workspace: Workspace, _audit: Audit) -> Ranking:
    return ranking.of_audit(_workspace, _audit)


@st.cache_resource(max_entries=8, show_spinner=False)
def _proposed(
    root: str,
    audit: str,
    runs: tuple[str, ...],
    state: tuple[str, str],
    stamp: int,
    _ranking: Ranking,
    _dataset: Dataset,
) -> AuditQueue:
    return queue.of_ranking(_ranking, _dataset)


@st.cache_resource(max_entries=4, show_spinner=False)
def _doses(root: str, audit: str, runs: tuple[str, ...], _ranking: Ranking) -> list[Dose]:
    return _ranking.doses()


def cases(dataset: Dataset, waiting: AuditQueue, title: str = "") -> list[Case]:
    """Return the open proposals as the review takes them, all or those of one title."""
    return [
        Case(item.finding, 0, item.key, queue.confirmed(dataset, item))
        for item in waiting.open
        if not title or item.proposal.title == title
    ]


def card(dataset: Dataset, ranking: Ranking, row: int, finding: Finding) -> Card:
    """Return the card of an image with what it is labeled and the answer of the model that never saw it."""
    task, original = tasks.get(dataset.task), str(dataset.items["original"].iat[row])
    is_single = len(finding.sets[row]) <= task.cell_values(dataset.targs[[row]]).shape[-1]  # else exchanged pairs
    answer = task.answer_at(ranking.answers, row) if is_single else ranking.answers.preds[row]
    one = Predictions.of(dataset, np.array([row]), answer[None].astype(ranking.answers.preds.dtype))
    shown = task.pred_card(one, 0, original, ranking.audit.config.thresh)
    # Which of the two is wrong is what is asked.
    return replace(shown, note="", chosen=finding.at[row] if shown.point_names else None)
