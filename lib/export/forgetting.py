"""Deletes what is kept beside runs: bundles and reports to be downloaded, answers to many pictures, mirrors."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from lib.core.questions import listed
from lib.core.questions.workspace_folders import FileQuestion
from lib.core.workspace import Workspace
from lib.export import mirror_questions as mirrors
from lib.export.bundle import questions as bundles
from lib.export.many import questions as many
from lib.export.report import questions as reports
from lib.training import runs


def forget(workspace: Workspace, dataset: str) -> None:
    """Delete bundles and reports of the runs on ``dataset``, as they have its pictures; what goes on is stopped."""
    of_dataset = {run.id for run in runs.list_runs(workspace) if run.config.dataset == dataset}
    of_dataset |= {run.id for run in runs.list_damaged(workspace, dataset)}
    _dismiss(_downloads(workspace), of_dataset)


def forget_runs(workspace: Workspace, gone: Collection[str]) -> None:
    """Delete all that is kept of the runs of these ids, but for what mirrors wrote; what goes on is stopped."""
    others: list[FileQuestion[Any]] = [
        *listed.questions_about(many.ManyFolder.of(workspace), many.ManyQuestion),
        *listed.questions_about(mirrors.MirrorsFolder.of(workspace), mirrors.MirrorQuestion),
    ]
    _dismiss([*_downloads(workspace), *others], gone)
    many.forget_stopped(workspace, gone)


def _downloads(workspace: Workspace) -> list[FileQuestion[Any]]:
    return [
        *bundles.asked(workspace, bundles.MAKE),
        *listed.questions_about(reports.ReportsFolder.of(workspace), reports.ReportQuestion),
    ]


def _dismiss(questions: Iterable[FileQuestion[Any]], gone: Collection[str]) -> None:
    for question in questions:
        if (content := question.content) and content["about"] in gone:
            question.dismiss()
