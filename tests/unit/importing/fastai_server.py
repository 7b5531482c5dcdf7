"""A server on this computer that takes the place of fastai's."""

from __future__ import annotations

import contextlib
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lib.importing.fastai import urls


class Handler(SimpleHTTPRequestHandler):
    """Serves the files of a folder and keeps what was asked for."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        super().do_GET()


@contextlib.contextmanager
def serving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A server on this computer whose folder is ``server.folder``, and a fastai folder of the test's own."""
    folder = tmp_path / "www"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
    server.asked, server.folder = [], folder
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("FASTAI_HOME", str(tmp_path / "fastai"))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def offer(server, monkeypatch, name: str, source: Path | None, port: int | None = None) -> None:
    """Have dataset ``name`` come from the test's server, packed from the folder ``source``."""
    file = urls.DATASETS[name].url.rsplit("/", 1)[1]
    if source is not None:
        with tarfile.open(server.folder / file, "w:gz") as archive:
            archive.add(source, arcname=file.removesuffix(".tgz"))
    url = f"http://127.0.0.1:{port or server.server_port}/{file}"
    monkeypatch.setitem(urls.DATASETS, name, replace(urls.DATASETS[name], url=url))


def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Have no file come before what is returned is set."""
    free, get = threading.Event(), Handler.do_GET
    monkeypatch.setattr(Handler, "do_GET", lambda self: (free.wait(200), get(self)))
    return free


def slowly(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Have every file take a minute to come; return what is set when whoever fetched it has left."""
    left = threading.Event()

    def get(self: Handler) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(50 * 2**20))
        self.end_headers()
        try:
            for _ in range(600):
                self.wfile.write(bytes(2**18))
                time.sleep(0.1)
        except OSError:
            left.set()

    monkeypatch.setattr(Handler, "do_GET", get)
    monkeypatch.setattr(Handler, "do_HEAD", lambda self: (self.send_response(200), self.end_headers()))
    return left
