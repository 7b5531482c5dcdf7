"""Take the README's pictures from the running app: ``python -m tests.browser.screenshots``."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks import browser as chromium
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import samples
from lib.training import events, launch, options, runs
from lib.training.runs import Run
from tests.browser.conftest import Server, still

FOLDER = Path(__file__).parent / "screenshots"
_SETTLED = 4000  # ms after which charts and pictures stand still


def _trained(workspace: Workspace, sample: str) -> Run:
    samples.ensure(workspace, sample)
    config = options.configure(store.load(workspace, sample), {})
    run = runs.load(workspace, launch.start(workspace, config))
    while run.refresh().state in events.ACTIVE:
        time.sleep(0.5)
    assert run.state == events.FINISHED, run.failure()
    return run


def _take(page: Page, url: str, name: str, *, height: int, scroll: int = 0, large: bool = False) -> None:
    page.set_viewport_size({"width": 1280, "height": height})
    page.goto(url)
    page.wait_for_timeout(_SETTLED)
    still(page)  # on a busy machine the page is drawn later
    if scroll:
        page.mouse.move(640, 500)
        page.mouse.wheel(0, scroll)
        page.wait_for_timeout(_SETTLED)
    if large:
        page.locator(".gallery .opener").first.click()
        page.wait_for_timeout(_SETTLED)
    page.screenshot(path=FOLDER / f"{name}.jpg", type="jpeg", quality=85)


def main() -> None:
    """Train two samples, open each page in light and dark, and keep what is seen."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = Workspace(Path(folder) / "workspace")
        shapes, clocks = _trained(workspace, "shapes"), _trained(workspace, "clocks")
        server = Server(workspace)
        server.start()
        browser = chromium.launch(playwright)
        light = browser.new_context(color_scheme="light").new_page()
        dark = browser.new_context(color_scheme="dark").new_page()
        try:
            _take(light, f"{server.url}/?dataset=shapes", "data", height=900)
            _take(light, f"{server.url}/train?dataset=clocks&run={clocks.id}", "train", height=1060)
            _take(light, f"{server.url}/analyze?dataset=shapes&run={shapes.id}&thresh=0.35", "analyze", height=1180)
            bench = f"{server.url}/analyze?dataset=clocks&run={clocks.id}"
            _take(light, f"{server.url}/?dataset=shapes&view=One-hot+matrix", "matrix", height=1100)
            _take(light, bench, "bench", height=1180)
            _take(dark, bench, "points", height=900, scroll=1500)
            _take(light, bench, "overlay", height=900, large=True)
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    main()
