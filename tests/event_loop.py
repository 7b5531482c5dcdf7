"""An event loop of its own thread: that of the process may be the browser's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

Value = TypeVar("Value")


def run(function: Callable[..., Awaitable[Value]], *arguments: object) -> Value:
    """Return what ``function`` gives, awaited in another thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, function, *arguments).result()
