"""Answering many pictures: each shard that is not there yet is predicted and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lib.core import depth, digests, pictures
from lib.core.picture_files import UnreadableImageError
from lib.core.workspace import Workspace
from lib.inference import ask
from lib.inference.many import reference, shards, sources
from lib.inference.many.reference import Reference
from lib.inference.many.shards import Row, Shard
from lib.inference.many.sources import Entry
from lib.training.runs import Run

if TYPE_CHECKING:
    from lib.training.learner.inference import Model

#: Files whose bytes are hashed at once.
_THREADS = 4
#: How a JPEG begins.
_JPEG = b"\xff\xd8\xff"
#: What `_header` says of a picture of 8 bits and a single frame.
_PLAIN = (False, 1)


@dataclass(frozen=True)
class Asked:
    """A model that is asked about many pictures, and what they are compared with."""

    run: Run
    model: Model
    reference: Reference | None

    @property
    def key(self) -> str:
        """What tells answers of this model from those of others."""
        compared = "" if self.reference is None else f"{self.reference.boundary:.9g} {len(self.reference.features)}"
        return f"{self.run.id} {ask.model_id(self.run)} {compared}"


def load(
    workspace: Workspace, run: Run, tell: Callable[[int, int, str], None], *, compared: bool = True
) -> tuple[Asked, str]:
    """Return the model of ``run``, loaded, and why pictures are not compared with the training's, "" where they are.

    Parameters
    ----------
    workspace : Workspace
    run : Run
    tell : callable
        Is told how far the training pictures are looked at, the first time.
    compared : bool
        Whether they are to be compared.
    """
    from lib.inference import worker
    from lib.training.learner import inference

    model = inference.load(run).to(worker.device(workspace))
    known = reference.of(run, model, tell) if compared else ""
    return (Asked(run, model, None), known) if isinstance(known, str) else (Asked(run, model, known), "")


def on_device(run: Run, known: Reference | None, *, on_gpu: bool) -> Asked:
    """Return the model of ``run``, loaded by a process that was given a GPU, or none, by whoever started it."""
    from lib.training.learner import data, inference

    if not on_gpu:
        return Asked(run, inference.load(run), known)
    return Asked(run, inference.load(run).to(data.best_device()), known)


def answer_all(asked: Asked, entries: Sequence[Entry], folder: Path, tell: Callable[[int, int], None]) -> list[Path]:
    """Answer ``entries`` and return the files of their shards, in order.

    Parameters
    ----------
    asked : Asked
    entries : sequence of Entry
    folder : pathlib.Path
        From `shards.opened`.
    tell : callable
        Is told after each batch how many are done, and of how many. What it raises ends the work; shards stay.
    """
    kept, done, writing = [], 0, None
    with ThreadPoolExecutor(1) as writer:  # waits for the disk while the next pictures are predicted
        for part in shards.parts(entries):
            path = shards.path_of(folder, asked.key, part)
            if not shards.is_there(path):
                shard = answer(asked, part, lambda n, done=done: tell(done + n, len(entries)))  # type: ignore[misc]
                if writing is not None:
                    writing.result()
                writing = writer.submit(shards.write, path, shard)
            done += len(part)
            tell(done, len(entries))
            kept.append(path)
        if writing is not None:
            writing.result()
    return kept


def answer(asked: Asked, entries: Sequence[Entry], tell: Callable[[int], None] = lambda done: None) -> Shard:
    """Return the answers for some pictures; ``tell`` is told after each batch how many are done."""
    from lib.training.learner import seen

    with sources.unpacked(entries) as ready:
        errors = {one.name: one.error for one in ready if one.error}
        whole = [one for one in ready if not one.error]
        with ThreadPoolExecutor(_THREADS) as pool:
            hashes = dict(zip((one.name for one in whole), pool.map(_digest, whole), strict=True))
        names: dict[Path, list[str]] = {}
        for one in whole:
            names.setdefault(one.path, []).append(one.name)

        def unreadable(path: Path, why: str) -> None:
            errors.update(dict.fromkeys(names[path], why))

        preds, features, sizes, kept = seen.answers(asked.model, list(names), unreadable, tell)
        is_ranged = isinstance(asked.model.value_range, depth.ValueRange)
        headers = {path: _header(path) for path in kept}
    at = {name: place for place, path in enumerate(kept) for name in names[path]}
    if asked.reference is None:
        distances = np.full(len(kept), np.nan, dtype=np.float32)
    else:
        distances = asked.reference.distances(features)
    rows: list[Row] = [
        {
            "name": one.name,
            "digest": hashes.get(one.name, ""),
            "times": one.times,
            "is_deep": not is_ranged and headers.get(one.path, _PLAIN)[0],
            "n_frames": headers.get(one.path, _PLAIN)[1],
            "error": errors.get(one.name, ""),
            "at": at.get(one.name),
        }
        for one in entries
    ]
    return Shard(rows, preds, sizes, distances)


def _digest(entry: Entry) -> str:
    """Return a hash of a file's bytes, "" where it cannot be read, which the reading of it explains."""
    try:
        return digests.of_file(entry.path)
    except OSError:
        return ""


def _header(path: Path) -> tuple[bool, int]:
    """Return whether a picture has more than 8 bits a channel, and how many frames or pages the file has."""
    try:
        with path.open("rb") as file:
            if file.read(len(_JPEG)) == _JPEG:  # most are, and have 8 bits
                return _PLAIN
        return pictures.is_deep(path), pictures.count(path)
    except (OSError, UnreadableImageError):  # gone in the moment since it was read
        return _PLAIN
