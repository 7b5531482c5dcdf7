"""What the gate costs a request, and whether it answers everybody of the route table rightly."""

from __future__ import annotations

import asyncio
import itertools
import os
import statistics
import time
from pathlib import Path
from unittest.mock import patch

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks import route_table
from lib.core import in_place
from lib.web.server.gate import Gate
from lib.web.server.login_token import ByToken
from lib.web.server.sharing import Sharing

#: Requests of the table, and requests of one round of the cost, of which there are some.
REQUESTS, ROUND, ROUNDS = 10_000, 4000, 7


def measure() -> dict[str, float | int]:
    """Return the cost of the gate in ms a request, and how many of 10,000 answers are wrong."""
    shared = {in_place.VARIABLE: str(Path.cwd()), "MANYHOT_LOGIN": "token", "MANYHOT_USERS": route_table.USER}
    with patch.dict(os.environ, shared), route_table.app_under(**shared) as (app, sharing, client):
        assert isinstance(sharing.login, ByToken)
        people, asked = route_table.people(sharing.login), route_table.requests_of(app)
        table = itertools.islice(itertools.cycle(itertools.product(people, asked)), REQUESTS)
        wrong = [message for person, one in table if (message := route_table.wrong(client, one, person))]
        bare, gated = asyncio.run(_compared(sharing, people[0]))
    return {
        "requests of the route table": REQUESTS,
        "wrong answers": len(wrong),
        "routes and methods": len(asked),
        "gate with a login, of a request (ms)": 1000 * (gated - bare),
    }


async def _compared(sharing: Sharing, person: route_table.Person) -> tuple[float, float]:
    """Return the seconds that a request takes without and with the gate, medians of rounds by turns."""
    scope: Scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/datasets/made/items/0",
        "query_string": b"size=256&v=1a2b",
        "scheme": "http",
        "server": ("127.0.0.1", 8501),
        "client": ("127.0.0.1", 50_000),
        "headers": [
            (b"host", b"127.0.0.1:8501"),
            (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0"),
            (b"accept", b"image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"),
            (b"sec-fetch-site", b"same-origin"),
            (b"sec-fetch-mode", b"no-cors"),
            (b"sec-fetch-dest", b"image"),
            (b"referer", b"http://127.0.0.1:8501/?dataset=made"),
            (b"cookie", f"{person.cookie}; _streamlit_xsrf=2|1|2|3".encode()),
        ],
    }
    apps: list[ASGIApp] = [_answer, Gate(_answer, sharing)]
    seconds: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        for app, taken in zip(apps, seconds, strict=True):
            began = time.perf_counter()
            for _ in range(ROUND):
                await app({**scope}, _receive, _send)
            taken.append((time.perf_counter() - began) / ROUND)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


async def _answer(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"image/jpeg")]})
    await send({"type": "http.response.body", "body": b""})


async def _receive() -> Message:
    return {"type": "http.request", "body": b""}


async def _send(_message: Message) -> None:
    return None
