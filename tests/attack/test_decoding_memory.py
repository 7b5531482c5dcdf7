"""Pictures cost what they are: little memory for large ones, one budget for all, and who does not fit waits."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import threading
import zlib
from pathlib import Path

import anyio
import httpx
import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from lib.core import budget, cost, pictures, processes, resizing
from lib.core.budget import MB, Budget
from lib.core.depth import OWN
from lib.core.picture_files import TooLargeError, UnreadableImageError
from lib.web.server import encoding, waiting
from tests import event_loop
from tests.unit.deep_files import chunk

pytestmark = pytest.mark.slow

#: Decodes files one after the other, and says by how many bytes each raised the process's highest memory so far.
_DECODING = """
import json, re, sys
from pathlib import Path
from lib.core import pictures
from lib.web.server import encoding
def highest():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
pictures.thumbnail(sys.argv[1], 64)
grown, before = {}, highest()
for path in sys.argv[2:]:
    pictures.thumbnail(path, 256)
    pictures.probe(path)
    grown[Path(path).name] = highest() - before
print(json.dumps(grown))
"""
SIDE = 2600


def _png(path: Path, bits: int, color: int, channels: int) -> None:
    """Write a PNG of ``SIDE`` pixels a side that is a few KB, row by row."""
    row = b"\2" + bytes(SIDE * channels * bits // 8)  # as the row above
    first = b"\0" + (np.arange(SIDE * channels * bits // 8) % 251).astype(np.uint8).tobytes()
    packed = zlib.compressobj(1)
    data = packed.compress(first) + b"".join(packed.compress(row) for _ in range(SIDE - 1)) + packed.flush()
    header = struct.pack(">IIBBBBB", SIDE, SIDE, bits, color, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )  # fmt: skip


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for a process's memory")
def test_a_large_picture_takes_little(tmp_path):
    """A PNG of 7 million pixels and up to 54 MB of values takes less than 45 MB, and a drafted JPEG no more."""
    files = {"gray16": (16, 0, 1), "color8": (8, 2, 3), "color16": (16, 2, 3), "color16a": (16, 6, 4)}
    for name, (bits, color, channels) in files.items():
        _png(tmp_path / name, bits, color, channels)
    Image.new("RGB", (SIDE, SIDE), "teal").save(tmp_path / "jpeg", "JPEG")
    Image.new("RGB", (99, 99)).save(tmp_path / "small", "PNG")
    paths = [str(tmp_path / name) for name in ("small", "jpeg", *files)]
    done = subprocess.run(
        [sys.executable, "-c", _DECODING, *paths], env=processes.environment(), capture_output=True, check=True
    )
    grown = json.loads(done.stdout)
    assert max(grown.values()) < 45 * MB, grown


def _picture(path: Path, kind: str, side: int, **options) -> Path:
    rng = np.random.default_rng(side)
    coarse = Image.fromarray(rng.integers(0, 255, (16, 16, 3), dtype=np.uint8))
    coarse.resize((side, side), Image.Resampling.BICUBIC).save(path, kind, **options)
    return path


@pytest.fixture
def of_server(monkeypatch):
    """Give this process the budget of a web server."""
    monkeypatch.setattr(budget, "_own", [])
    encoding._apart.cache_clear()
    encoding.use_budget()
    yield
    encoding._apart.cache_clear()


def test_large_ones_are_made_by_a_process_of_their_own(tmp_path, of_server):
    """What takes too much for the server comes from elsewhere bit for bit; what takes too much at all is refused."""
    path = _picture(tmp_path / "wide.webp", "WEBP", 2000, method=0)
    with path.open("rb") as file:
        with pytest.raises(TooLargeError) as caught:
            encoding.encode_here(file, 256, OWN)
        content, kind = encoding.encode(file, 256, OWN)
        budget.use(Budget(10**10))
        assert (content, kind) == encoding.encode_here(file, 256, OWN)

    caught.value.cost = 400 * MB
    refusal = r"2,000 × 2,000 pixels as WEBP take 400 MB to decode, and"
    with path.open("rb") as file, pytest.raises(UnreadableImageError, match=refusal):
        encoding.encode_apart(file, 256, OWN, caught.value)
    path.write_bytes(path.read_bytes()[:2000])
    caught.value.cost = 100 * MB
    with path.open("rb") as file, pytest.raises(UnreadableImageError, match="damaged"):
        encoding.encode_apart(file, 256, OWN, caught.value)


def test_a_picture_that_never_fits_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    """The sentence names size, kind, what it takes and what may be used."""
    monkeypatch.setattr(budget, "_own", [Budget(30 * MB)])
    path = _picture(tmp_path / "all.jpg", "JPEG", 2500, progressive=True, subsampling=0)
    with pytest.raises(TooLargeError, match=r"2,500 × 2,500 pixels as JPEG take \d+ MB to decode, and 30 MB"):
        pictures.thumbnail(path, 256)
    assert budget.own().taken == 0


def test_a_picture_as_wide_as_a_street_is_shrunk_in_little_memory(tmp_path, monkeypatch):
    """Of 200,000 pixels across a thumbnail takes no more than a whole view, and has the colors that Pillow gives it."""
    path, shade = tmp_path / "street.png", np.linspace(0, 255, 200_000).astype(np.uint8)
    Image.fromarray(np.repeat(shade[None], 40, axis=0)).save(path, compress_level=1)
    assert cost.in_rows((200_000, 800), 128) < 50 * MB > cost.in_rows((200_000, 800), encoding.LARGEST)
    monkeypatch.setattr(resizing, "MOST", 400_000)  # two rows at a time, where Pillow would take 40
    assert resizing.factors((200_000, 40), 2000) == (100, 2)
    small = np.asarray(pictures.shrunk(path, 2000).convert("L"))
    assert np.abs(small - shade.reshape(2000, 100).mean(axis=1)).max() <= 1


@pytest.mark.parametrize(
    ("kind", "size", "words"),
    [
        ("WEBP", (4000, 4000), "save it smaller or as PNG, or"),
        ("WEBP", (900_000, 20), "save it smaller, or"),
        ("PNG", (4000, 4000), "save it smaller or without interlacing, or"),
        ("PNG", (900_000, 20), "save it smaller, or"),
    ],
)
def test_the_advice_fits_the_picture(kind, size, words):
    """PNG is not advised to a PNG, nor where its rows would be too long as well."""
    error = TooLargeError(size, kind, budget.TooLargeError(400 * MB, 30 * MB), cost.in_rows(size, 256))
    assert words in str(error)


def test_threads_share_one_budget_in_order():
    """Eight threads never hold more than the limit together; who came first goes first; all of it is given back."""
    shared, most, lock, order = Budget(100), [0], threading.Lock(), []

    def work(cost: int) -> None:
        with shared.hold(cost), lock:
            most[0] = max(most[0], shared.taken)
            order.append(cost)

    with shared.hold(100):
        threads = []
        for cost in (60, 50, 30, 20, 100, 1, 99, 40):
            threads.append(threading.Thread(target=work, args=(cost,)))
            threads[-1].start()
            while shared.waiting < len(threads):
                pass
        assert order == []
    for thread in threads:
        thread.join(10)
    assert sorted(order) == [1, 20, 30, 40, 50, 60, 99, 100] and order.index(60) == 0
    assert most[0] <= 100 and (shared.taken, shared.waiting) == (0, 0)


def test_requests_wait_without_a_thread_and_leave_when_their_browser_goes():
    """Of 24 requests two decode at a time, no waiting one holds a thread, one that was given up is never decoded."""
    shared, decoded, most = Budget(10), [], [0]
    go_on = threading.Event()

    def decode(request) -> Response:
        with shared.hold(4):
            most[0] = max(most[0], threading.active_count())
            decoded.append(request.query_params["n"])
            assert go_on.wait(20)
            return Response(b"seen")

    app = Starlette(routes=[Route("/", waiting.answering(decode))])

    async def ask() -> list[int]:
        codes: list[int] = []
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:

            async def one(n: int) -> None:
                codes.append((await client.get(f"/?n={n}")).status_code)

            async with anyio.create_task_group() as all_of_them:
                for n in range(24):
                    all_of_them.start_soon(one, n)
                while shared.waiting < 22:
                    await anyio.sleep(0.01)
                gone = await _asked_and_gone(app, shared)
                assert len(decoded) == 2 and gone == 499 and shared.waiting == 22
                go_on.set()
        return codes

    before = threading.active_count()
    assert event_loop.run(ask) == [200] * 24
    assert "gone" not in decoded and len(decoded) == 24
    assert (shared.taken, shared.waiting) == (0, 0)
    assert most[0] <= before + 40


async def _asked_and_gone(app, shared: Budget) -> int:
    """Ask for what has to wait, and go; return the status of the answer that nobody reads."""
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"n=gone", "headers": []}
    codes, told = [], []

    async def receive() -> dict:
        if not told:
            told.append(1)
            return {"type": "http.request", "body": b"", "more_body": False}
        while shared.waiting < 23:
            await anyio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        if message["type"] == "http.response.start":
            codes.append(message["status"])

    await app(scope, receive, send)
    return codes[0]
