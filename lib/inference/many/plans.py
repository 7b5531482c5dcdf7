"""What a cluster is to answer of many pictures: the shards that are missing, in files beside them, and what it says."""

from __future__ import annotations

import contextlib
import itertools
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypedDict

import numpy as np
from safetensors import SafetensorError

from lib.core import files, inside, json_files, tensor_files
from lib.core.errors import UserError, reason
from lib.inference import ask
from lib.inference.many import sources
from lib.inference.many.reference import Reference
from lib.inference.many.sources import Entry
from lib.inference.many.work import Asked
from lib.training.launchers.launched import JobName

#: How the folder of a plan begins, in that of the shards: each job has its own, one that is late harms no other.
_PLAN = "plan-"
#: In it: what is asked, a line each, and what pictures are compared with; who works on it, and why that ended.
_ASKED, _REFERENCE, _JOB, _FAILED = "asked.jsonl", "reference.safetensors", "job.json", "failed.json"
_TRIES = ".tries"


class _Head(TypedDict):
    """The first line: the run's folder, its model, and from where on a picture is unlike others."""

    run: str
    model: str
    boundary: float | None
    n_valid: json_files.Count


class _Picture(TypedDict):
    """An `Entry`; ``member`` is what it is called in the zip at ``path``, "" where it is a file."""

    name: str
    path: str
    size: json_files.Count
    changed: int
    error: str
    times: json_files.Count
    member: str


class _Missing(TypedDict):
    """A further line: the name of a shard's file, and its pictures in order."""

    shard: str
    pictures: list[_Picture]


class _Failed(TypedDict):
    message: str


class _Job(TypedDict):
    """Who works on it: the name of a job, and the address of the Ray that knows it."""

    address: str
    job: JobName


@dataclass(frozen=True)
class Line:
    """Where a missing shard stands in the file of what is asked: its first byte and how many they are."""

    start: int
    length: int


@dataclass(frozen=True)
class Plan:
    """What is asked, as every process of a cluster sees it.

    Attributes
    ----------
    place : pathlib.Path
        The folder of the plan, in that of the shards.
    run : pathlib.Path
        The folder of the run.
    model : str
        From `lib.inference.ask.model_id`.
    reference : Reference or None
        What pictures are compared with: the same in every process.
    lines : list of Line
    """

    place: Path
    run: Path
    model: str
    reference: Reference | None
    lines: list[Line]

    def shard(self, line: Line) -> tuple[Path, list[_Picture]]:
        """Return the file that a missing shard is to be in, and its pictures; raises as `read`."""
        with _damage_is_said(self.place), (self.place / _ASKED).open("rb") as file:
            file.seek(line.start)
            missing = json_files.decode(file.read(line.length), _Missing)
        return inside.path(self.place.parent, missing["shard"]), missing["pictures"]

    def tried(self, path: Path) -> int:
        """Note that a process begins with a shard, and return how many have; nobody can note that one was killed."""
        with (self.place / f"{path.stem}{_TRIES}").open("ab") as file:
            file.write(b".")
            return file.tell()


def write(folder: Path, asked: Asked, missing: Sequence[tuple[Path, Sequence[Entry]]]) -> Path:
    """Write what is asked into a folder of its own in that of the shards, and return it; earlier ones are gone.

    Parameters
    ----------
    folder : pathlib.Path
        From `lib.inference.many.shards.opened`.
    asked : Asked
    missing : sequence of (pathlib.Path, sequence of Entry)
        The files of shards that are not there, and their pictures.
    """
    for earlier in folder.glob(f"{_PLAN}*"):
        shutil.rmtree(earlier, ignore_errors=True)
    place, known = folder / f"{_PLAN}{secrets.token_hex(4)}", asked.reference
    place.mkdir()
    if known is not None:
        path = place / _REFERENCE
        files.write_atomic(path, tensor_files.pack({"features": np.ascontiguousarray(known.features)}, path.name))
    head: _Head = {
        "run": str(asked.run.folder.absolute()),
        "model": ask.model_id(asked.run),
        "boundary": None if known is None else known.boundary,
        "n_valid": 0 if known is None else known.n_valid,
    }
    with files.replacing(place / _ASKED) as partial, partial.open("wb") as file:
        file.write(json_files.encode(head) + b"\n")
        for path, entries in missing:
            file.write(json_files.encode({"shard": path.name, "pictures": list(map(_picture, entries))}) + b"\n")
    return place


