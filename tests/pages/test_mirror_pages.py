"""A run is mirrored from its page: into a folder, by a process that is answered here, or not for want of a package."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from lib.core import people, processes
from lib.core.errors import UserError
from lib.core.questions import listed, serve
from lib.export import mirror_questions as mirrors
from lib.export.mirror import target
from lib.export.mirror.worker import Worker
from lib.training import runs
from tests.pages.conftest import RUN, checked, opened
from tests.unit.export.mirror_readers import of_tensorboard


@pytest.fixture(autouse=True)
def answered(monkeypatch) -> None:
    """Questions about mirrors are answered by the test's own process as they are asked."""

    def spawn(module: str, folder: Path, **_: Path) -> bool:
        worker = Worker(Worker.place_in(folder)) if module == mirrors.MirrorQuestion.module else None
        while worker is not None and (question := listed.first_waiting(worker.place, worker.kind)) is not None:
            serve.Worker.answer(worker, question)
        return True

    monkeypatch.setattr(processes, "spawn", spawn)


def import_module(name: str) -> object:
    """Import what is not TensorBoard's."""
    if name.startswith("tensorboard"):
        raise ImportError(name)
    return importlib.import_module(name)


def test_it_is_written_and_the_page_says_how_to_look_at_it(make_dataset, write_run, workspace, monkeypatch):
    """Every batch's loss is in the folder that the page proposes; without the package its pip command is said."""
    write_run(make_dataset("multi-label"))
    with monkeypatch.context() as without:
        without.setattr(target, "importlib", SimpleNamespace(import_module=import_module))
        app = opened("train", dataset="made", run=RUN)
        app = checked(app.button(key=f"mirror-start-{RUN}").click().run())
        assert "pip install tensorboard==" in app.error[0].value.replace("\\", "")
    app = checked(app.button(key=f"mirror-start-{RUN}").click().run())
    folder = workspace.root / "mirrors" / "tensorboard"
    assert f"tensorboard --logdir {folder}" in [one.value for one in app.code]
    losses = of_tensorboard(folder, RUN).values["batch/loss"]
    assert losses == {step: [pytest.approx(1 / step)] for step in range(1, 13)}
    monkeypatch.setattr(people, "at_work", lambda: "ann")
    for other in (
        "runs",
        "mirrors",
        "mirrors/requests",
        "mirrors/../runs",
    ):  # what questions are in is none of a tool's
        with pytest.raises(UserError, match="which others see as well"):
            mirrors.follow(runs.load(workspace, RUN), "wandb", workspace.root / other)
