"""The buttons of a run, which is rendered separately, reach the rest of the page."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from playwright.sync_api import expect

from lib.core.config import LR_FIND, QUICK
from lib.training import events, options, runs

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

RUN = "20260102-030405-abcd"


def _write(workspace, dataset, lines: list[dict], **changed) -> None:
    """Write a run by hand as a worker leaves it."""
    folder = workspace.run(RUN)
    folder.mkdir(parents=True)
    config = options.configure(dataset, {"pretrained": False, "bs": 8, "epochs": 2, "size": 32})
    (folder / events.CONFIG).write_text(json.dumps(dataclasses.replace(config, **changed).to_json()))
    write = events.EventWriter(folder)
    for event in lines:
        write(**event)
    write.close()


def test_a_suggestion_shows_in_the_form(page, server, make_dataset):
    """The recommended rate is chosen; a click puts it into the form at once, folded or not, and says so."""
    rates = {"valley": 0.0021, "slide": 0.03, "minimum": 0.004, "steep": 0.0005}
    steps = [
        {"event": "batch", "step": n, "loss": 1 / n, "lr": 1e-7 * 10 ** (n / 12), "mom": 0.9} for n in range(1, 90)
    ]
    lines = [*steps, {"event": "suggestions", "suggestions": rates}, {"event": events.FINISHED}]
    _write(server.workspace, make_dataset("multi-label"), lines, kind=LR_FIND)
    page.goto(f"{server.url}/train?dataset=made&run={RUN}")
    expect(page.get_by_role("radio", name="Valley: 0.0021")).to_be_checked()
    page.get_by_role("button", name="Use 0.0021").click()
    expect(page.get_by_text("The form has 0.0021 now.")).to_be_visible()
    expect(page.get_by_test_id("stToast")).to_contain_text("0.0021")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.get_by_role("spinbutton", name="Base learning rate")).to_have_value("0.0021")
    expect(page.get_by_role("spinbutton", name="Image size (px)")).to_have_value("32")


def test_another_try_is_a_new_run_on_the_page(page, server, make_dataset):
    """After "out of memory" one click starts the smaller batch, and the page shows that run."""
    message = {"message": "It does not fit.", "user_mistake": True, "retry": {"bs": 4}}
    _write(server.workspace, make_dataset("multi-label"), [{"event": events.FAILED, **message}])
    page.goto(f"{server.url}/train?dataset=made&run={RUN}")
    expect(page.get_by_test_id("stAlert")).to_contain_text("It does not fit.")
    page.get_by_role("button", name="Train with batch size (images) 4").click()
    expect(page).not_to_have_url(re.compile(RUN))
    expect(page.get_by_test_id("stMarkdown").get_by_text(re.compile("finished"))).to_be_visible(timeout=90_000)
    run = re.search(r"run=([\w-]+)", page.url).group(1)
    assert events.read_config(server.workspace.run(run)).bs == 4


def test_a_quick_model_is_two_clicks_from_its_thresholds(page, server, make_dataset):
    """One click on a dataset without a run fits a model; the next shows its thresholds, all without a network."""
    dataset = make_dataset("multi-label")
    page.goto(f"{server.url}/train?dataset=made")
    page.get_by_role("button", name="Quick model").click()
    results = page.get_by_role("link", name="Thresholds and results")
    expect(results).to_be_visible(timeout=120_000)
    run = runs.load(server.workspace, re.search(r"run=([\w-]+)", page.url).group(1))
    assert (run.config.kind, run.config.size) == (QUICK, 128)
    reached = page.get_by_test_id("stMetric").filter(has_text="accuracy_multi (valid)").get_by_test_id("stMetricValue")
    assert float(reached.inner_text()) == pytest.approx(run.manifest()["metrics"]["valid"]["accuracy_multi"], abs=5e-4)
    expect(page.get_by_role("figure", name="Cross-validated score against penalty")).to_be_visible()
    assert len(run.manifest()["path"]["parts"]) == len(dataset.names)
    results.click()
    expect(page.get_by_role("slider", name="Threshold", exact=True)).to_be_visible()
