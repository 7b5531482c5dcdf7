"""What Ray says of all jobs of this program, asked at most once in two seconds for all runs and pages together."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from lib.core.errors import UserError
from lib.training.launchers.base import Resources
from lib.training.launchers.ray_client import JobInfo, RayClient

#: Seconds for which an answer is good, and for which a Ray that did not answer is left alone.
FRESH, LEFT_ALONE = 2.0, 10.0
#: Seconds after a question in which whoever looks waits for its answer; then all go on with the one before.
PATIENCE = 1.0


@dataclass(frozen=True)
class Listing:
    """The jobs as Ray told at ``answered`` (of the monotonic clock); why it did not answer, "" where it did.

    ``resources`` are there where a job waits for some.
    """

    answered: float
    jobs: Mapping[str, JobInfo] = field(default_factory=dict)
    resources: Resources | None = None
    why: str = ""


class Lister:
    """Asks one Ray in a thread of its own, so that nobody waits for one that is dead or slow."""

    def __init__(self, address: str):
        self._client = RayClient(address)
        self._lock = threading.Lock()
        self._newest: Listing | None = None
        self._answered = threading.Event()
        self._asking, self._patient_until = False, 0.0

    def look(self) -> Listing:
        """Return the newest answer; one that is too old is waited out, for `PATIENCE` after the next was asked for."""
        with self._lock:
            newest = self._newest
            now = time.monotonic()
            age = now - newest.answered if newest else float("inf")
            is_due = newest is None or age > (LEFT_ALONE if newest.why else FRESH)
            if is_due and not self._asking:
                self._asking, self._patient_until = True, now + PATIENCE
                self._answered.clear()
                threading.Thread(target=self._ask, name="ray-jobs", daemon=True).start()
            patience = self._patient_until - now if self._asking else 0.0
        if patience > 0 and not (newest and newest.why):
            self._answered.wait(patience)
            newest = self._newest
        return newest or Listing(time.monotonic(), why=f"Ray at {self._client.address} has not answered yet.")

    def forget(self) -> None:
        """Ask at the next look: what was answered so far does not know a job that was started just now."""
        with self._lock:
            if self._newest and not self._newest.why:
                self._newest = None

    def _ask(self) -> None:
        try:
            jobs = self._client.jobs()
            is_waiting = any(job["status"] == "PENDING" for job in jobs.values())
            resources = self._client.resources() if is_waiting else None
            newest = Listing(time.monotonic(), jobs, resources)
        except UserError as error:
            newest = Listing(time.monotonic(), why=str(error))
        except BaseException:
            newest = Listing(time.monotonic(), why=f"Ray at {self._client.address} could not be asked.")
            raise
        finally:
            with self._lock:
                self._newest, self._asking = newest, False
            self._answered.set()


_listers: dict[str, Lister] = {}
_lock = threading.Lock()


def of(address: str) -> Lister:
    """Return the lister of the Ray at ``address``, one for the whole process."""
    with _lock:
        return _listers.setdefault(address, Lister(address))
