"""``python -m tests.attack.damage [WORD ...]`` runs the damage corpus, or the cases whose names have these words."""

from __future__ import annotations

import sys

from tests.attack.damage import runner

if __name__ == "__main__":
    sys.exit(runner.main(sys.argv[1:]))
