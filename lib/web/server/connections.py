"""Limits of a connection before any route hears of it: bytes of a head or a message, time, the number of all.

uvicorn has none of them with its quick parser: a head of any size is kept in memory, one that never ends keeps its
connection for good. Other ASGI servers have their own limits.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.h11_impl import H11Protocol

try:
    import resource
except ImportError:  # Windows: no limit of files
    _MOST_FILES = 2048
else:
    _MOST_FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[0]

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol as _Parser
except ImportError:  # it is an extra; the other one has a limit of heads of its own
    if not TYPE_CHECKING:
        _Parser = H11Protocol

#: Bytes of a request's first line and headers, or of what comes between pieces of a body and after it.
MOST_HEAD = 64 * 1024
#: Seconds in which a head is complete, and in which a body is that nobody reads.
HEAD_S = 15.0
#: Seconds after which an answer is given up of which nothing more is fetched: a browser may pause a download.
STALLED_S = 600.0
#: Bytes of what a page sends over its websocket at once: choices, and edits of a table; Streamlit takes 200 MB.
MOST_MESSAGE = 8 * 2**20
#: Requests that may wait for the one before them on their connection: browsers wait for the answer before they ask.
MOST_WAITING = 8
#: Connections at once, of pages as well; as many files stay for what they ask for.
MOST = max(64, min(_MOST_FILES, 4096) // 2)
#: In a request's state: who it really comes from, whatever its headers say, and what to call once that one is let in.
PEER, LET_IN = "manyhot_peer", "manyhot_let_in"
#: Whether what is no body is counted here, by the parser's callbacks, and not by the parser.
_COUNTS = hasattr(_Parser, "on_body")
_STRANGERS: WeakKeyDictionary[Any, dict[Protocol, None]] = WeakKeyDictionary()
_LOG = logging.getLogger(__name__)
_FULL = ("503 Service Unavailable", "Too many connections are open: try again in a moment.")
_REFUSAL = "HTTP/1.1 {}\r\nContent-Type: text/plain\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}"


def limit() -> None:
    """Have uvicorn use `Protocol`: it chooses its own before it loads an app, so what that makes is turned into one."""
    begin = _Parser.__init__

    def begin_limited(self: Any, *args: Any, **options: Any) -> None:
        if type(self) is _Parser:
            self.__class__ = Protocol  # before it begins: the parser looks its callbacks up then
        begin(self, *args, **options)

    _Parser.__init__ = begin_limited  # type: ignore[method-assign]
    keep_peers(H11Protocol)  # which somebody may have chosen


def keep_peers(parser: type[H11Protocol]) -> None:
    """Have a parser of uvicorn's own say who its requests really come from."""
    begin = parser.connection_made

    def connection_made(self: H11Protocol, transport: Any) -> None:
        begin(self, transport)
        self.app_state = {**self.app_state, PEER: self.client}

    parser.connection_made = connection_made  # type: ignore[method-assign]


class Protocol(_Parser):
    """uvicorn's protocol of a connection, with limits."""

    _since = 0  # bytes since anything was complete: a head, a piece of a body, a message
    _waits: asyncio.TimerHandle | None = None
    _stalls: asyncio.TimerHandle | None = None
    _strangers: dict[Protocol, None]  # the server's connections over which nobody was let in yet, the oldest first

    def connection_made(self, transport: Any) -> None:
        """Begin to wait for the first head, or refuse the connection."""
        super().connection_made(transport)
        self.config.ws_max_size = min(self.config.ws_max_size, MOST_MESSAGE)
        self.app_state = {**self.app_state, PEER: self.client, LET_IN: self._let_in}
        self._strangers = _STRANGERS.setdefault(self.server_state, {})
        if len(self.connections) > MOST and not self._strangers:
            self._refuse(*_FULL)
            return
        if len(self.connections) > MOST:  # strangers take the place of strangers only, and who comes in has one
            oldest = next(iter(self._strangers))
            oldest._let_in()
            oldest._refuse(*_FULL)
            oldest.transport.abort()  # now: it may never fetch what was written
        self._strangers[self] = None
        self._wait()

    def _let_in(self) -> None:
        self._strangers.pop(self, None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._let_in()
        self._wait_no_more()
        self._goes_on()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Begin to wait for somebody to fetch what was written."""
        super().pause_writing()
        self._goes_on()
        self._stalls = self.loop.call_later(STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no more."""
        self._goes_on()
        super().resume_writing()

    def _goes_on(self) -> None:
        if self._stalls is not None:
            self._stalls.cancel()
            self._stalls = None

    def data_received(self, data: bytes) -> None:
        """Hand on what came, unless a head becomes too long."""
        cycle = self.cycle
        self._since += len(data)
        super().data_received(data)
        is_websocket = self not in self.connections  # by now; its own protocol goes on
        if is_websocket:
            self._let_in()
        if self.cycle is not cycle or is_websocket:
            self._wait_no_more()
            self._since = 0
        elif cycle is None or cycle.response_complete:
            self._wait()
        if self._since > MOST_HEAD and _COUNTS:
            self._refuse("431 Request Header Fields Too Large", f"The head has more than {MOST_HEAD:,} bytes.")

    def on_headers_complete(self) -> None:
        """Take a request, unless too many wait before it: a few bytes each, they would cost a server's time and memory.

        Raises
        ------
        RuntimeError
            If too many do; the parser stops there, and whoever sent them hears that they are refused.
        """
        if len(self.pipeline) >= MOST_WAITING:
            self.pipeline.clear()
            raise RuntimeError("too many requests wait")
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Count anew."""
        self._since = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Count anew."""
        self._since = 0
        super().on_message_complete()

    def _wait(self) -> None:
        if self._waits is None:
            self._waits = self.loop.call_later(HEAD_S, self._too_slow)

    def _wait_no_more(self) -> None:
        if self._waits is not None:
            self._waits.cancel()
            self._waits = None

    def _too_slow(self) -> None:
        self._refuse("408 Request Timeout", f"The request was not complete after {HEAD_S:.0f} seconds.")

    def _refuse(self, status: str, sentence: str) -> None:
        """Say why the connection is closed, and close it."""
        self._wait_no_more()
        if not self.transport.is_closing():
            _LOG.info("%s: %s", status, self.client)
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(_REFUSAL.format(status, len(sentence), sentence).encode())
            self.transport.close()
