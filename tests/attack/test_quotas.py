"""Whoever brings too much, too slowly or nothing at all takes neither disk nor memory nor the place of others."""

from __future__ import annotations

import base64
import contextlib
import os
import shutil
import socket
import struct
import threading
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import StreamingResponse
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from lib.importing import arriving, uploads
from lib.inference import drops
from lib.web.server import connections, expiry, receiving, routes, visitors
from tests.unit.web import receiving_client
from tests.unit.web.receiving_client import CONTENT, ID, URL, add, begin
from tests.unit.web.test_drops import bring, saved

#: Fixtures.
client, workspace = receiving_client.client, receiving_client.workspace
_CHUNKED = b"PUT /api/health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
_HEAD_BYTES = 86_000_000
_GROWTH = 20_000_000  # bytes of memory


@pytest.fixture(autouse=True)
def by_header(monkeypatch) -> None:
    """Visitors are told apart by a header: all tests come from one address."""
    monkeypatch.setattr(visitors, "visitor", lambda request: request.headers.get("X-Visitor", "one"))


def _begin(client, number: int, size: int, visitor: str = "one"):
    headers = {"Upload-Name": "a.zip", "Upload-Length": str(size), "X-Visitor": visitor}
    return client.put(f"/api/uploads/{number:032x}", headers=headers)


def _age(folder: Path, seconds: float) -> None:
    """Make everything in ``folder`` look as if it was ``seconds`` old."""
    then = time.time() - seconds
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (then, then))


def _only(monkeypatch, n_bytes: int) -> None:
    """Let the disk have place for ``n_bytes`` besides the reserve."""
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=arriving.RESERVE + n_bytes))


# --- what is announced and never comes ---------------------------------------------------------------------------


def test_an_upload_without_bytes_goes_within_minutes(client, workspace, monkeypatch):
    """Nobody has to begin another one for it: the server looks; one byte keeps an upload for days."""
    assert uploads.EMPTY_S <= 600 and expiry.EVERY_S <= 120
    root = workspace.root / uploads.FOLDER
    for number in range(2):
        assert _begin(client, number, len(CONTENT)).status_code == 204
    client.patch(f"/api/uploads/{1:032x}", content=CONTENT[:10], headers={"Upload-Offset": "0"})
    bring(client, 0, saved("PNG"))
    (workspace.root / drops.FOLDER / ("a" * 32)).mkdir()
    (workspace.root / drops.FOLDER / ("a" * 32) / "0.part").write_bytes(b"cut")
    for folder in (*root.iterdir(), *(workspace.root / drops.FOLDER).iterdir()):
        _age(folder, uploads.EMPTY_S + 1)

    class _OverError(Exception):
        """It waits for the second time."""

    def over(_seconds: float) -> None:
        raise _OverError

    with pytest.raises(_OverError):
        expiry._prune_always(workspace, over)
    assert [folder.name for folder in root.iterdir()] == [f"{1:032x}"]
    assert [folder.name for folder in (workspace.root / drops.FOLDER).iterdir()] == [ID]


def test_announced_bytes_are_reserved_until_nobody_sends_them(client, workspace, monkeypatch):
    """What was promised to one is not promised to another, upload or drop; who falls silent loses the place."""
    _only(monkeypatch, 1000)
    assert _begin(client, 1, 600).status_code == 204
    refused = _begin(client, 2, 600, "two")
    assert refused.status_code == 507 and "make room" in refused.text
    assert bring(client, 0, saved("PNG"), drop="b" * 32).status_code == 507
    assert _begin(client, 3, 400, "two").status_code == 204
    _age(workspace.root / uploads.FOLDER / f"{1:032x}", arriving.RESERVED_S + 1)
    monkeypatch.setattr(uploads, "EMPTY_S", 10**6)  # it stays, only its reservation does not
    assert _begin(client, 2, 600, "two").status_code == 204
    late = client.patch(f"/api/uploads/{1:032x}", content=CONTENT[:600], headers={"Upload-Offset": "0"})
    assert late.status_code == 507
    with visitors.arriving("three", 400):
        assert _begin(client, 4, 100, "two").status_code == 507


def test_of_two_that_begin_at_once_one_is_refused(workspace, monkeypatch):
    """Both look at the disk at the same time, and there is place for one."""
    _only(monkeypatch, 1000)
    find, both = uploads.find, threading.Barrier(2)

    def slow(*arguments):
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.3)
        return find(*arguments)

    monkeypatch.setattr(uploads, "find", slow)

    def one(number: int) -> bool:
        try:
            uploads.begin(workspace, f"{number:032x}", "a.zip", 600)
        except uploads.RefusedError as error:
            assert error.status == 507
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, range(2))) == [False, True]


