"""The process that scans the pictures of a dataset: ``python -m lib.datasets.checks.scan_worker FOLDER LOCK``.

It answers `lib.datasets.checks.scan.Scan`. Killed, it has kept what it had done at the last minute, and the next one
goes on from there.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from lib.core.questions import serve
from lib.core.questions.requests import WithdrawnError
from lib.datasets.checks import fingerprints
from lib.datasets.checks.near_duplicates import StoppedError
from lib.datasets.checks.scan import Scan, Scanner

KEPT_EVERY = 60.0  # seconds between two times that all is written


class Worker(serve.Worker[Scan]):
    """Scans the images of one dataset, and ends."""

    kind = Scan
    failure = "The images could not be scanned"
    idle = 0.0

    @classmethod
    def place_in(cls, folder: Path) -> Scanner:
        return Scanner(folder, folder.parent.name)

    def respond(self, question: Scan, request: dict[str, Any]) -> dict[str, np.ndarray]:
        watched = _Watched(question)
        signal.signal(signal.SIGTERM, watched.end)
        dataset = question.scanner.load()
        while True:
            watched.turn()
            try:
                prints = fingerprints.measure(dataset, watched.tell, stop=watched.stop)
                return {"scanned": np.array([prints.n_scanned], dtype=np.int64)}
            except StoppedError:
                watched.leave_if_ended()


class _Watched:
    """Tells how far the work is, and when it is to be broken off: for good, or to write what is done."""

    def __init__(self, question: Scan):
        self._question, self._tell = question, serve.ProgressTeller(question)
        self._checked_at, self._text, self._signalled, self._stopped = 0.0, "", False, False
        self._since = time.monotonic()

    def end(self, *_: object) -> None:
        self._signalled = True

    def leave_if_ended(self) -> None:
        """End where somebody asked for it: by taking the question back, or by a signal to the process."""
        self._question.check()
        if self._signalled:
            raise SystemExit(128 + signal.SIGTERM)

    def turn(self) -> None:
        self._since, self._stopped = time.monotonic(), False

    def stop(self) -> bool:
        """Return whether to break off; asked very often, so that it looks seldom."""
        now = time.monotonic()
        if not self._stopped and now - self._checked_at > 0.1:
            self._checked_at = now
            due = self._text.startswith("Scanning") and now - self._since > KEPT_EVERY
            self._stopped = due or self._signalled or not self._question.is_wanted
        return self._stopped

    def tell(self, done: int, total: int, text: str) -> None:
        self._text = text
        with contextlib.suppress(WithdrawnError):  # `stop` says so, and what is done is kept
            self._tell(done, total, text)


if __name__ == "__main__":
    os.nice(5)  # the pages come first
    sys.exit(serve.main(Worker))
