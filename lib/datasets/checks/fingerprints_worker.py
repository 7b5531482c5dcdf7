"""The process that scans the pictures of a dataset.

``python -m lib.datasets.checks.fingerprints_worker DATASET_DIR LOCK``.

What it says is on disk, see `lib.datasets.checks.scan`. Killed, it has kept what it had done at the last minute, and
the next one goes on from there.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from lib.core import processes
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.checks import fingerprints, scan
from lib.datasets.checks.near_duplicates import StoppedError

EVERY = 0.3  # seconds between two words on how far it is
KEPT_EVERY = 60.0  # seconds between two times that all is written
ANOTHER = 3


def main(folder: Path, *, lock: int | None) -> int:
    """Scan the images of the dataset in ``folder``; return the exit status.

    Parameters
    ----------
    folder : pathlib.Path
    lock : int or None
        Descriptor of the inherited lock that says that this process lives; None to take the lock here.
    """
    place = folder / fingerprints.FOLDER
    place.mkdir(exist_ok=True)
    own_lock = None
    if lock is None:
        own_lock = processes.alive_lock(place)
        own_lock.acquire(timeout=1)
    watched = _Watched(place)
    signal.signal(signal.SIGTERM, watched.end)
    try:
        dataset = store.load(Workspace(folder.parent.parent), folder.name)
        while True:
            watched.turn()
            try:
                fingerprints.measure(dataset, watched.tell, stop=watched.stop)
                break
            except StoppedError:
                if watched.ended():
                    return 0
    except UserError as error:
        scan.refuse(place, str(error))
        return 2
    finally:
        if own_lock is not None:
            own_lock.release()
    (place / scan.PROGRESS).unlink(missing_ok=True)
    return 0


class _Watched:
    """Tells how far the work is, and when it is to be broken off: for good, or to write what is done."""

    def __init__(self, place: Path):
        self.place, self.reported_at, self.checked_at, self.text = place, 0.0, 0.0, ""
        self.began, self.signalled, self.stopped = time.time(), False, False
        self.since = time.monotonic()

    def end(self, *_: object) -> None:
        self.signalled = True

    def ended(self) -> bool:
        """Return whether somebody asked to stop."""
        return self.signalled or scan.asked_to_stop(self.place)

    def turn(self) -> None:
        self.since, self.stopped = time.monotonic(), False

    def stop(self) -> bool:
        """Return whether to break off; asked very often, so that it looks seldom."""
        now = time.monotonic()
        if not self.stopped and now - self.checked_at > 0.1:
            self.checked_at = now
            due = self.text.startswith("Scanning") and now - self.since > KEPT_EVERY
            self.stopped = due or self.ended()
        return self.stopped

    def tell(self, done: int, total: int, text: str) -> None:
        if text != self.text:
            self.text, self.began, self.reported_at = text, time.time(), 0.0
        if time.monotonic() - self.reported_at > EVERY:
            self.reported_at = time.monotonic()
            scan.write_progress(self.place, done, total, text, self.began)


if __name__ == "__main__":
    os.nice(5)  # the pages come first
    # The second argument is the descriptor of the inherited lock.
    sys.exit(main(Path(sys.argv[1]).resolve(), lock=int(sys.argv[2]) if len(sys.argv) > 2 else None))
