"""Route of pictures that are brought to the Predict page, one request a file; access is that of uploads."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.core.workspace import Workspace
from lib.importing.arriving import RefusedError
from lib.inference import drops
from lib.web.server import receiving, visitors
from lib.web.server.serving import SAFE
from lib.web.server.visitors import Body


def address(prefix: str) -> str:
    """Return what the addresses of drops start with, in an app whose addresses start with ``prefix``."""
    return f"{prefix}/api/drops"


async def bring(request: Request) -> Response:
    """Answer ``PUT /api/drops/{drop}/{n}``: the body is file ``n`` of a drop.

    ``Upload-Name`` is its name (percent-encoded), the drop 32 hexadecimal digits that the browser has drawn. The answer
    is what is to be said of the picture, mostly nothing; a refusal is the reason, without the file's name.
    """
    if (not_allowed := receiving.refusal(request)) is not None:
        return not_allowed
    drop, number = request.path_params["drop"], request.path_params["n"]
    name, size = receiving.file_name(request), receiving.number(request, "Content-Length")
    if not drops.ID.fullmatch(drop):
        return receiving.refused("There is no such drop.", 404)
    if not name or size is None:
        return receiving.refused("Upload-Name, Content-Length: expected the file's name and number of bytes.", 400)
    arriving, visitor = None, visitors.visitor(request)
    try:
        with visitors.arriving(visitor) as body:
            begin = partial(drops.begin, owner=visitor, reserved=visitors.to_come())
            arriving = await to_thread.run_sync(begin, Workspace.find(), drop, number, name, size)
            body.to_come = size
            await receiving.receive(request, _counted(arriving.append, body))
            remark = await to_thread.run_sync(arriving.finish)
    except RefusedError as error:
        if arriving is not None:
            arriving.forget()
        await receiving.drain(request, size)
        return receiving.refused(str(error), error.status)
    except (ClientDisconnect, TimeoutError):
        if arriving is not None:
            arriving.forget()
        return receiving.refused("The connection was cut.", 408)  # nobody is there to read it
    return PlainTextResponse(remark, 200, SAFE | {"Cache-Control": "no-store"})


def _counted(append: Callable[[bytearray], None], body: Body) -> Callable[[bytearray], None]:
    def counted(data: bytearray) -> None:
        append(data)
        body.to_come -= len(data)

    return counted


async def forget(request: Request) -> Response:
    """Answer ``DELETE /api/drops/{drop}``: nobody wants it any more."""
    if (not_allowed := receiving.refusal(request)) is not None:
        return not_allowed
    await to_thread.run_sync(drops.remove, Workspace.find(), request.path_params["drop"])
    return Response(None, 204, SAFE)


def routes(prefix: str) -> list[Route]:
    """Return the routes for an app whose addresses start with ``prefix``."""
    return [
        Route(f"{address(prefix)}/{{drop}}/{{n:int}}", bring, methods=["PUT"]),
        Route(f"{address(prefix)}/{{drop}}", forget, methods=["DELETE"]),
    ]
