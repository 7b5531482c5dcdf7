"""Removes the oldest questions of a place with all that belongs to them, so that a disk does not fill up."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

from lib.core import ages
from lib.core.questions.requests import ANSWER, ERROR, FOLDER, ID, MOST, MOST_BYTES, QUESTION, Place, Question

#: Seconds after which a question without an answer may go too.
FORGOTTEN = 24 * 3600.0


def prune(place: Place, *, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
    """Remove the oldest questions with all that belongs to them: those over ``most``, or over ``most_bytes`` together.

    The newest one stays however large it is, and what has no answer yet for a day.
    """
    parts: dict[str, list[Path]] = {}
    for path in (place.folder / FOLDER).iterdir():
        if ID.fullmatch(name := path.name.partition(".")[0]):
            parts.setdefault(name, []).append(path)
    facts = {name: _used_and_bytes(Question(place, name), paths) for name, paths in parts.items()}
    room = most_bytes
    for rank, name in enumerate(sorted(parts, key=lambda one: -facts[one][0])):
        used, size = facts[name]
        room -= size
        settled = any(path.name.endswith((ANSWER, ERROR)) for path in parts[name])
        if rank and (rank >= most or room < 0) and (settled or ages.since(used) > FORGOTTEN):
            for path in parts[name]:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _used_and_bytes(question: Question, paths: list[Path]) -> tuple[float, int]:
    """Return when a question was last asked, and how large all of it is."""
    used, size = [], 0
    for path in paths:
        for one in path.rglob("*") if path.is_dir() else [path]:
            with contextlib.suppress(FileNotFoundError):  # the worker is at it
                status = one.stat()
                size += status.st_size
                used.append((one == question.path(QUESTION), status.st_mtime))
    return max(used, default=(False, 0.0))[1], size
