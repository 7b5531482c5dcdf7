"""Opens images to check them: all, or as many as there is time for."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from lib.core.picture_files import UnreadableImageError
from lib.core.pictures import Probe, probe
from lib.importing.tree import Tree

_MAX_THREADS = 4  # each holds one decoded picture
_CHUNK = 8  # pictures between two looks at the clock


def probe_all(
    tree: Tree, files: Sequence[str], progress: Callable[[int, int, str], None], end: float | None = None
) -> dict[int, Probe | str]:
    """Return what was found of each picture that was opened, or why it could not be, by row.

    Parameters
    ----------
    tree : Tree
    files : sequence of str
        The pictures, row for row.
    progress : callable
        Told how many are done, how many there are, and what is being done.
    end : float, optional
        Time of the monotonic clock after which no more are opened, but a few in any case; they are spread evenly.
    """
    probed: dict[int, Probe | str] = {}
    order = iter(range(len(files)) if end is None else spread(len(files)))
    with ThreadPoolExecutor(min(_MAX_THREADS, os.cpu_count() or 1)) as pool:
        while rows := list(islice(order, _CHUNK if end is not None else 4096)):
            for row, one in zip(rows, pool.map(_try_probe, (tree.path(files[row]) for row in rows)), strict=True):
                probed[row] = one
                progress(len(probed), len(files), "Checking the images")
            if end is not None and time.monotonic() > end:
                break
    return probed


def spread(count: int) -> Iterator[int]:
    """Yield 0 to ``count`` - 1 so that wherever one stops, the numbers so far are spread evenly.

    Examples
    --------
    >>> list(spread(6))
    [0, 4, 2, 1, 5, 3]
    """
    bits = max(count - 1, 0).bit_length()
    for number in range(1 << bits):
        turned = int(f"{number:0{bits}b}"[::-1], 2) if bits else 0
        if turned < count:
            yield turned


def _try_probe(path: Path) -> Probe | str:
    try:
        return probe(path)
    except UnreadableImageError as error:
        return str(error)
