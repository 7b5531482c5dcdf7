"""From a training of points to one point's worst images, in a real browser."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect
from safetensors.numpy import load_file

from benchmarks.synthetic import points_and_preds, points_dataset
from lib.training import events, runs
from tests.browser.conftest import in_middle, still, type_number

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

LONG = 120_000  # ms; a worker imports torch and trains for some epochs
NAMES = ["left eye", "right eye", "nose", "left mouth corner", "right mouth corner"]
#: Where on the screen a mark is: of the map by the id of its point, of the other chart by its place on the x axis.
_MARK = """(chart, [id, x]) => {
  const box = chart.getBoundingClientRect()
  const { xaxis, yaxis } = chart._fullLayout
  const isMine = ({ trace }) => (id === null ? trace.marker?.symbol === "diamond" : trace.ids)
  const marks = chart.calcdata.find((line) => isMine(line[0]))
  const point = marks.find((one, i) => (id === null ? one.x === x : marks[0].trace.ids[i] === id))
  return [box.left + xaxis._offset + xaxis.c2p(point.x), box.top + yaxis._offset + yaxis.c2p(point.y)]
}"""


def test_walks_faces_from_training_to_a_points_worst_images(page, server, workspace):
    """The map, a diamond of the chart and the list of points each lead to the images that are worst in the file."""
    targs, _ = points_and_preds(60, len(NAMES), size=(64, 64))
    targs[45:50, 2] = np.nan
    splits = ["train"] * 34 + ["valid"] * 26
    points_dataset(
        workspace, NAMES, targs, splits, size=(64, 64), name="faces", defaults={"arch": "small", "pretrained": False}
    )
    page.goto(f"{server.url}/train?dataset=faces")
    type_number(page, "Image size (px)", 32)
    type_number(page, "Epochs", 1)
    page.locator(".st-key-train-start button").click()
    expect(page.get_by_test_id("stMarkdown").get_by_text("finished")).to_be_visible(timeout=LONG)
    run = runs.load(workspace, re.search(r"run=([\w-]+)", page.url).group(1))
    assert run.config.arch == "small"
    page.get_by_role("link", name="Analyze").first.click()
    expect(page.get_by_text(re.compile(r"^mean error .* mean shape"))).to_be_visible()

    kept = load_file(run.folder / events.PREDS)
    off = np.sqrt(((kept["valid.preds"].astype(np.float64) - kept["valid.targs"]) ** 2).sum(axis=-1))

    def check(point: int) -> None:
        worst = np.argsort(-np.nan_to_num(off[:, point], nan=-1))
        cards = page.locator(".gallery .grid .card")
        expect(cards.first).to_contain_text(f"{NAMES[point]}: {off[worst[0], point]:#.3g}".rstrip(".") + " px")
        expect(cards).to_have_count(6)
        names = [f"Open from/picture {row}.png" for row in kept["valid.items"][worst[:3]]]
        assert [cards.nth(at).locator(".opener").get_attribute("aria-label") for at in range(3)] == names

    def click(chart: str, id: str | None, x: int = 0) -> None:
        drawn = page.get_by_role("figure", name=chart)
        in_middle(drawn)
        expect(drawn).to_have_class(re.compile("js-plotly-plot"))
        still(page)
        page.mouse.click(*drawn.evaluate(_MARK, [id, x]))

    click("Mean error of each point on the mean shape", "4")
    check(4)
    expect(page).to_have_url(re.compile("point=4(&|$)"))
    ranked = np.argsort(-np.nanmean(off, axis=0), kind="stable")  # the worst point is drawn first
    click("Errors of each point", None, 1)
    check(int(ranked[1]))
    expect(page).to_have_url(re.compile(f"point={ranked[1]}(&|$)"))

    field = page.get_by_role("combobox", name="Point", exact=True)
    in_middle(field)
    field.click()
    page.get_by_role("option", name="Point nose", exact=True).click()
    check(2)
    expect(page.locator(".gallery .card").first.locator(".chosen.ink .true")).to_have_attribute("d", re.compile("^M"))
