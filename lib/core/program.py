"""How the program is called where a sentence tells the next command: as a checkout, or as an installed package."""

from __future__ import annotations

from pathlib import Path

#: The folder that holds `lib`, `pages` and ``app.py``: a checkout's root, or the package ``manyhot`` in site-packages.
PROJECT = Path(__file__).resolve().parents[2]
#: An installed package has no ``pyproject.toml`` beside it: there nothing finds `lib`, and the command is ``manyhot``.
PROGRAM = "python -m lib" if (PROJECT / "pyproject.toml").is_file() else "manyhot"
