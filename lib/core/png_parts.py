"""A large PNG as several small ones, each some of its rows: Pillow decodes the small ones, which takes little memory.

A row of a PNG is stored as its difference from the row above (https://www.w3.org/TR/png-3/#9Filters). So each small
file begins with the last row of the one before, which is then left out. What is interlaced or moves has no such parts.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from PIL import Image

from lib.core import deep
from lib.core.deep import Layout

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEADER = struct.Struct(">IIBBBBB")  # width, height, bits, color type, compression, filter, interlace
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by color type
_COLORS, _ABOUT = {b"PLTE", b"tRNS"}, {b"eXIf", b"iTXt", b"tEXt", b"zTXt"}
_MOVES = b"acTL"
_PIECE, _LONGEST = 1 << 16, 1 << 20  # bytes that are read at once; of a chunk that may say which way up it is


@dataclass(frozen=True)
class Parts:
    """A PNG that can be read in parts.

    Attributes
    ----------
    file : binary file
    header : tuple of int
        What its header says.
    start : int
        Where its compressed rows begin.
    colors, about : bytes
        Chunks that every part needs, and those that may say which way up it is.
    layout : Layout, optional
        As of `lib.core.deep.layout`.
    """

    file: BinaryIO
    header: tuple[int, ...]
    start: int
    colors: bytes
    about: bytes
    layout: Layout | None

    def head(self) -> Image.Image:
        """Return its first row, with what the file says of itself."""
        stored = _Inflated(self.file, self.start).read(self._stride() + 1)
        return Image.open(io.BytesIO(self._file(stored, 1, self.colors + self.about)), formats=["PNG"])

    def rows(self, n_rows: int) -> Iterator[tuple[Image.Image, ...]]:
        """Yield it from top to bottom, ``n_rows`` rows at a time, as `lib.core.deep.planes` gives the whole."""
        width, height = self.header[:2]
        stored, above = _Inflated(self.file, self.start), b""
        for top in range(0, height, n_rows):
            count, skipped = min(n_rows, height - top), 1 if above else 0
            data = above + stored.read(count * (self._stride() + 1))
            part = self._file(data, count + skipped, self.colors)
            image = Image.open(io.BytesIO(part), formats=["PNG"])
            images = deep.planes(image, io.BytesIO(part), self.layout)
            above = b"\0" + self._last(images, data, count + skipped)
            yield tuple(one.crop((0, skipped, width, count + skipped)) for one in images)

    def _stride(self) -> int:
        width, _, bits, color, *_ = self.header
        return (width * bits * _CHANNELS[color] + 7) // 8

    def _file(self, data: bytes, height: int, chunks: bytes) -> bytes:
        """Return a small PNG of ``height`` rows; ``data`` is what they are before compression."""
        width, _, *others = self.header
        return b"".join((
            _SIGNATURE,
            _chunk(b"IHDR", _HEADER.pack(width, height, *others)),
            chunks,
            _chunk(b"IDAT", zlib.compress(data, 0)),
            _chunk(b"IEND", b""),
        ))  # fmt: skip

    def _last(self, images: tuple[Image.Image, ...], data: bytes, height: int) -> bytes:
        """Return the last row of a part as the file has it, but for the filter."""
        bits = self.header[2]
        if bits < 8:  # as if each byte were a gray value: filters work on bytes
            packed = Parts(self.file, (self._stride(), height, 8, 0, 0, 0, 0), 0, b"", b"", None)
            images = (Image.open(io.BytesIO(packed._file(data, height, b"")), formats=["PNG"]),)
        rows = [np.asarray(one.crop((0, height - 1, one.width, height))) for one in images]
        if len(rows) == 2:
            return np.stack(rows, axis=-1).tobytes()
        return (rows[0].astype(">u2") if rows[0].dtype == np.uint16 else rows[0]).tobytes()


def of(image: Image.Image, file: BinaryIO) -> Parts | None:
    """Return a picture as parts, None if it has none; it is not decoded.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened and not yet decoded.
    file : binary file
        The whole file; where it is read does not change.
    """
    if image.format != "PNG":
        return None
    before = file.tell()
    file.seek(len(_SIGNATURE))
    header, start = (0,) * 7, 0
    kept: dict[bool, list[bytes]] = {True: [], False: []}
    for kind, length in _chunks(file):
        if kind == b"IHDR":
            header = _HEADER.unpack(file.read(_HEADER.size))
        elif kind == b"IDAT":
            start = start or file.tell() - 8
        elif kind == _MOVES:
            start = 0
            break
        elif kind in _COLORS or (kind in _ABOUT and length <= _LONGEST):
            kept[kind in _COLORS and not start].append(_chunk(kind, file.read(length)))
    file.seek(before)
    *_, color, _, _, is_interlaced = header
    if is_interlaced or not start or color not in _CHANNELS:
        return None
    return Parts(file, header, start, b"".join(kept[True]), b"".join(kept[False]), deep.layout(image))


class _Inflated:
    """The rows of a PNG, decompressed as they are read."""

    def __init__(self, file: BinaryIO, start: int):
        self._pieces, self._inflate = _compressed(file, start), zlib.decompressobj()

    def read(self, count: int) -> bytes:
        out = bytearray()
        while len(out) < count:
            piece = self._inflate.unconsumed_tail or next(self._pieces, b"")
            try:
                inflated = self._inflate.decompress(piece, count - len(out))
            except zlib.error as error:
                raise OSError("broken data stream") from error
            if not piece and not inflated:
                raise OSError("image file is truncated")
            out += inflated
        return bytes(out)


def _compressed(file: BinaryIO, start: int) -> Iterator[bytes]:
    """Yield what is in the chunks of rows."""
    file.seek(start)
    for kind, length in _chunks(file):
        if kind != b"IDAT":
            return
        while length:
            piece = file.read(min(length, _PIECE))
            if not piece:
                return
            length -= len(piece)
            yield piece


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield kind and length of chunks; whoever is told may read what is in it, and nothing more."""
    at = file.tell()
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        yield kind, length
        if kind == b"IEND":
            return
        at += length + 12
        file.seek(at)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
