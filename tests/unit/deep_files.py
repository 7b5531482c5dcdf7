"""PNG and TIFF files of 16 bits a channel, written value by value: Pillow writes no such colors."""

from __future__ import annotations

import struct
import zlib

import numpy as np

#: Color types of PNG by the number of channels.
_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}


def png16(values: np.ndarray) -> bytes:
    """Return a PNG of gray, gray with alpha, RGB or RGBA, from values of shape (h, w) or (h, w, channels)."""
    planes = values.reshape(*values.shape[:2], -1)
    height, width, channels = planes.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in planes)
    header = struct.pack(">IIBBBBB", width, height, 16, _TYPES[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def tiff16(
    values: np.ndarray, order: str = "<", *, planar: bool = False, deflated: bool = False, white_is_0: bool = False
) -> bytes:
    """Return a TIFF of gray (h, w) or RGB (h, w, 3), little (``<``) or big endian (``>``), of one strip a plane."""
    planes = values.reshape(*values.shape[:2], -1)
    height, width, channels = planes.shape
    parts = np.moveaxis(planes, 2, 0) if planar else [planes]
    strips = [part.astype(f"{order}u2").tobytes() for part in parts]
    strips = [zlib.compress(strip) for strip in strips] if deflated else strips
    extra, start = b"", 8 + 2 + 11 * 12 + 4

    def kept(numbers: list[int], code: str) -> bytes:
        nonlocal extra
        packed = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        if len(packed) <= 4:
            return packed.ljust(4, b"\0")
        extra += packed
        return struct.pack(f"{order}I", start + len(extra) - len(packed))

    sizes = [len(strip) for strip in strips]
    first = start + (6 if channels > 2 else 0) + (8 * len(strips) if len(strips) > 1 else 0)
    offsets = [first + sum(sizes[:number]) for number in range(len(sizes))]
    tags = [
        (256, [width], "I"), (257, [height], "I"), (258, [16] * channels, "H"), (259, [8 if deflated else 1], "H"),
        (262, [2 if channels == 3 else int(not white_is_0)], "H"), (273, offsets, "I"), (277, [channels], "H"),
        (278, [height], "I"), (279, sizes, "I"), (284, [2 if planar else 1], "H"), (339, [1], "H"),
    ]  # fmt: skip
    entries = b"".join(
        struct.pack(f"{order}HHI", tag, 4 if code == "I" else 3, len(numbers)) + kept(numbers, code)
        for tag, numbers, code in tags
    )
    head = (b"II" if order == "<" else b"MM") + struct.pack(f"{order}HIH", 42, 8, len(tags))
    return head + entries + struct.pack(f"{order}I", 0) + extra + b"".join(strips)
