"""The threshold lab's URLs return its numbers, and a sentence for everything else."""

from __future__ import annotations

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from benchmarks.synthetic import RUN, finished_run, labels_and_preds, multi_label_dataset
from lib.core.workspace import VARIABLE
from lib.evaluation import results
from lib.metrics import bootstrap, sweep
from lib.training import runs
from lib.web.server import routes, sweeps
from tests.unit.metrics.test_sweep import GRID, unpacked


@pytest.fixture
def run(workspace, monkeypatch) -> runs.Run:
    """A finished run of three labels."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    targs, preds = labels_and_preds(80, 3, share=0.3)
    splits = ["train"] * 20 + ["valid"] * 60
    finished_run(workspace, multi_label_dataset(workspace, ["a", "b", "c"], targs, splits), preds)
    return runs.load(workspace, RUN)


@pytest.fixture
def client() -> TestClient:
    """Return a client of the routes alone."""
    return TestClient(Starlette(routes=routes.routes("/labs")))


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_counts_travel_packed_and_are_kept_for_good(run, client, encoding):
    """What comes out of the wire is what was counted."""
    answer = client.get("/labs" + sweeps.sweep_url(run, "valid"), headers={"accept-encoding": encoding})
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    sweep, stored = unpacked(answer.content), run.predictions("valid")
    for place in (0, 400):
        predicted = stored.preds > GRID[place]
        assert sweep["tp"][:, place].tolist() == (predicted & (stored.targs == 1)).sum(axis=0).tolist()
        assert sweep["fp"][:, place].tolist() == (predicted & (stored.targs == 0)).sum(axis=0).tolist()


def test_counts_of_other_predictions_are_not_kept(run, client):
    """An address of predictions that were replaced meanwhile answers with the new ones, and is not kept."""
    assert client.get(f"/labs/api/runs/{RUN}/sweep/valid?v=1").headers["cache-control"] == "no-store"


@pytest.mark.parametrize("label", [None, 2])
def test_bands_are_the_bootstraps(run, client, label):
    """Low and high are `lib.metrics.bootstrap.bands`, null where they are not defined, of all labels or of one."""
    url = "/labs" + sweeps.band_url(run, "valid") + ("" if label is None else f"&label={label}")
    bands = client.get(url).json()
    expected = bootstrap.bands(results.decisions(run, "valid"), sweep.band_grid(), label=label)
    assert set(bands) == set(expected)
    for name, band in expected.items():
        for side in ("low", "high"):
            sent = [np.nan if value is None else value for value in bands[name][side]]
            np.testing.assert_allclose(sent, getattr(band, side), atol=1e-5)


@pytest.mark.parametrize(
    "path",
    [
        f"{RUN}/sweep/train",
        f"{RUN}/sweep/test",
        "20260102-030405-ffff/sweep/valid",
        "../sweep/valid",
        "%2e%2e/sweep/valid",
        f"{RUN}/bands/valid?label=3",
        f"{RUN}/bands/valid?label=-1",
        f"{RUN}/bands/valid?label=1e3",
        f"{RUN}/bands/valid?label=99999999999999999999",
    ],
)
def test_what_is_not_there_is_said(run, client, path):
    """No split, run or label that does not exist is answered with numbers, or with an error of ours."""
    answer = client.get(f"/labs/api/runs/{path}")
    assert answer.status_code == 404
    assert len(answer.text) < 400


def test_a_task_without_thresholds_has_no_sweep(workspace, make_dataset, monkeypatch, client):
    """Points have no threshold: the address says so in one sentence."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    dataset = make_dataset("keypoints")
    finished_run(workspace, dataset, dataset.targs)
    answer = client.get(f"/labs/api/runs/{RUN}/sweep/valid")
    assert answer.status_code == 404
    assert "no thresholds" in answer.text
