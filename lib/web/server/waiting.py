"""Requests that wait for room to decode hold no thread, and leave the line when their browser has gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import Response

from lib.core import budget
from lib.core.budget import Claim, FullError

_GONE = 499  # the status that web servers write down of a browser that has gone; nobody reads it


def answering(answer: Callable[[Request], Response]) -> Callable[[Request], Awaitable[Response]]:
    """Return a route's endpoint that runs ``answer`` in a thread, once there is room for what it decodes."""

    def attempt(request: Request, claim: Claim | None) -> Response:
        with budget.impatient(claim):
            return answer(request)

    async def endpoint(request: Request) -> Response:
        claim: Claim | None = None
        try:
            while True:
                try:
                    return await to_thread.run_sync(attempt, request, claim)
                except FullError as full:
                    if claim is not None:
                        claim.budget.leave(claim)
                    claim = await _room(request, full)
                    if claim is None:
                        return Response(None, _GONE)
        finally:
            if claim is not None:
                claim.budget.leave(claim)

    return endpoint


async def _room(request: Request, full: FullError) -> Claim | None:
    """Wait for room; return None if the browser has gone meanwhile."""
    there_is_room, loop = anyio.Event(), asyncio.get_running_loop()

    def call() -> None:  # from the thread that leaves the room
        loop.call_soon_threadsafe(there_is_room.set)

    claim = full.budget.queue(full.cost, call)
    has_gone = False
    try:
        async with anyio.create_task_group() as both:

            async def watch() -> None:
                nonlocal has_gone
                while (await request.receive())["type"] != "http.disconnect":
                    pass
                has_gone = True
                both.cancel_scope.cancel()

            both.start_soon(watch)
            await there_is_room.wait()
            both.cancel_scope.cancel()
    except BaseException:
        full.budget.leave(claim)
        raise
    if has_gone:
        full.budget.leave(claim)
        return None
    return claim
