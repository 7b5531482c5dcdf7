"""The process that makes bundles and takes them in: ``python -m lib.export.bundle.worker FOLDER LOCK``.

It answers `lib.export.bundle.questions.BundleQuestion`, each in a fork with limits: a page has no torch, and what comes
from outside is read where it can take down nothing else.
"""

from __future__ import annotations

import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock

from lib.core import cleanup
from lib.core.errors import UserError, reason
from lib.core.questions import forks, json_answers, serve
from lib.core.questions.requests import Place
from lib.export.bundle import arriving, questions, stand_in
from lib.export.bundle.questions import TAKE, BundleQuestion, BundlesFolder, Made
from lib.training import runs

#: Bytes of memory that taking a bundle in may take beside torch's, for each byte of the zip.
_TORCH, _TIMES = 6 * 2**30, 8
#: Seconds that taking one in may take, torch's start included.
_MOST_S = 600.0


class Worker(forks.Worker[BundleQuestion]):
    """Makes or reads one bundle after the other, and ends."""

    kind = BundleQuestion
    failure = "The bundle could not be made or read"
    idle = 0.0
    most_at_once = 1  # each takes gigabytes

    @classmethod
    def place_in(cls, folder: Path) -> Place:
        return BundlesFolder(folder)

    def limits(self, question: BundleQuestion, request: dict[str, Any]) -> forks.Limits:
        if request["kind"] != TAKE:
            return forks.Limits()
        source = question.zipped
        try:
            files = [source / name for name in arriving.files_in(source)] if source.is_dir() else [source]
            size = sum(path.stat().st_size for path in files)
        except OSError as error:
            raise UserError(
                f"The bundle {request['about']} cannot be read ({reason(error)}): bring it again."
            ) from error
        return forks.Limits(memory=_TORCH + _TIMES * size, seconds=_MOST_S)

    def respond(self, question: BundleQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        tell = serve.ProgressTeller(question)
        tell(0, 0, "Starting")
        return json_answers.pack(
            self._take(question, request, tell) if request["kind"] == TAKE else _make(question, tell)
        )

    def _take(self, question: BundleQuestion, request: dict[str, Any], tell: serve.ProgressTeller) -> dict[str, Any]:
        from lib.export.bundle import taking

        try:
            taken = taking.take(question.place.workspace, question.zipped, tell, name=request["about"])
        except MemoryError:
            forks.lift_memory_limit()
            raise UserError(
                f"The bundle {request['about']} takes more memory than {_TIMES} times its size: nothing was imported."
            ) from None
        finally:
            if question.is_upload:  # refused, it is nobody's
                question.zipped.unlink(missing_ok=True)
        return asdict(taken)

    def too_long(self, question: BundleQuestion, seconds: float) -> str:
        return f"Reading the bundle {question.about} took more than {seconds:.0f} seconds: nothing was imported."

    def ended(self) -> None:
        workspace = self.place.workspace  # type: ignore[attr-defined]
        cleanup.sweep(workspace)
        questions.remove_refused(workspace)
        if workspace.runs.is_dir():
            with FileLock(workspace.runs / ".start.lock"):
                stand_in.remove_unfinished(workspace)

    def killed(self, question: BundleQuestion, number: int) -> str:
        return f"The process at work on {question.about} was ended by {signal.Signals(number).name}: ask again."


def _make(question: BundleQuestion, tell: serve.ProgressTeller) -> Made:
    from lib.export.bundle import making

    run, path = runs.load(question.place.workspace, question.about), question.zipped
    path.unlink(missing_ok=True)  # of a worker that was killed before it answered
    manifest = making.write(run, path, tell)
    return {"file": path.name, "bytes": path.stat().st_size, "parity": manifest["parity"]}


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
