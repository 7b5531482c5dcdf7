"""A Ray that keeps jobs and runs none: the API that the launcher asks, which may be dead, slow or something else."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from lib.training.launchers import launched, ray_client, ray_listing

TOKEN = "s3cret-of-this-test"
#: What Ray says of a driver that somebody else started by hand.
FOREIGN = {"type": "DRIVER", "submission_id": None, "job_id": "01000000", "status": "RUNNING", "message": 3}
#: And of a job of another program, which has a status that nobody here knows.
OTHERS = {"type": "SUBMISSION", "submission_id": "raysubmit_abc", "status": "PAUSED"}


class FakedRay:
    """The server.

    Attributes
    ----------
    jobs : dict
        What was submitted, by id, with ``status`` and ``message``, which a test sets.
    packages : dict
        Bytes of packages by name.
    asked : list of tuple
        Method and path of each request.
    answers : bytes or None
        Sent instead of any answer.
    delay : float
        Seconds before an answer.
    cpus, gpus : float
        What it has.
    refuses : str
        Why no job is taken, "" where they are.
    """

    def __init__(self) -> None:
        self.jobs: dict[str, dict[str, Any]] = {}
        self.packages: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.answers: bytes | None = None
        self.delay, self.refuses, self.cpus, self.gpus = 0.0, "", 2.0, 0.0
        self.elsewhere = ""
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                pass

            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                owner.asked.append((self.command, self.path))
                time.sleep(owner.delay)
                status, answer = owner.answer(self.command, self.path, self.headers.get("Authorization"), body)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    if status == 302:
                        self.send_header("Location", owner.elsewhere)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            do_GET = do_POST = do_PUT = _serve

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Be dead: nothing listens at the address any more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, authorization: str | None, body: bytes) -> tuple[int, bytes]:
        """Return status and body of an answer."""
        if self.elsewhere:
            return 302, b""
        if self.answers is not None:
            return 200, self.answers
        if authorization != f"Bearer {TOKEN}":
            return (403, b"Forbidden: Invalid authentication token") if authorization else (401, b"Unauthorized")
        if package := re.fullmatch(r"/api/packages/gcs/(_ray_pkg_\w+\.zip)", path):
            if method == "PUT":
                self.packages[package[1]] = body
            return (200, b"") if package[1] in self.packages else (404, b"does not exist")
        if path == "/api/cluster_status":
            usage = {"CPU": [1.0, self.cpus], "memory": [0, 9e9], **({"GPU": [0.0, self.gpus]} if self.gpus else {})}
            report = {"usage": usage, "usageByNode": {"one": {}, "two": {}}}
            return 200, json.dumps({"data": {"clusterStatus": {"loadMetricsReport": report}}}).encode()
        if method == "POST" and path == "/api/jobs/":
            return self._submit(json.loads(body))
        if method == "GET" and path == "/api/jobs/":
            return 200, json.dumps([FOREIGN, OTHERS, *self.jobs.values()]).encode()
        name, _, what = path.removeprefix("/api/jobs/").partition("/")
        if name not in self.jobs:
            return 404, b"does not exist"
        return 200, json.dumps({"stopped": True} if what == "stop" else {"logs": "a log"}).encode()

    def _submit(self, job: dict[str, Any]) -> tuple[int, bytes]:
        if self.refuses or job["submission_id"] in self.jobs:
            return (
                500,
                f"Traceback (most recent call last):\n  File\nValueError: {self.refuses or 'exists'}\n.\n".encode(),
            )
        listed = {"type": "SUBMISSION", "status": "PENDING", "message": "Job has not started yet.", **job}
        self.jobs[job["submission_id"]] = {**listed, "driver_exit_code": None}
        return 200, json.dumps({"job_id": job["submission_id"], "submission_id": job["submission_id"]}).encode()


@contextlib.contextmanager
def serving() -> Iterator[FakedRay]:
    """Run one until the block ends."""
    ray = FakedRay()
    try:
        yield ray
    finally:
        ray.stop()


@contextlib.contextmanager
def named(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakedRay]:
    """Run one until the block ends, which the environment names and which is asked anew at each look."""
    with serving() as ray:
        monkeypatch.setenv(ray_client.ADDRESS, ray.address)
        monkeypatch.setenv(ray_client.TOKEN, TOKEN)
        monkeypatch.delenv(launched.VARIABLE, raising=False)
        monkeypatch.setattr(ray_listing, "FRESH", 0.0)
        monkeypatch.setattr(ray_listing, "LEFT_ALONE", 0.0)
        yield ray
