"""The images that a user uploaded are shown, and no other file."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.core.workspace import VARIABLE, Workspace
from lib.web.server import routes, uploads

RUN, QUESTION = "20260102-030405-abcd", "0123456789abcdef"
RED = (255, 0, 0)


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    """A workspace with a question of two pictures, and with files that are none of anybody's business."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    fresh = Workspace(tmp_path)
    folder = fresh.run(RUN) / "requests" / QUESTION
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 60), RED).save(folder / "0", "PNG")
    (folder / "1").write_bytes(b"no picture")
    for other in (fresh.run(RUN) / "1", fresh.root / "1", fresh.run(RUN) / "requests" / "1"):
        Image.new("RGB", (8, 8)).save(other, "PNG")
    return fresh


@pytest.fixture
def client(workspace) -> TestClient:
    """A client of the routes alone."""
    return TestClient(Starlette(routes=routes.routes()))


def test_a_picture_is_shown_exactly_and_kept(client):
    """A small picture comes without loss; its question is named by its content, so a browser may keep it for good."""
    response = client.get(uploads.address(RUN, QUESTION).format(item=0, size=0))
    assert response.headers["content-type"] == "image/png"
    assert "immutable" in response.headers["cache-control"]
    assert response.headers["x-content-type-options"] == "nosniff"
    pixels = np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB"))
    assert pixels.shape == (60, 40, 3)
    assert (pixels == RED).all()
    headers = {"If-None-Match": response.headers["etag"]}
    again = client.get(uploads.address(RUN, QUESTION).format(item=0, size=0), headers=headers)
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path",
    [
        f"{RUN}/requests/{QUESTION}/1",  # no picture
        f"{RUN}/requests/{QUESTION}/2",
        f"{RUN}/requests/{QUESTION}/-1",
        f"{RUN}/requests/{QUESTION}/{'9' * 300}",
        f"{RUN}/requests/{QUESTION}/../../../1",
        f"{RUN}/requests/{QUESTION.upper()}/0",
        f"{RUN}/requests/{QUESTION[:-1]}/0",
        f"{RUN}/requests/../1",
        f"{RUN}/requests/%2e%2e/1",
        f"{RUN}/requests/..%2f..%2f/1",
        f"{RUN}/requests/./1",
        f"%2e%2e%2fruns%2f{RUN}/requests/{QUESTION}/0",
        f"{RUN[:-1]}/requests/{QUESTION}/0",
        f"{RUN}%00/requests/{QUESTION}/0",
        f".../requests/{QUESTION}/0",
    ],
)
def test_anything_else_is_404(client, path):
    """What is not there, and names that are no run's and no question's, get no picture and no path of this machine."""
    response = client.get(f"/api/runs/{path}")
    assert response.status_code == 404
    assert not response.headers["content-type"].startswith("image")
    assert "/runs/" not in response.text


def test_a_bad_size_is_400(client):
    """A size that is no number of pixels is refused."""
    assert client.get(uploads.address(RUN, QUESTION).format(item=0, size="x")).status_code == 400
