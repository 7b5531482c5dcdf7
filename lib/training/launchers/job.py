"""What a job of Ray begins with: it says in one sentence what the machine lacks, else it becomes the run's worker.

Only what Python brings along is imported before that: the packages may be what is missing.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import re
import sys
from pathlib import Path

#: What a worker imports; the others of requirements.txt come with these or belong to pages.
PACKAGES = (
    "torch", "torchvision", "fastai", "timm", "safetensors", "msgspec", "pandas", "numpy", "scipy", "pyarrow", "PIL",
    "filelock", "defusedxml", "yaml", "regex", "xxhash", "sklearn", "plotly",
)  # fmt: skip
#: Exit code of a job on a machine that lacks something.
REFUSED = 4
#: How the line begins that says what.
_MARK = "Manyhot cannot work here: "
_OLDEST = (3, 11)
#: This machine in a sentence, and what else can be done.
_WHERE = f"The machine {platform.node()} of Ray", "or start the run elsewhere"
_IN_LOG = re.compile(rf'^{_MARK}("(?:[^"\\\n]|\\.){{1,2000}}")$', re.MULTILINE)


def main(folder: Path, name: str) -> int:
    """Become the worker of the run in ``folder`` for the job called ``name``; return an exit code if it cannot work."""
    if lack := what_lacks(folder):
        return refuse(lack)
    log = folder / "worker.log"  # as `lib.training.events.LOG`, which cannot be imported before packages are known
    print(f"The worker's log is {log}.", flush=True)
    written = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.execv(sys.executable, [sys.executable, "-m", "lib.training.worker", str(folder), name])


def what_lacks(folder: Path) -> str:
    """Return why this machine cannot work on the run in ``folder``, in one sentence; "" if it can."""
    if lack := lacking_here():
        return lack
    machine, instead = _WHERE
    if not folder.is_dir():
        return (
            f"{machine} does not see the folder {folder}: expected the workspace at the same path on every machine, "
            f"found none there; mount it, {instead}."
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return f"{machine} may not write to the folder {folder}: allow it for the account that Ray runs as, {instead}."
    return ""


def lacking_here() -> str:
    """Return what of Python and its packages this machine lacks, in one sentence; "" if nothing."""
    machine, instead = _WHERE
    if sys.version_info < _OLDEST:
        found = platform.python_version()
        return f"{machine} has Python {found} ({sys.executable}): expected 3.11 or newer; start Ray with it, {instead}."
    lacking = [package for package in PACKAGES if importlib.util.find_spec(package) is None]
    if lacking:
        return (
            f"{machine} lacks {', '.join(lacking)} ({sys.executable}): expected the packages of requirements.txt; "
            f"install them there, {instead}."
        )
    return ""


def refuse(lack: str) -> int:
    """Print what this machine lacks so that `refusal_in` finds it, and return the exit code."""
    print(f"{_MARK}{json.dumps(lack)}", flush=True)
    return REFUSED


def refusal_in(log: str) -> str:
    """Return what `main` printed of what a machine lacks, as it is in Ray's log of the job; "" if nothing is."""
    said = _IN_LOG.findall(log)
    try:
        return str(json.loads(said[-1])) if said else ""
    except ValueError:
        return ""


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
