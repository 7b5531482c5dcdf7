"""An upload arrives whole, after interruptions too, and within its limits."""

from __future__ import annotations

import os
import shutil
import time

import pytest

from lib.core.errors import UserError
from lib.importing import uploads
from lib.web.server import receiving
from tests.unit.web import receiving_client, served_routes
from tests.unit.web.receiving_client import CONTENT, ID, URL, add, begin, kept_files
from tests.unit.web.served_routes import connected, piece_head
from tests.waiting import until

#: Fixtures.
client, workspace = receiving_client.client, receiving_client.workspace
port = served_routes.port


def test_pieces_become_the_file(client, workspace):
    """Pieces in order give the file byte for byte, under its own name only when the last one is there."""
    assert begin(client, "My%20pets.zip").headers["upload-offset"] == "0"
    for start in range(0, len(CONTENT), 100_000):
        assert uploads.find(workspace, ID).offset == start
        assert not uploads.find(workspace, ID).path.exists()
        response = add(client, start, CONTENT[start : start + 100_000])
        assert response.status_code == 204
        assert response.headers["cache-control"] == "no-store"
    upload = uploads.find(workspace, ID)
    assert (upload.name, upload.path.name) == ("My pets.zip", "My-pets.zip")
    assert upload.path.read_bytes() == CONTENT
    assert kept_files(workspace) == [ID, f"{ID}/My-pets.zip", f"{ID}/upload.json"]
    assert client.head(URL).headers["upload-offset"] == str(len(CONTENT))
    assert begin(client, "My%20pets.zip").headers["upload-offset"] == str(len(CONTENT))  # not again from 0
    uploads.discard(workspace, upload.path)
    assert kept_files(workspace) == []
    assert client.head(URL).status_code == 404


@pytest.mark.parametrize("offset", [0, 99_999, 100_001, 500_000])
def test_only_the_end_can_be_added_to(client, workspace, offset):
    """A piece that begins anywhere else would tear a hole or overwrite: it is refused, and the right place told."""
    begin(client)
    add(client, 0, CONTENT[:100_000])
    response = add(client, offset, CONTENT[offset : offset + 1000])
    assert (response.status_code, response.headers["upload-offset"]) == (409, "100000")
    assert uploads.find(workspace, ID).part.read_bytes() == CONTENT[:100_000]


def test_refusals_leave_what_was_there(client, workspace):
    """Too many bytes, numbers that are none, and another file under the same id change nothing."""
    begin(client)
    add(client, 0, CONTENT[:1000])
    assert add(client, 1000, CONTENT).status_code == 400
    assert begin(client, "other.zip").status_code == 409
    assert begin(client, size=len(CONTENT) + 1).status_code == 409
    for number in ("", "-1", "1e3", "٣", "9" * 17, "0x10"):
        assert add(client, 0, b"x", **{"Upload-Offset": number.encode()}).status_code == 400
    assert uploads.find(workspace, ID).part.read_bytes() == CONTENT[:1000]


def test_what_is_no_zip_is_refused_at_once(client, workspace):
    """The first bytes tell; nothing is kept of such a file."""
    begin(client, size=1000)
    response = add(client, 0, b"GIF89a" + bytes(100))
    assert response.status_code == 415 and "not a zip" in response.text
    assert kept_files(workspace) == []
    assert begin(client, size=0).status_code == 415


@pytest.mark.parametrize(
    ("name", "first", "status"),
    [
        ("a.pth", b"PK\x03\x04", 204),
        ("a.PT", b"\x80\x02\x8a\x0a", 204),
        ("a.safetensors", b"\x40\0\0\0\0\0\0\0{", 204),
        ("a.safetensors", b"PK\x03\x04\0\0\0\0\0", 415),
        ("a.pth", b"GIF89a", 415),
        ("a.zip", b"\x80\x02\x8a\x0a", 415),
    ],
)
def test_weights_are_taken_by_their_first_bytes(client, workspace, name, first, status):
    """A file that ends as weights do must begin as they do; it keeps its ending, and anything else is a zip."""
    content = first + bytes(100)
    begin(client, name, len(content))
    response = add(client, 0, content)
    assert response.status_code == status
    if status == 204:
        assert uploads.find(workspace, ID).path.name == f"a.{name.partition('.')[2].lower()}"
    else:
        assert ("no file of weights" in response.text) == (not name.endswith("zip"))


def test_weights_have_a_limit_of_their_own(client):
    """A network of a terabyte is none, and what to do instead is not to import it."""
    response = begin(client, "a.safetensors", uploads.MOST_OF_WEIGHTS + 1)
    assert response.status_code == 413 and "give its path" in response.text


@pytest.mark.parametrize(
    "bad", ["..", "%2e%2e", "..%2f..%2fx", ID[:-1], ID.upper(), f"{ID}x", f"{ID}%00", "upload.json"]
)
def test_ids_that_are_none(client, workspace, bad):
    """An id is 32 hexadecimal digits, so that it names no other folder."""
    for method in ("PUT", "HEAD", "PATCH", "DELETE"):
        headers = {"Upload-Name": "x.zip", "Upload-Length": "5", "Upload-Offset": "0"}
        assert client.request(method, f"/api/uploads/{bad}", headers=headers).status_code in (404, 405)
    assert not workspace.root.exists()


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fevil.zip", "C%3A%5Cevil.zip", "%2Fetc%2Fevil.zip", "a%00b%0Aevil.zip", "%2e%2e"]
)
def test_a_files_name_is_no_path(client, workspace, name):
    """What the file is called elsewhere never decides where it is kept."""
    begin(client, name)
    add(client, 0, CONTENT)
    upload = uploads.find(workspace, ID)
    assert upload.path.parent == workspace.root / uploads.FOLDER / ID
    assert upload.path.read_bytes() == CONTENT
    assert "evil" in upload.path.name or upload.path.name == "pictures.zip"
    assert sorted(path.name for path in workspace.root.parent.iterdir()) == ["workspace"]


