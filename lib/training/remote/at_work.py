"""A worker that ends with the process that started it: ``python -m lib.training.remote.at_work RUN_DIR``, on a node."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
from pathlib import Path

from lib.training import events, worker

_SET_DEATH_SIGNAL = 1


def main(folder: Path) -> int:
    """Do what `lib.training.worker` does; nobody would hear of a worker whose sender is gone."""
    parent = os.getppid()
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before that
            return 1
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # its sender makes a stop of it
    faulthandler.enable()
    print(events.LOG_BEGINS, file=sys.stderr, flush=True)
    return worker.main(folder, has_lock=False)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
