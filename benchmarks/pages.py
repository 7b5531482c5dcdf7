"""Where each page's first picture is, how many tab stops are before it, and how soon it is there, for every task."""

from __future__ import annotations

import statistics
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Locator, sync_playwright

from benchmarks import browser as chromium
from benchmarks import page_content
from benchmarks.live_page import serving
from benchmarks.synthetic import (
    RUN,
    finished_run,
    labels_and_preds,
    multi_label_dataset,
    points_and_preds,
    points_dataset,
)
from lib import tasks
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import samples
from lib.training import events, launch, options, runs

#: Widths and heights of a window: a laptop, a small one, a phone.
_VIEWS = ((1440, 900), (1024, 768), (420, 900))
_PAGES = {"Data": "", "Train": "train", "Runs": "runs", "Analyze": "analyze"}
_CHOICES = {"arch": "small", "pretrained": False, "size": 64, "epochs": 2}
_IMAGES, _LABELS, _POINTS = 5000, 20, 12
_TIMES = 3
#: Pictures of the zip that is brought.
_FEW = 40


def measure() -> dict[str, float | int]:
    """Return px, tab stops and ms of every page, task and width, and the ms of pages and tabs of large datasets."""
    measured: dict[str, float | int] = {}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        workspace = Workspace(Path(folder) / "samples")
        for sample in samples.SAMPLES:
            _train(workspace, sample)
        with serving(workspace) as (url, _):
            for sample in samples.SAMPLES:
                measured |= _contents(browser, workspace, url, sample)
            measured |= _first_answers(browser, workspace, url)
        large = Workspace(Path(folder) / "large")
        _write_large(large)
        with serving(large) as (url, _):
            for dataset in large.dataset_names():
                measured |= _speed(browser, f"{url}/?dataset={dataset}", dataset)
        empty = Workspace(Path(folder) / "empty")
        with serving(empty) as (url, _):
            measured["clicks from empty to the first training, zip"] = _first_training(
                browser, url, Path(folder), empty
            )
        browser.close()
    return measured


def _train(workspace: Workspace, sample: str) -> None:
    samples.ensure(workspace, sample)
    run = runs.load(workspace, launch.start(workspace, options.configure(store.load(workspace, sample), _CHOICES)))
    while run.refresh().state in events.ACTIVE:
        time.sleep(0.5)
    if run.state != events.FINISHED:
        raise SystemExit(f"The training of {sample} ended as {run.state}: {run.failure()}")


def _contents(browser: Browser, workspace: Workspace, url: str, sample: str) -> dict[str, float | int]:
    """Return what is measured of every page of a sample's run, in windows of all sizes."""
    task = tasks.get(store.load(workspace, sample).task).title.lower()
    measured: dict[str, float | int] = {}
    for width, height in _VIEWS:
        page = browser.new_page(viewport={"width": width, "height": height})
        page_content.watch(page)
        for title, path in _PAGES.items():
            address = f"{url}/{path}?dataset={sample}"
            ms = [page_content.ms_to_content(page, address) for _ in range(_TIMES)]
            page_content.still(page)
            name = f"{title}, {task}, {width} px"
            measured[f"{name}: first picture (px)"] = round(page_content.picture_top(page))
            measured[f"{name}: tab stops before it"] = page_content.stops_before_content(page)
            measured[f"{name}: tab stops to it by the skip link"] = page_content.stops_by_skip_link(page)
            measured[f"{name}: it is there, median (ms)"] = round(statistics.median(ms))
        page.close()
    return measured


def _first_answers(browser: Browser, workspace: Workspace, url: str) -> dict[str, float | int]:
    """Return the seconds until a worker that has to start has answered for the first time, from opening the page on."""
    dataset = "shapes"
    asked = {
        "augmented copies of an image (s)": (f"/?dataset={dataset}&view=Augmentation", ".gallery .card", 2),
        "Grad-CAM of 24 images (s)": (
            f"/analyze?dataset={dataset}&tab=Pictures&label={store.load(workspace, dataset).names[0]}&grad-cam=true",
            ".gallery .heat",
            24,
        ),
    }
    measured: dict[str, float | int] = {}
    for name, (address, shown, count) in asked.items():
        page = browser.new_page(viewport={"width": _VIEWS[0][0], "height": _VIEWS[0][1]})
        began = time.perf_counter()
        page.goto(f"{url}{address}")
        page.locator(shown).nth(count - 1).wait_for(timeout=120_000, state="attached")
        measured[f"first {name}"] = time.perf_counter() - began
        page.close()
    return measured


