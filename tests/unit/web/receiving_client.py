"""A client that uploads a file in pieces, and what is kept of it."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.core.workspace import VARIABLE, Workspace
from lib.importing import uploads
from lib.web.server import receiving, routes, visitors

ID = "0123456789abcdef" * 2
CONTENT = b"PK\x03\x04" + bytes(range(256)) * 2000
URL = f"/api/uploads/{ID}"


@pytest.fixture
def workspace(tmp_path, monkeypatch) -> Workspace:
    """An empty workspace, and one open session called "mine"."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "workspace"))
    monkeypatch.delenv(uploads.VARIABLE, raising=False)
    monkeypatch.setattr(receiving, "_tokens", {})
    monkeypatch.setattr(receiving, "_is_open", lambda session: session == "mine")
    return Workspace.find()


@pytest.fixture
def client(workspace) -> TestClient:
    """A client of the routes alone, with a token of the open session."""
    return TestClient(Starlette(routes=routes.routes()), headers={receiving.TOKEN: receiving.token("mine")})


@pytest.fixture
def by_header(monkeypatch) -> None:
    """Visitors are told apart by a header: all tests come from one address."""
    monkeypatch.setattr(visitors, "visitor", lambda request: request.headers.get("X-Visitor", "one"))


def announce(client, number: int, size: int, visitor: str = "one"):
    """Begin upload ``number`` of ``size`` bytes as one of several visitors."""
    headers = {"Upload-Name": "a.zip", "Upload-Length": str(size), "X-Visitor": visitor}
    return client.put(f"/api/uploads/{number:032x}", headers=headers)


def begin(client, name: str = "pets.zip", size: int = len(CONTENT), **headers):
    """Begin an upload."""
    return client.put(URL, headers={"Upload-Name": name, "Upload-Length": str(size), **headers})


def add(client, offset: int, content: bytes, **headers):
    """Send a piece of it."""
    return client.patch(URL, content=content, headers={"Upload-Offset": str(offset), **headers})


def kept_files(workspace: Workspace) -> list[str]:
    """Return what is kept of uploads."""
    root = workspace.root / uploads.FOLDER
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*")) if root.exists() else []
