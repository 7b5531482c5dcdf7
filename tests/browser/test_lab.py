"""The threshold lab in a real browser: a real mouse drags, numbers move before the release, the page follows after."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sklearn import metrics as sk

from lib.evaluation import results
from tests.browser import lab
from tests.browser.conftest import sideways, still
from tests.browser.lab import (
    AT_LINE,
    GRID,
    NAMES,
    check_numbers,
    expected_numbers,
    headline,
    is_shown,
    on_screen,
    open_lab,
    open_section,
    text_of,
)

run = lab.run
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_numbers_follow_a_real_mouse_before_it_is_released(page, server, run):
    """Numbers move with the pointer, equal to scikit-learn's, and the server hears nothing; then the page follows."""
    chart = open_lab(page, server)
    check_numbers(page, run, GRID[500])
    expect(page).to_have_url(re.compile("curve=accuracy_multi"))  # the last curve that was looked at has been told
    still(page)
    asked: list[str] = []
    page.on("websocket", lambda _: asked.append("websocket"))
    page.on("request", lambda request: asked.append(request.url))
    address = page.url
    page.mouse.move(*on_screen(chart, 0.5))
    page.mouse.down()
    for thresh in (0.45, 0.31, 0.2):
        page.mouse.move(*on_screen(chart, thresh), steps=4)
        expect(chart).to_have_attribute("aria-valuenow", re.compile(f"{thresh:.2f}".rstrip("0")))
        now = float(chart.get_attribute("aria-valuenow"))
        assert abs(now - thresh) < 0.002
        check_numbers(page, run, GRID[round(1000 * now)], at_line=("accuracy_multi",))
        decisions = results.decisions(run, "valid")
        come = (decisions.probs > GRID[round(1000 * now)]) & ~(decisions.probs > GRID[500])
        words = f"{come.sum()} predictions appear ({(come & (decisions.truth == 1)).sum()} right)"
        expect(page.locator(".lab .flips")).to_contain_text(words)
    assert page.url == address
    assert not asked
    page.mouse.up()
    expect(page).to_have_url(re.compile(rf"thresh={now:.3f}"))
    value = 1 - sk.hamming_loss(decisions.truth, decisions.probs > GRID[round(1000 * now)])
    expect(headline(page)).to_contain_text(f"accuracy_multi {value:#.3g} (")

    changed = (decisions.probs > GRID[round(1000 * now)]) != (decisions.probs > GRID[500])
    beside = page.locator(".lab .pictures")
    expect(beside).to_contain_text(f"{changed.any(axis=1).sum()} validation images changed")
    expect(beside.locator("img")).to_have_count(8)
    assert beside.locator("img").first.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    expect(beside.locator(".card .note").first).to_contain_text(re.compile("now|no longer"))
    open_section(page, "Errors", "Pictures")
    page.get_by_text("Flips", exact=True).click()
    expect(page.get_by_text(f"Images 1 to {min(24, changed.any(axis=1).sum())} of")).to_be_visible()
    expect(page.locator(".gallery:not(.compact) .card .note").first).to_contain_text(re.compile("now|no longer"))
    page.reload()
    expect(chart).to_have_attribute("aria-valuenow", f"{now:.3f}")


def test_a_label_is_dragged_alone_and_looked_at(page, server, run):
    """Its own line moves its own threshold; its name shows it large, with its numbers and its false positives."""
    chart = open_lab(page, server, curve="subset_accuracy")
    plot = page.locator(".lab .tile .plot").nth(1)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 20, steps=6)
    threshs = GRID[[500, 250, 500, 500, 500]]
    expect(page.locator(".lab .tile .thresh").nth(1)).to_have_text(re.compile(r"0\.2[45]"))
    index = round(1000 * float(page.locator(".lab .tile .thresh").nth(1).inner_text()))
    threshs[1] = GRID[index]
    assert is_shown(text_of(page, "tp"), expected_numbers(run, "valid", threshs)["tp"])
    expect(chart.locator(".reading")).to_contain_text("validation after release")
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"threshs=500-{index}-500-500-500"))
    still(page)
    check_numbers(page, run, threshs)

    page.locator(".lab .tile .name").nth(1).click()
    expect(page).to_have_url(re.compile("label=car"))
    decisions = results.decisions(run, "valid")
    changed = (decisions.probs[:, 1] > threshs[1]) != (decisions.probs[:, 1] > GRID[500])
    expect(page.locator(".lab .pictures")).to_contain_text(f"{changed.sum()} validation images changed")
    check_numbers(page, run, threshs, label=1)
    wrong = (decisions.probs[:, 1] > threshs[1]) & (decisions.truth[:, 1] == 0)
    open_section(page, "Errors", "Pictures")
    expect(page.get_by_role("heading", name="Predictions of car")).to_be_visible()
    page.get_by_text(f"False positives · {wrong.sum()}", exact=True).click()
    expect(page.locator(".gallery:not(.compact) .grid .card")).to_have_count(min(24, int(wrong.sum())))
    expect(page.locator(".gallery:not(.compact) .grid .card .chip").first).to_contain_text("car")
    expect(chart).to_have_attribute("aria-valuenow", f"{index / 1000:.3f}")


