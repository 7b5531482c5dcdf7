"""The loop of a process that answers requests: started by the first, gone when none comes.

`lib.inference.requests` says which files a question is. Here is who is at work: the asking side sees to it that there
is a worker, and the worker's side answers one question after the other.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from lib.core import files, processes
from lib.core.errors import UserError
from lib.inference import requests
from lib.inference.requests import ANSWER, FOLDER, LOG, PROGRESS, HasRequests, Ticket, WithdrawnError

if TYPE_CHECKING:
    import numpy as np

#: Seconds without a question after which a worker ends and gives its memory back.
IDLE = 120.0
#: Seconds between looks at the questions.
POLL = 0.04
#: Exit code of a worker that finds another at work.
ANOTHER = 3
_DOOR = ".door.lock"


# --- who asks ----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def asking(place: HasRequests) -> Iterator[None]:
    """Hold the door while a question is put.

    Raises
    ------
    UserError
        If the place cannot be written to.
    """
    folder = place.folder / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        with door(place):
            yield
    except OSError as error:
        raise UserError(
            f"The folder {folder} cannot be written to ({error.strerror or error}): make room on its disk, or allow "
            "writing there."
        ) from error


def door(place: HasRequests) -> FileLock:
    """Return the lock under which questions are put and a worker leaves, after it has looked a last time.

    Without it a question that comes at that moment would wait for a worker that is gone.
    """
    return FileLock(place.folder / FOLDER / _DOOR, thread_local=False)


def start(place: HasRequests, module: str, kind: type[Ticket] = Ticket) -> bool:
    """Start ``module`` on a place, with its door held; return False if a worker is alive already."""
    folder = place.folder / FOLDER
    if processes.is_alive(folder):
        return False
    for path in folder.glob(f"*{PROGRESS}"):  # what a worker died of is not tried again without being asked
        ticket = kind(place, path.name.removesuffix(PROGRESS))
        if not ticket.path(ANSWER).exists():
            ticket.refuse(ticket.died())
        path.unlink(missing_ok=True)
    return processes.spawn(module, place.folder, lock_in=folder, log=folder / LOG)


# --- who answers -------------------------------------------------------------------------------------------


class Answerer(Protocol):
    """What loads what is needed, and answers."""

    def get_ready(self) -> None:
        """Load what every question needs."""

    def answer(self, ticket: Ticket) -> None:
        """Answer one question, or say why not; see `write_answer`."""


def serve(place: HasRequests, make: Callable[[], Answerer], *, lock: int | None, idle: float = IDLE) -> int:
    """Answer the questions of a place until there was none for ``idle`` seconds; return the exit code.

    Parameters
    ----------
    place : Asked
    make : callable
        Makes what answers, once it is certain that nobody else does.
    lock : int or None
        Descriptor of the inherited lock that says that this process lives; None to take the lock here.
    idle : float
    """
    try:
        let_go = _hold(place, lock)
    except Timeout:
        print(f"Another worker answers questions about {place.folder}; nothing to do here.", file=sys.stderr)
        return ANOTHER
    worker = make()
    if requests.first_waiting(place) is None:  # started before there is a question, so that it need not wait
        worker.get_ready()
    since = time.monotonic()
    while True:
        ticket = requests.first_waiting(place)
        if ticket is not None:
            worker.answer(ticket)
            since = time.monotonic()
        elif time.monotonic() - since > idle or not place.folder.exists():
            if let_go_if_idle(place, let_go):
                return 0
        else:
            time.sleep(POLL)


def write_answer(ticket: Ticket, answer: Callable[[Ticket], dict[str, np.ndarray]], *, failure: str) -> None:
    """Write the answer to a question, or in one sentence why there is none.

    Parameters
    ----------
    ticket : Ticket
    answer : callable
        Returns arrays by name.
    failure : str
        What could not be done where an error of our own is to be told: ``The model could not be asked``.
    """
    from safetensors.numpy import save as pack

    try:
        files.write_atomic(ticket.path(ANSWER), pack(answer(ticket)))
    except WithdrawnError:
        pass
    except UserError as error:
        ticket.refuse(str(error))
    except Exception as error:
        # One question that fails must not cost the others their answers; the traceback is in the log.
        traceback.print_exc()
        cause = traceback.format_exception_only(error)[-1].strip()
        log = ticket.run.folder / FOLDER / LOG
        ticket.refuse(f"{failure} because of an error of Manyhot's own, {cause}; see {log}.")
    finally:
        ticket.leave()


def _hold(place: HasRequests, descriptor: int | None) -> Callable[[], None]:
    """Hold the lock that says that this process lives, and return what lets go of it."""
    if descriptor is not None:
        return partial(os.close, descriptor)
    folder: Path = place.folder / FOLDER
    folder.mkdir(exist_ok=True)
    lock = processes.alive_lock(folder)
    lock.acquire(timeout=1)
    return lock.release


def let_go_if_idle(place: HasRequests, let_go: Callable[[], None]) -> bool:
    """Let go of the lock, unless a question came at the last moment; Python clears torch away for a second or two."""
    with door(place) if (place.folder / FOLDER).exists() else contextlib.nullcontext():
        if requests.first_waiting(place) is None:
            let_go()
            return True
    return False
