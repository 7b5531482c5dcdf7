"""axe-core finds no serious fault on any page, light and dark: roles, names, order, contrast."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from safetensors.numpy import save

from lib.core import processes
from lib.core.files import write_atomic
from lib.core.questions import requests
from lib.inference import ask
from lib.training import runs
from tests.browser.conftest import ROOT, sideways, still
from tests.pages.conftest import RUN, predicted, write_run  # noqa: F401  (a fixture)

pytestmark = pytest.mark.slow

AXE = ROOT / "node_modules/axe-core/axe.min.js"
POINTS, LATER = "20260102-030406-abcd", "20260102-030407-abcd"
#: The guidelines A and AA, and what is good practice; and what of it colors decide.
_ALL, _OF_COLORS = (
    ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
    ["color-contrast", "link-in-text-block"],
)
#: Of all that is wrong, what is serious or worse, in one line each.
_FAULTS = """async (runOnly) => {
  const { violations } = await axe.run(document, { runOnly, resultTypes: ["violations"] })
  const serious = violations.filter(({ impact }) => impact === "serious" || impact === "critical")
  const words = ({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`
  return serious.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${words(node)}`))
}"""
#: What has the focus, as it is called, also inside a component.
_FOCUSED = """() => {
  let focused = document.activeElement
  while (focused.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement
  return focused.ariaLabel || focused.innerText
}"""
_BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"


@pytest.fixture(scope="module")
def axe() -> str:
    """The text of axe-core, which `npm ci` brings; in CI it must be there."""
    if not AXE.is_file():
        missing = f"{AXE.relative_to(ROOT)} is missing: npm ci --ignore-scripts"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    return AXE.read_text(encoding="utf-8")


def _predicted_run(workspace, folder: Path, monkeypatch) -> str:
    """Return the question about a picture of a run's dataset, answered."""
    run = runs.load(workspace, folder.name)
    dataset = run.dataset()
    with monkeypatch.context() as patched:
        patched.setattr(processes, "spawn", lambda *_, **__: True)
        question = ask.ask(run, ask.Predict((ask.Picture.of(dataset.image_path(0), "a.png"),)))
    arrays = {"preds": predicted(dataset, "valid")[:1], "sizes": np.array([[48.0, 40.0]])}
    write_atomic(question.path(requests.ANSWER), save(arrays))
    return question.id


def test_no_page_has_a_serious_fault(page: Page, server, make_dataset, write_run, workspace, axe, monkeypatch):  # noqa: F811
    """Pages, a comparison, Analyze, Predict without and with an answer, both themes; none is wider than a phone."""
    dataset = make_dataset("multi-label")
    labels = write_run(dataset, previews=True)
    write_run(make_dataset("keypoints", name="points"), run=POINTS)
    write_run(dataset, run=LATER)
    asked = _predicted_run(workspace, labels, monkeypatch)
    page.set_viewport_size({"width": 1280, "height": 900})
    of_run = f"dataset=made&run={RUN}"
    of_points = f"dataset=points&run={POINTS}"
    faults = []
    for address in (
        "?dataset=made",
        f"train?{of_run}",
        f"runs?dataset=made&runs-of=all+datasets&compare={RUN}.{POINTS}",
        f"runs?dataset=made&versus={RUN}.{LATER}&versus-tab=Metrics+and+labels",
        "learn?dataset=made",
        f"analyze?{of_run}",
        f"analyze?{of_points}",
        f"predict?{of_run}",
        f"predict?{of_run}&asked={asked}",
    ):
        page.emulate_media(color_scheme="light")
        page.goto(f"{server.url}/{address}")
        of_page = {"runs": ".manyhot-chart svg", "learn": ".learn img"}
        picture = of_page.get(address.partition("?")[0], ".gallery img, .large .area")
        expect(page.locator(picture).first).to_be_visible()
        still(page)
        page.evaluate(axe)
        light = page.evaluate(_BACKGROUND)
        faults += [f"{address}, light: {fault}" for fault in page.evaluate(_FAULTS, _ALL)]
        page.emulate_media(color_scheme="dark")
        page.wait_for_function(f"light => {_BACKGROUND} !== light", arg=light)
        still(page)
        faults += [f"{address}, dark: {fault}" for fault in page.evaluate(_FAULTS, _OF_COLORS)]
        page.set_viewport_size({"width": 360, "height": 900})
        still(page)
        faults += [f"{address} is {wider} px wider than a window of 360" for wider in [sideways(page)] if wider]
        page.set_viewport_size({"width": 1280, "height": 900})
    assert not faults, "\n".join(faults)


def test_the_keyboard_goes_as_the_eye_does_where_it_is_narrow(page: Page, server, make_dataset, write_run):  # noqa: F811
    """It finds nothing in the menu that is folded away, and the pictures before the choices that stand below them."""
    write_run(make_dataset("keypoints"))
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(f"{server.url}/analyze?dataset=made&run={RUN}")
    expect(page.locator(".gallery img, .large .area").first).to_be_visible()
    still(page)
    lefts, names = [], []
    for _ in range(14):
        page.keyboard.press("Tab")
        lefts.append(page.evaluate("document.activeElement.getBoundingClientRect().left"))
        names.append(page.evaluate(_FOCUSED))
    assert min(lefts) >= 0 < max(lefts)
    pictures = [at for at, name in enumerate(names) if name.startswith("Open ")]
    assert pictures and max(pictures) < names.index("Errors in"), names
