"""Route of uploads, and the access that all routes check that take data: bytes go to disk as they arrive.

``/api/uploads/{id}`` understands four methods. Allowed are requests from this app's own pages (`_is_ours`) with the
token of an open page (`token`, the header ``Upload-Token``), else 403 and 401. The id, 32 hexadecimal digits drawn by
the browser, is what another visitor would have to know. Every answer has ``Upload-Offset``, the number of bytes that
have arrived, if there is such an upload; a refusal is a sentence.

=======  ==============================================================================================
PUT      begin, or go on; ``Upload-Name`` (percent-encoded) and ``Upload-Length`` say what; it has no body
HEAD     how far it is; also ends a connection that still sends, which after an interruption may be half dead
PATCH    the body is added at ``Upload-Offset``, which must be where the file ends, else 409
DELETE   forget it
=======  ==============================================================================================
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import unquote

import anyio
import streamlit as st
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.importing import uploads
from lib.importing.arriving import RefusedError, Upload
from lib.web.server import hosts, visitors
from lib.web.server.serving import SAFE

TOKEN = "Upload-Token"
_KEPT = "upload-token"  # where a session keeps its own
_WRITE = 1 << 19  # bytes that are gathered before they are written: all that an upload needs of memory
_WRITE_S = 5.0  # seconds after which fewer are written too: an upload of which nothing is on disk is removed soon
_DRAINED = 1 << 26  # so many bytes of a refused body are still read, or a browser would not hear why
_SILENT_S = 60.0  # seconds without a byte, after which a connection is given up
_LEAST = 30_000  # and one that brings fewer bytes in so long: 500 a second
_MOST_TOKENS = 10_000
_NUMBER_LENGTH = 16
_tokens: dict[str, str] = {}  # token -> Streamlit's session
_receivers: dict[str, _Receiver] = {}


@dataclass
class _Receiver:
    """The request that is at work on an upload; another one for the same upload ends it."""

    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    over: anyio.Event = field(default_factory=anyio.Event)


def token(session: str, known: str | None = None) -> str:
    """Return what a page of Streamlit's ``session`` shows with its requests; it holds as long as the session does.

    Parameters
    ----------
    session : str
        Streamlit's id of the session.
    known : str, optional
        What was returned before for it, so that it stays the same.
    """
    issued = known or secrets.token_urlsafe(24)
    if len(_tokens) >= _MOST_TOKENS:
        for old, owner in list(_tokens.items()):
            if not _is_open(owner):
                del _tokens[old]
    _tokens[issued] = session
    return issued


def page_token() -> str:
    """Return `token` of the page that is being drawn, the same until its session ends."""
    context = get_script_run_ctx()
    session = context.session_id if context else ""
    kept = st.session_state[_KEPT] = token(session, st.session_state.get(_KEPT))
    return kept


def _is_open(session: str) -> bool:
    return runtime.exists() and runtime.get_instance().is_active_session(session)


def refusal(request: Request) -> Response | None:
    """Return why a request is not allowed to bring anything, None if it is."""
    if not _is_ours(request):
        return refused("Uploads are taken from this app's own pages only.", 403)
    session = _tokens.get(request.headers.get(TOKEN, ""))
    if session is None or not _is_open(session):
        return refused("This page has no connection to the server: wait for it, or reload the page.", 401)
    return None


async def answer(request: Request) -> Response:
    """Answer one request, see above."""
    if (not_allowed := refusal(request)) is not None:
        return not_allowed
    upload_id = request.path_params["id"]
    if not uploads.ID.fullmatch(upload_id):
        return refused("There is no such upload.", 404)
    async with _alone(upload_id) as scope:
        response = await _METHODS[request.method](request, upload_id)
    if scope.cancelled_caught:
        return refused("This upload goes on in another connection.", 409)
    return response


async def _begin(request: Request, upload_id: str) -> Response:
    name = file_name(request)
    size = number(request, "Upload-Length")
    if not name or size is None:
        return refused("Upload-Name, Upload-Length: expected the file's name and number of bytes.", 400)
    try:
        begin = partial(uploads.begin, owner=visitors.visitor(request), arriving=visitors.to_come())
        upload = await to_thread.run_sync(begin, Workspace.find(), upload_id, name, size)
    except UserError as error:
        return refused(str(error), getattr(error, "status", 422))
    return await _so_far(upload)


def file_name(request: Request) -> str:
    """Return what the file of a request is called where it comes from, "" where that is not said."""
    return "".join(letter for letter in unquote(request.headers.get("Upload-Name", "")) if letter.isprintable())[:200]


async def _status(_request: Request, upload_id: str) -> Response:
    upload = uploads.find(Workspace.find(), upload_id)
    return refused("There is no such upload.", 404) if upload is None else await _so_far(upload)


async def _forget(_request: Request, upload_id: str) -> Response:
    upload = uploads.find(Workspace.find(), upload_id)
    if upload is not None:
        await to_thread.run_sync(upload.remove)
    return Response(None, 204, SAFE)


async def _add(request: Request, upload_id: str) -> Response:
    upload = uploads.find(Workspace.find(), upload_id)
    offset, length = number(request, "Upload-Offset"), number(request, "Content-Length")
    try:
        if upload is None:
            raise RefusedError("This upload is not kept any more: begin anew.", 404)
        if offset is None or length is None:
            raise RefusedError("Upload-Offset, Content-Length: expected numbers of bytes.", 400)
        with upload.alone():
            if offset != upload.offset:
                raise RefusedError(f"{upload.offset:,} bytes have arrived: go on there.", 409)
            if offset + length > upload.size:
                raise RefusedError(f"{upload.name!r} has {upload.size:,} bytes: these are more.", 400)
            reserved = await to_thread.run_sync(uploads.reserved, Workspace.find(), upload)
            upload.check_room(length, reserved + visitors.to_come())
            with visitors.arriving(visitors.visitor(request)):
                await receive(request, upload.append)
    except RefusedError as error:
        await drain(request, length or 0)
        if error.status == 415 and upload is not None:
            upload.remove()
        return refused(str(error), error.status, upload if upload and upload.folder.exists() else None)
    except (ClientDisconnect, TimeoutError):
        return refused("The connection was cut.", 408)  # nobody is there to read it
    return await _so_far(upload)


async def receive(request: Request, append: Callable[[bytearray], None]) -> None:
    """Write the body to disk with ``append`` as it arrives; after an interruption, all that has arrived."""
    gathered, written = bytearray(), time.monotonic()
    try:
        async for piece in _pieces(request):
            gathered += piece
            if len(gathered) >= _WRITE or time.monotonic() - written > _WRITE_S:
                ready, gathered = gathered, bytearray()
                await to_thread.run_sync(append, ready)
                written = time.monotonic()
    except RefusedError:
        gathered.clear()
        raise
    finally:
        if gathered:  # not in a thread: whoever is cancelled may not wait
            append(gathered)


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """Yield the body's pieces.

    Raises
    ------
    TimeoutError
        If nothing comes for `_SILENT_S` seconds, or fewer than `_LEAST` bytes.
    """
    pieces = request.stream()
    began, came = time.monotonic(), 0
    while True:
        with anyio.fail_after(_SILENT_S):
            piece = await anext(pieces, None)
        if piece is None:
            return
        yield piece
        came += len(piece)
        if time.monotonic() - began > _SILENT_S:
            if came < _LEAST:
                raise TimeoutError
            began, came = time.monotonic(), 0


async def drain(request: Request, length: int) -> None:
    """Read what is left of a refused body."""
    if length <= _DRAINED:
        with contextlib.suppress(ClientDisconnect, TimeoutError, RuntimeError):  # RuntimeError: all of it was read
            async for _ in _pieces(request):
                pass


@contextlib.asynccontextmanager
async def _alone(upload_id: str) -> AsyncIterator[anyio.CancelScope]:
    """End any other request that is at work on an upload, and be the only one."""
    while (other := _receivers.get(upload_id)) is not None:
        other.scope.cancel()
        await other.over.wait()
    mine = _receivers[upload_id] = _Receiver()
    try:
        with mine.scope:
            yield mine.scope
    finally:
        del _receivers[upload_id]
        mine.over.set()


def _is_ours(request: Request) -> bool:
    """Return whether a request comes from a page of this app; programs, which name no origin, need the token alone."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    return hosts.is_own(request)


def number(request: Request, name: str) -> int | None:
    """Return a header that is a number, None where it is none."""
    text = request.headers.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _NUMBER_LENGTH else None


async def _so_far(upload: Upload) -> Response:
    """Say how far an upload is; complete, it has its name then, also where its last connection or the server ended."""
    try:
        await to_thread.run_sync(upload.finish)
    except RefusedError as error:
        return refused(str(error), error.status, upload)
    return Response(None, 204, _headers(upload))


def refused(sentence: str, status: int, upload: Upload | None = None) -> Response:
    """Return the answer that something is not taken, in one sentence."""
    return PlainTextResponse(sentence, status, SAFE if upload is None else _headers(upload))


def _headers(upload: Upload) -> dict[str, str]:
    numbers = {"Upload-Offset": str(upload.offset), "Upload-Length": str(upload.size)}
    return SAFE | numbers | {"Cache-Control": "no-store"}


_METHODS: dict[str, Callable] = {"PUT": _begin, "HEAD": _status, "PATCH": _add, "DELETE": _forget}


def routes(prefix: str) -> list[Route]:
    """Return the route for an app whose addresses start with ``prefix``."""
    return [Route(f"{prefix}/api/uploads/{{id}}", answer, methods=list(_METHODS))]