def _write_large(workspace: Workspace) -> None:
    splits = ["train"] * 100 + ["valid"] * _IMAGES
    targs, preds = labels_and_preds(len(splits), _LABELS)
    names = [f"label {number}" for number in range(_LABELS)]
    dataset = multi_label_dataset(workspace, names, targs, splits, name="multi-label", size=(160, 120))
    finished_run(workspace, dataset, preds)
    points, preds = points_and_preds(len(splits), _POINTS, size=(160, 120))
    names = [f"point {number}" for number in range(_POINTS)]
    dataset = points_dataset(workspace, names, points, splits, name="keypoints", size=(160, 120))
    finished_run(workspace, dataset, preds, run=f"{RUN[:-1]}0")


def _speed(browser: Browser, url: str, dataset: str) -> dict[str, float | int]:
    """Return the ms from page to page, and from tab to tab and section to section, each visited for the first time.

    The first click comes when the page has read Plotly ahead, about a second after its pictures are there.
    """
    page = browser.new_page(viewport={"width": _VIEWS[0][0], "height": _VIEWS[0][1]})
    page.goto(url)
    page_content.still(page)
    page.wait_for_function("() => window.Plotly")
    measured: dict[str, float | int] = {}
    signs: list[float] = []

    def ms(target: Locator) -> int:
        page_content.begin(page)
        target.click()
        still = page_content.still(page)
        signs.append(page_content.first_sign(page))
        return round(still)

    about = f"{dataset}, {_IMAGES:,} images"
    for title in ("Data", "Train", "Analyze", "Predict"):
        if title != "Data":
            link = page.get_by_role("link", name=title, exact=True).first
            measured[f"{about}: to {title} (ms)"] = ms(link)
        for tab in page.get_by_role("tab").all()[1:]:
            measured[f"{about}: {title}, tab {tab.inner_text()} (ms)"] = ms(tab)
            sections = page.get_by_role("radiogroup", name=f"Section of {tab.inner_text()}").get_by_role("radio")
            for section in sections.all()[1:]:
                measured[f"{about}: {title}, section {section.inner_text()} (ms)"] = ms(section)
    measured[f"{about}: Add data (ms)"] = ms(page.get_by_role("button", name="Add data"))
    measured[f"{about}: slowest first sign after a click (ms)"] = round(max(signs))
    page.close()
    return measured


def _first_training(browser: Browser, url: str, folder: Path, workspace: Workspace) -> int:
    """Bring a zip of two folders of pictures to an empty workspace, train on it, and return how many clicks it took."""
    pictures = multi_label_dataset(Workspace(folder / "own"), ["any"], np.ones((_FEW, 1), np.int8), ["train"] * _FEW)
    with zipfile.ZipFile(folder / "animals.zip", "w") as archive:
        for number, picture in enumerate(sorted((pictures.path / "images").iterdir())):
            archive.write(picture, f"{('cat', 'dog')[number % 2]}/{picture.name}")
    page = browser.new_page(viewport={"width": _VIEWS[0][0], "height": _VIEWS[0][1]})
    page.goto(url)
    page.locator(".upload input[type=file]").first.set_input_files(folder / "animals.zip")
    clicks = 1
    for target in (
        page.get_by_role("button", name="Import", exact=True),
        page.locator(".st-key-arrived-train").get_by_role("link").or_(page.locator(".st-key-arrived-train button")),
        page.locator(".st-key-train-start button"),
    ):
        target.first.click(timeout=60_000)
        clicks += 1
    page.wait_for_url("**run=**", timeout=60_000)
    page.close()
    for run in runs.list_runs(workspace):
        launch.stop(run.folder)
        while run.refresh().state in events.ACTIVE:
            time.sleep(0.2)
    return clicks
