"""The answers for many pictures in shards, each a file beside the target: what is written is not computed again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import numpy as np
from safetensors import SafetensorError

from lib.core import files, json_files, locks, tensor_files
from lib.core.errors import UserError, reason
from lib.inference.many.sources import Entry

#: Pictures of a shard: what is lost at most when the process is killed.
SIZE = 256
#: Change with what is in a shard.
_VERSION = 3
_LOCK, _SUFFIX = "lock", ".safetensors"


class Row(TypedDict):
    """What is known of one file of a shard; ``at`` is its place in the arrays, None where it was not answered.

    ``is_deep`` is whether it has more than 8 bits a channel and the model was taught no range of values; ``n_frames``
    how many frames or pages it has, of which the first is answered.
    """

    name: str
    digest: str
    times: json_files.Count
    is_deep: bool
    n_frames: json_files.Count
    error: str
    at: json_files.Count | None


@dataclass(frozen=True)
class Shard:
    """Answers.

    Attributes
    ----------
    rows : list of Row
        One for each file, in order.
    preds : ndarray
        In the task's natural form, one row for each that was answered.
    sizes : ndarray of shape (n, 2)
        (width, height) in pixels, upright.
    distances : ndarray of float32, shape (n,)
        To the nearest training picture, NaN where nobody knows.
    """

    rows: list[Row]
    preds: np.ndarray
    sizes: np.ndarray
    distances: np.ndarray


def folder_of(target: Path) -> Path:
    """Return where the shards of ``target`` are."""
    return target.with_name(f".{target.name}.parts")


@contextlib.contextmanager
def opened(target: Path) -> Iterator[Path]:
    """Give the folder of shards to one process at a time; it stays, see `remove`.

    Raises
    ------
    UserError
        If another process writes the same target, or the folder cannot be made.
    """
    folder = folder_of(target)
    try:
        folder.mkdir(exist_ok=True)
        with locks.held(folder / _LOCK, 0):
            yield folder
    except TimeoutError as error:
        raise UserError(f"Another command is writing {target}: wait for it, or choose another file.") from error
    except OSError as error:
        raise UserError(
            f"The file {target} cannot be written ({reason(error)}): make room, or choose another place."
        ) from error


def remove(folder: Path) -> None:
    """Remove all shards of a target that is complete."""
    shutil.rmtree(folder, ignore_errors=True)


def parts(entries: Sequence[Entry]) -> list[Sequence[Entry]]:
    """Return ``entries`` in shards of `SIZE`."""
    return [entries[start : start + SIZE] for start in range(0, len(entries), SIZE)]


def path_of(folder: Path, by: str, entries: Sequence[Entry]) -> Path:
    """Return the file of the shard of ``entries``, named by all that its answers depend on.

    Parameters
    ----------
    folder : pathlib.Path
    by : str
        The model and what pictures are compared with.
    entries : sequence of Entry
    """
    facts = [[one.name, _place(one), one.size, one.changed, one.times, one.error] for one in entries]
    content = json.dumps([_VERSION, by, facts]).encode("utf-8", "surrogatepass")
    return folder / f"{hashlib.sha256(content).hexdigest()[:32]}{_SUFFIX}"


def _place(entry: Entry) -> str:
    """Return where a file is: others of another folder may be as large and as old; of a zip its checksum tells."""
    return "" if entry.member is not None else str(entry.path.absolute())


def write(path: Path, shard: Shard) -> None:
    """Keep a shard, whole or not at all."""
    rows = np.frombuffer(json.dumps(shard.rows).encode(), dtype=np.uint8)
    arrays = {"preds": shard.preds, "sizes": shard.sizes, "distances": shard.distances, "rows": rows}
    packed = tensor_files.pack({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path.name)
    files.write_atomic(path, packed)


def read(path: Path) -> Shard | None:
    """Return the shard in a file, None where there is none or it is damaged: then it is computed again."""
    try:
        arrays = dict(tensor_files.read(path))
        rows = json_files.decode(arrays.pop("rows").tobytes(), list[Row])
        return Shard(rows, **arrays)
    except (OSError, ValueError, KeyError, TypeError, SafetensorError):
        return None


def is_there(path: Path) -> bool:
    """Return whether a whole shard is in a file."""
    return os.path.lexists(path) and read(path) is not None
