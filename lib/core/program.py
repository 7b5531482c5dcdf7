"""The name of the program in sentences: ``python -m lib`` in a checkout, ``manyhot`` where it is installed."""

from __future__ import annotations

from pathlib import Path

#: The folder that holds `lib`, `pages` and ``app.py``: a checkout's root, or the package ``manyhot`` in site-packages.
PROJECT = Path(__file__).resolve().parents[2]
#: An installed package has no ``pyproject.toml`` beside it: there nothing finds `lib`, and the command is ``manyhot``.
PROGRAM = "python -m lib" if (PROJECT / "pyproject.toml").is_file() else "manyhot"
