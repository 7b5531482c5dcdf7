"""Routes behind a real server on this machine, whose connections can be cut, trickle or say nothing."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Sequence

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from lib.web.server import connections, receiving
from lib.web.server.routes import routes as all_routes
from tests.unit.web.receiving_client import CONTENT, URL


@contextlib.contextmanager
def serving(
    routes: Sequence[BaseRoute], middleware: Sequence[Middleware] = (), parser: type = connections.Protocol
) -> Iterator[int]:
    """Serve routes by uvicorn, with the limits of connections that the app has; the value is the port."""
    config = uvicorn.Config(
        Starlette(routes=routes, middleware=middleware),
        http=parser,
        ws="websockets-sansio",
        ws_max_size=2 * 10**8,
        host="127.0.0.1",
        port=0,
        log_level="error",
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def port(workspace) -> Iterator[int]:
    """The port at which the app's own routes are served."""
    with serving(all_routes()) as port:
        yield port


def connected(port: int, first: bytes) -> socket.socket:
    """Return a connection to a server, over which ``first`` was sent."""
    line = socket.create_connection(("127.0.0.1", port), timeout=10)
    line.sendall(first)
    return line


def reply(line: socket.socket) -> bytes:
    """Return the next bytes that the server sends; ``b"reset"`` where it has hung up."""
    with contextlib.suppress(ConnectionError):
        return line.recv(1000)
    return b"reset"


def piece_head(visitor: str = "one", length: int = len(CONTENT), upload: str = URL) -> bytes:
    """Return the head of the request that sends the first ``length`` bytes of an upload."""
    head = f"PATCH {upload} HTTP/1.1\r\nHost: x\r\nUpload-Token: {receiving.token('mine')}\r\nUpload-Offset: 0\r\n"
    return f"{head}X-Visitor: {visitor}\r\nContent-Length: {length}\r\n\r\n".encode()
