"""Where the trials of a search are at work, as its controller sees it: how many have room, how long it waits."""

from __future__ import annotations

import contextlib
import math
import time

from lib.core.errors import UserError
from lib.training.launchers.ray_client import UnreachableError
from lib.training.search import plans
from lib.training.search.plans import Plan

#: Seconds after which it is asked again how many runs there is room for, and that Ray may not answer before a search
#: fails: its head may start again meanwhile.
ROOM, PATIENCE = 10.0, 600.0
#: Seconds in which what failed was surely tried again: where it was not, Ray answered meanwhile.
_TRIED_AGAIN = 120.0


class Places:
    """Room for the trials of a plan, where a cluster may grow, shrink and be away for some minutes."""

    def __init__(self, plan: Plan):
        self._plan = plan
        self._count, self._ask_at = 1, 0.0
        self._away_since = self._tried = -math.inf

    def count(self) -> int:
        """Return how many runs may be at work at once."""
        if self._plan.at_once is not None:
            return self._plan.at_once
        if time.monotonic() >= self._ask_at:
            with contextlib.suppress(UserError):  # it does not answer at this moment: as many as before
                self._count = plans.room(self._plan.where)
            self._ask_at = time.monotonic() + ROOM
        return self._count

    def wait(self, error: UnreachableError) -> None:
        """Let what was asked for be tried again later; raises ``error`` where that was so for too long."""
        now = time.monotonic()
        if now > self._tried + _TRIED_AGAIN:
            self._away_since = now
        self._tried = now
        if now > self._away_since + PATIENCE:
            raise error
