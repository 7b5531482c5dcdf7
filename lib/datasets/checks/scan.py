"""The picture scan beside the page: started, followed and stopped, from any page or none.

The process is ``python -m lib.datasets.checks.fingerprints_worker``. It outlives the page and the web server; page and
process meet in the dataset's folder ``fingerprints/`` only. Its state is derived from its lock and its files.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from lib.core import files, processes
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets.checks import fingerprints

#: Who asks to stop makes this file; the process removes it when it begins.
STOP = "stop"
PROGRESS, ERROR, LOG = "progress.json", "error.json", "worker.log"
#: How it stands: never asked (or stopped at once), at work, stopped with a part done, done, failed.
IDLE, WORKING, PARTLY, DONE, FAILED = "idle", "working", "partly", "done", "failed"


@dataclass(frozen=True)
class State:
    """How the scan of the images stands.

    Attributes
    ----------
    name : str
        `IDLE`, `WORKING`, `PARTLY`, `DONE` or `FAILED`.
    done, total : int
        Of the step at hand while it works; pictures looked at when it was stopped.
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


def start(dataset: Dataset) -> bool:
    """Start scanning the images of ``dataset``; return False if that goes on already.

    Raises
    ------
    UserError
        If the dataset's folder cannot be written to.
    """
    folder = dataset.path / fingerprints.FOLDER
    try:
        folder.mkdir(exist_ok=True)
        if processes.is_alive(folder):
            return False
        for name in (STOP, ERROR, PROGRESS):
            (folder / name).unlink(missing_ok=True)
        return processes.spawn(
            "lib.datasets.checks.fingerprints_worker", dataset.path, lock_in=folder, log=folder / LOG
        )
    except OSError as error:
        raise UserError(
            f"The folder {folder} cannot be written to ({error.strerror}): make room there, or allow writing."
        ) from error


def stop(dataset: Dataset) -> None:
    """Ask the process to stop; what it has done by then is kept."""
    (dataset.path / fingerprints.FOLDER / STOP).touch()


def asked_to_stop(folder: Path) -> bool:
    """Return whether the process that works in ``folder`` is to stop."""
    return (folder / STOP).exists()


def state(dataset: Dataset) -> State:
    """Return how it stands, also where the process was killed."""
    folder = dataset.path / fingerprints.FOLDER
    if processes.is_alive(folder):
        progress = _json(folder / PROGRESS)
        began = float(progress.get("began") or time.time())
        return State(
            WORKING,
            int(progress.get("done") or 0),
            int(progress.get("total") or len(dataset)),
            str(progress.get("text") or "Starting"),
            max(0.0, time.time() - began),
        )
    prints = fingerprints.read(dataset)
    if prints is not None and prints.complete:
        return State(DONE, prints.n_scanned, len(dataset))
    if error := _json(folder / ERROR).get("message"):
        return State(FAILED, text=str(error))
    if _json(folder / PROGRESS) and not asked_to_stop(folder):
        return State(
            FAILED, text=f"The scan crashed: it was killed, or it ran out of memory. Its log is {folder / LOG}."
        )
    if prints is not None and prints.n_scanned:
        return State(PARTLY, prints.n_scanned, len(dataset))
    return State(IDLE, 0, len(dataset))


def write_progress(folder: Path, done: int, total: int, text: str, began: float) -> None:
    """Say, as the process, how far it is; ``began`` is when the step at hand did, in seconds since 1970."""
    files.write_json(folder / PROGRESS, {"done": done, "total": total, "text": text, "began": began})


def refuse(folder: Path, message: str) -> None:
    """Say, as the process, in one sentence why it cannot go on."""
    files.write_json(folder / ERROR, {"message": message})


def _json(path: Path) -> dict:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