def read(place: Path) -> Plan:
    """Return what is asked in the folder of a plan.

    Raises
    ------
    UserError
        If this machine does not see the folder, or what is in it is damaged.
    """
    with _damage_is_said(place), (place / _ASKED).open("rb") as file:
        first = file.readline()
        head = json_files.decode(first, _Head)
        lengths = [len(first), *map(len, file)]
        starts = itertools.accumulate(lengths[:-1])
        lines = [Line(start, length) for start, length in zip(starts, lengths[1:], strict=True)]
        known = None
        if head["boundary"] is not None:
            known = Reference(
                dict(tensor_files.read(place / _REFERENCE))["features"], head["boundary"], head["n_valid"]
            )
    return Plan(place, Path(head["run"]), head["model"], known, lines)


def fail(place: Path, message: str) -> None:
    """Leave a sentence that says why the work ended."""
    files.write_json(place / _FAILED, {"message": message})


def failure(place: Path) -> str:
    """Return what `fail` left, "" if nothing."""
    failed = json_files.read_or_none(place / _FAILED, _Failed)
    return failed["message"] if failed else ""


def note_job(place: Path, address: str, job: str) -> None:
    """Keep which job of which cluster works on a plan."""
    files.write_json(place / _JOB, {"address": address, "job": job})


def jobs(folder: Path) -> list[tuple[str, str]]:
    """Return the clusters' addresses and the jobs that may still work on plans in the ``folder`` of shards."""
    noted = [json_files.read_or_none(path, _Job) for path in folder.glob(f"{_PLAN}*/{_JOB}")]
    return [(one["address"], one["job"]) for one in noted if one]


class Opened(contextlib.ExitStack):
    """Makes entries of a plan's pictures again; their zips stay open between shards until the block ends."""

    def __init__(self) -> None:
        super().__init__()
        self._zips: dict[str, dict[str, Entry]] = {}

    def entries(self, pictures: Sequence[_Picture]) -> list[Entry]:
        """Return pictures as entries.

        Raises
        ------
        UserError
            If a zip cannot be read, or is another one by now.
        """
        return [self._packed(one) if one["member"] else _entry(one) for one in pictures]

    def _packed(self, picture: _Picture) -> Entry:
        path, given = picture["path"], _entry(picture)
        if path not in self._zips:
            packed = sources.of_zip(Path(path), self)
            self._zips[path] = {one.member.filename: one for one in packed if one.member is not None}
        entry = self._zips[path].get(picture["member"])
        if entry is None or (entry.size, entry.changed) != (given.size, given.changed):
            raise UserError(f"The zip {path} is another one by now: give the same command again.")
        return replace(entry, name=given.name, error=given.error, times=given.times)


def _picture(entry: Entry) -> _Picture:
    path, member = entry.path, ""
    if entry.member is not None and entry.archive is not None:
        path, member = Path(entry.archive.filename or ""), entry.member.filename
    return {
        "name": entry.name,
        "path": str(path.absolute()),
        "size": entry.size,
        "changed": entry.changed,
        "error": entry.error,
        "times": entry.times,
        "member": member,
    }


def _entry(picture: _Picture) -> Entry:
    path, size, changed = Path(picture["path"]), picture["size"], picture["changed"]
    return Entry(picture["name"], path, size, changed, picture["error"], picture["times"])


@contextlib.contextmanager
def _damage_is_said(place: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise UserError(
            f"What is asked in {place} cannot be read ({reason(error)}): every machine of the cluster has to see this "
            "folder, the run's and the pictures by the same paths; then give the same command again."
        ) from error
