"""A web server for many tests: ``python -m tests.browser.served FILE run app.py ...`` is ``streamlit run app.py ...``.

Its workspace is the one that FILE names at the moment, and its workers are forked from the process that is warm. Plotly
is not read ahead: that is a third of a second of each page, of which few come to a chart.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from streamlit.web import cli

from lib.core.workspace import Workspace
from lib.web.components import plotly
from tests import warm


def main(named_in: Path, arguments: list[str]) -> None:
    """Serve, wherever a workspace is looked for, the one that ``named_in`` names."""
    find = Workspace.find.__func__
    Workspace.find = classmethod(lambda cls, option=None: find(cls, option or named_in.read_text(encoding="utf-8")))
    plotly.read_ahead = lambda: None
    if warm.VARIABLE in os.environ:
        subprocess.Popen = warm.Process
    cli.main(arguments, prog_name="streamlit")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
