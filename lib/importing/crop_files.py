"""Writes the crops that `lib.importing.cropping` chose, within limits of time and disk.

What loses already, JPEG and AVIF, becomes JPEG of quality 95 with full color; everything else PNG, without any loss.
Pictures are opened as everywhere in this project: upright, in 8-bit RGB, transparent parts on white,
more than 8 bits a channel by the one range of all of them.
"""

from __future__ import annotations

import io
import os
import shutil
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from lib.core import digests, sentences
from lib.core.depth import Rule
from lib.core.errors import UserError
from lib.core.picture_files import SUFFIXES, UnreadableImageError
from lib.core.pictures import Probe, open_image
from lib.importing import archive
from lib.importing.probe import spread
from lib.importing.problems import Problems
from lib.importing.tree import Tree

if TYPE_CHECKING:
    from lib.importing.options import Progress, ReadSource
    from lib.importing.parsed import Parsed

_MAX_THREADS = 4  # each holds one decoded picture
_CHUNK = 8  # pictures between two looks at the clock
_ROOM = 2**28  # bytes that have to stay free on the disk


def cut(read_source: ReadSource, into: Path, progress: Progress) -> None:
    """Cut the parts out of their images: ``read_source`` is about those afterwards, as if they had been imported.

    Parameters
    ----------
    read_source : ReadSource
        Checked. Where it has an ``end``, the parts that are not cut out by then count as not opened.
    into : pathlib.Path
        Folder that lives as long as ``read_source``.
    progress : callable
        Told how many parts are cut out.

    Raises
    ------
    UserError
        If none can be, the disk is full, or they take more than an import may bring.
    """
    part, parsed = read_source.checked, read_source.parsed
    if part is None:
        raise ValueError("the source is not checked yet")
    probed = _cut_all(read_source, part, into, progress)
    rows = sorted(probed)
    read_source.among = len(part.files)
    if part is not parsed or len(rows) < len(part.files):
        part = replace(part, problems=Problems())  # what was noted until now has been taken over
        part.keep(np.isin(np.arange(len(part.files)), rows))
        read_source.opened = read_source.opened[np.array(rows, dtype=np.int64)]
    good = np.array([isinstance(probed[row], Probe) for row in rows], dtype=bool)
    for file, row in zip(part.files, rows, strict=True):
        if isinstance(reason := probed[row], str):
            part.problems.add("unreadable-image", f"{file}: {reason}")
    if not good.any():
        examples = part.problems.examples.get("unreadable-image") or parsed.problems.examples.get("empty-box") or []
        reason = f" ({examples[0]})" if examples else ""
        raise UserError(
            f"Nothing can be cut out of the images{reason}: expected complete images and boxes in them. Export or "
            "download them again."
        )
    before = part.files
    paths = {file: _path(into, file, row) for file, row in zip(before, rows, strict=True)}
    part.keep(good)
    read_source.take_over(part, before, [one for row in rows if isinstance(one := probed[row], Probe)])
    read_source.tree = CutTree(into, paths)
    part.boxes = parsed.boxes = None  # from now on rows are whole pictures


class CutTree(Tree):
    """What was cut out as a `lib.importing.tree.Tree`: names that no file system has to take.

    Parameters
    ----------
    root : pathlib.Path
    paths : mapping
        Full path of each picture.
    """

    def __init__(self, root: Path, paths: Mapping[str, Path]):
        self.root, self.pictures, self.others = root.resolve(), sorted(paths), []
        self._paths = paths

    def path(self, file: str) -> Path:
        """Return the full path of one of the files."""
        return self._paths[file]


@dataclass
class _Budget:
    """How much may still be written, and until when."""

    into: Path
    end: float | None
    written: int = 0
    count: int = 0

    def is_over(self) -> bool:
        return self.end is not None and time.monotonic() > self.end

    def take(self, size: int) -> None:
        self.written, self.count = self.written + size, self.count + 1
        if self.written > archive.MAX_BYTES:
            raise UserError(
                f"What is cut out of the images takes more than {sentences.size(archive.MAX_BYTES)}: import the data "
                "in parts."
            )
        if self.count % 64 == 1 and shutil.disk_usage(self.into).free < _ROOM:
            raise UserError(
                f"What is cut out of the images does not fit on the disk of {self.into.parent}, "
                f"{sentences.size(self.written)} are written so far: make room or choose another workspace."
            )


@dataclass(frozen=True)
class _Job:
    """One picture and the parts of it: row, place and file of each."""

    picture: Path
    rule: Rule
    parts: list[tuple[int, tuple[int, int, int, int], Path]] = field(default_factory=list)

    def cut(self, budget: _Budget) -> dict[int, Probe | str]:
        """Return what became of the parts, or why nothing did; out of time only of the first ones."""
        try:
            image = open_image(self.picture, self.rule)
        except UnreadableImageError as error:
            return {row: str(error) for row, _, _ in self.parts}
        probed: dict[int, Probe | str] = {}
        for row, box, path in self.parts:
            if probed and budget.is_over():
                break
            kind, data = _encoded(image.crop(box), path)
            budget.take(len(data))
            path.write_bytes(data)
            probed[row] = Probe(box[2] - box[0], box[3] - box[1], kind, digests.of(data))
        return probed


def _encoded(image: Image.Image, path: Path) -> tuple[str, bytes]:
    out = io.BytesIO()
    kind = "PNG" if path.suffix.lower() in SUFFIXES["PNG"] else "JPEG"
    image.save(out, kind, **({"quality": 95, "subsampling": 0} if kind == "JPEG" else {}))
    return kind, out.getvalue()


def _cut_all(read_source: ReadSource, part: Parsed, into: Path, progress: Progress) -> dict[int, Probe | str]:
    """Return what became of each row of ``part``; without those that there was no time for."""
    if part.boxes is None:
        raise ValueError("the rows are whole images")
    jobs: dict[str, _Job] = {}
    for row, (file, picture) in enumerate(zip(part.files, part.origins, strict=True)):
        job = jobs.setdefault(picture, _Job(read_source.tree.path(picture), read_source.value_range))
        left, top, right, bottom = part.boxes[row].reshape(4).tolist()
        job.parts.append((row, (left, top, right, bottom), _path(into, file, row)))
    ordered = list(jobs.values())
    if read_source.end is not None:
        ordered = [ordered[place] for place in spread(len(ordered))]
    jobs_left, budget = iter(ordered), _Budget(into, read_source.end)
    probed: dict[int, Probe | str] = {}
    with ThreadPoolExecutor(min(_MAX_THREADS, os.cpu_count() or 1)) as pool:
        while chunk := list(islice(jobs_left, _CHUNK)):
            for cut_parts in pool.map(lambda job: job.cut(budget), chunk):
                probed |= cut_parts
                progress(len(probed), len(part.files), "Cutting out of the images")
            if budget.is_over():
                break
    return probed


def _path(into: Path, file: str, row: int) -> Path:
    return into / f"{row:07d}{PurePosixPath(file).suffix.lower()}"
