"""The command ``manyhot``, also ``python -m manyhot``: puts the project's root on the path, then does its work.

The code says ``import lib``, as in a checkout. Only this process and those it starts find it so: as a package of
site-packages a folder called ``lib`` would be in everybody's way.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def main() -> int:
    """Run the command line; without a command, the app."""
    here = Path(__file__).resolve().parent  # an installed package holds `lib` beside this file
    sys.path.insert(0, str(here))
    # Processes are started by `python -m`, which would look for `lib` in the folder one stands in first.
    os.environ.setdefault("PYTHONSAFEPATH", "1")
    from lib.cli import main as run

    return run()


if __name__ == "__main__":
    sys.exit(main())
