"""The threshold lab in a real browser: a real mouse drags, numbers move before the release, the page follows after."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from sklearn import metrics as sk

from benchmarks.synthetic import RUN, finished_run, labels_and_preds, multi_label_dataset
from lib.core.workspace import Workspace
from lib.evaluation import results
from lib.metrics import counts
from lib.training import runs
from tests.browser.conftest import still

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NAMES = ["<b>bold</b> & <script>alert(1)</script>", "car", "a label with a name that goes on and on and on", "bus", "x"]
#: Left and right of the chart, in pixels, as in lab/chart.js.
LEFT, RIGHT = 52, 14
GRID = counts.grid()
#: Numbers that stand at the line only, where their curve is drawn.
AT_LINE = ("accuracy_multi", "hamming_loss", "subset_accuracy")


def _draw(workspace: Workspace) -> None:
    targs, preds = labels_and_preds(160, len(NAMES), share=0.3)
    splits = ["train"] * 40 + ["valid"] * 80 + ["test"] * 40
    finished_run(workspace, multi_label_dataset(workspace, NAMES, targs, splits), preds)


@pytest.fixture
def run(workspace, once) -> runs.Run:
    """A finished run of five labels with validation and test images."""
    once(_draw, workspace)
    return runs.load(workspace, RUN)


def _open(page: Page, server, **query: str) -> Locator:
    """Open the lab and wait until it has counted; return its chart."""
    address = "&".join(f"{name}={value}" for name, value in query.items())
    page.goto(f"{server.url}/analyze?dataset=made&{address}")
    expect(page.locator(".lab .tile")).to_have_count(len(NAMES))
    expect(page.locator(".lab .gallery .grid img").first).to_be_visible()
    still(page)
    return page.locator(".lab .chart")


def _at(chart: Locator, thresh: float) -> tuple[float, float]:
    """Return where on the screen the chart has ``thresh``."""
    box = chart.bounding_box()
    return box["x"] + LEFT + (box["width"] - LEFT - RIGHT) * thresh, box["y"] + box["height"] / 2


def _text(page: Page, name: str, split: str = "valid") -> str:
    """Return a number below the chart, or at the line of its curve."""
    listed = page.locator(f'.lab dd[data-name="{name}"][data-split="{split}"]')
    return listed.inner_text() if listed.count() else _at_line(page, name)[split]


def _at_line(page: Page, name: str) -> dict[str, str]:
    """Return what the line says of a curve, by split; another curve is drawn for a moment."""
    curves = page.locator(".lab .curves")
    drawn = curves.input_value()
    if drawn != name:
        curves.select_option(name)
        expect(page.locator(".lab .chart .axis").last).to_contain_text(curves.locator("option:checked").inner_text())
    words = page.locator(".lab .reading").text_content()
    if drawn != name:
        curves.select_option(drawn)
    parts = {"valid": r"validation ([\d.]+|after release)", "test": r"test ([\d.]+|after release)"}
    return {split: re.search(part, words).group(1) for split, part in parts.items()}


def _is(text: str, value: float) -> bool:
    """Return whether what the lab says is ``value``, as far as three decimals can tell."""
    if np.isnan(value):
        return text == "not defined"
    return float(text.replace(",", "")) == pytest.approx(value, abs=5.01e-4)


def _expected(run: runs.Run, split: str, thresh: float | np.ndarray, label: int | None = None) -> dict[str, float]:
    """Return every number that the lab shows, computed by scikit-learn."""
    decisions = results.decisions(run, split)
    predicted, truth = decisions.probs > np.asarray(thresh, dtype=np.float32), decisions.truth
    if label is not None:
        predicted, truth = predicted[:, [label]], truth[:, [label]]
    flat, decided = truth.ravel(), predicted.ravel()
    _, fp, fn, tp = sk.confusion_matrix(flat, decided, labels=[0, 1]).ravel()
    numbers = {
        "accuracy_multi": sk.accuracy_score(flat, decided),
        "hamming_loss": sk.hamming_loss(flat, decided),
        "precision": sk.precision_score(flat, decided, zero_division=np.nan),
        "recall": sk.recall_score(flat, decided, zero_division=np.nan),
        "f1": sk.f1_score(flat, decided, zero_division=np.nan),
        "predicted_per_image": predicted.sum() / len(predicted),
    }
    if label is None:
        numbers["subset_accuracy"] = sk.accuracy_score(truth, predicted)
    return {**numbers, "tp": tp, "fp": fp, "fn": fn}


def _shows(
    page: Page, run: runs.Run, thresh: float | np.ndarray, label: int | None = None, at_line: tuple[str, ...] = AT_LINE
) -> None:
    """Check every number of the lab against scikit-learn, on validation and on test images."""
    for split, end in (("valid", ""), ("test", " on test")):
        for name, value in _expected(run, split, thresh, label).items():
            if name in AT_LINE and name not in at_line:
                continue
            text = _text(page, name, split)
            assert name in AT_LINE or text.endswith(end)
            assert _is(text.removesuffix(end), value), (name, split, text, value)


def headline(page: Page) -> Locator:
    """Return the line of numbers at the top of the page."""
    return page.get_by_test_id("stMarkdown").filter(has_text="predict nothing").first


def open_section(page: Page, tab: str, section: str) -> None:
    """Open a section of a tab."""
    page.get_by_role("tab", name=tab).click()
    page.get_by_test_id("stButtonGroup").get_by_text(section, exact=True).click()


def test_numbers_follow_a_real_mouse_before_it_is_released(page, server, run):
    """Numbers move with the pointer, equal to scikit-learn's, and the server hears nothing; then the page follows."""
    chart = _open(page, server)
    _shows(page, run, GRID[500])
    expect(page).to_have_url(re.compile("curve=accuracy_multi"))  # the last curve that was looked at has been told
    still(page)
    asked: list[str] = []
    page.on("websocket", lambda _: asked.append("websocket"))
    page.on("request", lambda request: asked.append(request.url))
    address = page.url
    page.mouse.move(*_at(chart, 0.5))
    page.mouse.down()
    for thresh in (0.45, 0.31, 0.2):
        page.mouse.move(*_at(chart, thresh), steps=4)
        expect(chart).to_have_attribute("aria-valuenow", re.compile(f"{thresh:.2f}".rstrip("0")))
        now = float(chart.get_attribute("aria-valuenow"))
        assert abs(now - thresh) < 0.002
        _shows(page, run, GRID[round(1000 * now)], at_line=("accuracy_multi",))
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
    chart = _open(page, server, curve="subset_accuracy")
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
    assert _is(_text(page, "tp"), _expected(run, "valid", threshs)["tp"])
    expect(chart.locator(".reading")).to_contain_text("validation after release")
    page.mouse.up()
    expect(page).to_have_url(re.compile(f"threshs=500-{index}-500-500-500"))
    still(page)
    _shows(page, run, threshs)

    page.locator(".lab .tile .name").nth(1).click()
    expect(page).to_have_url(re.compile("label=car"))
    decisions = results.decisions(run, "valid")
    changed = (decisions.probs[:, 1] > threshs[1]) != (decisions.probs[:, 1] > GRID[500])
    expect(page.locator(".lab .pictures")).to_contain_text(f"{changed.sum()} validation images changed")
    _shows(page, run, threshs, label=1)
    wrong = (decisions.probs[:, 1] > threshs[1]) & (decisions.truth[:, 1] == 0)
    open_section(page, "Errors", "Pictures")
    expect(page.get_by_role("heading", name="Predictions of car")).to_be_visible()
    page.get_by_text(f"False positives · {wrong.sum()}", exact=True).click()
    expect(page.locator(".gallery:not(.compact) .grid .card")).to_have_count(min(24, int(wrong.sum())))
    expect(page.locator(".gallery:not(.compact) .grid .card .chip").first).to_contain_text("car")
    expect(chart).to_have_attribute("aria-valuenow", f"{index / 1000:.3f}")


