"""How many trials of a search have room where they train, and how long it waits for a cluster that does not answer."""

from __future__ import annotations

import contextlib
import math
import time

from lib.training.launchers.ray_client import UnreachableError
from lib.training.search import plans
from lib.training.search.plans import Plan

#: Seconds after which it is asked again how many runs there is room for, and that Ray may not answer before a search
#: fails: its head may start again meanwhile.
ROOM, PATIENCE = 10.0, 600.0


class Capacity:
    """Room for the trials of a plan, where a cluster may grow, shrink and be away for some minutes."""

    def __init__(self, plan: Plan):
        self._plan = plan
        self._count, self._ask_at = 1, 0.0
        self._away_since = math.inf

    def count(self) -> int:
        """Return how many runs may be at work at once."""
        if self._plan.at_once is not None:
            return self._plan.at_once
        if time.monotonic() >= self._ask_at:
            with contextlib.suppress(UnreachableError):  # at this moment: as many as before
                self._count = plans.room(self._plan.where)
            self._ask_at = time.monotonic() + ROOM
        return self._count

    def wait(self, error: UnreachableError) -> None:
        """Let what was asked for be tried again later; raises ``error`` where that was so for too long."""
        now = time.monotonic()
        self._away_since = min(self._away_since, now)
        if now > self._away_since + PATIENCE:
            raise error

    def answered(self) -> None:
        """Begin anew: what is asked for from now on has been answered."""
        self._away_since = math.inf
