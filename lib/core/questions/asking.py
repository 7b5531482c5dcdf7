"""Asking: a question put on disk once, a worker that is there to answer it, asking again."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lib.core import digests, files, locks, processes
from lib.core.errors import UserError, reason
from lib.core.questions import pruning, requests
from lib.core.questions.requests import ANSWER, ERROR, FOLDER, LOG, PROGRESS, QUESTION, Place, Question

_DOOR = ".door.lock"


def name_of(content: dict[str, Any]) -> str:
    """Return what a question is called: the same content is the same question.

    Examples
    --------
    >>> name_of({"a": 1, "b": 2}) == name_of({"b": 2, "a": 1})
    True
    """
    return digests.of(json.dumps(content, sort_keys=True).encode())


def ask(question: Question, content: dict[str, Any], *, keep: Callable[[Path], None] | None = None) -> bool:
    """Put a question and see to it that a worker is there; return at once whether it was put.

    The same question is worked on once, and its answer found again. Where it failed it stays so, that a page that asks
    whenever it is drawn does not repeat what cannot work; see `ask_again`. One that failed because it is damaged
    on disk is put anew.

    Parameters
    ----------
    question : Question
    content : dict
        What the worker reads with `Question.request`.
    keep : callable, optional
        Writes what else belongs to the question into the folder that it is given.

    Raises
    ------
    UserError
        If the place cannot be written to.
    """
    with _door_held(question.place):
        if not _is_there(question):
            question.forget()
            if keep is not None:
                keep(question.folder)
            _put(question, content)
            pruning.prune(question.place, most=question.most, most_bytes=question.most_bytes)
            return True
        if question.settled:  # one whose worker died at once would look as if it was just put
            _make_newest(question)  # what is used is kept
        return False


def ask_again(question: Question) -> None:
    """Forget the answer or the error of a question and have it answered anew.

    Raises
    ------
    UserError
        If it was withdrawn, or the disk is full.
    """
    content = question.request()
    with _door_held(question.place):
        question.forget()
        _put(question, content)


def start_worker(place: Place, kind: type[Question]) -> bool:
    """Start the worker before there is a question, so that its answer comes sooner; return False if there is one.

    Raises
    ------
    UserError
        If the place cannot be written to.
    """
    with _door_held(place):
        return _start(place, kind)


def find(place: Place, name: str, kind: type[requests.T]) -> requests.T | None:
    """Return the question called ``name``, which may come from an address; None if there is none."""
    if not requests.ID.fullmatch(name):
        return None
    question = kind(place, name)
    return question if question.path(QUESTION).is_file() else None


def door(place: Place) -> contextlib.AbstractContextManager[None]:
    """Return what holds the lock under which questions are put and a worker leaves, after it has looked a last time.

    Without it a question that comes at that moment would wait for a worker that is gone.
    """
    return locks.held(place.folder / FOLDER / _DOOR)


@contextlib.contextmanager
def _door_held(place: Place) -> Iterator[None]:
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
            f"The folder {folder} cannot be written to ({reason(error)}): make room on its disk, or allow "
            "writing there."
        ) from error


def _is_there(question: Question) -> bool:
    """Return whether a question was put, and not refused because nobody can read it."""
    if not question.path(ERROR).exists():
        return question.path(QUESTION).exists()
    try:
        question.request()
    except UserError:
        return False
    return True


def _put(question: Question, content: dict[str, Any]) -> None:
    files.write_json(question.path(QUESTION), content)
    _make_newest(question)
    _start(question.place, type(question))


def _make_newest(question: Question) -> None:
    """Date a question behind all others of its place, also where the clock was set back since they were asked."""
    asked = [0]
    for path in question.path(QUESTION).parent.glob(f"*{QUESTION}"):
        with contextlib.suppress(FileNotFoundError):  # withdrawn at this moment
            asked.append(path.stat().st_mtime_ns)
    now = max(time.time_ns(), max(asked) + 1)
    os.utime(question.path(QUESTION), ns=(now, now))


def _start(place: Place, kind: type[Question]) -> bool:
    """Start the worker of a place, with its door held; return False if one is alive already."""
    folder = place.folder / FOLDER
    if processes.is_alive(folder):
        return False
    for path in folder.glob(f"*{PROGRESS}"):  # what a worker died of is not tried again without being asked
        question = kind(place, path.name.removesuffix(PROGRESS))
        if not question.path(ANSWER).exists():
            question.refuse(question.died())
        path.unlink(missing_ok=True)
    return processes.spawn(kind.module, place.folder, lock_in=folder, log=folder / LOG)
