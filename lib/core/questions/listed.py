"""Which questions about a place there are, and which of them waits."""

from __future__ import annotations

import contextlib

from lib.core.questions.requests import FOLDER, ID, QUESTION, Place, T


def questions_about(place: Place, kind: type[T]) -> list[T]:
    """Return the questions about a place that were not withdrawn, the oldest first."""
    asked = []
    for path in (place.folder / FOLDER).glob(f"*{QUESTION}"):
        if ID.fullmatch(name := path.name.removesuffix(QUESTION)):
            with contextlib.suppress(FileNotFoundError):  # withdrawn at this moment
                asked.append((path.stat().st_mtime_ns, name))
    return [kind(place, name) for _, name in sorted(asked)]


def first_waiting(place: Place, kind: type[T]) -> T | None:
    """Return the oldest question that has neither answer nor error, None if there is none."""
    return next((one for one in questions_about(place, kind) if not one.settled), None)
