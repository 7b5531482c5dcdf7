"""The queue of a device: one run trains, the others wait in the order in which they came."""

from __future__ import annotations

import re
import time
from pathlib import Path

from filelock import FileLock, Timeout

from lib.core import processes
from lib.core.errors import UserError
from lib.core.workspace import Workspace

#: Seconds between looks at the queue.
POLL = 0.5
#: What the folders of queues are called before the device.
_QUEUE = "queue-"
_NUMBER = re.compile(r"[0-9]{20}")


def draw(workspace: Workspace) -> int:
    """Return the number of a place at the end of the queue, whichever device it will be for."""
    # The time, as earlier versions have it, or where the clock was set back the number after the last one.
    numbers = (path.name.partition("-")[0] for path in workspace.root.glob(f"{_QUEUE}*/*"))
    return max([time.time_ns(), *(int(number) + 1 for number in numbers if _NUMBER.fullmatch(number))])


class DeviceQueue:
    """The queue of the runs of a workspace for one device.

    Every run that wants the device puts an entry, an empty file named by number and run, into a folder, and keeps it
    until it is done; the entries of runs whose worker is gone count for nothing. Who holds the lock trains. A run that
    waits for something else first draws its number before that: nobody who comes meanwhile overtakes it.

    Parameters
    ----------
    workspace : Workspace
    device : str
        Kind of device, for instance ``cpu``.
    run : str
        Id of the run that wants it.
    """

    def __init__(self, workspace: Workspace, device: str, run: str):
        self._workspace, self._run = workspace, run
        self._folder = workspace.root / f"{_QUEUE}{device}"
        self._lock = FileLock(workspace.root / f"device-{device}.lock")
        self._entry: Path | None = None

    def enter(self, number: int) -> None:
        """Take the place of a ``number`` that was drawn with `draw`, behind all that were drawn before."""
        self._folder.mkdir(exist_ok=True)
        self._entry = self._folder / f"{number:020d}-{self._run}"
        self._entry.touch()

    def before(self) -> list[str]:
        """Return the ids of the runs that come first, the one that trains at the head."""
        runs_before: list[str] = []
        for path in sorted(self._folder.iterdir()):
            if path == self._entry:
                return runs_before
            run = path.name.partition("-")[2]
            if run != self._run and self._is_alive(run):
                runs_before.append(run)
            else:
                path.unlink(missing_ok=True)
        return runs_before

    def _is_alive(self, run: str) -> bool:
        try:
            return processes.is_alive(self._workspace.run(run))
        except UserError:  # said where that run is shown; if it trains all the same, it holds the device's own lock
            return False

    def try_take(self) -> bool:
        """Wait `POLL` seconds for the device; return whether it is this run's now."""
        if self.before():
            time.sleep(POLL)
            return False
        try:
            self._lock.acquire(timeout=POLL)
        except Timeout:
            return False
        return True

    def is_taken(self) -> bool:
        """Return whether a run trains on the device now."""
        try:
            with FileLock(self._lock.lock_file).acquire(timeout=0):
                return False
        except Timeout:
            return True

    def leave(self) -> None:
        """Give the place, and the device, to the next."""
        self._lock.release()
        if self._entry is not None:
            self._entry.unlink(missing_ok=True)
