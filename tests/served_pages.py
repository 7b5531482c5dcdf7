"""A real web server and a real browser, one of each for all tests of a process, whichever suite they are in."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from benchmarks import browser as chromium
from lib.core import processes
from lib.core.files import write_atomic
from lib.core.workspace import VARIABLE, Workspace
from lib.training import events, runs

ROOT = Path(__file__).resolve().parents[1]
#: Quicker for many short pages.
ARGUMENTS = [
    *chromium.ARGUMENTS,
    # The name of another site that leads to this machine.
    "--host-resolver-rules=MAP rebound.example 127.0.0.1",
    # All pages are of one process, which has the scripts compiled already, see `profile`.
    "--process-per-site",
    # To compile scripts while they come from this very machine costs more and brings nothing. The last list counts, so
    # the first names are Playwright's, those that concern pages of one's own machine.
    "--disable-features=AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,"
    "PaintHolding,ThirdPartyStoragePartitioning,ScriptStreaming,BackgroundResourceFetch",
    # A page lives for seconds: what V8 spends on optimizing its scripts, and on many small collections of garbage, is
    # a fifth of the whole and comes back to nobody.
    "--js-flags=--no-opt --no-maglev --no-concurrent-sparkplug --min-semi-space-size=64 --max-semi-space-size=64",
]


# Of every file, whichever are run: an act that no answer came to is sent again after 15 s.
expect.set_options(timeout=30_000)


class Server:
    """``streamlit run app.py`` on a free port of this machine."""

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen | None = None

    def start(self, named_in: Path | None = None) -> None:
        """Start the server and wait until it answers.

        With the file that names its workspace it is `tests.browser.served`, of which the workers start warm.
        """
        module = ["streamlit"] if named_in is None else ["tests.browser.served", str(named_in)]
        command = [sys.executable, "-m", *module, "run", "app.py", "--server.port", str(self.port)]
        environment = {**os.environ, VARIABLE: str(self.workspace.root)}
        self._process = subprocess.Popen(
            [*command, "--server.headless", "true"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            with contextlib.suppress(OSError, urllib.error.URLError), urllib.request.urlopen(f"{self.url}/api/health"):
                return
            time.sleep(0.1)
        raise AssertionError("the server did not answer within 60 s")

    def stop(self) -> None:
        """Stop the server; workers go on."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)
            self._process = None


@pytest.fixture(scope="session")
def shared_server(warm_server, tmp_path_factory) -> Iterator[tuple[Server, Path]]:
    """A running server, and the file that names its workspace."""
    named_in = tmp_path_factory.mktemp("server") / "workspace.txt"
    empty = Workspace(named_in.with_name("empty"))
    named_in.write_text(str(empty.root), encoding="utf-8")
    server = Server(empty)
    server.start(named_in)
    yield server, named_in
    server.stop()


@pytest.fixture
def named_in(workspace, warm_server, tmp_path) -> Path:
    """The file that names the workspace to a server of the test's own."""
    path = tmp_path / "workspace.txt"
    path.write_text(str(workspace.root), encoding="utf-8")
    return path


@pytest.fixture
def server(workspace, request) -> Iterator[Server]:
    """A running server on an empty workspace, the test's own where it is marked so; runs left on it are stopped."""
    if request.node.get_closest_marker("cold") or request.node.get_closest_marker("own"):
        running = Server(workspace)
        running.start(request.getfixturevalue("named_in") if request.node.get_closest_marker("own") else None)
        yield running
        running.stop()
    else:
        running, named_in = request.getfixturevalue("shared_server")
        running.workspace = workspace
        write_atomic(named_in, str(workspace.root))
        yield running
    for run in runs.list_runs(workspace):
        (run.folder / events.STOP).touch()
    end = time.monotonic() + 60
    while any(processes.is_alive(run.folder) for run in runs.list_runs(workspace)) and time.monotonic() < end:
        time.sleep(0.2)


#: Streamlit's own animations, such as that of what is to come, are drawn by the processor, sixty times a second; those
#: inside of the app's components are left.
_UNMOVED = """addEventListener("DOMContentLoaded", () => {
  const style = document.createElement("style")
  style.textContent = "*, ::before, ::after { animation: none !important; transition: none !important }"
  document.head.append(style)
})"""


@pytest.fixture(scope="session")
def profile(tmp_path_factory) -> Iterator[BrowserContext]:
    """Debian's Chromium with one profile, which keeps the scripts that it has loaded and compiled for the next test.

    The one without windows comes first: it is less to start and to keep going. Where there is none the test is skipped,
    in CI it fails.
    """
    path = chromium.path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail(chromium.MISSING)
        pytest.skip(chromium.MISSING)
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"),
            executable_path=path,
            args=ARGUMENTS,
            viewport={"width": 1300, "height": 1100},
            accept_downloads=True,
        )
        context.add_init_script(_UNMOVED)
        stays = context.new_page()  # an empty page of the same site: the process lives as long as there is one
        stays.route("**/*", lambda route: route.fulfill(body=""))
        stays.goto("http://127.0.0.1/")
        yield context
        context.close()


@pytest.fixture(scope="session")
def browser(profile) -> Browser:
    """The browser itself, for contexts of other kinds."""
    return profile.browser


@pytest.fixture
def page(profile, server) -> Iterator[Page]:
    """A page on the server.

    An error in the browser, a request to another machine, or something that the Content-Security-Policy forbids fails
    the test.
    """
    tab = profile.new_page()
    tab.set_default_timeout(30_000)
    _forget(tab, server.url)
    errors: list[str] = []
    away: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on(
        "console", lambda message: errors.append(message.text) if "Content Security Policy" in message.text else None
    )
    tab.on("request", lambda request: None if _is_local(request.url, server) else away.append(request.url))
    yield tab
    tab.close()
    assert not errors
    assert not away


def _forget(page: Page, origin: str) -> None:
    """Delete what earlier tests' pages of ``origin`` stored: all but the cache of what they loaded."""
    stored = "cookies,local_storage,indexeddb,cache_storage,service_workers,file_systems"
    session = page.context.new_cdp_session(page)
    session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": stored})
    session.detach()


def _is_local(url: str, server: Server) -> bool:
    return url.startswith((server.url, server.url.replace("http", "ws"), "data:", "blob:"))
