"""The process that answers many pictures: ``python -m lib.export.many.worker FOLDER LOCK``.

It answers `lib.export.many.questions.ManyQuestion`, each in a fork: whatever becomes of one, its shards stay.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lib import tasks
from lib.core.errors import UserError
from lib.core.questions import forks, json_answers, serve
from lib.core.questions.requests import Place
from lib.export.many.joining import Summary
from lib.export.many.questions import ManyFolder, ManyQuestion
from lib.export.many.table import Reading, Shards
from lib.inference import ask
from lib.inference.many import on_ray, shards, sources, work
from lib.training import runs
from lib.training.launchers.launched import LOCAL


class Worker(forks.Worker[ManyQuestion]):
    """Answers one folder, zip or table after the other, and ends."""

    kind = ManyQuestion
    failure = "The pictures could not be answered"
    idle = 0.0
    most_at_once = 1  # each loads a model

    @classmethod
    def place_in(cls, folder: Path) -> Place:
        return ManyFolder(folder)

    def respond(self, question: ManyQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        run, content = runs.load(question.place.workspace, request["about"]), question.content
        if content is None or request["model"] != ask.model_id(run):
            raise UserError(f"The run {run.id} has another model by now: ask again.")
        tell = serve.ProgressTeller(question)
        tell(0, 0, "Loading the model")
        with sources.listed([question.source(content)]) as entries, shards.opened(question.target) as folder:
            asked, why = work.load(question.place.workspace, run, tell)
            paths = on_ray.answer_on(content.get("on", LOCAL), asked, entries, folder, tell)
        if "file" in content:  # its answers are kept
            question.source(content).unlink(missing_ok=True)
        boundary = None if asked.reference is None else asked.reference.boundary
        reading = Reading(run.id, tasks.get(run.config.task), run.names(), run.config.thresh, "", boundary=boundary)
        summary = Summary()
        for part in Shards(paths):
            summary.add(part, reading)
        facts = {name: value for name, value in asdict(summary).items() if name != "unsure"}  # depends on the reading
        return json_answers.pack(
            {**facts, "shards": [path.name for path in paths], "boundary": boundary, "not_compared": why}
        )

    def killed(self, question: ManyQuestion, number: int) -> str:
        return (
            f"The process that answered was ended by {signal.Signals(number).name}: what is answered is kept, go on "
            "from there."
        )


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
