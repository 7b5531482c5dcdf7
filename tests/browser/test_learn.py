"""The Learn page by the keyboard alone, panels, sliders, cells and questions, what is kept of them; and by a finger."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lib.web.ui.learn import view

pytestmark = pytest.mark.slow


def test_every_panel_is_walked_through_by_keys(page, server):
    """Without a dataset: figures and code answer keys, panel and choices are in the address, answers are kept."""
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    page.goto(f"{server.url}/learn")
    cell = page.locator(".cells .cell").first
    cell.press("?")
    expect(cell).to_contain_text("?")
    cell.press("1")
    expect(page.locator(".tensor")).to_contain_text("tensor([1.,")
    for number, panel in enumerate(view.PANELS.values()):
        if number:
            page.get_by_role("button", name="Next panel").press("Enter")
        expect(page.get_by_role("heading", name=panel.title, exact=True)).to_be_visible()
        expect(page.locator(".figure :is(svg, img, canvas, .experiment)").first).to_be_visible()
        slider = page.locator("[role=slider]").first
        if slider.count():
            slider.press("Home")
            expect(slider).to_have_attribute("aria-valuenow", slider.get_attribute("aria-valuemin"))
            before = slider.get_attribute("aria-valuetext")
            slider.press("ArrowUp")
            expect(slider).not_to_have_attribute("aria-valuetext", before)
        if panel.name == "losses":
            page.get_by_role("radio", name="One class").click()
            expect(page).to_have_url(re.compile(r"panel=losses&choices=0\.1_\d+\.-5\.9"))
            sent, chosen = page.url, slider.get_attribute("aria-valuetext")
        for question in panel.questions:
            page.get_by_role("button", name=question.choices[question.answer], exact=True).first.press("Space")
    expect(page).to_have_url(re.compile(f"panel={panel.name}"))
    page.get_by_role("button", name="Next panel").press("Enter")
    expect(page.get_by_role("button", name="Next panel")).to_be_focused()  # there is none, and the place is kept
    scripts = "performance.getEntriesByType('resource').filter(({ name }) => name.includes('SyntaxHighlighter')).length"
    assert page.evaluate(scripts) == 0  # a large one, for code alone: no figure waits for it
    page.locator("summary", has_text="in ten lines of code").press("Enter")
    expect(page.get_by_test_id("stCode")).to_contain_text(panel.code.splitlines()[0])
    page.go_back()
    expect(page.get_by_role("heading", name=list(view.PANELS.values())[-2].title, exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_label("done:")).to_have_count(len(view.PANELS))
    page.goto(sent)
    expect(page.get_by_role("radio", name="One class")).to_be_checked()
    expect(slider).to_have_attribute("aria-valuetext", chosen)
    _drag_up_by_finger(page, page.locator(".handle").nth(2))
    assert failures == []


def _drag_up_by_finger(page, handle):
    """In a narrow window a finger takes a vertical slider along as far as it goes, and the page stays where it is."""
    page.set_viewport_size({"width": 420, "height": 900})
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    handle.scroll_into_view_if_needed()
    before = handle.bounding_box()
    x, y = before["x"] + before["width"] / 2, before["y"] + before["height"] / 2
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for moved in range(5, 61, 5):
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - moved}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(handle).not_to_have_class(re.compile("dragging"))
    assert handle.bounding_box()["y"] == pytest.approx(before["y"] - 60, abs=4)  # it is taken at its middle
