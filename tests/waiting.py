"""Waiting for what happens in another thread or process."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def until(is_so: Callable[[], Any], seconds: float) -> Any:
    """Wait until something is so, and return what it is; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not (so := is_so()):
        assert time.monotonic() < end, f"after {seconds} s it is not so"
        time.sleep(0.02)
    return so