def test_a_quota_is_a_visitors_own(client, monkeypatch):
    """Opening another page gives nobody more; what one has waiting takes nothing from another."""
    monkeypatch.setenv(uploads.VARIABLE, str(1000 / 2**30))
    assert _begin(client, 1, 600).status_code == 204
    other_page = {receiving.TOKEN: receiving.token("mine")}
    headers = {"Upload-Name": "a.zip", "Upload-Length": "600"} | other_page
    refused = client.put(f"/api/uploads/{2:032x}", headers=headers)
    assert refused.status_code == 413 and "Import or cancel" in refused.text
    assert _begin(client, 2, 600, "two").status_code == 204
    assert client.delete(f"/api/uploads/{1:032x}").status_code == 204
    assert _begin(client, 3, 900).status_code == 204
    monkeypatch.setattr(uploads, "MOST", 2)
    assert [_begin(client, number, 10).status_code for number in (4, 5)] == [204, 429]
    monkeypatch.setattr(uploads, "MOST_OVERALL", 4)
    assert [_begin(client, number, 10, "three").status_code for number in (6, 7)] == [204, 429]


def test_drops_have_a_number_and_a_size(client, monkeypatch):
    """Of one visitor, of all, and of the pictures of one drop together."""
    content = saved("BMP")
    monkeypatch.setattr(drops, "MOST_DROPS", 1)
    monkeypatch.setattr(drops, "MOST_OVERALL", 2)
    visits = [("one", 200), ("one", 429), ("two", 200), ("three", 429)]
    for number, (visitor, status) in enumerate(visits):
        assert bring(client, 0, content, drop=f"{number:032x}", **{"X-Visitor": visitor}).status_code == status
    monkeypatch.setattr(drops, "MOST_TOGETHER", 2 * len(content) + 500)
    answers = [bring(client, number, content, drop=f"{0:032x}") for number in (1, 2)]
    assert [one.status_code for one in answers] == [200, 413] and "several parts" in answers[1].text


# --- what comes too slowly, or too much at once ------------------------------------------------------------------


@contextlib.contextmanager
def _serving(some: list[BaseRoute], before: Sequence[Middleware] = ()) -> Iterator[int]:
    """Routes behind uvicorn on this machine, with the limits of connections that the app has."""
    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=some, middleware=before),
            http=connections.Protocol,
            ws="websockets-sansio",
            ws_max_size=2 * 10**8,
            host="127.0.0.1",
            port=0,
            log_level="error",
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def port(workspace) -> Iterator[int]:
    """The app's own routes, see `_serving`."""
    with _serving(routes.routes()) as port:
        yield port


def _open(port: int, first: bytes) -> socket.socket:
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(first)
    return line


def _reply(line: socket.socket) -> bytes:
    with contextlib.suppress(ConnectionError):
        return line.recv(1000)
    return b"reset"


def _patch(visitor: str = "one", length: int = len(CONTENT), upload: str = URL) -> bytes:
    head = f"PATCH {upload} HTTP/1.1\r\nHost: x\r\nUpload-Token: {receiving.token('mine')}\r\nUpload-Offset: 0\r\n"
    return f"{head}X-Visitor: {visitor}\r\nContent-Length: {length}\r\n\r\n".encode()


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("first", "more"),
    [
        (b"GET /api/health HTTP/1.1\r\nX-A: ", b"a" * 65536),
        (b"GET /api/health HTTP/1.1\r\n", b"X-A: 1234567890\r\n" * 4096),
        (b"GET /api/health?", b"a" * 65536),
        (_CHUNKED + b"5;", b"a" * 65536),
        (
            b"PUT /api/health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-A: 123456789\r\n" * 4096,
        ),
    ],
    ids=["one header", "many headers", "address", "chunk's extension", "trailers"],
)
def test_a_head_of_86_mb_is_refused(port, first, more):
    """No part of a request but its body may be large: the server neither keeps it nor reads to its end."""
    before = most = _resident()
    sent = 0
    with _open(port, first) as line, contextlib.suppress(ConnectionError):
        while sent < _HEAD_BYTES:
            line.sendall(more)
            sent += len(more)
            most = max(most, _resident())
    assert sent < _HEAD_BYTES / 5
    assert most - before < _GROWTH
    with _open(port, b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n") as line:
        assert _reply(line).startswith(b"HTTP/1.1 200")


def test_a_long_head_hears_why(port):
    """A head that is a little too long is answered; one that is just short enough gets its answer."""
    for n_bytes, status in ((connections.MOST_HEAD + 200, b"431"), (connections.MOST_HEAD - 200, b"200")):
        with _open(port, b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-A: ") as line:
            line.sendall(b"a" * n_bytes)
            time.sleep(0.1)
            with contextlib.suppress(ConnectionError):
                line.sendall(b"\r\n\r\n")
            assert _reply(line).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    "first", [b"", b"GET /api/hea", b"PUT /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"]
)
def test_a_request_that_never_ends_is_ended(port, monkeypatch, first):
    """A connection that says nothing, half a head, or drops a body that nobody reads byte by byte, is closed."""
    monkeypatch.setattr(connections, "HEAD_S", 0.5)
    began = time.monotonic()
    with _open(port, first) as line:
        with contextlib.suppress(ConnectionError):
            for _ in range(8):
                line.sendall(b"x" * bool(first))
                time.sleep(0.2)
        while _reply(line) not in (b"", b"reset"):
            pass
    assert time.monotonic() - began < 5


def test_there_is_a_most_of_connections(port, monkeypatch):
    """Whoever opens one after the other uses up neither the files that the server may open nor the place of others."""
    monkeypatch.setattr(connections, "MOST", 5)
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(_open(port, b"")) for _ in range(8)]
        assert all(_reply(line).startswith(b"HTTP/1.1 503") for line in lines[:3])
        assert _healthy(port)
        for line in lines[5:]:
            line.settimeout(0.1)
            with pytest.raises(TimeoutError):
                line.recv(1)


