"""The routes serve the images of a dataset, and nothing else."""

from __future__ import annotations

import asyncio
import io
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.core.workspace import VARIABLE, Workspace
from lib.datasets import store
from lib.export import dataset as dataset_export
from lib.importing.importer import import_dataset
from lib.web.server import exports, routes, serving

SIZES = [(900, 300), (40, 60), (2000, 1000)]
RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    """Return a workspace with dataset "mine": three pictures; the last file is broken when a test breaks it."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    fresh = Workspace(tmp_path)
    folder = fresh.dataset("mine")
    (folder / "images").mkdir(parents=True)
    for row, size in enumerate(SIZES):
        picture = Image.new("RGB", size, RED)
        picture.paste(BLUE, (0, 0, size[0] // 2, size[1]))
        picture.save(folder / f"images/{row}.png")
    width, height = zip(*SIZES, strict=True)
    files = [f"{row}.png" for row in range(len(SIZES))]
    items = pd.DataFrame({"file": files, "original": files, "split": "train", "group": "", "width": width})
    items["height"] = height
    head = {"name": "mine", "task": "single-label", "names": ["a"], "problems": [], "source": {}, "defaults": {}}
    store.save(folder, head, items, np.zeros(len(SIZES), dtype=np.int64))
    return fresh


@pytest.fixture
def client(workspace) -> TestClient:
    """Return a client of the routes alone."""
    return TestClient(Starlette(routes=routes.routes()))


def picture(response) -> Image.Image:
    """Return the picture in a response."""
    assert response.status_code == 200
    return Image.open(io.BytesIO(response.content))


@pytest.mark.parametrize(("asked", "longest"), [(256, 256), (200, 256), (1, 128), (512, 512), (700, 900), (0, 900)])
def test_size_is_raised_to_a_step_and_never_enlarged(client, asked, longest):
    """The longer side is the next step at least as large as asked for, and proportions stay."""
    image = picture(client.get(f"/api/datasets/mine/items/0?size={asked}"))
    assert max(image.size) == longest
    assert image.width / image.height == pytest.approx(3, rel=0.02)


def test_type_is_what_the_bytes_are(client):
    """The declared type is the true one, and browsers are told not to guess."""
    for item in range(len(SIZES)):
        for size in (0, 256):
            response = client.get(f"/api/datasets/mine/items/{item}?size={size}")
            assert response.headers["content-type"] == Image.MIME[picture(response).format]
            assert response.headers["x-content-type-options"] == "nosniff"


def test_small_picture_is_served_exactly(client):
    """A small picture comes without loss, because it is enlarged on the page."""
    pixels = np.asarray(picture(client.get("/api/datasets/mine/items/1?size=0")).convert("RGB"))
    assert pixels.shape == (60, 40, 3)
    assert (pixels[:, :20] == BLUE).all()
    assert (pixels[:, 20:] == RED).all()


def test_exif_rotation_is_applied(client, workspace):
    """A picture that a phone turned is served upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (60, 40), RED).save(workspace.dataset("mine") / "images/1.png", "JPEG", exif=exif)
    assert picture(client.get("/api/datasets/mine/items/1?size=0")).size == (40, 60)
    assert picture(client.get("/api/datasets/mine/items/1?size=128")).size == (40, 60)


def test_only_the_right_revision_is_kept_for_good(client, workspace):
    """A browser keeps a picture for good under its revision and asks again under any other."""
    revision = store.load(workspace, "mine").revision
    kept = client.get(f"/api/datasets/mine/items/0?v={revision}").headers["cache-control"]
    asked = client.get("/api/datasets/mine/items/0?v=other").headers["cache-control"]
    assert "immutable" in kept
    assert "no-cache" in asked
    assert "immutable" not in asked


def test_etag_saves_the_second_transfer(client):
    """A browser that has the picture gets 304 and no bytes; another size is another picture."""
    first = client.get("/api/datasets/mine/items/0?size=256")
    headers = {"If-None-Match": first.headers["etag"]}
    again = client.get("/api/datasets/mine/items/0?size=256", headers=headers)
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/datasets/mine/items/0?size=512", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "mine/items/3",
        "mine/items/-1",
        "mine/items/x",
        "none/items/0",
        "../mine/items/0",
        "%2e%2e/items/0",
        "..%2fmine/items/0",
        ".hidden/items/0",
        "mine%00/items/0",
    ],
)
def test_unknown_is_404(client, path):
    """What is not there, and names that are no dataset's, get 404 and no picture."""
    response = client.get(f"/api/datasets/{path}")
    assert response.status_code == 404
    assert not response.headers["content-type"].startswith("image")


@pytest.mark.parametrize("size", ["x", "-5", "1.5", ""])
def test_bad_size_is_400(client, size):
    """A size that is no number of pixels is refused."""
    assert client.get(f"/api/datasets/mine/items/0?size={size}").status_code == 400


@pytest.mark.parametrize("damage", ["broken", "gone"])
def test_picture_that_cannot_be_opened_is_404(client, workspace, damage):
    """A file damaged or removed after the import is said to be so, as the gallery shows it in the picture's place."""
    path = workspace.dataset("mine") / "images/2.png"
    path.write_bytes(b"no picture") if damage == "broken" else path.unlink()
    response = client.get("/api/datasets/mine/items/2")
    assert response.status_code == 404
    gone = "The image cannot be read any more (it is missing): put it back, or exclude the image."
    broken = "The image cannot be opened: not a picture of a known type"
    assert response.text == (broken if damage == "broken" else gone)
    assert str(workspace.root) not in response.text


