"""The process that mirrors runs: ``python -m lib.export.mirror.worker FOLDER LOCK``; a fork for each.

It answers `lib.export.mirror_questions.MirrorQuestion`. What was written is whole whenever a fork is ended.
"""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np

from lib.core.questions import forks, json_answers, serve
from lib.core.questions.requests import Place
from lib.export.mirror.following import mirror
from lib.export.mirror_questions import MirrorQuestion, MirrorsFolder


class Worker(forks.Worker[MirrorQuestion]):
    """Follows runs, each in a fork, and ends with the last."""

    kind = MirrorQuestion
    failure = "The run could not be mirrored"
    idle = 0.0
    most_at_once = 8

    @classmethod
    def place_in(cls, folder: Path) -> Place:
        return MirrorsFolder(folder)

    def respond(self, question: MirrorQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        tell, folder = serve.ProgressTeller(question), Path(request["folder"])
        tell(0, 0, "Starting")
        done = mirror(
            question.place.workspace,
            request["about"],
            request["to"],
            folder,
            stop=threading.Event(),
            tell=lambda step: tell(0, 0, f"step {step:,} is written, the next follow"),
        )
        return json_answers.pack({"state": done.state, "step": done.step, "values": done.values})

    def killed(self, question: MirrorQuestion, number: int) -> str:
        return f"The mirror was ended by {signal.Signals(number).name}: start it again, it goes on where it was."


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