def _healthy(port: int) -> bool:
    with _open(port, b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n") as line:
        return _reply(line).startswith(b"HTTP/1.1 200")


def _until(condition) -> None:
    end = time.monotonic() + 5
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    assert condition()


def test_a_body_that_trickles_is_given_up_and_kept(port, client, workspace, monkeypatch):
    """A byte now and then does not hold a place; what has come is on disk, also while it is little."""
    monkeypatch.setattr(receiving, "_SILENT_S", 0.5)
    monkeypatch.setattr(receiving, "_WRITE_S", 0.1)
    begin(client)
    began, sent = time.monotonic(), 0
    with _open(port, _patch()) as line:
        line.settimeout(0.1)
        reply = b""
        while not reply and time.monotonic() - began < 5:
            line.sendall(CONTENT[sent : sent + 9])
            sent += 9
            with contextlib.suppress(TimeoutError):
                reply = line.recv(100)
        assert reply.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 4
    offset = uploads.find(workspace, ID).offset
    assert 0 < offset <= sent
    assert uploads.find(workspace, ID).part.read_bytes() == CONTENT[:offset]


def test_bodies_at_once_are_few_for_one_and_for_all(port, client, monkeypatch):
    """One visitor's open bodies leave room for another's, and all together stay within what the memory is for."""
    monkeypatch.setattr(visitors, "AT_ONCE", 2)
    monkeypatch.setattr(visitors, "AT_ONCE_OVERALL", 3)
    for number in range(5):
        _begin(client, number, 1000)
    addresses = [f"/api/uploads/{number:032x}" for number in range(5)]
    with contextlib.ExitStack() as stack:
        for upload in addresses[:2]:
            stack.enter_context(_open(port, _patch("one", 1000, upload) + CONTENT[:100]))
        _until(lambda: len(visitors._bodies) == 2)
        refused = stack.enter_context(_open(port, _patch("one", 1000, addresses[2]) + CONTENT[:1000]))
        assert _reply(refused).startswith(b"HTTP/1.1 503")
        stack.enter_context(_open(port, _patch("two", 1000, addresses[3]) + CONTENT[:100]))
        _until(lambda: len(visitors._bodies) == 3)
        refused = stack.enter_context(_open(port, _patch("three", 1000, addresses[4]) + CONTENT[:1000]))
        assert _reply(refused).startswith(b"HTTP/1.1 503")
    _until(lambda: not visitors._bodies)
    with _open(port, _patch("one", 1000, addresses[2]) + CONTENT[:1000]) as line:
        assert _reply(line).startswith(b"HTTP/1.1 204")
    assert add(client, 0, b"x").status_code == 404


def test_an_answer_that_nobody_fetches_is_given_up(workspace, monkeypatch):
    """Whoever asks for a download and reads none of it holds no connection for good; who reads slowly gets it all."""
    monkeypatch.setattr(connections, "STALLED_S", 0.5)
    n_bytes, ended = 2**25, threading.Event()

    async def content() -> AsyncIterator[bytes]:
        try:
            for _ in range(n_bytes >> 20):
                yield bytes(1 << 20)
        finally:
            ended.set()

    with _serving([Route("/", lambda _: StreamingResponse(content()))]) as port:
        with _open(port, b"GET / HTTP/1.0\r\nHost: x\r\n\r\n"):
            assert ended.wait(8)
        with _open(port, b"GET / HTTP/1.0\r\nHost: x\r\n\r\n") as line:
            got = 0
            while piece := line.recv(1 << 20):
                got += len(piece)
                time.sleep(0.01)
        assert got > n_bytes


def test_a_page_sends_no_large_message(workspace):
    """What comes over a websocket at once is refused by its length, before any of it is in memory."""
    assert connections.MOST_MESSAGE < 10**7 and st.get_option("server.maxWidgetStateSize") * 10**6 < 10**7

    async def page(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(str(len(await websocket.receive_bytes())))

    head = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    for n_bytes, answer in ((1000, b"1000"), (86_000_000, struct.pack(">H", 1009))):
        with _serving([WebSocketRoute("/", page)]) as port, _open(port, head.encode()) as line:
            line.sendall(f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n\r\n".encode())
            assert _reply(line).startswith(b"HTTP/1.1 101")
            line.sendall(b"\x82\xff" + struct.pack(">Q", n_bytes) + bytes(4) + bytes(1000))
            assert _reply(line)[2:].startswith(answer)
