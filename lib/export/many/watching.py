"""Answering what arrives in a folder: whole files only, appended to a table some at a time."""

from __future__ import annotations

import csv
import io
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

from lib.core import files, formulas, json_files
from lib.core.errors import UserError, reason
from lib.export import tables
from lib.export.many.joining import Summary
from lib.export.many.table import Reading, part_of
from lib.inference.many import shards, sources, work
from lib.inference.many.sources import Entry
from lib.inference.many.work import Asked

#: Seconds between looks at the folder, and for which a file stays as it is before it counts as whole.
POLL_S, SETTLED_S = 0.25, 0.5
#: Seconds that a file which cannot be read is waited for: it may only have paused on its way.
PATIENCE_S = 30.0
#: Pictures that are appended at once.
SIZE = 32


class _State(TypedDict):
    """What stands beside the table: of whose answers it is, and how many bytes of it are whole."""

    key: str
    length: json_files.Count


@dataclass
class _Look:
    """How a file was when it last changed, since when it is so, and whether it could not be read like that."""

    stamp: tuple[int, int]
    since: float
    is_refused: bool = False


def watch(
    asked: Asked,
    folder: Path,
    target: Path,
    reading: Reading,
    stop: threading.Event,
    tell: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    """Answer the pictures in ``folder`` and those that arrive, until ``stop`` is set; return what was answered.

    What stands in ``target`` already is not answered again, also after the process was killed.

    Parameters
    ----------
    asked : Asked
    folder : pathlib.Path
    target : pathlib.Path
        A CSV; lines are only ever added.
    reading : Reading
    stop : threading.Event
    tell : callable
        Is told after each addition what was answered by now.

    Raises
    ------
    UserError
        If the table is of another run or other choices, or the folder is gone, or it cannot be written.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}: make it, or check the path.")
    looks: dict[str, _Look] = {}
    first: dict[str, str] = {}
    summary = Summary()
    with shards.opened(target):
        table = _Table(target, f"{asked.run.id} {reading.thresholds} {reading.band} {asked.key}")
        while True:
            if not folder.is_dir():
                raise UserError(f"The folder {folder} is gone: what was in it is answered in {target}.")
            new = [one for one in sources.of_folder(folder) if one.name not in table.names and not one.error]
            ready = _whole(new, looks)
            if not ready:
                if stop.wait(POLL_S):
                    break
                continue
            shard = work.answer(asked, ready)
            rows = [row for row in shard.rows if not row["error"] or _is_given_up(looks[row["name"]])]
            for row in rows:
                if row["at"] is not None:
                    first.setdefault(row["digest"], row["name"])
            if rows:
                part = part_of(replace(shard, rows=rows), first)
                table.append(tables.as_csv(part.frame(reading), head=not table.length), part.files)
                summary.add(part, reading)
                tell(summary)
            if stop.is_set():
                break
    shards.remove(shards.folder_of(target))
    return summary


def _whole(entries: list[Entry], looks: dict[str, _Look]) -> list[Entry]:
    """Return the first of ``entries`` that have not changed for long enough, having looked at them."""
    now, ready = time.monotonic(), []
    for one in entries:
        stamp = one.size, one.changed
        look = looks.get(one.name)
        if look is None or look.stamp != stamp:
            looks[one.name] = _Look(stamp, now)
        elif now - look.since >= (PATIENCE_S if look.is_refused else SETTLED_S):
            ready.append(one)
    return ready[:SIZE]


def _is_given_up(look: _Look) -> bool:
    """Return whether a file that cannot be read is waited for no longer; it is marked as such."""
    was_refused, look.is_refused = look.is_refused, True
    return was_refused


class _Table:
    """A CSV that is added to, with the names in it; an addition that was cut off is taken off again."""

    def __init__(self, path: Path, key: str):
        self._path, self._state, self._key = path, path.with_name(f".{path.name}.watch.json"), key
        self.names: set[str] = set()
        self.length = 0
        try:
            self._go_on()
        except (OSError, ValueError) as error:
            raise UserError(
                f"The file {path} cannot be gone on with ({reason(error)}): choose another file."
            ) from error

    def _go_on(self) -> None:
        if not self._path.exists() or not (self._path.stat().st_size or self._state.exists()):  # or barely begun
            self._path.touch()
            self._write_state()
            return
        if not self._state.exists():
            raise UserError(f"{self._path} is there already, and not of a watched folder: choose another file.")
        state = json_files.read(self._state, _State)
        if state["key"] != self._key:
            raise UserError(
                f"{self._path} has answers of another model, or read by other thresholds: choose another file."
            )
        if self._path.stat().st_size < state["length"]:
            raise ValueError("it is shorter than what was written")
        os.truncate(self._path, state["length"])
        self.length = state["length"]
        text = self._path.read_bytes().removeprefix(tables.MARK).decode()
        self.names = {formulas.plain(row[0]) for row in list(csv.reader(io.StringIO(text, newline="")))[1:] if row}

    def append(self, lines: bytes, names: list[str]) -> None:
        """Add lines, whole or, once the table is opened again, not at all."""
        try:
            with self._path.open("ab") as file:
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())
            self.length += len(lines)
            self._write_state()
        except OSError as error:
            raise UserError(
                f"The file {self._path} cannot be written ({reason(error)}): make room and give the same command again."
            ) from error
        self.names.update(names)

    def _write_state(self) -> None:
        files.write_json(self._state, {"key": self._key, "length": self.length})
