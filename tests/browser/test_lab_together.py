"""The threshold lab in a real browser: late answers, the keyboard, other pages, and what stands beside the numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sklearn import metrics as sk
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from lib.evaluation import results
from lib.web.ui import words
from tests.browser import lab
from tests.browser.conftest import still
from tests.browser.lab import GRID, NAMES, check_numbers, expected_numbers, is_shown, open_lab

run = lab.run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def _choose_in_field(page: Page, thresh: str) -> None:
    field = page.locator(".lab .exact input")
    field.fill(thresh)
    field.press("Enter")


def _ends_answer(message: bytes) -> bool:
    """Return whether Streamlit's server ends its answer with ``message``."""
    told = ForwardMsg.FromString(message)
    return told.WhichOneof("type") == "session_status_changed" and not told.session_status_changed.script_is_running


#: From now on, every place where the line stands for a moment is noted.
_SEEN = """chart => {
  const root = chart.getRootNode()
  const note = () => window.seen.add(root.querySelector(".lab .chart").getAttribute("aria-valuenow"))
  window.seen = new Set()
  note()
  new MutationObserver(note).observe(root, { subtree: true, childList: true, attributes: true })
}"""


def _is_drawn(page: Page, thresh: str) -> None:
    """Wait until the answer to the choice of ``thresh`` is on the page: its address, its end, and what it draws."""
    expect(page).to_have_url(re.compile(f"thresh={thresh}"))
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_answers_that_come_late_move_nothing_back(page, server, run):
    """On a slow line the last answer alone counts, and the address ends with it, also where it began with it."""
    held, sockets = [], []

    def between(socket) -> None:
        sockets.append(socket)
        there = socket.connect_to_server()
        there.on_message(lambda message: held.append(message) if slow else socket.send(message))
        socket.on_message(there.send)

    slow = False
    page.route_web_socket(re.compile("_stcore/stream"), between)
    chart = open_lab(page, server, thresh="0.500")
    slow = True
    for answers, thresh in enumerate(("0.4", "0.3", "0.5"), 1):
        _choose_in_field(page, thresh)
        while sum(map(_ends_answer, held)) < answers:
            page.wait_for_timeout(20)
    chart.evaluate(_SEEN)
    slow = False
    answered = iter(("0.400", "0.300", "0.500"))
    for message in held:
        sockets[-1].send(message)
        if _ends_answer(message):
            _is_drawn(page, next(answered))
    assert next(answered, None) is None
    assert page.evaluate("[...window.seen]") == ["0.500"]
    expect(page).to_have_url(re.compile("thresh=0.500"))
    for thresh in ("0.300", "0.400", "0.500"):
        page.get_by_role("button", name="Undo").click()
        expect(chart).to_have_attribute("aria-valuenow", thresh)
        expect(page).to_have_url(re.compile(f"thresh={thresh}"))
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()
    check_numbers(page, run, GRID[500])


def test_focus_and_field_stay_with_whoever_uses_the_keyboard(page, server, run):
    """A choice does not take the focus away, nonsense in the field goes, and undo takes back what is not sent yet."""
    page.clock.install()
    chart = open_lab(page, server)
    curves = page.locator(".lab .curves")
    curves.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("curve=recall"))
    expect(curves).to_be_focused()
    page.locator(".lab .scope").focus()
    page.keyboard.press("ArrowDown")
    expect(page).to_have_url(re.compile("label="))
    expect(page.locator(".lab .scope")).to_be_focused()
    _choose_in_field(page, "1.5")
    expect(page.locator(".lab .exact input")).to_have_value("0.500")
    _choose_in_field(page, "0.33371")
    expect(page.locator(".lab .exact input")).to_have_value("0.334")
    expect(page).to_have_url(re.compile("threshs=334-500"))
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+z")
    expect(chart).to_have_attribute("aria-valuenow", "0.334")
    page.clock.fast_forward(1000)  # long after the last key of a choice it is sent
    page.locator(".lab .curves").select_option("precision")  # told after whatever was told before
    expect(page).to_have_url(re.compile("curve=precision"))
    expect(page).to_have_url(re.compile("threshs=334-500"))


