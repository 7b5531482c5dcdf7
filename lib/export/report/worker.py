"""The process that makes reports: ``python -m lib.export.report.worker FOLDER LOCK``; it loads no torch."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np

from lib.core.questions import forks, json_answers, serve
from lib.core.questions.requests import Place
from lib.export.report import making
from lib.export.report.questions import ReportQuestion, ReportsFolder
from lib.training import runs


class Worker(forks.Worker[ReportQuestion]):
    """Makes one report after the other, and ends."""

    kind = ReportQuestion
    failure = "The report could not be made"
    idle = 0.0
    most_at_once = 1

    @classmethod
    def place_in(cls, folder: Path) -> Place:
        return ReportsFolder(folder)

    def limits(self, question: ReportQuestion, request: dict[str, Any]) -> forks.Limits:
        return forks.Limits()

    def respond(self, question: ReportQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        run = runs.load(question.place.workspace, request["about"])
        tell = serve.ProgressTeller(question)
        split, thresholds = request.get("split", ""), request["thresholds"]
        status = making.write(run, question.file, split=split, thresholds=thresholds, tell=tell)
        return json_answers.pack({"bytes": status.size})

    def killed(self, question: ReportQuestion, number: int) -> str:
        return f"The process that made the report of {question.about} was ended by {signal.Signals(number).name}."


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
