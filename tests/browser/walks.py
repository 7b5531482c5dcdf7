"""Walks through the app in a real browser: what is clicked is counted, and what is dropped or typed is not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from lib.core.workspace import Workspace
from lib.training import runs
from tests.browser.conftest import type_number

LONG = 120_000  # ms; a worker imports torch and trains for some epochs


class Walk:
    """Somebody's way through the pages.

    Attributes
    ----------
    page : Page
    clicks : int
        How many there were; to choose a file counts as one.
    """

    def __init__(self, page: Page, url: str):
        self.page, self.clicks = page, 0
        page.goto(url)

    def click(self, target: Locator) -> None:
        """Click on ``target`` as soon as it is there."""
        target.click(timeout=LONG)
        self.clicks += 1

    def choose(self, files: Path | Sequence[Path]) -> None:
        """Choose files where the page takes some."""
        self.page.locator("input[type=file]").first.set_input_files(files)
        self.clicks += 1

    def go_to(self, title: str) -> None:
        """Click on a page's name in the navigation."""
        self.click(self.page.get_by_role("link", name=title, exact=True).first)

    def run(self, workspace: Workspace) -> runs.Run:
        """Wait until the address names a run, and return it."""
        expect(self.page).to_have_url(re.compile(r"run=\d{8}-\d{6}-[0-9a-f]{4}"), timeout=LONG)
        return runs.load(workspace, re.search(r"run=([\w-]+)", self.page.url).group(1))

    def run_once_finished(self, workspace: Workspace) -> runs.Run:
        """Wait until the run that the page shows is finished, and return it."""
        run = self.run(workspace)
        expect(self.page.get_by_test_id("stMarkdown").get_by_text("finished")).to_be_visible(timeout=LONG)
        return run

    def shorten(self, epochs: int) -> None:
        """Choose a training of seconds, which nobody has to: it does not count."""
        self.page.get_by_role("button", name="Change", exact=True).click(timeout=LONG)
        type_number(self.page, "Image size (px)", 32)
        type_number(self.page, "Epochs", epochs)
