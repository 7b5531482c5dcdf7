"""How long ago something was written, where the clock on the wall may be set while this process runs."""

from __future__ import annotations

import time

#: What the clock on the wall was ahead of the one that never jumps when this process began.
_AHEAD = time.time() - time.monotonic()


def since(moment: float) -> float:
    """Return how many seconds ago something was dated ``moment``, in seconds since 1970: rather too few than too many.

    After the clock was set forward, what was written before is as old as if it had not been; after it was set back,
    what is written from then on is as old as it says. What is dated later than now has a negative age.
    """
    return min(time.time(), _AHEAD + time.monotonic()) - moment
