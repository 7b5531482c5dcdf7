"""``python -m lib``: what `lib.cli` does."""

import sys

from lib.cli import main

sys.exit(main())
