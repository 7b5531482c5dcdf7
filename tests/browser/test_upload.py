"""A large upload survives what happens to large uploads: a dead server, a dropped connection, a reload, a cancel."""

from __future__ import annotations

import io
import os
import re
import signal
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import CDPSession, Page, expect

from lib.importing import uploads

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BALLAST = 64 * 2**20  # bytes
SLOW = 8 * 2**20  # bytes a second, so that there is time to do harm


@pytest.fixture
def large(tmp_path) -> Path:
    """A zip of twenty pictures and a file that is none and makes it large."""
    rng = np.random.default_rng(0)
    path = tmp_path / "animals.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(20):
            picture = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)).save(picture, "PNG")
            archive.writestr(f"{('cat', 'dog')[number % 2]}/{number}.png", picture.getvalue())
        archive.writestr("notes.bin", os.urandom(BALLAST))
    return path


def _slowly(page: Page) -> CDPSession:
    """Let the browser send no more than `SLOW` bytes a second."""
    session = page.context.new_cdp_session(page)
    _send_at(session, SLOW)
    return session


def _send_at(session: CDPSession, rate: int) -> None:
    """Let the browser send so many bytes a second, with -1 as many as it can."""
    rates = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": rate}
    session.send("Network.emulateNetworkConditions", rates)


def _choose(page: Page, path: Path) -> None:
    page.locator(".upload input[type=file]").set_input_files(path)


def _far(page: Page, part: float) -> None:
    """Wait until a part of the file, between 0 and 1, has arrived."""
    page.wait_for_function(
        """part => {
            const roots = [...document.querySelectorAll("*")].map((one) => one.shadowRoot).filter(Boolean)
            const bar = roots.map((one) => one.querySelector(".upload progress")).find(Boolean)
            return bar && bar.value / bar.max > part
        }""",
        arg=part,
    )


def _until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait until the server's disk says so."""
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        page.wait_for_timeout(50)


def _folders(server) -> list[Path]:
    root = server.workspace.root / uploads.FOLDER
    return sorted(root.iterdir()) if root.exists() else []


def _offsets(page: Page) -> list[int]:
    """Return where every piece begins, in the order in which they are sent from now on."""
    offsets: list[int] = []

    def note(request) -> None:
        if request.method == "PATCH":
            offsets.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    return offsets


@pytest.mark.own
def test_an_upload_is_cut_and_goes_on(page, server, named_in, large):
    """A dead server and a reload in mid-upload cost nothing that has arrived, and every byte is right in the end."""
    page.clock.install()
    page.goto(server.url)
    session = _slowly(page)
    sent = _offsets(page)
    _choose(page, large)
    _far(page, 0.2)
    os.kill(server._process.pid, signal.SIGKILL)
    server.stop()
    expect(page.locator(".upload .words")).to_contain_text(re.compile("The connection was cut|Waiting for the page"))
    (folder,) = _folders(server)
    arrived = (folder / "part").stat().st_size
    assert 0 < arrived < large.stat().st_size
    server.start(named_in)
    while "again in" in page.locator(".upload .words").inner_text():  # its pauses grow to seconds: let them pass
        page.clock.fast_forward(1000)
        page.wait_for_timeout(100)
    _far(page, 0.5)  # by itself
    assert max(sent) >= arrived
    assert sent == sorted(sent) and sent.count(0) == 1

    page.reload()
    expect(page.locator(".upload .cut")).to_contain_text("animals.zip")
    expect(page.locator(".upload .cut")).to_contain_text("Choose the same file to go on")
    before = len(sent)
    assert (folder / "part").stat().st_size > arrived
    _send_at(session, -1)
    _choose(page, large)
    expect(page.locator(".upload .words")).to_contain_text("all of it has arrived", timeout=60_000)
    assert sent[before] > 0.4 * large.stat().st_size
    assert _folders(server) == [folder]
    assert (folder / "animals.zip").read_bytes() == large.read_bytes()

    page.reload()  # what has arrived is still there
    expect(page.locator(".upload .words")).to_contain_text("all of it has arrived")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("animals was added with 20 images")).to_be_visible()
    assert server.workspace.dataset_names() == ["animals"]
    assert _folders(server) == []
    page.get_by_role("button", name="Add data").click()
    expect(page.locator(".upload .drop:visible")).to_have_count(1)  # nothing left of the one that was imported
    expect(page.locator(".upload .card:visible")).to_have_count(0)


def test_an_upload_pauses_goes_on_and_is_cancelled(page, server, large):
    """Pause stops it and keeps what is there, other pages do not, and cancel leaves nothing on either side."""
    page.clock.install()
    page.goto(server.url)
    _slowly(page)
    sent = _offsets(page)
    _choose(page, large)
    _far(page, 0.1)
    with page.expect_event("requestfailed", lambda request: request.method == "PATCH"):  # the one that was on its way
        page.get_by_role("button", name="Pause the upload").click()
    expect(page.locator(".upload .words")).to_contain_text("paused")
    (folder,) = _folders(server)
    begun, arrived = len(sent), (folder / "part").stat().st_size
    page.clock.fast_forward(60_000)  # whatever waits to be tried again
    page.get_by_role("button", name="Resume the upload").click()
    _until(page, lambda: len(sent) > begun)
    assert sent[begun] >= arrived > 0
    _far(page, 0.3)
    page.get_by_role("link", name="Predict").first.click()
    expect(page.locator(".upload")).to_have_count(0)
    gone = (folder / "part").stat().st_size
    _until(page, lambda: (folder / "part").stat().st_size > gone)
    page.get_by_role("link", name="Data").first.click()
    expect(page.locator(".upload .name")).to_have_text("animals.zip")
    page.get_by_role("button", name="Remove animals.zip").click()
    expect(page.locator(".upload .drop")).to_be_visible()
    _until(page, lambda: _folders(server) == [])
    assert page.evaluate("localStorage.getItem('manyhot.uploads')") == "[]"  # of which the next page makes its list
    page.reload()
    expect(page.locator(".upload .drop")).to_be_visible()
    expect(page.locator(".upload .cut li")).to_have_count(0)


def test_what_is_no_zip_is_not_sent(page, server, tmp_path):
    """A wrong file is told by its first bytes, with a sentence that is plain text, before anything is sent."""
    fake = tmp_path / "<b>fake<b>.zip"
    fake.write_text("I am no zip")
    page.goto(server.url)
    sent = _offsets(page)
    _choose(page, fake)
    expect(page.locator(".upload .message")).to_have_text("<b>fake<b>.zip is not a zip file: choose a zip of images.")
    assert sent == [] and _folders(server) == []
