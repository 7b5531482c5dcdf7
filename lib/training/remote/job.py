"""What a job begins with on a node: it says what the machine lacks, else it becomes `lib.training.remote.node`.

Only what Python brings along is imported before that: the packages may be what is missing.
"""

from __future__ import annotations

import os
import sys

from lib.training.launchers import job


def main(arguments: list[str]) -> int:
    """Become the node's process; return an exit code if this machine cannot work."""
    if lack := job.lacking_here():
        return job.refuse(lack)
    os.execv(sys.executable, [sys.executable, "-m", "lib.training.remote.node", *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