def test_table_line_and_other_pages_agree_on_what_is_chosen(page, server, run):
    """A label left in the lab is left in the table too; what is chosen is there on return, and a step back."""
    chart = open_lab(page, server, label="car")
    table = page.get_by_test_id("stDataFrame").first

    def row(number: int) -> None:
        table.scroll_into_view_if_needed()
        box = table.bounding_box()
        page.mouse.click(box["x"] + 15, box["y"] + 35 * number + 17)

    row(2)  # chosen in the address: a click lets go of it
    expect(page).not_to_have_url(re.compile("label="))
    row(4)
    expect(page).to_have_url(re.compile("label=bus"))
    page.locator(".lab .scope").select_option("")
    expect(page).not_to_have_url(re.compile("label="))
    still(page)
    row(4)  # would let go of it, had the table kept it
    expect(page).to_have_url(re.compile("label=bus"))
    expect(page.locator(".lab .scope")).not_to_have_value("")  # what is typed is for what the lab shows
    _choose_in_field(page, "0.25")
    expect(page).to_have_url(re.compile("threshs=500-500-500-250-500"))
    page.get_by_role("link", name="Predict").click()
    expect(page).to_have_url(re.compile("/predict"))
    still(page)
    page.get_by_role("link", name="Analyze").click()
    expect(page).to_have_url(re.compile("label=bus.*threshs=500-500-500-250-500"))
    expect(page.locator(".lab .tile .thresh").nth(3)).to_have_text("0.250")
    expect(chart).to_be_visible()
    page.get_by_role("radio", name="test").click()
    expect(page).to_have_url(re.compile("split=test"))
    page.go_back()  # each choice is a step of its own
    expect(page).not_to_have_url(re.compile("split="))
    expect(page.get_by_role("radio", name="valid")).to_be_checked()
    expect(page).to_have_url(re.compile("label=bus.*threshs=500-500-500-250-500"))


def test_what_stands_beside_the_numbers_is_right_too(page, server, run):
    """Baseline, change, best threshold, every label's own number and the band's ends, each computed in another way."""
    page.set_viewport_size({"width": 1300, "height": 500})
    chart = open_lab(page, server)
    _choose_in_field(page, "0.3")
    expect(page).to_have_url(re.compile("thresh=0.300"))
    decisions = results.decisions(run, "valid")
    before, now = expected_numbers(run, "valid", GRID[500]), expected_numbers(run, "valid", GRID[300])
    for name, base in {"predicted_per_image": 0.0, "recall": 0.0, "precision": np.nan}.items():
        number = page.locator(".lab .number").filter(has=page.locator(f'[data-name="{name}"]'))
        assert is_shown(number.get_attribute("title").removesuffix(".").split("Baseline (predict nothing): ")[1], base)
        assert is_shown(number.locator(".aside").inner_text().replace("−", "-"), now[name] - before[name])
    baseline = re.compile(r"^predict nothing ([\d.]+) \(validation\)$")
    expect(chart.locator(".remark").first).to_have_text(baseline)
    drawn = baseline.match(chart.locator(".remark").first.text_content()).group(1)
    assert is_shown(drawn, 1 - decisions.truth.mean())

    right = np.array(
        [sk.accuracy_score(decisions.truth.ravel(), (decisions.probs > thresh).ravel()) for thresh in GRID]
    )
    flips = page.locator(".lab .flips").inner_text()
    best = re.search(r"Best accuracy_multi on validation: ([\d.]+) at ([\d.]+),", flips)
    assert is_shown(best.group(1), right.max())
    assert right[round(1000 * float(best.group(2)))] == right.max()

    page.locator(".lab .tiles").scroll_into_view_if_needed()  # they were below the screen while the line moved
    expect(page.locator(".lab .tile .thresh")).to_have_text(["0.300"] * len(NAMES))
    for label, tile in enumerate(page.locator(".lab .tile").all()):
        expected = sk.accuracy_score(decisions.truth[:, label], decisions.probs[:, label] > GRID[300])
        assert is_shown(tile.locator(".value").text_content(), expected)
        assert tile.locator(".count").text_content() == f"{decisions.truth[:, label].sum()} pos."

    reading = re.compile(r"^validation ([\d.]+) \(([\d.]+) to ([\d.]+)\) at 0\.300 · test [\d.]+$")
    expect(chart.locator(".reading")).to_have_text(reading)
    value, low, high = map(float, reading.match(chart.locator(".reading").text_content()).groups())
    rng = np.random.default_rng(9)
    cells = (decisions.probs > GRID[300]) == (decisions.truth == 1)
    drawn = [cells[rng.integers(0, len(cells), len(cells))].mean() for _ in range(2000)]
    assert low < value < high
    assert [low, high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]), abs=0.015)


