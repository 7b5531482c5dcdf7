"""A bundle is uploaded to the hub, here a server of this test, and what fails is told in a sentence."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub.constants
import pytest

from lib.core.errors import UserError
from lib.export.bundle import push

REPO = "me/vehicles"


class Hub(BaseHTTPRequestHandler):
    """What of the hub an upload of a folder asks for."""

    def do_POST(self) -> None:
        """Answer what makes repositories and commits."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Authorization") != "Bearer right":
            self._answer(403, {"error": "no"})
        elif self.path == "/api/repos/create":
            self.server.repos.append(json.loads(body))
            self._answer(200, {"url": f"http://{self.headers['Host']}/{REPO}"})
        elif self.path == f"/api/models/{REPO}/preupload/main":
            files = [one["path"] for one in json.loads(body)["files"]]
            modes = [{"path": path, "uploadMode": "regular", "shouldIgnore": False} for path in files]
            self._answer(200, {"files": modes})
        elif self.path == f"/api/models/{REPO}/commit/main":
            for line in map(json.loads, body.splitlines()):
                if line["key"] == "file":
                    self.server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            self._answer(
                200, {"commitUrl": f"http://{self.headers['Host']}/{REPO}/commit/1", "commitOid": "1", "success": True}
            )
        else:
            self._answer(200, {})

    def do_GET(self) -> None:
        """Answer that a repository is there."""
        self._answer(200, {"id": REPO, "sha": "0" * 40, "siblings": [], "private": self.server.is_private})

    def _answer(self, status: int, content: dict) -> None:
        text = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hub(monkeypatch) -> Iterator[ThreadingHTTPServer]:
    """A hub on this machine, and the token that may write there."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    server.repos, server.files, server.is_private = [], {}, True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "right")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder as a bundle's, small."""
    (tmp_path / "examples").mkdir()
    for name, content in {"manifest.json": b"{}", "model.onnx": b"\x08\x0a", "examples/1.png": b"\x89PNG"}.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_every_file_arrives(hub, folder):
    """The hub has each file byte for byte, in a repository that nobody else sees."""
    assert push.push(folder, REPO).endswith(REPO)
    expected = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert hub.files == expected
    assert (hub.repos[0]["visibility"], hub.repos[0]["name"]) == ("private", "vehicles")


def test_nothing_becomes_public_unasked(hub, folder):
    """A repository that was there and is public gets nothing, unless that was asked for."""
    hub.is_private = False
    with pytest.raises(UserError, match=r"everybody can see it") as refused:
        push.push(folder, REPO)
    assert refused.value.flags.endswith(f"export {folder} --push {REPO} --public`") and not hub.files
    push.push(folder, REPO, public=True)
    assert hub.files


def test_what_fails_is_a_sentence(hub, folder, monkeypatch):
    """A token that may not write, a hub that is not there, a name that cannot be: where the bundle is stays said."""
    monkeypatch.setenv("HF_TOKEN", "wrong")
    with pytest.raises(UserError, match=rf"refuses the upload to {REPO} \(HTTP status 403\).*{folder}"):
        push.push(folder, REPO)
    for name in (
        "vehicles",
        "me/vehicles.git",
        "me/two--lines",
        "me/a..b",
        "me/.hidden",
        "datasets/me/x",
        "me/" + 97 * "x",
    ):
        with pytest.raises(UserError, match="expected OWNER/NAME"):
            push.check(name)
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="cannot be reached"):
        push.push(folder, REPO)
