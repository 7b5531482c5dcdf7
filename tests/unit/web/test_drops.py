"""Pictures that are dropped arrive one by one, within limits; whatever is none is refused with its reason."""

from __future__ import annotations

import io
import os
import time

import numpy as np
import pytest
from PIL import Image

from lib.core import digests
from lib.inference import drops
from lib.web.server import receiving
from tests.unit.deep_files import png16
from tests.unit.web import receiving_client
from tests.unit.web.receiving_client import ID

#: Fixtures.
client, workspace = receiving_client.client, receiving_client.workspace


def saved(kind: str, **options) -> bytes:
    """Return a small picture as a file."""
    out = io.BytesIO()
    Image.effect_noise((30, 20), 50).save(out, kind, **options)
    return out.getvalue()


def bring(client, number: int, content: bytes, name: str = "a.png", drop: str = ID, **headers):
    """Send one file of a drop."""
    return client.put(f"/api/drops/{drop}/{number}", content=content, headers={"Upload-Name": name, **headers})


def test_pictures_arrive_in_their_order_and_byte_for_byte(client, workspace):
    """Names, hashes and depth are kept beside them; a file that is sent again takes its place."""
    files = {10: saved("JPEG"), 2: saved("PNG"), 3: png16(np.full((20, 30), 60_000))}
    for number, content in files.items():
        assert bring(client, number, b"x" * 9).status_code == 415
        response = bring(client, number, content, f"n%20{number}%C3%A9")
        assert (response.status_code, response.text) == (200, "")
    arrived = drops.pictures_of(workspace, ID)
    assert [one.name for one in arrived] == ["n 2é", "n 3é", "n 10é"]
    for one, number in zip(arrived, (2, 3, 10), strict=True):
        assert one.path.read_bytes() == files[number]
        assert (one.digest, one.n_bytes) == (digests.of(files[number]), len(files[number]))
        assert one.is_deep == (number == 3)
    assert client.delete(f"/api/drops/{ID}").status_code == 204
    assert not drops.pictures_of(workspace, ID)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"hello", "not a picture"),
        (b"PK\x03\x04" + bytes(40), "zip file: unpack"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), "HEIC: save it as JPEG"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(40), "video"),
        (b"%PDF-1.7\n", "PDF"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), ""),
    ],
)
def test_what_is_no_picture_is_refused_and_not_kept(client, workspace, content, reason):
    """The reason says what it is, and what to do where that helps."""
    response = bring(client, 0, content)
    assert response.status_code == 415
    assert reason in response.text
    assert not drops.pictures_of(workspace, ID)
    assert {path.name for path in (workspace.root / drops.FOLDER / ID).glob("*")} <= {"owner"}


def test_of_an_animation_the_first_frame_is_said(client):
    """It is a picture, and what of it is asked about is said."""
    frames = [Image.effect_noise((30, 20), 50) for _ in range(3)]
    content = io.BytesIO()
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:])
    response = bring(client, 0, content.getvalue())
    assert (response.status_code, response.text) == (200, "the first of its 3 frames or pages is predicted")


def test_limits(client, workspace, monkeypatch):
    """Too large, too many and too many drops at once: each is refused; a drop that nobody took goes after a while."""
    with monkeypatch.context() as small:
        small.setattr(drops, "MOST_BYTES", len(saved("PNG")) - 1)
        assert bring(client, 0, saved("PNG")).status_code == 413
    assert bring(client, drops.MOST, saved("PNG")).status_code == 413
    monkeypatch.setattr(drops, "MOST_DROPS", 2)
    ids = [f"{number:032x}" for number in range(3)]
    assert [bring(client, 0, saved("PNG"), drop=one).status_code for one in ids] == [200, 200, 429]
    old = time.time() - drops.KEPT_S - 1
    for path in (workspace.root / drops.FOLDER / ids[0], *(workspace.root / drops.FOLDER / ids[0]).iterdir()):
        os.utime(path, (old, old))
    assert bring(client, 0, saved("PNG"), drop=ids[2]).status_code == 200
    assert not drops.pictures_of(workspace, ids[0])


@pytest.mark.parametrize("drop", ["0" * 31, "A" * 32, "..", "%2e%2e", "x" * 32])
def test_no_name_leaves_the_folder(client, workspace, drop):
    """A drop is 32 hexadecimal digits, or there is none."""
    assert bring(client, 0, saved("PNG"), drop=drop).status_code == 404
    assert not (workspace.root / drops.FOLDER).exists()
    assert drops.pictures_of(workspace, drop) == ()


def test_only_an_open_page_of_this_app_brings_something(client, workspace):
    """Another site's page, and a request without a page's token, are refused, also to remove."""
    assert bring(client, 0, saved("PNG"), **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert bring(client, 0, saved("PNG"), Origin="http://elsewhere").status_code == 403
    assert bring(client, 0, saved("PNG"), **{receiving.TOKEN: "guessed"}).status_code == 401
    bring(client, 0, saved("PNG"))
    assert client.delete(f"/api/drops/{ID}", headers={receiving.TOKEN: "guessed"}).status_code == 401
    assert len(drops.pictures_of(workspace, ID)) == 1
