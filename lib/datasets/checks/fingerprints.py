"""Fingerprints of pictures (hash, small gray picture, mode), measured once and stored beside the dataset.

Kept are they for what was imported (``Dataset.base``): edits change no picture.
"""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageStat

from lib.core import checksums, digests, files, in_place, pictures
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.core.picture_files import UnreadableImageError
from lib.datasets.checks import near_duplicates
from lib.datasets.checks.near_duplicates import StoppedError

#: How a picture's file is: not looked at yet, as imported, gone, another picture, or not to be decoded any more.
UNSEEN, GOOD, MISSING, CHANGED, UNREADABLE = range(5)
#: In the dataset's folder; holds also the question to the process that measures, see `lib.datasets.checks.scan`.
FOLDER = "fingerprints"
#: JPEG is decoded to no less than this: twice the side of the small gray pictures, so that they stay exact.
DECODED = 2 * near_duplicates.SIDE

_THREADS = min(8, os.cpu_count() or 1)
_CHUNK = 16
_NAME = "{}.npz"
_VERSION = 1
_KINDS = {
    "state": np.int8,
    "stamps": np.int64,
    "hashes": np.uint64,
    "thumbs": np.uint8,
    "modes": np.dtype("<U8"),
    "chroma": np.float32,
    "contrast": np.float32,
    "group": np.int32,
}


@dataclass(frozen=True)
class Fingerprints:
    """What was measured of N pictures, row for row with the dataset's items.

    Attributes
    ----------
    state : ndarray of int8, shape (N,)
        `UNSEEN`, `GOOD`, `MISSING`, `CHANGED` or `UNREADABLE`; the others are 0 where it is neither good nor changed.
    stamps : ndarray of int64, shape (N, 2)
        `lib.core.in_place.stamp` of the file that was looked at; -1 where there was none.
    hashes : ndarray of uint64, shape (N,)
        Perceptual hash: ImageHash's ``phash`` of the small gray picture, that is which of the 64 lowest frequencies of
        its discrete cosine transform are above their median.
    thumbs : ndarray of uint8, shape (N, 32, 32)
        Small gray pictures, as people see them: upright, transparent parts on white.
    modes : ndarray of str, shape (N,)
        How the file keeps colors, see `lib.core.pictures.reduced`.
    chroma : ndarray of float32, shape (N,)
        How colorful it is, of 255: mean over the small picture of the largest of R, G and B minus the smallest.
    contrast : ndarray of float32, shape (N,)
        How much it shows, of 255: the standard deviation of R, G or B over the small picture, whichever is largest.
    group : ndarray of int32, shape (N,)
        Number of the group of nearly equal pictures, see `lib.datasets.checks.near_duplicates.groups`; -1 for a
        picture without another.
    complete : bool
        Whether every picture was looked at, and ``group`` is known.
    """

    state: np.ndarray
    stamps: np.ndarray
    hashes: np.ndarray
    thumbs: np.ndarray
    modes: np.ndarray
    chroma: np.ndarray
    contrast: np.ndarray
    group: np.ndarray
    complete: bool = False

    @property
    def n_scanned(self) -> int:
        """How many images were scanned."""
        return int(np.count_nonzero(self.state != UNSEEN))


def fingerprint(picture: Image.Image) -> dict[str, Any]:
    """Return hash, small gray picture, chroma and contrast of a picture in RGB, by the names of `Fingerprints`."""
    import imagehash  # brings scipy.fftpack

    small = picture.resize((near_duplicates.SIDE, near_duplicates.SIDE), Image.Resampling.BOX, reducing_gap=2)
    red, green, blue = (np.asarray(channel) for channel in small.split())
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    gray = small.convert("L")
    bits = imagehash.phash(gray).hash
    return {
        "hashes": int(np.packbits(bits.reshape(-1)).view(">u8")[0]),
        "thumbs": np.asarray(gray),
        "chroma": float(spread.mean()),
        "contrast": max(ImageStat.Stat(small).stddev),
    }


