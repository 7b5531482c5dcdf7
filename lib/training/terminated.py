"""SIGTERM, by which systems and Ray end a worker: it means what the stop file does, and the batch at hand is kept."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from lib.training import events


@contextlib.contextmanager
def stops(folder: Path) -> Iterator[None]:
    """Let SIGTERM ask the run in ``folder``, which this process works on, to stop at once."""
    if threading.current_thread() is not threading.main_thread():  # where there are no handlers
        yield
        return
    worker = os.getpid()

    def ask(number: int, frame: FrameType | None) -> None:
        if os.getpid() != worker:  # a loader's process, which has inherited this
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        with contextlib.suppress(OSError):  # a second signal may not raise in whatever is at work
            (folder / events.STOP).open("wb").close()  # empty is `events.NOW`

    before = signal.signal(signal.SIGTERM, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
