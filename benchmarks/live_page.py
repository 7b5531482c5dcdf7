"""Cost of watching a training run of 100,000 batches, and how soon a batch is on the chart."""

from __future__ import annotations

import contextlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import launch
from benchmarks.first_paint import free_port, wait
from lib.core import processes
from lib.core.workspace import VARIABLE, Workspace
from lib.datasets import store
from lib.importing import samples
from lib.training import events, options

_ROOT = Path(__file__).resolve().parents[1]
_BATCHES, _PER_EPOCH, _FROZEN = 100_000, 1000, 10
_PER_SECOND = 20
_SETTLE, _MEASURE, _BEGIN, _ASKED = 15, 20, 8, 5  # seconds, and times
_RUN = "20260102-030405-abcd"
_FIT = {"phase": events.FROZEN, "epochs": _FROZEN, "step": 0}
#: The newest batch that is on the chart of the losses, in the browser.
_NEWEST = "(document.querySelector('.js-plotly-plot')?.calcdata?.[0]?.at(-1)?.x ?? 0)"
_TICKS = os.sysconf("SC_CLK_TCK")


def measure() -> dict[str, float | int]:
    """Return the share of a core that server and browser take, and the seconds from a batch to its point."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = Workspace(Path(folder))
        samples.ensure(workspace, "shapes")
        with serving(workspace) as (url, server):
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1300, "height": 1100})
            page.goto(f"{url}/train?dataset=shapes")
            page.locator(".st-key-train-start button").wait_for()
            page.wait_for_timeout(_SETTLE * 1000)
            idle = _shares(page, server)
            run = _Run(workspace)
            with run.going_on():
                page.goto(f"{url}/train?dataset=shapes&run={_RUN}")
                page.locator(".js-plotly-plot").first.wait_for(timeout=60_000)
                page.wait_for_timeout(_SETTLE * 1000)
                server_share, browser_share = _shares(page, server)
                late = [_late(page, run, number) for number in range(_ASKED)]
            first = [_first(browser, url, workspace, number) for number in range(_ASKED)]
            browser.close()
    return {
        "batches": run.step,
        "server (% of a core)": server_share,
        "browser, all processes (% of a core)": browser_share,
        "the same, nothing running: server": idle[0],
        "the same, nothing running: browser": idle[1],
        "batch to its point, median (s)": statistics.median(late),
        "batch to its point, slowest (s)": max(late),
        "first batch of a run to its point, median (s)": statistics.median(first),
        "first batch of a run to its point, slowest (s)": max(first),
    }


class _Run:
    """A run that goes on, without a worker: of many batches, or one that has yet to begin."""

    def __init__(self, workspace: Workspace, run: str = _RUN, done: int = _BATCHES):
        self.folder, self.done = workspace.run(run), done
        self.folder.mkdir(parents=True)
        epochs = 10 * _BATCHES // _PER_EPOCH
        config = options.configure(store.load(workspace, "shapes"), {"epochs": epochs, "freeze_epochs": _FROZEN})
        (self.folder / events.CONFIG).write_text(json.dumps(config.to_json()))
        self.step = 0
        with (self.folder / events.EVENTS).open("w") as file:
            for event in self._past():
                file.write(json.dumps(event) + "\n")

    def _past(self) -> Iterator[dict]:
        """Yield what was written until now."""
        head = {"time": 0.0, "seconds": 0.0}
        yield {"event": "started", **head, "device": "none", "n_batches": _PER_EPOCH, "n_train": 1, "n_valid": 1}
        if self.done:
            yield {"event": "fit", **head, **_FIT}
        while self.step < self.done:
            yield {"event": "batch", **head, **self._batch(), "seconds": self.step / _PER_SECOND}
            if self.step % _PER_EPOCH == 0:
                yield {"event": "epoch", **head, **self._epoch(), "seconds": self.step / _PER_SECOND}
            if self.step == _PER_EPOCH * _FROZEN:
                fit = {"phase": events.UNFROZEN, "epochs": 10 * _BATCHES // _PER_EPOCH, "step": self.step}
                yield {"event": "fit", **head, **fit, "seconds": self.step / _PER_SECOND}

    def _batch(self) -> dict:
        self.step += 1
        noise = (self.step * 0.618034) % 1
        loss = 0.2 + math.exp(-self.step / 20_000) * (0.4 + 0.2 * noise)
        return {
            "step": self.step,
            "loss": loss,
            "lr": 1e-3 * math.sin(self.step / 40_000) ** 2,
            "mom": 0.95 - 0.1 * math.sin(self.step / 40_000) ** 2,
        }

    def _epoch(self) -> dict:
        good = 1 - 0.3 * math.exp(-self.step / 20_000)
        losses = {"train_loss": 1 - good, "valid_loss": 1.1 - good}
        metrics = {"accuracy_multi": good, "f1": good - 0.1}
        return {"phase": "unfrozen", "epoch": self.step // _PER_EPOCH, "step": self.step, **losses, "metrics": metrics}

    @contextlib.contextmanager
    def going_on(self, wait_s: float = 0) -> Iterator[None]:
        """Write batches as a worker does, from ``wait_s`` seconds on and as long as the block takes."""
        over = threading.Event()

        def work() -> None:
            write = events.EventWriter(self.folder)
            write.began_at(self.done / _PER_SECOND)
            over.wait(wait_s)
            self.began = time.perf_counter()
            if not self.done:
                write("fit", **_FIT)
            while not over.wait(1 / _PER_SECOND):
                write("batch", **self._batch())
                if self.step % 50 == 0:
                    memory = {"memory": 3 * 2**30, "memory_total": 8 * 2**30}
                    write("device", step=self.step, use=self.step // 50 % 100, **memory)
                if self.step % _PER_EPOCH == 0:
                    write("epoch", **self._epoch())
            write.close()

        with processes.alive_lock(self.folder):
            worker = threading.Thread(target=work)
            worker.start()
            try:
                yield
            finally:
                over.set()
                worker.join()


@contextlib.contextmanager
def serving(workspace: Workspace) -> Iterator[tuple[str, int]]:
    """Start a server; yield its address and process id."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    server = subprocess.Popen(
        [*command, "--server.headless", "true"],
        cwd=_ROOT,
        env={**os.environ, VARIABLE: str(workspace.root)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait(f"http://127.0.0.1:{port}/api/health")
        yield f"http://127.0.0.1:{port}", server.pid
    finally:
        server.terminate()
        server.wait()


def _shares(page: Page, server: int) -> tuple[float, float]:
    """Return percent of a core that the server's and the browser's processes take."""
    before, began = (_cpu(_tree(server)), _cpu(_browser())), time.perf_counter()
    page.wait_for_timeout(_MEASURE * 1000)
    seconds = time.perf_counter() - began
    after = _cpu(_tree(server)), _cpu(_browser())
    return tuple(100 * (b - a) / seconds for a, b in zip(before, after, strict=True))


def _late(page: Page, run: _Run, number: int) -> float:
    """Return the seconds from a batch's event until a chart in the browser has its point."""
    time.sleep(3 * (number * 0.618 % 1))  # not in step with the page
    step, began = run.step, time.perf_counter()
    page.wait_for_function(f"step => {_NEWEST} >= step", arg=step, polling=50, timeout=60_000)
    return time.perf_counter() - began


def _first(browser: Browser, url: str, workspace: Workspace, number: int) -> float:
    """Return the seconds from the first batch of a run, on a page that waits for it, until its point."""
    run = _Run(workspace, f"20260102-030406-000{number}", 0)
    page = browser.new_context(viewport={"width": 1300, "height": 1100}).new_page()
    with run.going_on(wait_s=_BEGIN + number * 0.618 % 1):
        page.goto(f"{url}/train?dataset=shapes&run={run.folder.name}")
        page.get_by_text("Starting the worker").wait_for(timeout=60_000)
        page.wait_for_function(f"{_NEWEST} > 0", polling=50, timeout=60_000)
        seconds = time.perf_counter() - run.began
    page.context.close()
    return seconds


def _browser() -> list[int]:
    """Return the processes of the browser that this process started."""
    return [pid for pid in _tree(os.getpid()) if _read(pid, "comm").startswith("chrom")]


def _tree(root: int) -> list[int]:
    """Return ``root`` and all processes that it and they started."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(path.name)):
            children.setdefault(int(fields[1]), []).append(int(path.name))
    tree = [root]
    for pid in tree:
        tree += children.get(pid, [])
    return tree


def _cpu(pids: list[int]) -> float:
    """Return the CPU seconds that processes took so far, in and for them."""
    return sum(int(fields[11]) + int(fields[12]) for pid in pids if (fields := _stat(pid))) / _TICKS


def _stat(pid: int) -> list[str]:
    """Return the fields of a process after its name: state, parent, ...; none if it is gone."""
    return _read(pid, "stat").rpartition(")")[2].split()


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