def test_escape_keyboard_field_and_undo(page, server, run):
    """A drag that is broken off changes nothing; arrows, page keys and End move the slider, the field is exact."""
    chart = open_lab(page, server)
    page.mouse.move(*on_screen(chart, 0.5))
    page.mouse.down()
    page.mouse.move(*on_screen(chart, 0.1), steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    check_numbers(page, run, GRID[500])
    expect(chart).to_have_attribute("aria-valuenow", "0.500")
    assert "thresh=0.1" not in page.url
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()

    assert chart.get_attribute("role") == "slider"
    chart.focus()
    page.keyboard.press("ArrowLeft")
    expect(chart).to_have_attribute("aria-valuenow", "0.495")
    page.keyboard.press("Shift+ArrowRight")
    expect(chart).to_have_attribute("aria-valuenow", "0.496")
    page.keyboard.press("PageUp")
    expect(chart).to_have_attribute("aria-valuenow", "0.546")
    expect(chart).to_have_attribute("aria-valuetext", re.compile(r"0\.546: accuracy_multi 0\.\d+, predict nothing"))
    expect(page).to_have_url(re.compile(r"thresh=0\.546"))
    page.keyboard.press("End")
    expect(chart).to_have_attribute("aria-valuenow", "1.000")
    expect(page).to_have_url(re.compile(r"thresh=1\.000"))
    field = page.locator(".lab .exact input")
    field.fill("0.333")
    field.press("Enter")
    expect(page).to_have_url(re.compile(r"thresh=0\.333"))
    check_numbers(page, run, GRID[333])
    for thresh in ("1.000", "0.546", "0.500"):
        page.get_by_role("button", name="Undo").click()
        expect(chart).to_have_attribute("aria-valuenow", thresh)
        expect(page).to_have_url(re.compile(rf"thresh={thresh}"))
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_a_finger_drags_and_names_are_only_text(browser, server, run):
    """Touch moves the line as the mouse does; a label's name is shown letter for letter in a narrow window."""
    context = browser.new_context(viewport={"width": 420, "height": 900}, has_touch=True, color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(30_000)
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    chart = open_lab(page, server)
    expect(page.locator(".lab .tile .name").first).to_have_text(NAMES[0])
    assert sideways(page) == 0
    chart.scroll_into_view_if_needed()
    touch = context.new_cdp_session(page)
    points = [on_screen(chart, thresh) for thresh in (0.5, 0.45, 0.4, 0.3)]
    for kind, (x, y) in zip(["touchStart", *["touchMove"] * 3], points, strict=True):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(chart).to_have_attribute("aria-valuenow", re.compile(r"0\.(29|30)"))
    expect(page).to_have_url(re.compile(r"thresh=0\.(29|30)"))
    assert not dialogs
    context.close()


def test_thresholds_from_an_objective_reach_the_line(page, server, run):
    """A click on the server's side moves every line in the browser, and undo there goes back to what was."""
    open_lab(page, server)
    open_section(page, "Thresholds", "Choose and keep")
    page.get_by_role("button", name="Use these thresholds").click()
    expect(page).to_have_url(re.compile(r"threshs=\d+-\d+-\d+-\d+-\d+"))
    indices = [int(index) for index in re.search(r"threshs=([\d-]+)", page.url).group(1).split("-")]
    expect(page.locator(".lab .tile .thresh").nth(3)).to_have_text(f"{indices[3] / 1000:.3f}")
    still(page)
    check_numbers(page, run, GRID[indices])
    page.get_by_role("button", name="Undo", exact=False).first.click()
    expect(page).to_have_url(re.compile(r"thresh=0\.500"))
    check_numbers(page, run, GRID[500])


def test_with_the_test_images_their_numbers_come_first(page, server, run):
    """The lab's large numbers are those of the header, baseline and flips too; validation's stand beside, named so."""
    chart = open_lab(page, server, split="test")
    expected = {split: expected_numbers(run, split, GRID[500]) for split in ("valid", "test")}
    for name in expected["test"].keys() - set(AT_LINE):
        assert is_shown(page.locator(f'.lab dd.value[data-name="{name}"]').inner_text(), expected["test"][name]), name
        text = text_of(page, name)
        assert text.endswith(" on validation")
        assert is_shown(text.removesuffix(" on validation"), expected["valid"][name]), name
    expect(headline(page)).to_contain_text(f"accuracy_multi {expected['test']['accuracy_multi']:#.3g} (")
    expect(chart.locator(".reading")).to_contain_text(f"validation {expected['valid']['accuracy_multi']:.3f}")
    page.mouse.move(*on_screen(chart, 0.5))
    page.mouse.down()
    page.mouse.move(*on_screen(chart, 0.3), steps=4)
    expect(chart).to_have_attribute("aria-valuenow", re.compile(r"0\.(29|30)"))
    now = GRID[round(1000 * float(chart.get_attribute("aria-valuenow")))]
    decisions = results.decisions(run, "test")
    come = ((decisions.probs > now) & ~(decisions.probs > GRID[500])).sum()
    expect(page.locator(".lab .flips")).to_contain_text(f"Against before, on test: {come} predictions appear")
    page.mouse.up()
