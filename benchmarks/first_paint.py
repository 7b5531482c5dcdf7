"""Time from ``streamlit run app.py`` to the first heading on the screen."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

from benchmarks.browser import launch
from lib.core.workspace import VARIABLE

_ROOT = Path(__file__).resolve().parents[1]
_RUNS = 5


def measure() -> dict[str, float | int]:
    """Return seconds from the start of a fresh server to the first heading, over several starts."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        seconds = [_first_heading(browser) for _ in range(_RUNS)]
        browser.close()
    return {
        "starts": _RUNS,
        "first heading, median (s)": statistics.median(seconds),
        "first heading, slowest (s)": max(seconds),
    }


def _first_heading(browser) -> float:
    with tempfile.TemporaryDirectory() as workspace:
        port = str(free_port())
        page = browser.new_page()
        began = time.perf_counter()
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", port, "--server.headless", "true"],
            cwd=_ROOT,
            env={**os.environ, VARIABLE: workspace},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            wait(f"http://127.0.0.1:{port}/api/health")
            page.goto(f"http://127.0.0.1:{port}")
            page.get_by_role("heading").first.wait_for(timeout=60_000)
            return time.perf_counter() - began
        finally:
            page.close()
            server.terminate()
            server.wait()


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait(url: str) -> None:
    """Wait until ``url`` answers."""
    while True:
        try:
            with urllib.request.urlopen(url):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.02)
