"""Weights & Biases: offline runs, one a session, all of one id; `wandb sync` makes them one run."""

from __future__ import annotations

import json
import os
import struct
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from lib.export.mirror import names
from lib.export.mirror.rows import FINDINGS, About, Row
from lib.export.mirror.target import Written, package
from lib.training import events

#: A file of W&B: what it begins with; then blocks, in which records have a head with checksum, length and place.
_BEGIN, _BLOCK, _HEAD = 7, 32_768, struct.Struct("<IHB")
_WHOLE, _LAST = 1, 4
#: Seconds that the process of W&B may take to write the rest of a session.
_PATIENCE = 30


class Wandb:
    """Writes by the package itself, in a process of its own that ends with the session.

    Rows are numbered by W&B in the order of writing; the step is a column, which charts are drawn over.
    """

    def __init__(self, folder: Path, about: About):
        os.environ["WANDB_ERROR_REPORTING"] = "false"
        self._wandb = package("wandb")
        self._record = package("wandb.proto.wandb_internal_pb2").Record
        self.errors = (self._wandb.Error,)
        self._folder, self._about = folder.resolve(), about
        self._n_rows, self._told, self._state = 0, dict[str, str](), ""
        self._open: Any = None

    def read(self) -> Written:
        written = Written()
        for path in sorted(self._folder.glob(f"wandb/offline-run-*-{self._about.run}/*.wandb")):
            for content in _records(path.read_bytes()):
                record = self._record.FromString(content)
                self._take(written, record)
        return written

    def _take(self, written: Written, record: Any) -> None:
        """Sort in a record of an earlier session."""
        if record.HasField("summary"):
            self._told |= {key: value for key, value in _plain(record.summary.update).items() if isinstance(value, str)}
        if not record.HasField("history"):
            return
        row = _plain(record.history.item)
        self._n_rows = max(self._n_rows, row.get("_step", -1) + 1)
        step = row.pop("step", None)
        for name, value in row.items() if step is not None else ():
            if name == FINDINGS:
                written.texts[name].add(step)
            elif not name.startswith("_"):
                written.values[name][step] = value

    @property
    def _session(self) -> Any:
        """The session, which begins with the first thing that is written."""
        if self._open is None:
            while (self._folder / "wandb" / f"offline-run-{datetime.now():%Y%m%d_%H%M%S}-{self._about.run}").exists():
                time.sleep(0.05)  # W&B writes into the folder of another session of the same second
            self._open = self._wandb.init(
                project=names.safe(self._about.dataset),
                id=self._about.run,
                name=self._about.name,
                config=self._about.config,
                settings=self._wandb.Settings(
                    mode="offline",
                    root_dir=str(self._folder),
                    console="off",
                    silent=True,
                    save_code=False,
                    disable_git=True,
                    x_disable_stats=True,
                    x_disable_meta=True,
                ),
            )
            self._open.define_metric("*", step_metric="step")
        return self._open

    def row(self, row: Row) -> None:
        values = {**row.values, **row.texts, "step": row.step, "_timestamp": row.time}
        self._session.log(values, step=self._n_rows, commit=True)
        self._n_rows += 1

    def tell(self, facts: dict[str, str], row: Row) -> None:
        new = {name: value for name, value in facts.items() if self._told.get(name) != value}
        if new:
            self._session.summary.update(new)
            self._told |= new

    def end(self, state: str, when: float, *, is_final: bool) -> None:
        self._state = state

    def flush(self) -> None:
        """The package writes by itself, some seconds later."""

    def close(self) -> None:
        if self._open is None:
            return
        self._open.finish(exit_code=int(self._state in (events.FAILED, events.DIED)))
        path, until = Path(self._open.settings.sync_file), time.monotonic() + _PATIENCE
        while not self._is_whole(path):  # it is written by another process, which `finish` does not wait for
            if time.monotonic() > until:
                raise OSError(f"the process of W&B has not written the end of {path}")
            time.sleep(0.01)

    def _is_whole(self, path: Path) -> bool:
        """Return whether the file of a session has its end."""
        return path.exists() and any(map(self._is_end, _records(path.read_bytes())))

    def _is_end(self, content: bytes) -> bool:
        return bool(self._record.FromString(content).HasField("exit"))


def _plain(items: Any) -> dict[str, Any]:
    """Return the items of a record as a dict."""
    return {item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in items}


def _records(content: bytes) -> Iterator[bytes]:
    """Give the records of a file up to where it was cut."""
    position, parts = _BEGIN, b""
    while position + _HEAD.size <= len(content):
        room = _BLOCK - position % _BLOCK
        if room < _HEAD.size:  # of a block nothing is used that is shorter than a head
            position += room
            continue
        _, length, place = _HEAD.unpack_from(content, position)
        position += _HEAD.size + length
        if position > len(content) or not _WHOLE <= place <= _LAST:
            return
        parts += content[position - length : position]
        if place in (_WHOLE, _LAST):
            yield parts
            parts = b""


def open_target(folder: Path, about: About) -> Wandb:
    """Return what writes offline runs of one id."""
    return Wandb(folder, about)
