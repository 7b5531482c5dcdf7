"""The URL, the command line, and the page produce the same zip of a dataset and the same messages."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from lib.cli import main
from lib.core.dataset import Dataset
from lib.core.workspace import VARIABLE
from lib.datasets import store
from lib.export import dataset as dataset_export
from lib.web.server import routes
from tests import unsealed


@pytest.fixture
def dataset(workspace, make_dataset, monkeypatch) -> Dataset:
    """A multi-label dataset called "made", in the workspace that every part of the app finds."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    return make_dataset("multi-label")


def test_the_address_gives_the_zip(dataset, tmp_path):
    """What is sent is what a file would hold, byte for byte, under a name to keep it by; the rest is not found."""
    client = TestClient(Starlette(routes=routes.routes("app")))
    response = client.get("/app/api/datasets/made/export/onehot-csv.zip")
    dataset_export.write(dataset_export.prepare(dataset, "onehot-csv"), tmp_path / "made.zip")
    assert response.status_code == 200 and response.content == (tmp_path / "made.zip").read_bytes()
    assert response.headers["content-disposition"] == 'attachment; filename="made-onehot-csv.zip"'
    assert response.headers["content-type"] == "application/zip"
    for path in ("none/export/coco.zip", "made/export/poetry.zip"):
        missing = client.get(f"/app/api/datasets/{path}")
        assert missing.status_code == 404 and "not there" in missing.text
        assert not {"made", "coco", str(tmp_path)} & set(re.split(r"[\s:,()]+", missing.text))
    dataset.image_path(40).unlink()
    refused = client.get("/app/api/datasets/made/export/onehot-csv.zip")  # before its first byte
    assert refused.status_code == 404 and "cannot be read any more" in refused.text
    assert str(tmp_path) not in refused.text


def test_the_command_writes_and_reads_back(dataset, workspace, tmp_path, capsys):
    """`export-dataset` and `import` are each other's inverse, and an existing file is not overwritten."""
    where = ["--workspace", str(workspace.root), "--json"]
    out = tmp_path / "out.zip"
    assert main(["export-dataset", "made", "--format", "coco", "--output", str(out), *where]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["file"] == str(out) and printed["images"] == len(dataset) and printed["bytes"] == out.stat().st_size
    assert main(["export-dataset", "made", "--format", "coco", "--output", str(out), *where]) == 2
    assert "is there already" in capsys.readouterr().err
    assert main(["import", str(out), "--name", "again", *where]) == 0
    again = store.load(workspace, "again")
    assert again.splits() == dataset.splits() and sorted(again.names) == sorted(dataset.names)
    assert main(["export-dataset", "made", "--format", "coco", "--output", str(tmp_path / "no" / "x.zip"), *where]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_in_place_from_the_command_line(workspace, tmp_path, monkeypatch, capsys):
    """Below home it is allowed without a word, elsewhere only by the variable."""
    for number in range(6):
        path = tmp_path / "home" / "pets" / ("cat", "dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), number, dtype=np.uint8)).save(path)
    monkeypatch.delenv("MANYHOT_ROOTS", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    command = ["import", str(tmp_path / "home" / "pets"), "--in-place", "--workspace", str(workspace.root)]
    assert main(command) == 0
    assert store.load(workspace, "pets").image_path(0).is_relative_to(tmp_path / "home")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "other")
    assert main([*command, "--name", "b"]) == 2
    assert "may not be used where they are" in capsys.readouterr().err
    monkeypatch.setenv("MANYHOT_ROOTS", str(tmp_path))
    assert main([*command, "--name", "b"]) == 0


def _page() -> None:
    from lib.core.workspace import Workspace
    from lib.datasets import store as dataset
    from lib.web.ui.data import export

    export.show(Workspace.find(), dataset.load(Workspace.find(), "made"))


def test_the_page_offers_what_the_task_can_be(dataset, make_dataset):
    """Every format that can hold the task is offered, with its address; what a format cannot hold is said."""
    page = AppTest.from_function(_page, default_timeout=60).run()
    assert not page.exception and page.selectbox[0].options == ["Table (CSV)", "One-hot table (CSV)", "COCO (JSON)"]
    link = page.get("link_button")[0].proto
    assert link.url == "/api/datasets/made/export/labels-csv.zip"
    targs = dataset.targs.copy()
    targs[0, 0] = -1
    head = unsealed.read(dataset.path / "dataset.json")
    store.save(dataset.path, {key: head[key] for key in ("name", "task", "names", "problems", "source", "defaults")},
            dataset.items, targs)  # fmt: skip
    page.run()
    assert "unknown" in page.error[0].value and not page.get("link_button")
    page.selectbox[0].select("onehot-csv").run()
    assert page.get("link_button")[0].proto.url.endswith("/onehot-csv.zip") and not page.error
