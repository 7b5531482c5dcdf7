"""How long ago something was written, where the clock on the wall may be set while this process runs."""

from __future__ import annotations

import time

#: Seconds by which the clock on the wall may be corrected bit by bit between two looks at it without being set.
_SLEW = 2.0
#: Settings of the clock that are remembered.
_MOST = 32
#: What the clock on the wall was ahead of the one that never jumps, in each of the settings that this process has seen;
#: the last one is that of now.
_ahead = [time.time() - time.monotonic()]


def since(moment: float) -> float:
    """Return how many seconds ago something was dated ``moment``, in seconds since 1970: rather too few than too many.

    It may have been dated before the clock was set, or while it was wrong, so it is as old as it is by any setting of
    the clock that this process has seen. What is later than now by all of them has a negative age. Where the clock was
    set back a moment comes twice: as it does, the age falls, once, to that of what is dated just now.
    """
    _look()
    ages = [ahead + time.monotonic() - moment for ahead in _ahead]
    return min((age for age in ages if age >= 0), default=ages[-1])


def _look() -> None:
    """Remember how the clock is set."""
    now = time.time() - time.monotonic()
    others = [ahead for ahead in _ahead if abs(ahead - now) > _SLEW]
    _ahead[:] = [*others[1 - _MOST :], now]
