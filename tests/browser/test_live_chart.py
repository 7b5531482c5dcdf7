"""Charts keep updating while the user interacts: new points arrive, and zoom and hidden lines stay."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from lib.core import processes
from lib.training import events, options

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

RUN = "20260102-030405-abcd"
NAME = "Loss against batch, raw and smoothed"
#: The chart in the tab below it, which comes after it in each answer of the server.
NEIGHBOR = "Learning rate and momentum"
#: What the browser's own Plotly says of the chart: range of x, newest batch, which lines are drawn, color of text.
STATE = """name => {
  const chart = document.querySelector(`[aria-label="${name}"]`)
  const layout = chart?._fullLayout
  const newest = chart?.calcdata?.find(line => line[0].trace.name === "smoothed")?.at(-1).x ?? 0
  return layout && { range: layout.xaxis.range, newest, color: layout.font.color,
    hidden: chart._fullData.filter(line => line.visible === "legendonly").map(line => line.name) }
}"""

#: Whether a chart's first line ends at a batch.
_NEWEST = """([name, newest]) =>
  document.querySelector(`[aria-label="${name}"]`)?.calcdata?.[0].at(-1).x === newest"""


class Going:
    """A run that goes on: its lock is held and batches are written when a test says so."""

    def __init__(self, folder, dataset):
        folder.mkdir(parents=True)
        config = options.configure(dataset, {"pretrained": False, "bs": 8, "epochs": 9, "freeze_epochs": 0})
        (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
        self.write, self.step = events.EventWriter(folder), 0
        self.write("started", device="CPU", n_batches=20, n_train=160, n_valid=10)
        self.write("fit", phase="unfrozen", epochs=9, step=0)

    def batches(self, count: int) -> None:
        """Write so many more batches."""
        for _ in range(count):
            self.step += 1
            self.write("batch", step=self.step, loss=1 / self.step, lr=0.01, mom=0.9)
            if self.step % 20 == 0:
                values = {"train_loss": 0.4, "valid_loss": 0.5, "metrics": {"accuracy_multi": 0.5, "f1": None}}
                self.write("epoch", phase="unfrozen", epoch=self.step // 20, step=self.step, **values)


@pytest.fixture
def going(workspace, make_dataset) -> Iterator[Going]:
    """A run of 60 batches that goes on."""
    folder = workspace.run(RUN)
    run = Going(folder, make_dataset("multi-label"))
    run.batches(60)
    with processes.alive_lock(folder):
        yield run
    run.write.close()


def _wait(page: Page, condition: str) -> dict:
    """Wait until ``condition`` holds for the chart's state, called ``now``, and return the state."""
    page.wait_for_function(f"name => {{ const now = ({STATE})(name); return now && ({condition}) }}", arg=NAME)
    return page.evaluate(STATE, NAME)


def _middle(page: Page) -> tuple[float, float, float]:
    """Return the middle and the width of the plot."""
    box = page.get_by_role("figure", name=NAME).locator(".nsewdrag").first.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, box["width"]


def test_zoom_and_hidden_lines_survive_new_points(page, server, going):
    """While batches come the chart grows; a zoom, a hidden line and the colors of the page hold, until undone."""
    loads: list[str] = []
    page.on("request", lambda request: loads.append(request.url) if "plotly" in request.url else None)
    page.goto(f"{server.url}/train?dataset=made&run={RUN}&about=Rate")
    full = _wait(page, "now.newest === 60")
    assert full["range"][0] < 1
    assert full["range"][1] > 60
    going.batches(20)
    assert _wait(page, "now.newest === 80")["range"][1] > 80  # not touched, it follows

    x, y, width = _middle(page)
    page.mouse.move(x - width / 4, y)
    page.mouse.down()
    page.mouse.move(x, y, steps=3)
    for newest in (90, 100):  # a drag is not disturbed by what comes meanwhile
        going.batches(10)
        page.wait_for_function(_NEWEST, arg=[NEIGHBOR, newest])
        assert page.evaluate(STATE, NAME)["newest"] == 80
    page.mouse.move(x + width / 4, y, steps=3)
    page.mouse.up()
    zoomed = _wait(page, "now.newest === 100 && now.range[0] > 10")
    assert zoomed["range"][1] < 70
    page.get_by_role("figure", name=NAME).locator(".legendtoggle").first.click()
    _wait(page, "now.hidden.length === 1")

    going.batches(40)
    later = _wait(page, "now.newest === 140")
    assert (later["range"], later["hidden"]) == (zoomed["range"], ["raw"])
    page.emulate_media(color_scheme="dark")
    dark = _wait(page, f"now.color !== {json.dumps(later['color'])}")
    assert (dark["range"], dark["hidden"]) == (zoomed["range"], ["raw"])

    x, y, _ = _middle(page)
    page.mouse.dblclick(x, y)
    assert _wait(page, "now.range[1] > 140")["range"][0] < 1
    titles = page.locator(".modebar-btn").evaluate_all("found => found.map(button => button.dataset.title)")
    assert set(titles) == {"Download plot as a PNG", "Zoom", "Pan", "Reset axes"}  # none sends anything anywhere
    assert len(loads) == 1  # one Plotly for all charts, and from this server: see the fixture


def test_without_plotly_a_sentence_says_so(page, server, going):
    """Where Plotly cannot be loaded its place has a sentence with what to do, and the rest of the page works."""
    page.route("**/api/plotly.js*", lambda route: route.abort())
    page.goto(f"{server.url}/train?dataset=made&run={RUN}")
    chart = page.get_by_role("figure", name=NAME)
    expect(chart).to_contain_text("could not be loaded: reload the page", timeout=30_000)
    expect(page.get_by_role("progressbar")).to_be_visible()
