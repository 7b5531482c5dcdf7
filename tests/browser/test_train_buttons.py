"""The buttons of a run, which is rendered separately, reach the rest of the page."""

from __future__ import annotations

import dataclasses
import json
import re

import pytest
from playwright.sync_api import expect

from lib.core.config import LR_FIND
from lib.training import events, options

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
