"""The picture scan beside the page: a question about a dataset, put, followed and stopped from any page or none.

It is a question as those to a model are, see `lib.core.questions`, answered by `lib.datasets.checks.scan_worker` in the
dataset's folder ``fingerprints/``. What it scans is kept by `lib.datasets.checks.fingerprints`, so that a part of it
stays whenever it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, cast

from lib.core import processes
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.core.questions import asking, requests
from lib.core.questions.requests import PROGRESS, Question
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.checks import fingerprints

#: How it stands: never asked (or stopped at once), at work, stopped with a part done, done, failed.
IDLE, WORKING, PARTLY, DONE, FAILED = "idle", "working", "partly", "done", "failed"
#: There is one question: it does not matter when it was asked, what was scanned is not scanned again.
_CONTENT = {"kind": "scan"}


@dataclass(frozen=True)
class State:
    """How the scan of the images stands.

    Attributes
    ----------
    name : str
        `IDLE`, `WORKING`, `PARTLY`, `DONE` or `FAILED`.
    done, total : int
        Of the step at hand while it works; else images that were scanned and kept, and all.
    text : str
        What is being done, or why it failed and what to do.
    seconds : float
        Since the step at hand began.
    """

    name: str
    done: int = 0
    total: int = 0
    text: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class Scanner:
    """Where the images of one dataset are scanned.

    Attributes
    ----------
    folder : pathlib.Path
        ``fingerprints/`` in the dataset's folder.
    id : str
        The dataset's name.
    """

    folder: Path
    id: str

    @classmethod
    def of(cls, dataset: Dataset) -> Scanner:
        """Return that of ``dataset``."""
        return cls(dataset.path / fingerprints.FOLDER, dataset.name)

    @property
    def lock_in(self) -> Path:
        """The folder with the lock that whoever scans holds."""
        return self.folder / requests.FOLDER

    def load(self) -> Dataset:
        """Return the dataset as it is.

        Raises
        ------
        UserError
            If it is gone or damaged.
        """
        return store.load(Workspace(self.folder.parent.parent.parent), self.id)


@dataclass(frozen=True)
class Scan(Question):
    """The question to scan the images of a dataset."""

    module: ClassVar[str] = "lib.datasets.checks.scan_worker"
    loads: ClassVar[str] = "Starting"
    waits: ClassVar[str] = "Starting"

    @property
    def scanner(self) -> Scanner:
        """Whose images are scanned."""
        return cast(Scanner, self.place)

    def died(self) -> str:
        """Return what to say of a scan that is gone."""
        log = self.place.folder / requests.FOLDER / requests.LOG
        return f"The scan crashed: it was killed, or the memory or the disk was full. Its log is {log}."


def start(dataset: Dataset) -> bool:
    """Start scanning the images of ``dataset``; return False if that goes on already.

    Raises
    ------
    UserError
        If the dataset's folder cannot be written to.
    """
    scan = _scan(dataset)
    try:
        scan.place.folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UserError(
            f"The folder {scan.place.folder} cannot be written to ({reason(error)}): make room there, or allow writing."
        ) from error
    if scan.state().active:
        return False
    if not asking.ask(scan, _CONTENT):
        asking.ask_again(scan)  # what was answered may be of files that changed since
    return True


def stop(dataset: Dataset) -> None:
    """Withdraw the question; what was scanned by then is kept."""
    _scan(dataset).cancel()


def state(dataset: Dataset) -> State:
    """Return how it stands, also where the process was killed."""
    scan = _scan(dataset)
    now = scan.state()
    if now.active:
        return State(WORKING, now.done, now.total or len(dataset), now.message, now.step_seconds)
    if processes.is_alive(Scanner.of(dataset).lock_in):  # it was withdrawn, or the command line scans
        return State(WORKING, text="Stopping" if scan.path(PROGRESS).exists() else "Another process is scanning")
    prints = fingerprints.read(dataset)
    n_scanned = prints.n_scanned if prints is not None else 0
    if prints is not None and prints.complete:
        return State(DONE, n_scanned, len(dataset))
    if now.name == requests.FAILED and scan.is_wanted:
        return State(FAILED, n_scanned, len(dataset), now.message)
    return State(PARTLY if n_scanned else IDLE, n_scanned, len(dataset))


def _scan(dataset: Dataset) -> Scan:
    return Scan(Scanner.of(dataset), asking.name_of(_CONTENT))