def test_routes_move_with_the_base(workspace):
    """An app that is not at the server's root has its pictures below its own address."""
    client = TestClient(Starlette(routes=routes.routes("/labs/manyhot/")))
    address = routes.pictures_address("mine", store.load(workspace, "mine").base, "labs/manyhot")
    assert address.startswith("/labs/manyhot/api/datasets/mine/items/")
    answer = client.get(address.format(item=0, size=128))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert client.get("/labs/manyhot/api/health").json() == {"status": "ok"}
    assert client.get("/api/health").status_code == 404


def test_plotly_is_the_installed_packages_own(client):
    """The browser gets Plotly from this machine, as a script, whether or not it takes it compressed."""
    content = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    for accepted in ("gzip", "identity"):
        response = client.get(routes.plotly_address(), headers={"Accept-Encoding": accepted})
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/javascript")
        assert (response.headers.get("content-encoding") == "gzip") == (accepted == "gzip")
        assert response.content == content
    assert int(client.get(routes.plotly_address()).headers["content-length"]) < len(content) / 2


def test_plotly_is_loaded_once_and_kept_for_good(client):
    """The address names the version: a browser keeps this one for good, and asks again under any other."""
    address = routes.plotly_address()
    assert address.endswith(version("plotly"))
    first = client.get(address)
    assert "immutable" in first.headers["cache-control"]
    assert "immutable" not in client.get("/api/plotly.js?v=0").headers["cache-control"]
    again = client.get(address, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_plotly_moves_with_the_base():
    """An app that is not at the server's root asks for Plotly below its own address."""
    client = TestClient(Starlette(routes=routes.routes("labs/manyhot")))
    address = routes.plotly_address("/labs/manyhot/")
    assert address.startswith("/labs/manyhot/api/")
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("base", ["", "labs"])
def test_the_data_page_answers_to_its_name(base):
    """The page at the root is found at ``/data`` as well, with what the address says."""
    client = TestClient(Starlette(routes=routes.routes(base)), base_url="http://app", follow_redirects=False)
    answer = client.get(f"{routes.prefix(base)}/data?dataset=a%20b&view=Checks")
    assert answer.status_code == 307
    assert answer.headers["location"] == f"{routes.prefix(base)}/?dataset=a%20b&view=Checks"


def test_kept_pictures_are_bounded_by_their_bytes(client, monkeypatch):
    """Whole photos fill no more memory than thumbnails do; the one asked for last is kept."""
    first = client.get("/api/datasets/mine/items/0?size=0")
    n_bytes = len(first.content)
    monkeypatch.setattr(serving, "CACHED_BYTES", n_bytes + 10)
    kept = serving._Kept()
    monkeypatch.setattr(serving, "_kept", kept)
    encoded = []
    monkeypatch.setattr(
        serving.encoding, "encode", lambda file, *_: encoded.append(file.name) or (bytes(n_bytes), "image/jpeg")
    )
    for row in (0, 0, 1, 1, 0):
        assert len(client.get(f"/api/datasets/mine/items/{row}?size=0").content) == n_bytes
        assert kept.n_bytes == n_bytes
    assert [Path(name).stem for name in encoded] == ["0", "1", "0"]
    serving._kept.put(("too large",), (bytes(2 * n_bytes), "image/jpeg"))
    assert kept.n_bytes == 0


class TestChangedPictures:
    """A copied picture that is not the imported one any more, though a picture it is."""

    @pytest.fixture
    def folder(self, workspace, tmp_path):
        """The copies of twelve pictures, of which the eighth is another one's by now."""
        source = tmp_path / "source"
        for row in range(12):
            (source / "ab"[row % 2]).mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (20, 20), (row * 9, 0, 0)).save(source / "ab"[row % 2] / f"{row}.png")
        import_dataset(workspace, source, name="copied")
        folder = workspace.dataset("copied") / "images"
        (folder / "000007.png").write_bytes((folder / "000000.png").read_bytes())
        return folder

    @pytest.mark.parametrize("size", [0, 128])
    def test_it_is_not_shown(self, client, folder, size):
        """Its route says what it is, and names no folder; the others are shown."""
        answer = client.get(f"/api/datasets/copied/items/7?size={size}")
        assert answer.status_code == 404
        assert answer.text.startswith("The image has changed since it was imported")
        assert client.get(f"/api/datasets/copied/items/0?size={size}").status_code == 200

    @pytest.mark.parametrize("harm", ["changed", "gone"])
    def test_no_byte_of_an_export_leaves(self, client, folder, harm):
        """The answer is the reason, not a zip that ends somewhere."""
        if harm == "gone":
            (folder / "000007.png").unlink()
        answer = client.get("/api/datasets/copied/export/labels-csv.zip")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
        assert answer.text.startswith("The image 000007.png of copied ")

    def test_a_change_while_an_export_is_sent_breaks_it_off(self, client, folder, monkeypatch):
        """No end is sent, so that nobody takes the part for a zip; the log has a line and no traceback."""
        lines = []
        monkeypatch.setattr(dataset_export, "check", lambda _: None)
        monkeypatch.setattr(exports, "_LOG", SimpleNamespace(error=lambda line, *args: lines.append(line % args)))
        sent = []

        async def send(message):
            sent.append(message)

        async def receive():
            await asyncio.sleep(60)

        path = "/api/datasets/copied/export/labels-csv.zip"
        scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "root_path": ""}
        asyncio.run(asyncio.wait_for(client.app({**scope, "app": client.app}, receive, send), 20))
        assert sent[-1]["more_body"]
        assert len(lines) == 1
        assert "000007.png" in lines[0]
