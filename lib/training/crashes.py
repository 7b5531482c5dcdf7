"""How a worker ended that did not say so: what Python could still write into its log when it crashed."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lib.training import events

#: What Python says of a signal that ends it, in so many bytes at the end of a log, and what one of them means.
_CRASH, _TAIL = re.compile(r"^Fatal Python error: ([\w ]{1,80})$", re.MULTILINE), 2**16
_SILENT = "it was killed, the memory or the disk was full, or the machine restarted"
_BUS_ERROR = ", a file that was read is shorter now than it was, or its disk has an error"


def ending(folder: Path) -> str:
    """Return how the last worker of the run in ``folder`` ended, in words, as its log tells or the lack of any."""
    try:
        with (folder / events.LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL))
            written = log.read().decode(errors="replace")
    except OSError:
        written = ""
    crashes = _CRASH.findall(written.rpartition(events.LOG_BEGINS)[2])
    if not crashes:
        return f"ended without a word: {_SILENT}"
    return f"crashed: {crashes[-1]}{_BUS_ERROR if crashes[-1] == 'Bus error' else ''}"
