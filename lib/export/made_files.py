"""What was made of runs on a dataset and has its pictures: bundles and reports that wait to be downloaded."""

from __future__ import annotations

from collections.abc import Collection

from lib.core.questions import listed
from lib.core.workspace import Workspace
from lib.export.bundle import questions as bundles
from lib.export.report import questions as reports
from lib.training import runs


def forget(workspace: Workspace, dataset: str) -> None:
    """Delete bundles and reports of the runs on ``dataset``; those in the making are stopped."""
    of_dataset = {run.id for run in runs.list_runs(workspace) if run.config.dataset == dataset}
    of_dataset |= {run.id for run in runs.list_damaged(workspace, dataset)}
    forget_runs(workspace, of_dataset)


def forget_runs(workspace: Workspace, gone: Collection[str]) -> None:
    """Delete bundles and reports of the runs of these ids, as `forget`."""
    questions: list[bundles.BundleQuestion | reports.ReportQuestion] = [
        *bundles.asked(workspace, bundles.MAKE),
        *listed.questions_about(reports.ReportsFolder.of(workspace), reports.ReportQuestion),
    ]
    for question in questions:
        if question.about in gone:
            question.dismiss()
