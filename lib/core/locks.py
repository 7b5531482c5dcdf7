"""A lock by a file in a folder that is there: filelock's own would make the folder anew that somebody has deleted."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import lock_descriptor

#: Seconds between looks at a lock that somebody else holds.
_POLL = 0.02


@contextlib.contextmanager
def held(path: Path, timeout: float = math.inf) -> Iterator[None]:
    """Hold the lock of the file ``path``, which is made where there is none, until the block or the process ends.

    Parameters
    ----------
    path : pathlib.Path
    timeout : float
        Seconds to wait for whoever holds it.

    Raises
    ------
    TimeoutError
        If somebody else holds it for longer.
    OSError
        If the file cannot be made: FileNotFoundError where its folder is gone.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        until = time.monotonic() + timeout
        while not lock_descriptor(handle, blocking=False):
            if time.monotonic() >= until:
                raise TimeoutError(f"{path} is held by somebody else")
            time.sleep(_POLL)
        yield
    finally:
        os.close(handle)