def test_the_large_picture_stays_when_what_is_said_of_it_changes(page, server, run):
    """A heat map that comes, or a step back in the browser, does not close what somebody looks at."""
    open_lab(page, server, thresh="0.500", tab="Pictures")
    page.get_by_text("Dataset order", exact=True).click()  # it is the same at every threshold
    still(page)
    _choose_in_field(page, "0.001")  # everything is predicted
    expect(page).to_have_url(re.compile("thresh=0.001"))
    still(page)
    page.locator(".gallery:not(.compact) .opener").nth(1).click()
    large = page.locator(".gallery:not(.compact) dialog[open]")
    decisions = results.decisions(run, "valid")
    for_all, for_half = ((decisions.probs[1] > GRID[index]) & (decisions.truth[1] == 0) for index in (1, 500))
    assert for_half.sum() < for_all.sum()
    expect(large.locator(".chip.alarm")).to_have_count(int(for_all.sum()))
    page.go_back()
    expect(page).to_have_url(re.compile("thresh=0.500"))
    expect(large.locator(".place")).to_have_text("2 of 24")
    expect(large.locator(".chip.alarm")).to_have_count(int(for_half.sum()))
    page.keyboard.press("ArrowRight")
    expect(large.locator(".place")).to_have_text("3 of 24")
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)


def test_a_cell_of_the_confusion_matrix_shows_its_pictures(page, server, run):
    """A click on a cell is a step of the address, shows just its images beside it, and goes with Back."""
    open_lab(page, server, tab="Confusion")
    decisions = results.decisions(run, "valid")
    predicted, truth = decisions.probs > GRID[500], decisions.truth
    wrong = (truth[:, 1] == 1) & (truth[:, 4] == 0) & predicted[:, 4]
    assert 0 < wrong.sum() <= 24
    page.locator(".manyhot-chart").first.scroll_into_view_if_needed()  # what is out of sight is not drawn
    plot = page.locator(".manyhot-chart .nsewdrag").first
    expect(plot).to_be_attached()
    still(page)
    box = plot.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.9, box["y"] + box["height"] * 0.3)
    expect(page).to_have_url(re.compile("cell=1_4"))
    expect(page.get_by_text(f"car, x predicted: {words.images(int(wrong.sum()), 'valid')}")).to_be_visible()
    expect(page.locator("[class*=st-key-beside] .gallery .card")).to_have_count(int(wrong.sum()))
    page.go_back()
    expect(page.get_by_text("car, x predicted")).to_have_count(0)


def test_a_step_moves_different_thresholds_together(page, server, run):
    """Where labels have thresholds of their own an arrow key moves each by a step, and none to another's."""
    chart = open_lab(page, server, threshs="100-250-500-700-999")
    chart.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("threshs=110-260-510-710-1000"))
    check_numbers(page, run, GRID[[110, 260, 510, 710, 1000]])


def test_a_refusal_of_the_server_is_said(page, server, run):
    """Counts or bands that the server refuses are told in its own words, and the band is asked for again."""
    page.clock.install()
    page.route("**/bands/**", lambda route: route.fulfill(status=404, body="The bands are at lunch."))
    open_lab(page, server)
    expect(page.locator(".lab .message")).to_contain_text("The bands are at lunch.")
    page.unroute("**/bands/**")
    page.clock.fast_forward(5500)
    page.locator(".lab .curves").select_option("recall")
    expect(page.locator(".lab .message")).to_be_hidden()
    expect(page.locator(".lab .band")).to_have_count(1)
    page.route("**/sweep/**", lambda route: route.fulfill(status=404, body="The counts are at lunch."))
    page.reload()
    expect(page.locator(".lab .message")).to_contain_text("The counts are at lunch.")
