"""What Python could still say when a worker crashed: the last lines of its log."""

from __future__ import annotations

import os
import re
from pathlib import Path

from lib.training import events

#: What Python says of a signal that ends it, in so many bytes at the end of a log, and what one of them means.
_CRASH, _TAIL = re.compile(r"^Fatal Python error: ([\w ]{1,80})$", re.MULTILINE), 2**16
_BUS_ERROR = ", a file that was read is shorter now than it was, or its disk has an error"


def said(folder: Path) -> str:
    """Return what Python could still say when the last worker of the run in ``folder`` crashed, "" if nothing."""
    try:
        with (folder / events.LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL))
            written = log.read().decode(errors="replace")
    except OSError:
        return ""
    crashes = _CRASH.findall(written.rpartition(events.LOG_BEGINS)[2])
    return f"{crashes[-1]}{_BUS_ERROR if crashes[-1] == 'Bus error' else ''}" if crashes else ""