def test_limits_are_told_before_a_byte_is_sent(client, workspace, monkeypatch):
    """A file that is too large, a disk that is too full, and too many at once are sentences with what to do."""
    monkeypatch.setenv(uploads.VARIABLE, "0.001")
    response = begin(client, size=2**21)
    assert response.status_code == 413 and uploads.VARIABLE in response.text
    monkeypatch.setenv(uploads.VARIABLE, "many")
    with pytest.raises(UserError, match="positive number"):
        uploads.max_bytes()
    assert begin(client).status_code == 422
    monkeypatch.delenv(uploads.VARIABLE)
    usage = shutil.disk_usage(workspace.root.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=uploads.RESERVE + len(CONTENT) - 1))
    response = begin(client)
    assert response.status_code == 507 and "make room" in response.text
    assert kept_files(workspace) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=uploads.RESERVE + len(CONTENT)))
    assert begin(client).status_code == 204
    monkeypatch.setattr(uploads, "MOST", 1)
    other = client.put(f"/api/uploads/{'f' * 32}", headers={"Upload-Name": "b.zip", "Upload-Length": "10"})
    assert other.status_code == 429


def test_a_disk_that_fills_up_keeps_what_fits(client, workspace, monkeypatch):
    """A disk that becomes full on the way is a sentence; when there is room again the upload goes on."""
    begin(client)
    add(client, 0, CONTENT[:1000])
    usage = shutil.disk_usage(workspace.root)
    with monkeypatch.context() as full:
        full.setattr(shutil, "disk_usage", lambda _: usage._replace(free=uploads.RESERVE))
        response = add(client, 1000, CONTENT[1000:])
        assert response.status_code == 507 and response.headers["upload-offset"] == "1000"
    assert add(client, 1000, CONTENT[1000:]).status_code == 204
    assert uploads.find(workspace, ID).path.read_bytes() == CONTENT


def test_old_uploads_are_removed(client, workspace):
    """What nobody went on with for days is removed when the next one begins; the others stay."""
    begin(client)
    folder = workspace.root / uploads.FOLDER / ID
    then = time.time() - uploads.KEPT_S - 60
    os.utime(folder, (then, then))
    uploads.prune(workspace)
    assert folder.exists()  # its file is younger
    os.utime(folder / "upload.json", (then, then))
    assert (
        client.put(f"/api/uploads/{'f' * 32}", headers={"Upload-Name": "b.zip", "Upload-Length": "10"}).status_code
        == 204
    )
    assert kept_files(workspace)[0] == "f" * 32
    assert not folder.exists()


@pytest.mark.parametrize("ends", ["cut", "silent"])
def test_a_cut_loses_nothing_that_arrived(port, workspace, monkeypatch, ends):
    """A connection that breaks keeps its bytes; one that hangs without a sign is ended by the one that goes on."""
    import httpx

    read, pieces = [], receiving._pieces

    async def noted(request):
        async for piece in pieces(request):
            read.append(len(piece))
            yield piece

    monkeypatch.setattr(receiving, "_pieces", noted)
    token = receiving.token("mine")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={receiving.TOKEN: token}, timeout=20) as client:
        begin(client)
        line = connected(port, piece_head() + CONTENT[:300_000])
        if ends == "cut":
            line.close()
            until(lambda: uploads.find(workspace, ID).offset == 300_000, 20)
        else:
            until(lambda: sum(read) == 300_000, 20)
            assert ID in receiving._receivers and uploads.find(workspace, ID).offset < 300_000  # the rest is in memory
        assert client.head(URL).headers["upload-offset"] == "300000"
        assert add(client, 300_000, CONTENT[300_000:]).status_code == 204
        if ends == "silent":
            assert line.recv(4096).startswith(b"HTTP/1.1 409")
            line.close()
    assert uploads.find(workspace, ID).path.read_bytes() == CONTENT
    assert receiving._receivers == {}


def test_a_silent_connection_is_given_up(port, workspace, monkeypatch):
    """Whoever promises bytes and sends none does not hold a connection for good."""
    import httpx

    monkeypatch.setattr(receiving, "_SILENT_S", 0.2)
    token = receiving.token("mine")
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={receiving.TOKEN: token}, timeout=20) as client:
        begin(client)
    with connected(port, piece_head() + CONTENT[:5000]) as line:
        assert line.recv(4096).startswith(b"HTTP/1.1 408")
    assert uploads.find(workspace, ID).offset == 5000


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"name": 3, "size": 4}', '{"name": "a.zip"}', '{"name": "a", "size": -1}']
)
def test_a_damaged_upload_is_none(workspace, text):
    """An upload whose head cannot be read does not exist: it is begun anew."""
    folder = workspace.root / uploads.FOLDER / ("0" * 32)
    folder.mkdir(parents=True)
    (folder / "upload.json").write_text('{"name": "a.zip", "size": 4}')
    assert uploads.find(workspace, folder.name).size == 4
    (folder / "upload.json").write_text(text)
    assert uploads.find(workspace, folder.name) is None
