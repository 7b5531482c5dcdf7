"""Take the README's pictures from the running app, and with ``--all FOLDER`` every page's, to be looked at one by one.

``python -m tests.browser.screenshots`` writes the README's into the folder beside this file. ``--all`` also takes each
page of each task, light and dark, wide and narrow; ``--workspace DIR`` those of the datasets there instead of samples.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from benchmarks import browser as chromium
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.importing import samples
from lib.training import audits, events, launch, options, runs
from lib.training.runs import Run
from lib.web.ui.learn.view import PANELS
from tests.browser.conftest import Server, still

FOLDER = Path(__file__).parent / "screenshots"
_SETTLED = 4000  # ms after which charts and pictures stand still
_VIEWS = ((1440, 900), (1024, 768), (420, 900))
#: What the address calls the tabs and sections of the Data page that have a picture of their own.
_DATA_VIEWS = (
    *("Images", "One-hot matrix", "Map", "Checks", "Label audit", "Statistics", "Splits", "Augmentation"),
    *("Label next", "History", "Changes"),
)


def _trained(workspace: Workspace, sample: str) -> Run:
    samples.ensure(workspace, sample)
    config = options.configure(store.load(workspace, sample), {})
    return _finished(workspace, launch.start(workspace, config))


def _finished(workspace: Workspace, id_: str) -> Run:
    run = runs.load(workspace, id_)
    while run.refresh().state in events.ACTIVE:
        time.sleep(0.5)
    assert run.state == events.FINISHED, run.failure()
    return run


def _mislabeled_and_audited(workspace: Workspace, sample: str) -> None:
    """Flip a label of every tenth picture, since a sample has no wrong ones, and audit the labels."""
    dataset = store.load(workspace, sample)
    cells = [(row, row // 10 % len(dataset.names)) for row in range(0, len(dataset), 10)]
    flips = [Cell(*cell, float(dataset.targs[cell]), float(1 - dataset.targs[cell])) for cell in cells]
    config = audits.plan(edits.set_targs(dataset, flips, note="wrong labels"))
    audit = audits.go_on(workspace, config)
    while audit.state == audits.RUNNING:
        time.sleep(0.5)
        audit = audits.of_config(workspace, config)
    assert audit.state == audits.FINISHED, audit.failures


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
        quick = _finished(workspace, launch.start_quick(workspace, "shapes", {"size": 128})[0])
        with _serving(workspace, playwright) as (browser, url):
            light = browser.new_context(color_scheme="light").new_page()
            dark = browser.new_context(color_scheme="dark").new_page()
            _take(light, f"{url}/?dataset=shapes", "data", height=900)
            _take(light, f"{url}/train?dataset=clocks&run={clocks.id}", "train", height=900)
            _take(light, f"{url}/analyze?dataset=shapes&run={shapes.id}&thresh=0.35", "analyze", height=900)
            bench = f"{url}/analyze?dataset=clocks&run={clocks.id}"
            _take(light, f"{url}/?dataset=shapes&view=One-hot+matrix", "matrix", height=900)
            _take(light, bench, "bench", height=900)
            _take(dark, bench, "points", height=900)
            _take(light, bench, "overlay", height=900, large=True)
            _take(light, f"{url}/runs?dataset=shapes&versus={quick.id}.{shapes.id}", "compare", height=900)
            light.goto(f"{url}/?dataset=shapes&view=Map")
            light.get_by_role("button", name="Make the map").click()
            light.locator("canvas").first.wait_for(timeout=300_000)
            _take(light, f"{url}/?dataset=shapes&view=Map", "map", height=900)
            _take(dark, f"{url}/learn?dataset=shapes&panel=losses", "learn", height=900)
            _mislabeled_and_audited(workspace, "shapes")
            _take(light, f"{url}/?dataset=shapes&view=Label+audit", "audit", height=900)


def every_page(workspace: Workspace | None, pictures: Path) -> None:
    """Write a picture of every page of every dataset into ``pictures``, light and dark, at every width.

    Without ``workspace`` the datasets are the samples, each trained for as long as it starts with.
    """
    pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        with _serving(Workspace(Path(folder) / "empty"), playwright) as (browser, url):
            _every_view(browser, f"{url}/", pictures, "empty")
        if workspace is None:
            workspace = Workspace(Path(folder) / "workspace")
            for sample in samples.SAMPLES:
                _trained(workspace, sample)
        with _serving(workspace, playwright) as (browser, url):
            for dataset in workspace.dataset_names():
                for view in _DATA_VIEWS:
                    _every_view(browser, f"{url}/?dataset={dataset}&view={view}", pictures, f"{dataset}-{view}")
                for panel in PANELS:
                    _every_view(browser, f"{url}/learn?dataset={dataset}&panel={panel}", pictures, f"{dataset}-{panel}")
                for path in ("train", "runs", "analyze", "predict"):
                    _every_view(browser, f"{url}/{path}?dataset={dataset}", pictures, f"{dataset}-{path}")


def _every_view(browser: Browser, address: str, pictures: Path, name: str) -> None:
    for scheme in ("light", "dark"):
        page = browser.new_page(color_scheme=scheme)
        for width, height in _VIEWS:
            page.set_viewport_size({"width": width, "height": height})
            page.goto(address)
            page.wait_for_timeout(_SETTLED / 2)
            still(page)
            page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png".replace(" ", "-"))
        page.close()


@contextlib.contextmanager
def _serving(workspace: Workspace, playwright: Playwright) -> Iterator[tuple[Browser, str]]:
    """Run the app on ``workspace`` and a browser for it as long as the block takes."""
    server = Server(workspace)
    server.start()
    browser = chromium.launch(playwright)
    try:
        yield browser, server.url
    finally:
        browser.close()
        server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="take every page of every task into this folder")
    parser.add_argument("--workspace", type=Path, metavar="DIR", help="of the datasets for --all; default: the samples")
    chosen = parser.parse_args()
    if chosen.all is None:
        FOLDER.mkdir(exist_ok=True)
        main()
    else:
        every_page(chosen.workspace and Workspace(chosen.workspace), chosen.all)
