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
from lib.core.errors import UserError
from lib.core.workspace import VARIABLE, Workspace
from lib.training.launchers import launched
from lib.web import settings
from lib.web.server import connections, encoding, expiry, sharing
from lib.web.server.application import ROUTER, served


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


def shared() -> sharing.Sharing:
    """Return how the app is shared, or end the process with the reason why what is stated of it cannot be."""
    try:
        encoding.use_budget()
        launched.usual()
        return sharing.decide(st.get_option("server.address"), os.environ)
    except UserError as error:
        sys.exit(str(error))


use_workspace(sys.argv[1:] if Path(sys.argv[0]).name == Path(__file__).name else [])
settings.apply()
# Streamlit looks for this very call: without it, the file would be a page of its own, and nothing stood before it.
app = st.App(ROUTER, **served(shared()))
tidy_up()
expiry.start(Workspace.find())
connections.limit()

# Streamlit looks for garbage after every run of a script: not among what is loaded by now, which stays.
gc.collect()
gc.freeze()

if __name__ == "__main__":
    app.run()
