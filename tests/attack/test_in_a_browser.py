"""A browser on another site's page gets nothing of the app, and one that is logged in gets all of it."""

from __future__ import annotations

import http.server
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from lib.core import in_place
from lib.core.workspace import VARIABLE
from lib.datasets import store
from lib.datasets.edits.history import history
from tests.conftest import build_dataset
from tests.served_pages import ROOT, Server

pytestmark = pytest.mark.slow

#: What a page of another site tries; each answer is a number, or a refusal.
TRIES = """async ([app, picture]) => {
  const asked = async (url, options) => {
    try { return (await fetch(url, options)).status } catch { return "refused" }
  }
  const loaded = (name, url) => new Promise((done) => {
    const element = document.createElement(name)
    element.onload = () => done("loaded")
    element.onerror = () => done("refused")
    element.src = url
    document.body.append(element)
  })
  const opened = (url) => new Promise((done) => {
    const socket = new WebSocket(url, ["streamlit"])
    socket.onopen = () => done("open")
    socket.onerror = () => done("refused")
  })
  return {
    read: await asked(app + picture),
    cookies: await asked(app + picture, { mode: "no-cors", credentials: "include" }),
    picture: await loaded("img", app + picture),
    script: await loaded("script", app + "/api/plotly.js"),
    websocket: await opened(app.replace("http", "ws") + "/_stcore/stream"),
  }
}"""


class _Elsewhere(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title><body>")

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another site on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def shared(workspace, tmp_path) -> Iterator[tuple[str, str]]:
    """A server with a login: its address, and a link to log in by."""
    port = Server(workspace).port
    environment = {**os.environ, VARIABLE: str(workspace.root), in_place.VARIABLE: str(tmp_path)}
    environment |= {"MANYHOT_LOGIN": "token", "MANYHOT_USERS": "ann"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}", "--server.headless=true"]
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    end = time.monotonic() + 60
    while "ann: " not in log.read_text():
        assert process.poll() is None and time.monotonic() < end, log.read_text()
        time.sleep(0.1)
    yield f"http://127.0.0.1:{port}", log.read_text().partition("ann: ")[2].split()[0]
    process.terminate()
    process.wait(30)


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """A page of a visitor who has no cookies yet."""
    context = browser.new_context()
    tab = context.new_page()
    tab.set_default_timeout(30_000)
    yield tab
    context.close()


def test_who_is_logged_in_works_and_other_sites_get_nothing(shared, elsewhere, page, workspace):
    """A link opens the app and what is done has its name; meanwhile no other site's page reads, shows or opens it."""
    dataset = build_dataset(workspace, "multi-label")
    app, link = shared
    page.goto(app)
    expect(page.get_by_label("Token")).to_be_visible()
    page.goto(link)
    expect(page.locator(".gallery img").first).to_be_visible()
    assert page.url.startswith(app) and "token" not in page.url
    page.locator(".gallery .opener").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Edit").click()
    page.get_by_role("dialog").get_by_text("Exclude", exact=True).click()
    expect(page.get_by_role("dialog").get_by_text("Include", exact=True)).to_be_visible()
    assert [edit.user for edit in history(store.load(workspace, dataset.name))] == ["ann"]

    picture = f"/api/datasets/{dataset.name}/items/0"
    refused = {"read", "cookies", "picture", "script", "websocket"}
    page.goto(elsewhere)
    tried = page.evaluate(TRIES, [app, picture])
    assert {name for name, answer in tried.items() if answer in ("refused", 0)} == refused, tried
    page.goto(f"http://rebound.example:{urlsplit(app).port}/")
    assert "does not answer under this name" in page.content()
    own = f"http://rebound.example:{urlsplit(app).port}"
    tried = page.evaluate(TRIES, [own, picture])
    assert tried == {"read": 421, "cookies": 421, "picture": "refused", "script": "refused", "websocket": "refused"}

    page.goto(app)
    page.locator(".st-key-frame-more button").first.click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_label("Token")).to_be_visible()