def test_escape_keyboard_field_and_undo(page, server, run):
    """A drag that is broken off changes nothing; arrows, page keys and End move the slider, the field is exact."""
    chart = _open(page, server)
    page.mouse.move(*_at(chart, 0.5))
    page.mouse.down()
    page.mouse.move(*_at(chart, 0.1), steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    _shows(page, run, GRID[500])
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
    _shows(page, run, GRID[333])
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
    chart = _open(page, server)
    expect(page.locator(".lab .tile .name").first).to_have_text(NAMES[0])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    chart.scroll_into_view_if_needed()
    touch = context.new_cdp_session(page)
    points = [_at(chart, thresh) for thresh in (0.5, 0.45, 0.4, 0.3)]
    for kind, (x, y) in zip(["touchStart", *["touchMove"] * 3], points, strict=True):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(chart).to_have_attribute("aria-valuenow", re.compile(r"0\.(29|30)"))
    expect(page).to_have_url(re.compile(r"thresh=0\.(29|30)"))
    assert not dialogs
    context.close()


def test_thresholds_from_an_objective_reach_the_line(page, server, run):
    """A click on the server's side moves every line in the browser, and undo there goes back to what was."""
    _open(page, server)
    open_section(page, "Thresholds", "Choose and keep")
    page.get_by_role("button", name="Use these thresholds").click()
    expect(page).to_have_url(re.compile(r"threshs=\d+-\d+-\d+-\d+-\d+"))
    indices = [int(index) for index in re.search(r"threshs=([\d-]+)", page.url).group(1).split("-")]
    expect(page.locator(".lab .tile .thresh").nth(3)).to_have_text(f"{indices[3] / 1000:.3f}")
    still(page)
    _shows(page, run, GRID[indices])
    page.get_by_role("button", name="Undo", exact=False).first.click()
    expect(page).to_have_url(re.compile(r"thresh=0\.500"))
    _shows(page, run, GRID[500])


def test_with_the_test_images_their_numbers_come_first(page, server, run):
    """The lab's large numbers are those of the header, baseline and flips too; validation's stand beside, named so."""
    chart = _open(page, server, split="test")
    expected = {split: _expected(run, split, GRID[500]) for split in ("valid", "test")}
    for name in expected["test"].keys() - set(AT_LINE):
        assert _is(page.locator(f'.lab dd.value[data-name="{name}"]').inner_text(), expected["test"][name]), name
        text = _text(page, name)
        assert text.endswith(" on validation")
        assert _is(text.removesuffix(" on validation"), expected["valid"][name]), name
    expect(headline(page)).to_contain_text(f"accuracy_multi {expected['test']['accuracy_multi']:#.3g} (")
    expect(chart.locator(".reading")).to_contain_text(f"validation {expected['valid']['accuracy_multi']:.3f}")
    page.mouse.move(*_at(chart, 0.5))
    page.mouse.down()
    page.mouse.move(*_at(chart, 0.3), steps=4)
    now = GRID[round(1000 * float(chart.get_attribute("aria-valuenow")))]
    decisions = results.decisions(run, "test")
    come = ((decisions.probs > now) & ~(decisions.probs > GRID[500])).sum()
    expect(page.locator(".lab .flips")).to_contain_text(f"Against before, on test: {come} predictions appear")
    page.mouse.up()
