"""Opens the app in the browser: what the command does on its own."""

from __future__ import annotations

import argparse
import os
import sys

from lib.core.program import PROJECT


def app_options(parser: argparse.ArgumentParser) -> None:
    """Add the port, which only the app has."""
    parser.add_argument("--port", type=int, metavar="N", help="port of the app (default 8501, or the next free one)")


def streamlit_command(options: argparse.Namespace) -> list[str]:
    """Return what starts the app: Streamlit finds ``.streamlit/config.toml`` beside ``app.py``, wherever one stands.

    Examples
    --------
    >>> words = streamlit_command(argparse.Namespace(port=8600, workspace="pictures"))
    >>> words[5:]
    ['--server.port=8600', '--', '--workspace', 'pictures']
    """
    words = [sys.executable, *("-m", "streamlit", "run"), str(PROJECT / "app.py")]
    if options.port is not None:
        words.append(f"--server.port={options.port}")
    return [*words, "--", *(["--workspace", str(options.workspace)] if options.workspace else [])]


def run_app(options: argparse.Namespace) -> int:
    """Become the app's server: the same process, so that Ctrl+C and signals reach it."""
    command = streamlit_command(options)
    sys.stdout.flush()
    os.execv(command[0], command)
