"""What stands in a picture's file beside its pixels, measured before Pillow reads it.

Texts, profiles and camera data are kept in memory several times, and some take Pillow minutes: 86 MB of EXIF in a JPEG
120 s and 420 MB, a comment of that size in a PPM 52 s. Here only lengths are read, what they speak of is skipped.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import BinaryIO

from lib.core import sentences

#: Bytes that may stand beside the pixels: extended XMP of phones, with a map of depths, has up to 4 MB.
MOST = 8 * 2**20
_START = 64 * 1024  # so many bytes hold the head of formats whose head is short
_BIT_DEEP = 8  # bytes of a pixel at most: four channels of 16 bits
#: Bytes of a value of each of TIFF's types.
_TIFF_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_WEBP_PIXELS = {b"VP8 ", b"VP8L", b"ALPH", b"ANMF"}


def long(file: BinaryIO) -> str:
    """Return what to say of a picture with more than `MOST` bytes beside its pixels, "" of any other; see `excess`."""
    return (
        f"more than {sentences.size(MOST)} of texts and profiles stand beside its pixels: save it without"
        if excess(file)
        else ""
    )


def excess(file: BinaryIO) -> int:
    """Return how many bytes stand beside the pixels if they are more than `MOST`, else 0.

    The file is at its beginning before and after. Of a file that is no picture, or damaged, it is 0: whoever decodes it
    says so.
    """
    start = file.read(32)
    file.seek(0)
    try:
        for is_of, measure in _FORMATS:
            if is_of(start):
                n_bytes = measure(file)
                return n_bytes if n_bytes > MOST else 0
    except (struct.error, IndexError, ValueError, OverflowError):  # cut off
        pass
    finally:
        file.seek(0)
    return 0


def _png(file: BinaryIO) -> int:
    """Add all chunks but the pixels', and what each takes besides its content."""
    file.seek(8)
    total = 0
    while total <= MOST and len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        total += 12 if kind in (b"IDAT", b"fdAT") else 12 + length
        if kind == b"IEND":
            break
        file.seek(length + 4, 1)
    return total


def _jpeg(file: BinaryIO) -> int:
    """Add all segments up to where the pixels begin."""
    file.seek(2)
    total = 0
    while total <= MOST and len(head := file.read(2)) == 2:
        if head[0] != 0xFF or head[1] == 0xFF:  # padding, or what a decoder skips
            file.seek(-1, 1)
            total += 1
        elif head[1] == 0xDA:
            break
        elif head[1] not in (0x01, *range(0xD0, 0xDA)):
            (length,) = struct.unpack(">H", file.read(2))
            file.seek(max(length, 2) - 2, 1)
            total += length + 2
    return total


def _gif(file: BinaryIO) -> int:
    """Add the blocks before the first frame."""
    flags = file.read(13)[10]
    file.seek(3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0, 1)
    total = 0
    while total <= MOST and file.read(1) == b"\x21":
        file.seek(1, 1)
        while total <= MOST and (length := file.read(1)) not in (b"", b"\0"):
            file.seek(length[0], 1)
            total += length[0] + 1
    return total


def _webp(file: BinaryIO) -> int:
    file.seek(12)
    total = 0
    while total <= MOST and len(head := file.read(8)) == 8:
        kind, length = struct.unpack("<4sI", head)
        total += 8 if kind in _WEBP_PIXELS else 8 + length
        file.seek(length + length % 2, 1)
    return total


def _tiff(file: BinaryIO) -> int:
    """Add the values of all tags of all pages."""
    order = "<" if file.read(2) == b"II" else ">"
    is_big = struct.unpack(f"{order}H", file.read(2))[0] == 43
    if is_big:
        file.seek(8)
    count_form, entry, offset = ("Q", "HHQQ", "Q") if is_big else ("H", "HHII", "I")
    count_form, entry, offset = order + count_form, order + entry, order + offset
    (place,) = struct.unpack(offset, file.read(struct.calcsize(offset)))
    total, seen = 0, set()
    while place and place not in seen and total <= MOST:
        seen.add(place)
        file.seek(place)
        (n_tags,) = struct.unpack(count_form, file.read(struct.calcsize(count_form)))
        for _ in range(n_tags):
            _tag, kind, count, _value = struct.unpack(entry, file.read(struct.calcsize(entry)))
            total += struct.calcsize(entry) + count * _TIFF_BYTES.get(kind, 0)
            if total > MOST:
                break
        else:
            (place,) = struct.unpack(offset, file.read(struct.calcsize(offset)))
    return total


def _bmp(file: BinaryIO) -> int:
    return int.from_bytes(file.read(18)[14:], "little")


def _ppm(file: BinaryIO) -> int:
    """Return how long the file is where its four words do not stand in its first bytes."""
    start = file.read(_START)
    words = re.sub(rb"#[^\r\n]*", b"", start).split(maxsplit=4)
    return 0 if len(start) < _START or len(words) == 5 else file.seek(0, 2)


def _avif(file: BinaryIO) -> int:
    """Return by how much the file is longer than its largest picture would be without compression."""
    start = file.read(_START)
    if start[8:12] == b"avis":  # of a film nobody knows how many pictures it has
        return 0
    sizes = [struct.unpack(">II", start[at.end() + 4 : at.end() + 12]) for at in re.finditer(b"ispe", start)]
    return file.seek(0, 2) - _BIT_DEEP * max((width * height for width, height in sizes), default=0)


_FORMATS: tuple[tuple[Callable[[bytes], bool], Callable[[BinaryIO], int]], ...] = (
    (lambda start: start.startswith(b"\x89PNG\r\n\x1a\n"), _png),
    (lambda start: start.startswith(b"\xff\xd8"), _jpeg),
    (lambda start: start.startswith((b"GIF87a", b"GIF89a")), _gif),
    (lambda start: start[:4] == b"RIFF" and start[8:12] == b"WEBP", _webp),
    (lambda start: start.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")), _tiff),
    (lambda start: start.startswith(b"BM"), _bmp),
    (lambda start: start[:1] == b"P" and start[1:2] in b"123456fy", _ppm),
    (lambda start: start[4:8] == b"ftyp" and start[8:12] in (b"avif", b"avis"), _avif),
)
