"""Whatever comes to the upload route, in whatever order: what was acknowledged is on disk, and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from starlette.applications import Starlette

from lib.core.workspace import VARIABLE, Workspace
from lib.importing import uploads
from lib.web.server import receiving, routes
from tests import event_loop

pytestmark = pytest.mark.slow

IDS = ("a" * 32, "b" * 32)
LARGEST = 4000
#: What every file is: its first bytes, as many as were announced.
CONTENT = b"PK\x03\x04" + bytes(number * number % 251 for number in range(LARGEST))
#: All that may be answered; 408 is to nobody.
ANSWERS = {204, 400, 401, 403, 404, 405, 408, 409, 413, 415, 422, 429}
_ids = st.sampled_from(IDS)
_numbers = st.one_of(
    st.integers(-3, LARGEST + 3).map(str), st.sampled_from(["", "1e3", "٣", "0x1", "9" * 17, "1" * 16, "-0", " 7", "٠"])
)
_names = st.one_of(
    st.sampled_from(["pets.zip", "pets.zip", "a.pth", "..%2F..%2Fevil.zip", "%00", "%0d%0aX: y", "a" * 300, "%ff.pt"]),
    st.text(max_size=8).map(lambda text: text.encode().hex()),
)
_sizes = st.integers(1, LARGEST)
_pieces = st.lists(st.integers(0, 500), min_size=1, max_size=4)


class Uploading(RuleBasedStateMachine):
    """The route, and of each upload what was announced and how many bytes were acknowledged."""

    @initialize()
    def open(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.folder = tempfile.TemporaryDirectory()
        self.patch.setenv(VARIABLE, self.folder.name)
        self.patch.setattr(receiving, "_tokens", {})
        self.patch.setattr(receiving, "_is_open", lambda session: session == "mine")
        self.app = Starlette(routes=routes.routes())
        self.token = receiving.token("mine")
        self.sizes: dict[str, int] = {}
        self.acknowledged: dict[str, int] = {}

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.patch.undo()
            self.folder.cleanup()

    def ask(self, method: str, upload: str, body: list[bytes | None] = (), **headers: str) -> tuple[int, int | None]:
        """Send a request piece by piece, None where the browser goes; return status and how many bytes have arrived."""
        return event_loop.run(self._ask, method, upload, iter(body), headers)

    async def _ask(
        self, method: str, upload: str, body: Iterator[bytes | None], headers: dict[str, str]
    ) -> tuple[int, int | None]:
        sent = {receiving.TOKEN: self.token, **{name.replace("_", "-"): value for name, value in headers.items()}}
        path = f"/api/uploads/{upload}"
        scope = {
            "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
            "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1),
        }  # fmt: skip
        answer: dict = {}
        is_over = False

        async def receive() -> dict:
            nonlocal is_over
            piece = next(body, b"")
            if isinstance(piece, anyio.Event):
                await piece.wait()
                piece = next(body, b"")
            if piece is None or is_over:
                return {"type": "http.disconnect"}
            is_over = not piece
            return {"type": "http.request", "body": piece, "more_body": bool(piece)}

        async def send(message: dict) -> None:
            if message["type"] == "http.response.start":
                answer.update(message)

        await self.app(scope, receive, send)
        told = dict(answer["headers"]).get(b"upload-offset")
        assert answer["status"] in ANSWERS, answer
        return answer["status"], None if told is None else int(told)

    def offset(self, upload: str) -> int | None:
        status, offset = self.ask("HEAD", upload)
        assert status == (404 if offset is None else 204)
        return offset

    @rule(upload=_ids, name=_names, size=_numbers)
    def begin(self, upload: str, name: str, size: str) -> None:
        status, offset = self.ask("PUT", upload, upload_name=name, upload_length=size)
        if status == 204:
            if upload in self.sizes:
                assert (self.sizes[upload], self.acknowledged[upload]) == (int(size), offset)
            else:
                assert offset == 0
                self.sizes[upload], self.acknowledged[upload] = int(size), 0

    @rule(upload=_ids, size=_sizes)
    def begin_well(self, upload: str, size: int) -> None:
        self.begin(upload, "pets.zip", str(size))

    @rule(upload=_ids, size=_sizes, lengths=_pieces, goes=st.sampled_from([False, False, True]))
    def go_on(self, upload: str, size: int, lengths: list[int], goes: bool) -> None:
        """Send what comes next; perhaps the browser goes before it has sent all that it announced."""
        if upload not in self.sizes:
            self.begin_well(upload, size)
        left, fitting = self.sizes[upload] - self.acknowledged[upload], []
        for length in lengths:
            fitting.append(min(length, left - sum(fitting)))
        self.add(upload, 0, fitting, str(sum(fitting)), goes=goes)

    @rule(upload=_ids, away=st.integers(-5, 5), lengths=_pieces)
    def add_elsewhere(self, upload: str, away: int, lengths: list[int]) -> None:
        """Send what does not come next."""
        self.add(upload, away, lengths, str(sum(lengths)))

    @rule(upload=_ids, away=st.integers(-1, 1), lengths=_pieces, declared=_numbers, goes=st.booleans())
    def add(self, upload: str, away: int, lengths: list[int], declared: str, goes: bool = False) -> None:
        """Send bytes anywhere, and say any number of them."""
        if upload not in self.sizes and sum(lengths) % 4:
            self.begin_well(upload, 1 + 3 * sum(lengths))
        before = self.acknowledged.get(upload, 0)
        start = before + away
        body = [CONTENT[max(0, start) :][: sum(lengths[: n + 1])][sum(lengths[:n]) :] for n in range(len(lengths))]
        body = [piece for piece in body if piece]
        count = sum(map(len, body))
        status, offset = self.ask(
            "PATCH", upload, [*body, None] if goes else body, upload_offset=str(start), content_length=declared
        )
        if status == 204:
            assert away == 0 and offset == before + count
        now = self.offset(upload)
        if upload not in self.sizes:
            assert now is None
        elif now is None:  # its first bytes are none of a zip
            assert status == 415
            del self.sizes[upload], self.acknowledged[upload]
        else:
            assert before <= now <= before + count
            assert now == before or away == 0
            self.acknowledged[upload] = now

    @rule(upload=_ids, foreign=st.binary(max_size=20))
    def begin_with_foreign_bytes(self, upload: str, foreign: bytes) -> None:
        """Send the first bytes of another kind of file, which removes the upload."""
        if self.acknowledged.get(upload) == 0 and not CONTENT.startswith(foreign[:4]) and len(foreign) >= 4:
            status, _ = self.ask("PATCH", upload, [foreign], upload_offset="0", content_length=str(len(foreign)))
            if len(foreign) <= self.sizes[upload]:
                assert status == 415 or not foreign.startswith(b"PK"), status
            if self.offset(upload) is None:
                del self.sizes[upload], self.acknowledged[upload]
            else:
                self.forget(upload)

    @rule(upload=_ids, size=_sizes, lengths=_pieces, other=st.sampled_from(["PATCH", "HEAD", "DELETE", "PUT"]))
    def at_once(self, upload: str, size: int, lengths: list[int], other: str) -> None:
        """Send another request while one is at work: it ends the first, of which what has arrived is kept."""
        if upload not in self.sizes:
            self.begin_well(upload, size)
        before = self.acknowledged.get(upload, 0)
        rest, first_length = CONTENT[before:], max(1, lengths[0])

        async def both() -> None:
            arrived, go_on = anyio.Event(), anyio.Event()

            def body() -> Iterator:
                yield rest[:first_length] or b"x"
                arrived.set()
                yield go_on
                yield rest[first_length : sum(lengths)]

            async def first() -> None:
                await self._ask(
                    "PATCH", upload, body(), {"upload_offset": str(before), "content_length": str(sum(lengths) or 1)}
                )
                arrived.set()

            async with anyio.create_task_group() as group:
                group.start_soon(first)
                await arrived.wait()
                piece = rest[: lengths[-1]]
                headers = {"upload_offset": str(before), "content_length": str(len(piece))}
                headers |= {"upload_name": "pets.zip", "upload_length": str(self.sizes.get(upload, 9))}
                await self._ask(other, upload, iter([piece] if other == "PATCH" else []), headers)
                go_on.set()

        event_loop.run(both)
        now = self.offset(upload)
        if now is None:
            self.sizes.pop(upload, None), self.acknowledged.pop(upload, None)
        else:
            self.sizes.setdefault(upload, 9)
            assert before <= now or other == "DELETE"
            self.acknowledged[upload] = now

    @rule(upload=_ids, is_meant=st.integers(0, 3).map(lambda number: number == 3))
    def forget(self, upload: str, is_meant: bool = True) -> None:
        if not is_meant:
            return
        assert self.ask("DELETE", upload) == (204, None)
        self.sizes.pop(upload, None), self.acknowledged.pop(upload, None)

    @rule(method=st.sampled_from(["GET", "POST", "OPTIONS", "TRACE", "X"]), upload=_ids)
    def another_method(self, method: str, upload: str) -> None:
        assert self.ask(method, upload)[0] in (404, 405)

    @rule(method=st.sampled_from(["PUT", "HEAD", "PATCH", "DELETE"]), upload=st.text("abcf0.%/", max_size=34))
    def an_id_that_is_none(self, method: str, upload: str) -> None:
        if upload not in IDS and not uploads.ID.fullmatch(upload):
            assert self.ask(method, upload, upload_name="a.zip", upload_length="9", upload_offset="0")[0] == 404

    @rule(method=st.sampled_from(["PUT", "HEAD", "PATCH", "DELETE"]), upload=_ids, token=st.text("ab_-", max_size=9))
    def another_token(self, method: str, upload: str, token: str) -> None:
        headers = {"upload_name": "pets.zip", "upload_length": "9", "upload_offset": "0", receiving.TOKEN: token}
        assert self.ask(method, upload, **headers)[0] == 401

    @invariant()
    def what_was_acknowledged_is_there(self) -> None:
        """On disk is the beginning of each file, as long as was acknowledged, and nothing beside it."""
        if not hasattr(self, "folder"):
            return
        root = Path(self.folder.name) / uploads.FOLDER
        there = {folder.name: folder for folder in root.iterdir()} if root.is_dir() else {}
        assert set(there) == set(self.sizes)
        for upload, folder in there.items():
            size, count = self.sizes[upload], self.acknowledged[upload]
            kept = uploads.find(Workspace.find(), upload)
            assert kept is not None and kept.size == size and kept.path.resolve().parent == folder.resolve()
            path = kept.path if count == size else kept.part
            content = path.read_bytes() if path.exists() else b""
            assert len(content) == count <= size
            assert content == CONTENT[:count]
            assert {one.name for one in folder.iterdir()} <= {"upload.json", path.name}


def test_any_order_of_requests_keeps_what_was_acknowledged():
    """Methods, numbers, names, pieces, interruptions and two at once: bytes on disk equal what was acknowledged."""
    run_state_machine_as_test(
        Uploading,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
        ),
    )
