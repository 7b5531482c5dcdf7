"""Decoded pictures of a dataset in one file, which all its runs at one size share, and several at once.

A header, a record a row, then the pictures, a color a plane. A row's record says which file its picture was decoded
from and what its bytes add up to, and is written after them: whoever is killed in between leaves nothing that counts.
It is compared before a process first uses the row, so that what has changed or is damaged is decoded again. Two
processes that fill the same row write the same bytes.

The file is read, not mapped: whoever cuts a mapped file off kills all that look into it.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import PIL
from numpy.typing import NDArray
from PIL import features

from lib.core import depth, picture_cache, temporary
from lib.core.dataset import Dataset
from lib.core.picture_cache import NoRoomError as NoRoomError
from lib.core.workspace import Workspace

Planes = NDArray[np.uint8]
Rows = NDArray[np.int64]

#: Changes with the layout: files of another version have another name, and are never read.
VERSION = 2
_PAGE = 4096
_RECORD = np.dtype([("digest", "S16"), ("size", "<i8"), ("changed", "<i8"), ("crc32", "<u4"), ("is_there", "<u4")])


@dataclass(frozen=True)
class Original:
    """What a picture was decoded from: the hash of its file at import, its bytes, and when it was changed, in ns."""

    digest: str
    size: int
    changed: int

    @classmethod
    def of(cls, path: Path, digest: str) -> Original:
        """Look at the file ``path``.

        By the time of its inode's last change, where there is one: a program that copies can set the other time back.
        """
        status = path.stat()
        return cls(digest, status.st_size, status.st_ctime_ns if os.name == "posix" else status.st_mtime_ns)


class CutOffError(Exception):
    """A file of decoded pictures is shorter than it was: what has been seen in it counts no more."""


class Store(Protocol):
    """Where decoded pictures are kept, each of shape (3, size, size)."""

    def has(self, row: int, original: Original) -> bool:
        """Return whether picture ``row`` is there, whole and decoded from ``original``."""
        ...

    def take(self, rows: Rows, out: Planes) -> None:
        """Write the pictures of ``rows`` into ``out``, (n, 3, size, size); of those that are not there anything.

        Raises
        ------
        CutOffError
            If the file was cut off.
        """
        ...

    def put(self, row: int, planes: Planes, original: Original) -> None:
        """Keep picture ``row``."""
        ...


class Memory:
    """Decoded pictures in memory, for one process."""

    def __init__(self, count: int, size: int):
        self._planes = np.empty((count, 3, size, size), dtype=np.uint8)

    def has(self, row: int, original: Original) -> bool:
        """Return False: whoever asks has not put it there."""
        return False

    def take(self, rows: Rows, out: Planes) -> None:
        """Write the pictures of ``rows`` into ``out``."""
        np.take(self._planes, rows, axis=0, out=out, mode="clip")  # any other mode copies once more

    def put(self, row: int, planes: Planes, original: Original) -> None:
        """Keep picture ``row``."""
        self._planes[row] = planes


class File:
    """Decoded pictures in a file.

    Parameters
    ----------
    path : pathlib.Path
        A whole file of this version, as `open_file` makes it.
    count, size : int

    Raises
    ------
    OSError
        If it cannot be opened to read and write.
    ValueError
        If it is none, or one of other pictures.
    """

    def __init__(self, path: Path, count: int, size: int):
        self._handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        try:
            picture_cache.hold(self._handle)
            header = _header(count, size)
            if os.pread(self._handle, len(header), 0) != header or os.fstat(self._handle).st_size < _bytes(count, size):
                raise ValueError(f"{path} is damaged")
            os.utime(self._handle if os.utime in os.supports_fd else path)  # what was used longest ago goes first
        except BaseException:
            os.close(self._handle)
            raise
        self._first, self._size, self._length = _first(count), size, _bytes(count, size)

    def __del__(self) -> None:
        with contextlib.suppress(AttributeError, OSError):  # it was never opened
            os.close(self._handle)

    def has(self, row: int, original: Original) -> bool:
        """Return whether picture ``row`` is there, whole and decoded from ``original``."""
        written = os.pread(self._handle, _RECORD.itemsize, _PAGE + row * _RECORD.itemsize)
        if len(written) < _RECORD.itemsize or written[-4:] == bytes(4):
            return False
        planes = np.empty((3, self._size, self._size), dtype=np.uint8)
        try:
            self._read(row, planes)
        except CutOffError:
            return False
        return written == _record(original, planes)

    def take(self, rows: Rows, out: Planes) -> None:
        """Write the pictures of ``rows`` into ``out``.

        Raises
        ------
        CutOffError
            If the file was cut off.
        """
        for place, row in enumerate(rows.tolist()):
            self._read(row, out[place])
        if self._is_cut_off():  # and may have grown since: what was read may be a hole
            raise CutOffError

    def _read(self, row: int, planes: Planes) -> None:
        view, offset = planes.data.cast("B"), self._first + row * planes.nbytes
        while view:
            count = os.preadv(self._handle, [view], offset)
            if not count:
                raise CutOffError
            view, offset = view[count:], offset + count

    def _is_cut_off(self) -> bool:
        return os.fstat(self._handle).st_size < self._length

    def put(self, row: int, planes: Planes, original: Original) -> None:
        """Keep picture ``row``.

        Raises
        ------
        OSError
            If there is no room for it, or the file was cut off.
        """
        if self._is_cut_off():  # and must not grow again, with a hole where other pictures were
            raise OSError(errno.EIO, "their file was cut off")
        _write(self._handle, planes.tobytes(), self._first + row * planes.nbytes)
        _write(self._handle, _record(original, planes), _PAGE + row * _RECORD.itemsize)


def open_file(workspace: Workspace, dataset: Dataset, size: int) -> File:
    """Return the file of the decoded pictures of ``dataset``, which is made where there is none.

    Files of other imports of this dataset go, unless they are in use.

    Raises
    ------
    NoRoomError
        If there is no room for all pictures.
    OSError
        If nothing can be written there.
    """
    folder, count = picture_cache.of_dataset(workspace, dataset.name), len(dataset)
    path = folder / f"{dataset.base}-{size}-{_decoder(dataset.value_range)}-v{VERSION}"
    if picture_cache.limit() == 0:
        raise NoRoomError(f"{picture_cache.VARIABLE} is 0")
    if not hasattr(os, "preadv"):
        raise NoRoomError("this system cannot write into a file from several threads")
    for _ in range(2):
        with contextlib.suppress(FileNotFoundError, ValueError):
            return File(path, count, size)
        path.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        for other in folder.iterdir():
            if not other.name.startswith((f"{dataset.base}-", ".")):
                picture_cache.remove_unused(other)
        picture_cache.make_room(workspace, _bytes(count, size))
        _make(path, count, size)
    return File(path, count, size)


def bytes_of(count: int, size: int) -> int:
    """Return the bytes of ``count`` pictures of ``size`` pixels."""
    return count * 3 * size * size


def _make(path: Path, count: int, size: int) -> None:
    """Make a file without pictures; one that somebody else has made meanwhile stays."""
    with temporary.temporary_file(path) as new:
        with new.open("rb+", buffering=0) as file:
            file.truncate(_bytes(count, size))  # a hole: no bytes are taken yet
            _write(file.fileno(), _header(count, size), 0)
        try:
            os.link(new, path)
        except FileExistsError:
            pass
        except OSError:  # a disk without links
            new.replace(path)


def _header(count: int, size: int) -> bytes:
    facts = {"what": "decoded pictures", "version": VERSION, "count": count, "size": size}
    return json.dumps(facts).encode().ljust(256)


def _decoder(rule: depth.Rule) -> str:
    """Return a short name of all that the pixels hang on besides the file: the range of values, and the decoders."""
    facts = [depth.to_json(rule), PIL.__version__, *(features.version(name) for name in ("jpg", "zlib", "webp"))]
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=4).hexdigest()


def _record(original: Original, planes: Planes) -> bytes:
    record = (
        original.digest.encode(),
        original.size,
        original.changed,
        zlib.crc32(np.ascontiguousarray(planes).data),
        1,
    )
    return np.array(record, dtype=_RECORD).tobytes()


def _first(count: int) -> int:
    """Return where the first picture begins: on a page."""
    return -(-(_PAGE + count * _RECORD.itemsize) // _PAGE) * _PAGE


def _bytes(count: int, size: int) -> int:
    return _first(count) + bytes_of(count, size)


def _write(handle: int, content: bytes, offset: int) -> None:
    view = memoryview(content)
    while view:
        count = os.pwrite(handle, view, offset)
        view, offset = view[count:], offset + count
