"""The report of a run is made and downloaded on pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.core import processes
from lib.core.questions import listed, serve
from lib.export.report import questions
from lib.export.report.worker import Worker
from lib.training import run_names
from lib.web.server.routes import routes
from tests.pages.conftest import RUN, checked, opened, texts


@pytest.fixture(autouse=True)
def answered(monkeypatch) -> None:
    """Questions about reports are answered by the test's own process as they are asked."""

    def spawn(module: str, folder: Path, **_places: Path) -> bool:
        worker = Worker(Worker.place_in(folder)) if module == questions.ReportQuestion.module else None
        while worker is not None and (question := listed.first_waiting(worker.place, worker.kind)) is not None:
            serve.Worker.answer(worker, question)
        return True

    monkeypatch.setattr(processes, "spawn", spawn)


def test_it_is_made_and_downloaded(make_dataset, write_run):
    """A click has it made of the chosen split, the page gives it as a download; it is told when it is of before."""
    folder = write_run(make_dataset("multi-label"))
    app = opened("analyze")
    app = checked(app.button_group(key=f"report-split-{RUN}").set_value("test").run())
    app = checked(next(button for button in app.button if button.label == "Make a report").click().run())
    (link,) = {element.proto.url for element in app.get("link_button") if "report" in element.proto.url}
    client = TestClient(Starlette(routes=routes()))
    answer = client.get(link)
    assert answer.status_code == 200 and answer.text.startswith("<!doctype html>") and RUN in answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "6 test images" in answer.text and "made before" not in texts(app)
    run_names.write(folder, "another")
    app = opened("analyze")
    assert "made before" not in texts(app), "another split's"
    app = checked(app.button_group(key=f"report-split-{RUN}").set_value("test").run())
    assert "made before" in texts(app)
    assert client.get(link.replace(".html", "0.html")).status_code == 404
