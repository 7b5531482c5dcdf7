"""The bundle of a run is made, downloaded and taken in on pages; what its worker does with torch is faked here."""

from __future__ import annotations

import importlib.metadata
import zipfile
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.core import files, processes
from lib.core.errors import UserError
from lib.core.questions import listed, requests, serve
from lib.export import forgetting
from lib.export.bundle import contents, making, questions, taking
from lib.export.bundle.worker import Worker
from lib.export.report import questions as reports
from lib.training import run_names, runs
from lib.web.server.routes import routes
from lib.web.ui.data import imports
from tests.pages.conftest import RUN, checked, opened, texts

PARITY = {
    "split": "valid",
    "images": 10,
    "unit": "in probability",
    "onnx": 2e-7,
    "allowed": 1e-4,
    "recorded": 0.0,
    "decided_alike": 10,
}


@pytest.fixture(autouse=True)
def answered(monkeypatch) -> list[str]:
    """Questions about bundles are answered by the test's own process as they are asked; returns those about which."""
    about: list[str] = []

    def spawn(module: str, folder: Path, **_places: Path) -> bool:
        worker = Worker(Worker.place_in(folder)) if module == questions.BundleQuestion.module else None
        while worker is not None and (question := listed.first_waiting(worker.place, worker.kind)) is not None:
            about.append(question.about)
            serve.Worker.answer(worker, question)
        return True

    def write(run: runs.Run, target: Path, _tell) -> dict:
        packed(target)
        return {"parity": PARITY}

    monkeypatch.setattr(processes, "spawn", spawn)
    monkeypatch.setattr(making, "write", write)
    return about


def packed(path: Path) -> Path:
    """Write a zip that says that it is a bundle."""
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("b/manifest.json", f'{{"kind": "{contents.KIND}", "format": 1}}')
    return path


def click(app, label: str):
    """Click the button called so and return the page after it."""
    return checked(next(button for button in app.button if button.label == label).click().run())


def test_it_is_made_and_downloaded(make_dataset, write_run, workspace, answered):
    """A click has it made; the page then gives the zip, with what was measured of it, also to whoever comes later."""
    write_run(make_dataset("multi-label"))
    app = click(opened("analyze"), "Make a bundle")
    assert answered == [RUN] and "10 valid images" in texts(app)
    (link,) = {element.proto.url for element in app.get("link_button")}
    answer = TestClient(Starlette(routes=routes())).get(link)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert f'filename="{RUN}-bundle.zip"' in answer.headers["content-disposition"] and answer.content[:2] == b"PK"
    assert [element.proto.url for element in opened("predict").get("link_button")] == [link]
    assert answered == [RUN]  # made once
    run_names.write(workspace.run(RUN), "another")
    app = opened("analyze")
    assert "before the run's name" in texts(app) and [one.proto.url for one in app.get("link_button")] == [link]
    app = click(app, "Make it anew")
    (link,) = {one.proto.url for one in app.get("link_button")}
    assert answered == [RUN, RUN] and "before the run's name" not in texts(app)
    (question,) = questions.asked(workspace, questions.MAKE)
    question.dismiss()
    assert TestClient(Starlette(routes=routes())).get(link).status_code == 404


def test_what_is_missing_is_said(make_dataset, write_run, monkeypatch):
    """Without the packages of the extra one sentence says which to install."""
    write_run(make_dataset("keypoints"))
    version = importlib.metadata.version

    def without(name: str) -> str:
        if name == "onnxscript":
            raise importlib.metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(importlib.metadata, "version", without)
    app = click(opened("analyze"), "Make a bundle")
    assert "onnxscript is not installed" in app.error[0].value.replace("\\", "")


@pytest.mark.parametrize("why", ["", "The bundle b.zip cannot be used (x): expected y. Get it again."])
def test_it_is_taken_in(make_dataset, write_run, tmp_path, monkeypatch, answered, why):
    """A bundle among the images to add is known by its manifest: its run is chosen, or a sentence says why not."""
    dataset = make_dataset("regression")
    write_run(dataset)

    def take(_workspace, source: Path, _tell, *, name: str) -> taking.Taken:
        assert (source.name, name) == ("b.zip", "b.zip")
        if why:
            raise UserError(why)
        return taking.Taken(RUN, dataset.name, False)

    monkeypatch.setattr(taking, "take", take)
    source = packed(tmp_path / "b.zip")
    app = click(opened("data"), "Add data")
    app.session_state["import_from"] = imports.BY_PATH
    app = checked(app.run())
    app = checked(app.text_input(key="import_path").set_value(str(source)).run())
    assert "Check first" not in [button.label for button in app.button]
    app = click(app, "Import the run")
    assert answered == ["b.zip"] and source.exists()
    if why:
        assert app.error[0].value.replace("\\", "") == why
        assert not click(app, "Dismiss").error
    else:
        assert app.query_params["run"] in (RUN, [RUN]) and not app.error


def test_who_did_not_ask_is_not_told(make_dataset, write_run, workspace, tmp_path, monkeypatch, answered):
    """The end of an import is kept for the tab that asked for it."""
    dataset = make_dataset("regression")
    write_run(dataset)
    monkeypatch.setattr(taking, "take", lambda *_, **__: taking.Taken(RUN, dataset.name, False))
    questions.take(workspace, packed(tmp_path / "b.zip"), "b.zip")
    assert answered == ["b.zip"]
    app = opened("data")
    assert "was imported" not in texts(app) and not app.toast and len(questions.asked(workspace, questions.TAKE)) == 1


def test_they_go_with_the_dataset(make_dataset, write_run, workspace, answered):
    """What was made of a run has pictures of its dataset, and is not to be had once that is deleted."""
    write_run(make_dataset("multi-label"))
    kept = questions.make(runs.load(workspace, RUN))
    report = reports.ReportQuestion(reports.ReportsFolder.of(workspace), "0" * 16)
    report.folder.mkdir(parents=True)
    files.write_json(report.path(requests.QUESTION), {"kind": "make", "about": RUN, "thresholds": "", "state": ""})
    report.file.write_text("report")
    forgetting.forget(workspace, "another")
    assert kept.zipped.exists() and report.file.exists()
    app = opened("data", view="Import")
    app = checked(app.button(key="delete").click().run())
    app.button(key="delete").click()  # a page of tests opens a dialog anew with each run
    checked(app.button(key="delete_yes").click().run())
    assert not workspace.dataset_names() and not kept.folder.exists() and not report.folder.exists()
