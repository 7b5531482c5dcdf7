"""Who a request comes from, and how many bodies of each visitor arrive at once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.requests import Request

from lib.core import people
from lib.importing.arriving import RefusedError

#: Bodies that arrive at once, of one visitor and of all together; each takes up to 2 MB of memory.
AT_ONCE, AT_ONCE_OVERALL = 12, 40


@dataclass
class Body:
    """A body that arrives.

    Attributes
    ----------
    visitor : str
        Who brings it.
    to_come : int
        Bytes of it that are missing and have no place on the disk otherwise.
    """

    visitor: str
    to_come: int = 0


_bodies: list[Body] = []


def visitor(request: Request) -> str:
    """Return who a request comes from, as quotas count: the person who is logged in, else the address.

    A page more costs nothing to open, and behind a proxy all may have one address.
    """
    return people.at_work() or (request.client.host if request.client else "")


@contextlib.contextmanager
def arriving(visitor: str, to_come: int = 0) -> Iterator[Body]:
    """Count a body while it arrives.

    Raises
    ------
    RefusedError
        If too many arrive already; a browser tries again.
    """
    if sum(one.visitor == visitor for one in _bodies) >= AT_ONCE:
        raise RefusedError(f"{AT_ONCE} files of yours arrive already: wait for one of them.", 503)
    if len(_bodies) >= AT_ONCE_OVERALL:
        raise RefusedError("Too many files arrive at once: try again in a moment.", 503)
    body = Body(visitor, to_come)
    _bodies.append(body)
    try:
        yield body
    finally:
        _bodies[:] = [one for one in _bodies if one is not body]


def to_come() -> int:
    """Return how many bytes are on their way that have no place on the disk otherwise."""
    return sum(one.to_come for one in _bodies)