def read(dataset: Dataset) -> Fingerprints | None:
    """Return what `measure` left, perhaps of a part of the pictures; None if there is nothing or it is damaged."""
    try:
        stamp = path_of(dataset).stat()
    except OSError:
        return None
    return _read(path_of(dataset), stamp.st_mtime_ns, len(dataset))


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int, n: int) -> Fingerprints | None:
    with contextlib.suppress(OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
        content = checksums.unheaded(path.read_bytes(), path.name)
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            arrays = {name: file[name] for name in _KINDS}
            version, complete = (int(file[name]) for name in ("version", "complete"))
        blank = _empty(n)
        fits = all(
            arrays[name].shape == getattr(blank, name).shape and arrays[name].dtype == kind
            for name, kind in _KINDS.items()
        )
        if fits and version == _VERSION:
            return Fingerprints(**arrays, complete=bool(complete))
    return None


def measure(
    dataset: Dataset,
    progress: Callable[[int, int, str], None] = lambda *_: None,
    *,
    stop: Callable[[], bool] = lambda: False,
) -> Fingerprints:
    """Scan the images that were not scanned, or whose file changed since; group near duplicates; store it all.

    Parameters
    ----------
    dataset : Dataset
        Excluded images are scanned too: they may be included again.
    progress : callable
        Told how many are done, how many there are, and what is done; from this thread.
    stop : callable
        Asked now and then; when it says yes, what is done by then is kept.

    Raises
    ------
    StoppedError
        If ``stop`` said yes.
    UserError
        If it cannot be kept.
    """
    stored = read(dataset)
    prints = replace(stored, complete=False) if stored else _empty(len(dataset))
    prints = Fingerprints(**{name: getattr(prints, name).copy() for name in _KINDS})
    due = np.flatnonzero((prints.state == UNSEEN) | (stamps(dataset) != prints.stamps).any(axis=1))
    try:
        for count, (row, values) in enumerate(_scanned(dataset, due, stop), start=1):
            for name, value in values.items():
                getattr(prints, name)[row] = value
            progress(len(dataset) - len(due) + count, len(dataset), "Scanning images")
        prints = _grouped(prints, stored if stored and stored.complete and not len(due) else None, progress, stop)
    except StoppedError:
        _keep(dataset, prints)
        raise
    _keep(dataset, prints)
    return prints


def _grouped(prints: Fingerprints, stored: Fingerprints | None, progress: Callable, stop: Callable) -> Fingerprints:
    if stored is not None:
        return stored

    def tell(done: int, total: int) -> None:
        if stop():
            raise StoppedError
        progress(done, total, "Comparing images")

    rows = np.flatnonzero(np.isin(prints.state, (GOOD, CHANGED)))
    group = np.full(len(prints.state), -1, dtype=np.int32)
    group[rows] = near_duplicates.groups(prints.hashes[rows], prints.thumbs[rows], tell=tell)
    return replace(prints, group=group, complete=True)


def _scanned(dataset: Dataset, rows: np.ndarray, stop: Callable[[], bool]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield what is seen of each of ``rows``, in order; work of a few hundred rows is under way at a time."""

    def scan_part(part: np.ndarray) -> list[tuple[int, dict[str, Any]]]:
        return [] if stop() else [(int(row), scan(dataset, int(row))) for row in part]

    parts = [rows[start : start + _CHUNK] for start in range(0, len(rows), _CHUNK)]
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="fingerprints")
    try:
        for part, scanned in zip(parts, pool.map(scan_part, parts), strict=True):
            if len(scanned) < len(part):
                raise StoppedError
            yield from scanned
    finally:
        pool.shutdown(cancel_futures=True)


def scan(dataset: Dataset, row: int) -> dict[str, Any]:
    """Return what is seen of one picture, by the names of `Fingerprints`."""
    stamp = (-1, -1)
    try:
        stamp = in_place.stamp(dataset.place(row))
        data = dataset.image_path(row).read_bytes()
        changed = dataset.digests is not None and digests.of(data) != dataset.digests[row]
    except OSError:
        return {"state": MISSING, "stamps": stamp}
    except UserError:  # it leads elsewhere, or is used where it is and has changed
        return {"state": MISSING if stamp[0] < 0 else CHANGED, "stamps": stamp}
    try:
        image, mode = pictures.reduced(io.BytesIO(data), DECODED, dataset.value_range)
    except UnreadableImageError:
        return {"state": UNREADABLE, "stamps": stamp}
    return {"state": CHANGED if changed else GOOD, "stamps": stamp, "modes": mode, **fingerprint(image)}


def stamps(dataset: Dataset) -> np.ndarray:
    """Return `lib.core.in_place.stamp` of every picture's file now, int64 (N, 2), -1 where there is none."""
    stamped = np.full((len(dataset), 2), -1, dtype=np.int64)
    for row in range(len(dataset)):
        with contextlib.suppress(OSError, UserError):
            stamped[row] = in_place.stamp(dataset.place(row))
    return stamped


def path_of(dataset: Dataset) -> Path:
    """Return where the fingerprints of a dataset are kept."""
    return dataset.path / FOLDER / _NAME.format(dataset.base)


def _empty(n: int) -> Fingerprints:
    shapes = {"stamps": (n, 2), "thumbs": (n, near_duplicates.SIDE, near_duplicates.SIDE)}
    arrays = {name: np.zeros(shapes.get(name, n), dtype=kind) for name, kind in _KINDS.items()}
    arrays["group"][:] = -1
    return Fingerprints(**arrays)


def _keep(dataset: Dataset, prints: Fingerprints) -> None:
    path = path_of(dataset)
    arrays = {name: getattr(prints, name) for name in _KINDS}
    try:
        path.parent.mkdir(exist_ok=True)
        buffer = io.BytesIO()
        np.savez(buffer, **arrays, version=np.int64(_VERSION), complete=np.int64(prints.complete))
        files.write_atomic(path, checksums.headed(buffer.getvalue(), path.name))
    except OSError as error:
        raise UserError(
            f"What the images look like cannot be kept in {path.parent} ({reason(error)}): make room there, or "
            "allow writing."
        ) from error
    for old in path.parent.glob(_NAME.format("*")):
        if old != path:  # of what was imported under this name before
            old.unlink(missing_ok=True)
