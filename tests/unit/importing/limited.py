"""Imports sources one after another, each in a process of its own with little memory and time.

``python -m tests.unit.importing.limited`` reads a line of JSON for each: workspace, source, the folder for temporary
files, and the file that tells what came of it. It answers with the exit status. It has loaded the importer and nothing
else, so that what it forks is small.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import tempfile
import traceback
from pathlib import Path

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.importing import importer

MEMORY = 1536 * 2**20  # bytes of address space that an import may take, of which most is never touched
LARGEST = 2**30  # bytes of one file
SECONDS = 40


def _size() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _outcome(workspace: Workspace, source: Path) -> dict:
    try:
        report = importer.import_dataset(workspace, source, name="found")
    except UserError as error:
        return {"says": str(error)}
    except BaseException:
        return {"bug": traceback.format_exc()}
    return {"remarks": [problem["kind"] for problem in report.problems], "names": list(report.classes)}


def _import(workspace: str, source: str, scratch: str, told: str) -> None:
    """Import ``source`` with limits and write what came of it; never return."""
    try:
        tempfile.tempdir = scratch
        limit = _size() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        Path(told).write_text(json.dumps(_outcome(Workspace(Path(workspace)), Path(source))))
    finally:
        os._exit(0)


if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _import(*json.loads(line))
        print(os.waitpid(child, 0)[1], flush=True)
