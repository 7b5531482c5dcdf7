"""A trained model records how its 12-bit images were stretched, and asks for the same for new ones."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.cli import main
from lib.core import depth
from lib.core.depth import ValueRange
from lib.core.errors import UserError
from lib.core.workspace import VARIABLE
from lib.datasets import store
from lib.importing import importer
from lib.training import events, result_files
from lib.training.learner import inference
from lib.web.server import routes, uploads
from tests import unsealed
from tests.unit.deep_files import png16

pytestmark = pytest.mark.slow


def _source(folder: Path) -> Path:
    """Return a folder of pictures of 12 bits, of two classes: dim and bright."""
    for row in range(16):
        path = folder / ("dim", "bright")[row % 2] / f"{row}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png16(np.random.default_rng(row).integers(0, (600, 4096)[row % 2], (40, 40))))
    return folder


def test_predicting_elsewhere_gives_the_same_numbers(tmp_path, workspace, worked, capsys):
    """Without its dataset the model predicts the original files as its training did, by the range beside it."""
    importer.import_dataset(workspace, _source(tmp_path / "source"), name="deep", valid=0.5)
    dataset = store.load(workspace, "deep")
    run = worked(dataset, epochs=1)
    manifest = unsealed.read(run.folder / events.MANIFEST)
    assert manifest["value_range"] == [0, 4095]
    assert run.value_range() == inference.load(run).value_range == ValueRange(0, 4095)

    expected = run.predictions("valid")
    paths = [dataset.image_path(row) for row in expected.items]
    (dataset.path / store.HEAD).unlink()
    preds, _, _ = inference.predict(inference.load(run), paths)
    np.testing.assert_allclose(preds, expected.preds, atol=1e-3)
    black, _, _ = inference.predict(replace(inference.load(run), value_range=depth.UPPER), paths)
    assert not np.allclose(black, expected.preds, atol=1e-3)  # the range matters to this model

    left = {key: value for key, value in manifest.items() if key != "value_range"}
    for written, words in (({"value_range": "own"}, "own values"), ({}, "upper 8 are used"), (manifest, "")):
        (run.folder / events.MANIFEST).write_text(json.dumps({**left, **written}))
        capsys.readouterr()
        assert main(["--workspace", str(workspace.root), "predict", run.id, str(paths[0])]) == 0
        said_of_depth = "more than 8 bits" in (errors := capsys.readouterr().err)
        assert said_of_depth == bool(words) and words in errors

    other = tmp_path / "sixteen.png"
    other.write_bytes(png16(np.full((40, 40), 60_000)))
    with pytest.raises(UserError, match=r"values are 60,000 to 60,000, expected 0 to 4,095 \(12 bits\)"):
        inference.predict(inference.load(run), [other])
    capsys.readouterr()
    assert main(["--workspace", str(workspace.root), "predict", run.id, str(other), str(paths[0]), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [Path(one["file"]) for one in answer["pictures"]] == [paths[0]]
    assert "expected 0 to 4,095" in answer["left_out"][0]["reason"]


def test_brought_pictures_are_shown_as_the_model_sees_them(tmp_path, workspace, monkeypatch):
    """The page shows a picture of a question by the range of the run, and of an old run by the rule of then."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    run, question = "20260101-000000-abcd", "ab" * 8
    folder = workspace.run(run) / "requests" / question
    folder.mkdir(parents=True)
    (folder / "0").write_bytes(png16(np.full((8, 8), 2048)))
    client = TestClient(Starlette(routes=routes.routes()))
    for written, expected in (({}, 8), ({"value_range": [0, 4095]}, 128)):
        manifest = {"names": ["a"], "splits": {"valid": 1}, "metrics": {"valid": {"accuracy": 1.0}}, **written}
        (workspace.run(run) / events.MANIFEST).write_text(json.dumps(manifest))
        response = client.get(uploads.address(run, question).format(item=0, size=0))
        assert (np.asarray(Image.open(io.BytesIO(response.content))) == expected).all()
    assert result_files.value_range_of(workspace.run("20260101-000000-none")) == depth.UPPER
