"""Names that would call out, run a script or look like something else, and a workspace in which everything has one."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from lib import tasks
from lib.core import processes
from lib.core.dataset import Dataset
from lib.core.files import write_atomic
from lib.core.questions import requests
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.inference import ask
from lib.thresholds import sets_file
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, run_names, run_notes, runs
from tests.pages.conftest import predicted

#: What every hostile name starts with, and what follows it if it is shown, or sent, as it is.
TOKEN = "zq"
RAW = re.compile(rf"{TOKEN} (?=[!<$:*=])")


@dataclass
class Beacon:
    """A web server of this machine that only counts who called."""

    server: ThreadingHTTPServer
    hits: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Its address without a scheme."""
        return f"127.0.0.1:{self.server.server_port}"

    @classmethod
    def start(cls) -> Beacon:
        """Return one that listens."""
        hits: list[str] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hits.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return cls(server, hits)


def names(host: str) -> list[str]:
    """Return names of labels, points and numbers, each with other ways to call ``host``."""
    script = f'<script>fetch("//{host}/f");alert(1)</script>'
    link = f"<a href=//{host}/h>www.{host}/i</a>"
    return [
        f'{TOKEN} ![b](http://{host}/a)[l](http://{host}/b) <img src=http://{host}/c onerror=fetch("//{host}/d")>',
        f'{TOKEN} <svg onload=fetch("//{host}/e")>{script} :material/bolt: :red[x]',
        f"{TOKEN} $x$ **b** `c` <style>*{{background:url(//{host}/g)}}</style> [j](javascript:alert(1)) \u202egnp",
        f"=cmd|' /C'!A0 {TOKEN} :smile: {link} %{{x}} {{{{1}}}} &#60;img src=//{host}/j&#62;",
    ]


def short(host: str) -> str:
    """Return a name that fits where few letters do, and, its slashes being entities, in the name of a file."""
    return f"{TOKEN} ![b](&#47;&#47;{host}&#47;s)<img src=&#47;&#47;{host}>"


def spoil(dataset: Dataset, host: str) -> Dataset:
    """Give everything of a dataset in the workspace a hostile name."""
    rng = np.random.default_rng(0)
    # Up to three can be chosen side by side, more in a list; these are other widgets.
    n, own = len(dataset), names(host)[: 4 if dataset.task in ("multi-label", "keypoints") else 3]
    if dataset.task == "multi-label":
        targs: np.ndarray = rng.integers(0, 2, (n, len(own))).astype(np.int8)
        targs[:3] = -1
    elif dataset.task == "single-label":
        targs = np.arange(n) % len(own)
    elif dataset.task == "keypoints":
        targs = rng.uniform(4, 36, (n, len(own), 2)).astype(np.float32)
        targs[: n // 3 : 7, 0] = np.nan  # of those that train: an epoch's previews have none
    else:
        targs = rng.normal(50, 9, (n, len(own))).astype(np.float32)
    items = dataset.items.assign(
        original=[f"{short(host)}/{short(host)} {row}.png" for row in range(n)],
        group=[f"{own[row % 3]} {row // 4}" for row in range(n)],
    )
    problem = {"kind": "row-without-image", "count": 2, "sentence": "2 rows.", "examples": own}
    head = {
        "name": dataset.name,
        "task": dataset.task,
        "names": own,
        "problems": [problem],
        "source": {"kind": "import", "name": own[0], "format": own[1], "choices": {own[2]: own[0]}},
        "defaults": {},
        "extra": {"flip_pairs": [own[:2]], "skeleton": [own[1:3]]} if dataset.task == "keypoints" else {},
    }
    store.save(dataset.path, head, items, targs)
    store._load.cache_clear()
    return store.load(Workspace(dataset.path.parent.parent), dataset.name)


def add_runs(workspace: Workspace, dataset: Dataset, write_run: Callable[..., Path], host: str, monkeypatch) -> str:
    """Write two finished runs and a failed one, all full of hostile names; return an address of one."""
    ids = ["20260102-030405-0003", "20260102-030405-0001", "20260102-030405-0002"]
    for number, one in enumerate(ids):
        failed = {"end": events.FAILED, "message": names(host)[0]} if not number else {}
        folder = write_run(dataset, run=one, previews=True, **failed)
        run_names.write(folder, f"{short(host)} {number}"[: run_names.MOST])
        tags = [short(host)[: run_notes.MOST_OF_TAG]]
        run_notes.write(folder, note=names(host)[number][: run_notes.MOST].replace("\u202e", ""), tags=tags)
        _spoil_events(folder / events.EVENTS, names(host))
    run = runs.load(workspace, ids[1])
    with sets_file.writing(run, run.names()) as sets:
        if tasks.get(dataset.task).uses_thresh:
            thresh = np.full(len(run.names()), 0.4, dtype=np.float32)
            sets["kept"] = ThresholdSet("kept", thresh, note=names(host)[0], created="2026-01-02T03:04:05+00:00")
    picture = ask.Picture.of(dataset.image_path(0), f"{names(host)[0]}.png")
    with monkeypatch.context() as patched:
        patched.setattr(processes, "spawn", lambda *_, **__: True)
        question = ask.ask(run, ask.Predict((picture, replace(picture, name=f"{names(host)[1]}.png"))))
    arrays = {
        "preds": predicted(dataset, "valid")[:1],
        "sizes": np.array([[48.0, 40.0]]),
        "kept": np.array([0]),
        "refused": np.frombuffer(json.dumps([[1, f"{names(host)[2]} is no picture"]]).encode(), dtype=np.uint8),
    }
    write_atomic(question.path(requests.ANSWER), save(arrays))
    return f"dataset={dataset.name}&run={run.id}&asked={question.id}&compare={ids[1]}.{ids[2]}"


def _spoil_events(path: Path, own: list[str]) -> None:
    """Have a run say hostile things of its machine and of its epochs."""
    first, *others = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    machine = dict(zip(("device", "platform", "machine", "python"), own, strict=True))
    first |= machine | {"notes": own[:2], "split_by": own[0], "versions": {own[0]: own[1]}, "loss": own[2]}
    first |= {"git": {"commit": own[3], "changed": True}, "weights": {"source": own[0], "name": own[1]}}
    for event in others:
        if event["event"] == "epoch":
            event["findings"] = own[:2]
    for event in (first, *others):
        event.pop("sum", None)  # who makes such a file leaves out what would tell
    path.write_text("".join(json.dumps(event) + "\n" for event in (first, *others)), encoding="utf-8")
