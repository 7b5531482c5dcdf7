"""The browser that measures pages: Chromium as the system has it."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Playwright

#: Names of the browser, the one that needs least first.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: As root, without a screen, and without asking its maker for anything.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = "Chromium is not installed (Debian: apt-get install chromium-headless-shell)"


def path() -> str | None:
    """Return where Chromium is, None if it is not installed."""
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def launch(playwright: Playwright) -> Browser:
    """Start Chromium without a window.

    Raises
    ------
    SystemExit
        If it is not installed.
    """
    program = path()
    if program is None:
        raise SystemExit(f"{MISSING}.")
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
