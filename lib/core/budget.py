"""One budget of memory for the pictures that a process decodes at a time: who does not fit waits, in order.

What a picture takes is estimated from its header (`lib.core.cost`), before anything is decoded. A thread waits where it
is, unless it runs inside `impatient`: then it is told so at once and may wait elsewhere, as the web server does, which
holds no thread for a request that waits (`Budget.queue`).
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextvars import ContextVar

from lib.core import variables

#: Most MB that pictures being decoded may take in a process, where this variable says no other number.
VARIABLE = "MANYHOT_DECODING_MB"
#: What a worker may take, unless half of the computer's memory is less; the web server has its own.
WORKER_MB = 3000
MB = 10**6

_is_impatient: ContextVar[bool] = ContextVar("is_impatient", default=False)
_reserved: ContextVar[Claim | None] = ContextVar("reserved", default=None)


class TooLargeError(Exception):
    """A picture takes more memory than it may; ``cost`` and ``limit`` are bytes."""

    def __init__(self, cost: int, limit: int):
        super().__init__(f"{cost / MB:,.0f} MB to decode, and {limit / MB:,.0f} MB may be used")
        self.cost, self.limit = cost, limit


class FullError(Exception):
    """There is no room at this moment for what was to be decoded; wait with `Budget.queue`."""

    def __init__(self, budget: Budget, cost: int):
        super().__init__(f"no room for {cost / MB:,.0f} MB")
        self.budget, self.cost = budget, cost


class Claim:
    """A claim on bytes of a budget: it waits in the queue, then has room; `Budget.leave` gives back either."""

    def __init__(self, budget: Budget, cost: int, call: Callable[[], None]):
        self.budget, self.cost, self.call, self.has_room = budget, cost, call, False

    def covers(self, budget: Budget, cost: int) -> bool:
        """Return whether it is room for ``cost`` bytes in ``budget``."""
        return self.has_room and self.budget is budget and self.cost >= cost


class Budget:
    """So many bytes, shared by all threads that decode.

    Parameters
    ----------
    limit : int
        Bytes.
    most : int, optional
        What a single picture may take, if that is less.
    """

    def __init__(self, limit: int, most: int | None = None):
        self.limit, self.most = limit, limit if most is None else min(limit, most)
        self._lock, self._free = threading.Lock(), limit
        self._queue: deque[Claim] = deque()

    @property
    def taken(self) -> int:
        """How many bytes are in use or promised."""
        return self.limit - self._free

    @property
    def waiting(self) -> int:
        """How many wait for room."""
        return len(self._queue)

    @contextlib.contextmanager
    def hold(self, cost: int) -> Iterator[None]:
        """Have room for ``cost`` bytes inside the block, having waited for it.

        Raises
        ------
        TooLargeError
            If it never fits.
        FullError
            If there is no room now and this thread does not wait.
        """
        if cost > self.most:
            raise TooLargeError(cost, self.most)
        reserved = _reserved.get()
        if reserved is not None and reserved.covers(self, cost):
            yield
            return
        there_is_room = threading.Event()
        claim = self.queue(cost, there_is_room.set)
        try:
            if not claim.has_room and _is_impatient.get():
                raise FullError(self, cost)
            there_is_room.wait()
            yield
        finally:
            self.leave(claim)

    def queue(self, cost: int, call: Callable[[], None]) -> Claim:
        """Stand in line for ``cost`` bytes; ``call`` is called, from any thread, once they are there."""
        claim = Claim(self, cost, call)
        with self._lock:
            self._queue.append(claim)
        self._admit()
        return claim

    def leave(self, claim: Claim) -> None:
        """Give back the room of a claim, or its place in line."""
        with self._lock:
            if claim.has_room:
                claim.has_room = False
                self._free += claim.cost
            else:
                with contextlib.suppress(ValueError):  # it has left already
                    self._queue.remove(claim)
        self._admit()

    def _admit(self) -> None:
        admitted = []
        with self._lock:
            while self._queue and self._queue[0].cost <= self._free:
                claim = self._queue.popleft()
                claim.has_room = True
                self._free -= claim.cost
                admitted.append(claim)
        for claim in admitted:
            claim.call()


@contextlib.contextmanager
def impatient(claim: Claim | None = None) -> Iterator[None]:
    """Inside the block this thread does not wait for room; ``claim`` is room that it has already."""
    waits, room = _is_impatient.set(True), _reserved.set(claim)
    try:
        yield
    finally:
        _reserved.reset(room)
        _is_impatient.reset(waits)


def limit(default_mb: float) -> int:
    """Return how many bytes decoding may take in this process: what the variable says, else ``default_mb``.

    Raises
    ------
    UserError
        If the variable is no positive number.
    """
    return variables.stated_bytes(VARIABLE, default_mb, "MB")


def of_worker(most: float = math.inf) -> Budget:
    """Return the budget of a process that is not told another: half of the computer's memory, at most `WORKER_MB`.

    ``most`` is what it may be in bytes, where that is less.
    """
    try:
        half = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2
    except (AttributeError, ValueError, OSError):  # Windows
        half = math.inf
    return Budget(int(min(limit(min(WORKER_MB, half / MB)), most)))


_own: list[Budget] = []


def own() -> Budget:
    """Return the budget of this process."""
    if not _own:
        _own.append(of_worker())
    return _own[0]


def use(budget: Budget) -> None:
    """Make ``budget`` that of this process."""
    _own[:] = [budget]
