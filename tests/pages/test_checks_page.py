"""The tab that shows what is wrong with a dataset, and what its buttons do."""

from __future__ import annotations

import itertools

import pytest
from PIL import Image

from lib.core import processes
from lib.datasets import store
from lib.datasets.checks import fingerprints, scan
from lib.datasets.checks.near_duplicates import StoppedError
from lib.datasets.edits.history import history
from tests.pages.conftest import checked, opened
from tests.planted import Planting


@pytest.fixture
def planted(workspace, make_dataset):
    """Return a dataset with a picture in two splits, named as nobody should name one."""
    planting = Planting(make_dataset("multi-label", n=24))
    planting.new_row = planting.copy(2, "valid")
    planting.items[2]["original"] = "<b>*a*</b> 🐶 " + "n" * 200
    return planting.save(workspace, "planted"), planting.new_row


def _words(page):
    return "\n".join(text.value for text in (*page.markdown, *page.caption)).replace("\\", "")


def _button(page, words):
    return next(button for button in page.button if button.label.startswith(words))


def test_a_leak_is_found_and_put_right(planted, workspace):
    """A picture in two splits is told at once; one click excludes one of the two, another includes it again."""
    dataset, new = planted
    page = opened("data", dataset="planted", view="Checks")
    checked(page)
    assert "1 image is in train and valid" in _words(page)
    assert any("Scan images" in button.label for button in page.button)
    page.session_state["checks-planted-same-in-splits"] = True
    page.run()
    _button(page, "Exclude all but one").click().run()
    checked(page)
    now = store.load(workspace, "planted")
    assert set(range(len(dataset))) - set(now.included.tolist()) == {2} and new in now.included
    assert "1 image is in train and valid" not in _words(page)
    page.session_state["checks-planted-excluded"] = True
    page.run()
    _button(page, "Include them again").click().run()
    assert store.load(workspace, "planted").revision == dataset.revision
    assert len(history(dataset)) == 2


def test_nothing_found_says_what_was_checked(make_dataset):
    """With nothing to find the page says so and names what it looked for; a damaged picture then shows up."""
    dataset = make_dataset("regression", n=24)
    fingerprints.measure(dataset)
    page = opened("data", dataset="made", view="Checks")
    assert "Nothing found" in _words(page) and "Checked: missing, changed or truncated files" in _words(page)
    dataset.image_path(3).unlink()
    Image.new("RGB", (48, 40)).save(dataset.image_path(4))
    _button(page, "Check again").click().run()
    checked(page)
    assert "The file of 1 image is missing" in _words(page)


def test_a_killed_scan_says_what_it_kept_and_goes_on(make_dataset, monkeypatch):
    """The page says that it crashed and how many images are done; the button continues, another one stops."""
    dataset = make_dataset("regression", n=24)
    asked = itertools.count()
    with monkeypatch.context() as patched, pytest.raises(StoppedError):
        patched.setattr(fingerprints, "_CHUNK", 1)
        patched.setattr(fingerprints, "_THREADS", 1)
        fingerprints.measure(dataset, stop=lambda: next(asked) >= 5)
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    scan.start(dataset)
    scan._scan(dataset).tell(7, 24, text="Scanning images")  # as a process that is not there any more
    page = opened("data", dataset="made", view="Checks")
    assert "The scan crashed" in page.error[0].value and "5 are done already" in _words(page)
    checked(_button(page, "Continue scanning images").click().run())
    assert not page.error and scan.state(dataset).name == scan.WORKING
    checked(_button(page, "Stop").click().run())
    assert scan.state(dataset) == scan.State(scan.PARTLY, 5, 24)
