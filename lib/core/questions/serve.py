"""The loop of a process that answers requests: started by the first, gone when none comes.

`lib.core.questions.requests` says which files a question is, and `lib.core.questions.asking` how it is put. Here the
worker answers one question after the other. A module with a worker of its own ends with ``sys.exit(serve.main(ITS))``.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic

from filelock import Timeout

from lib.core import files, processes, tensor_files
from lib.core.errors import UserError, is_full, reason
from lib.core.questions import asking, listed, requests
from lib.core.questions.requests import ANSWER, FOLDER, LOG, Place, T, WithdrawnError

if TYPE_CHECKING:
    import numpy as np

#: Seconds without a question after which a worker ends and gives its memory back.
IDLE = 120.0
#: Seconds between looks at the questions.
POLL = 0.04
#: Exit code of a worker that finds another at work.
ANOTHER = 3
#: Seconds between two words on how far the work is.
EVERY = 0.3


class Worker(Generic[T]):
    """Answers the questions about one place; each kind of question has a subclass.

    Attributes
    ----------
    kind : type of Question
        Which questions.
    failure : str
        What could not be done, where an error of our own is to be told: ``The model could not be asked``.
    idle : float
        Seconds without a question after which it ends.
    """

    kind: type[T]
    failure: ClassVar[str]
    idle: ClassVar[float] = IDLE

    def __init__(self, place: Place):
        self.place = place

    @classmethod
    def place_in(cls, folder: Path) -> Place:
        """Return the place whose folder is ``folder``, which the process was started with."""
        raise NotImplementedError

    def get_ready(self) -> None:
        """Load what every question needs; called where there is no question yet."""

    def next(self) -> T | None:
        """Return the question to be answered next, None if there is none at the moment."""
        return listed.first_waiting(self.place, self.kind)

    @property
    def busy(self) -> bool:
        """Whether the work on a question goes on beside `answer`."""
        return False

    def respond(self, question: T, request: dict[str, Any]) -> dict[str, np.ndarray]:
        """Return the answer to a question, arrays by name.

        Raises
        ------
        UserError
            If there is none, in one sentence.
        WithdrawnError
            If nobody wants it any more; `Question.tell` and `Question.check` raise it.
        """
        raise NotImplementedError

    def answer(self, question: T) -> None:
        """Write the answer to a question, or in one sentence why there is none."""
        path = question.path(ANSWER)
        try:
            answer = self.respond(question, question.request())
            files.write_atomic(path, tensor_files.pack(answer, path.name))
        except WithdrawnError:
            pass
        except UserError as error:
            question.refuse(str(error))
        except Exception as error:
            # One question that fails must not cost the others their answers; the traceback is in the log.
            log_traceback()
            question.refuse(self._why(error))
        question.leave()  # not where the process is ended from outside: then it says that it was at work on this

    def _why(self, error: Exception) -> str:
        """Return what is said of an error that no user made."""
        folder = self.place.folder / FOLDER
        if is_full(error):
            return f"{self.failure}: the disk of {folder} is full ({reason(error)}). Make room there, then ask again."
        cause = traceback.format_exception_only(error)[-1].strip()
        return f"{self.failure} because of an error of Manyhot's own, {cause}; see {folder / LOG}."


def log_traceback() -> None:
    """Write the traceback of the error at hand to the log."""
    with contextlib.suppress(OSError):  # a full disk takes no log either, and that it is full will be said
        traceback.print_exc()


class ProgressTeller:
    """Says how far the work on a question is, at most a few times a second; called as progress functions are."""

    def __init__(self, question: requests.Question):
        self._question, self._text, self._began, self._told_at = question, "", time.monotonic(), -EVERY

    def __call__(self, done: int, total: int, text: str) -> None:
        """Say that ``done`` of ``total`` are done (0 while unknown) of the step ``text``; see `Question.tell`."""
        now = time.monotonic()
        if text != self._text:
            self._text, self._began, self._told_at = text, now, -EVERY
        if now - self._told_at >= EVERY:
            self._told_at = now
            self._question.tell(done, total, text=text, seconds=now - self._began)


def main(kind: type[Worker[Any]]) -> int:
    """Answer questions as the command line ``python -m MODULE FOLDER [LOCK]`` asks for it; return the exit code.

    The second argument is the descriptor of the inherited lock that says that this process lives.
    """
    lock = int(sys.argv[2]) if len(sys.argv) > 2 else None
    return serve(kind, kind.place_in(Path(sys.argv[1]).resolve()), lock=lock)


def serve(kind: type[Worker[Any]], place: Place, *, lock: int | None = None, idle: float | None = None) -> int:
    """Answer the questions about a place until there was none for some time; return the exit code.

    Parameters
    ----------
    kind : type of Worker
        Is made once it is certain that nobody else answers.
    place : Place
    lock : int, optional
        Descriptor of the inherited lock that says that this process lives; without it the lock is taken here.
    idle : float, optional
        Seconds; by default as the worker says.
    """
    try:
        let_go = _hold(place, lock)
    except Timeout:
        print(f"Another worker answers questions about {place.folder}; nothing to do here.", file=sys.stderr)
        return ANOTHER
    worker, most = kind(place), kind.idle if idle is None else idle
    if listed.first_waiting(place, kind.kind) is None:  # started before there is a question, so that it need not wait
        worker.get_ready()
    since = time.monotonic()
    while True:
        question = worker.next()
        if question is not None:
            worker.answer(question)
            since = time.monotonic()
        elif worker.busy:
            since = time.monotonic()
            time.sleep(POLL)
        elif time.monotonic() - since >= most or not place.folder.exists():
            if let_go_if_idle(place, kind.kind, let_go):
                return 0
        else:
            time.sleep(POLL)


def _hold(place: Place, descriptor: int | None) -> Callable[[], None]:
    """Hold the lock that says that this process lives, and return what lets go of it."""
    if descriptor is not None:
        return partial(os.close, descriptor)
    folder: Path = place.folder / FOLDER
    folder.mkdir(exist_ok=True)
    lock = processes.alive_lock(folder)
    lock.acquire(timeout=1)
    return lock.release


def let_go_if_idle(place: Place, kind: type[requests.Question], let_go: Callable[[], None]) -> bool:
    """Let go of the lock, unless a question came at the last moment; Python clears torch away for a second or two."""
    with asking.door(place) if (place.folder / FOLDER).exists() else contextlib.nullcontext():
        if listed.first_waiting(place, kind) is None:
            let_go()
            return True
    return False
