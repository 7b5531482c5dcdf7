"""Start of the app: the pages, and beside them the routes that serve images.

Run ``streamlit run app.py``, with a workspace of your choice ``streamlit run app.py -- --workspace DIR``.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
from pathlib import Path

import streamlit as st

from lib.core import cleanup
from lib.core.workspace import VARIABLE, Workspace
from lib.web import settings
from lib.web.server import connections, expiry, failures
from lib.web.server.routes import routes


def use_workspace(arguments: list[str]) -> None:
    """Make the workspace named on the command line the one that pages, routes and workers find."""
    parser = argparse.ArgumentParser(prog="streamlit run app.py --", description="Manyhot")
    parser.add_argument("--workspace", metavar="DIR", help="folder of all datasets and runs (default: ./workspace)")
    chosen = parser.parse_args(arguments).workspace
    # Pages and workers are other modules and processes: the environment is what they share.
    os.environ[VARIABLE] = str(Workspace.find(chosen).root)


def tidy_up() -> None:
    """Remove what processes left that were killed; beside the first visit, because a large import takes its time."""
    threading.Thread(target=cleanup.sweep, args=(Workspace.find(),), daemon=True).start()


use_workspace(sys.argv[1:] if Path(sys.argv[0]).name == Path(__file__).name else [])
tidy_up()
expiry.start(Workspace.find())
settings.apply()
connections.limit()
app = st.App(
    Path(__file__).parent / "lib/web/ui/router.py",
    routes=routes(st.get_option("server.baseUrlPath")),
    on_script_error=failures.on_page,
    exception_handlers=failures.HANDLERS,
)

# Streamlit looks for garbage after every run of a script: not among what is loaded by now, which stays.
gc.collect()
gc.freeze()

if __name__ == "__main__":
    app.run()
