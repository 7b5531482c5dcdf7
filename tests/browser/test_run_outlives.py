"""A training outlives what shows it: a refresh, a closed tab, a web server that ends, and its own worker's death."""

from __future__ import annotations

import contextlib
import os
import re
import signal
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from benchmarks.synthetic import points_and_preds, points_dataset
from lib.training import events, runs
from tests.browser.walks import LONG, Walk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


def _stop(page: Page):
    """Return the page's own Stop button; Streamlit shows one in its header while a script runs."""
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop now")


#: Which batches the browser has drawn in the chart of the loss.
DRAWN = """() => {
  const chart = document.querySelector('[aria-label="Loss against batch, raw and smoothed"]')
  const raw = chart?.calcdata?.find(line => line[0].trace.name === "raw") ?? []
  return raw.map(point => point.x)
}"""


def _kill(run: runs.Run) -> None:
    """Kill the worker of ``run``, which the web server started, as the kernel does when memory is out."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if str(run.folder).encode() in path.read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)


@pytest.mark.cold
def test_a_run_outlives_tab_web_server_and_kill(page, server, named_in):
    """A refresh, a closed tab and a restarted server find curves without a hole; a killed run is resumed by a click."""
    targs, _ = points_and_preds(300, 3, size=(64, 64))
    settings = {"arch": "small", "pretrained": False, "bs": 16}
    splits = ["train"] * 240 + ["valid"] * 60
    points_dataset(server.workspace, ["a", "b", "c"], targs, splits, size=(64, 64), defaults=settings)
    walk = Walk(page, server.url)
    expect(page.get_by_text(re.compile(r"\b300\b")).first).to_be_visible()
    page.wait_for_function("() => window.Plotly")  # read ahead of the first chart, see `tests.browser.served`
    walk.go_to("Train")
    walk.shorten(epochs=900)
    walk.click(page.get_by_role("button", name="Train", exact=True))
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 901"))).to_be_visible(timeout=LONG)
    run, address = walk.run(server.workspace), page.url
    page.reload()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 901"))).to_be_visible()
    second = page.context.new_page()
    page.close()
    server.stop()
    steps = run.refresh().history.step
    server.start(named_in)  # what outlived the other is a new interpreter that it started; this one's start warm
    second.goto(address)
    expect(second.get_by_text(re.compile(r"Epoch \d+ of 901"))).to_be_visible()
    assert run.refresh().history.step > steps
    assert run.history.batches()["step"].tolist() == list(range(1, run.history.step + 1))
    second.wait_for_function(f"() => ({DRAWN})().at(-1) > {run.history.step}")
    drawn = np.array(second.evaluate(DRAWN))
    assert drawn[0] == 1
    assert np.diff(drawn).max() <= 2 * max(1, run.refresh().history.step / 300)  # of each bucket two are drawn

    _kill(run)
    expect(second.get_by_test_id("stMarkdown").get_by_text("died")).to_be_visible(timeout=5_000)
    second.get_by_role("button", name="Resume").click()
    expect(second.get_by_text(re.compile(r"Epoch \d+ of 901"))).to_be_visible(timeout=LONG)
    _stop(second).click()
    expect(second.get_by_test_id("stMarkdown").get_by_text("stopped")).to_be_visible(timeout=LONG)
    assert run.refresh().history.resumed == 1
    assert run.history.batches()["step"].tolist() == list(range(1, run.history.step + 1))
    assert run.refresh().state == events.STOPPED and run.manifest() is None
    finish = second.get_by_role("button", name=re.compile("^Finish"))
    finish.click()
    expect(finish).to_have_count(0, timeout=LONG)
    expect(second.get_by_test_id("stMarkdown").get_by_text("stopped")).to_be_visible(timeout=LONG)
    assert run.refresh().history.resumed == 1 and run.manifest() is not None

    second.get_by_role("link", name="Analyze").first.click()
    expect(second.get_by_text("mean shape").first).to_be_visible()
    card = second.locator(".gallery svg").first
    expect(card).to_be_visible()
    expect(second.locator(".gallery .legend")).to_contain_text("predicted")
    second.close()
