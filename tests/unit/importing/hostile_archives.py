"""Archives and pictures made to do harm: lying, overlapping, nested, linked, damaged or huge."""

from __future__ import annotations

import io
import random
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

#: A name that every attempt to write outside tries to make; none may exist afterwards.
LOOT = "pwned"


def picture(shade: int = 0, kind: str = "PNG") -> bytes:
    """Return a small picture."""
    out = io.BytesIO()
    Image.new("RGB", (12, 9), (shade % 256, shade * 7 % 256, 90)).save(out, kind)
    return out.getvalue()


def honest() -> dict[str, bytes]:
    """Return what a usable zip holds: two labels with four pictures each."""
    return {f"{label}/{number}.png": picture(len(label) + number) for label in ("cat", "dog") for number in range(4)}


def archive(path: Path, entries: dict[str, bytes], **changes) -> None:
    """Write a zip; ``changes`` are attributes of the last entry."""
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in entries.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            if name == list(entries)[-1]:
                for key, value in changes.items():
                    setattr(info, key, value)
            packed.writestr(info, content)


def changed(entries: dict[str, bytes], **changes) -> Callable[[Path], None]:
    return lambda path: archive(path, honest() | entries, **changes)


def renamed(shown: bytes, hidden: bytes) -> Callable[[Path], None]:
    """A name that Python's zipfile would not write: ``shown`` is replaced by as many other bytes."""

    def make(path: Path) -> None:
        archive(path, honest() | {shown.decode(): picture()})
        path.write_bytes(path.read_bytes().replace(shown, hidden))

    return make


def overlapping(path: Path, size: int = 16 * 2**20, times: int = 300) -> None:
    """Many entries that share the same packed bytes: 300 names for 16 MiB of zeros make 4.7 GiB out of 20 KiB."""
    archive(path, {"cat/000.png": bytes(size)})
    data = path.read_bytes()
    begin = data.index(b"PK\x01\x02")
    record = data[begin : data.index(b"PK\x05\x06")]
    records = b"".join(record.replace(b"cat/000", b"cat/%03d" % number) for number in range(times))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, times, times, len(records), begin, 0)
    path.write_bytes(data[:begin] + records + end)


def lying(path: Path) -> None:
    """An entry that says that it has 10 bytes and would unpack to 64 MiB."""
    archive(path, honest() | {"dog/9.png": bytes(64 * 2**20)})
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<L", 10)
    path.write_bytes(data)


def many(path: Path, count: int = 1_200_000) -> None:
    """More entries than a zip may have, each of which costs memory when the list alone is read."""
    record = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, 0, 0, 0, 7, 0)
    entries = np.tile(np.frombuffer(record + bytes(7), np.uint8), (count, 1))
    for place in range(1, 8):
        entries[:, -place] = ord("0") + np.arange(count, dtype=np.uint32) // 10 ** (place - 1) % 10
    listed = entries.tobytes()
    at = len(local) + 7
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, len(listed), at)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at + len(listed), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path.write_bytes(local + b"0000000" + listed + end64 + locator + end)


def nested(path: Path) -> None:
    """A zip of zips of zips: what is inside is never unpacked."""
    content = bytes(2**20)
    for level in range(6):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            for number in range(16):
                packed.writestr(f"{level}-{number}.zip", content)
        content = out.getvalue()
    archive(path, honest() | {"more.zip": content})


def encrypted(path: Path) -> None:
    archive(path, honest())
    data = bytearray(path.read_bytes())
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)


def cut(part: float) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        archive(path, honest())
        path.write_bytes(path.read_bytes()[: int(part * path.stat().st_size)])

    return make


def shaken(seed: int) -> Callable[[Path], None]:
    """A zip in which some bytes of every part are others."""

    def make(path: Path) -> None:
        archive(path, honest())
        data, rng = bytearray(path.read_bytes()), random.Random(seed)
        for _ in range(12):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)

    return make


def linked_folder(path: Path) -> None:
    """A link to a folder outside, and a file that would go through it."""
    with zipfile.ZipFile(path, "w") as packed:
        link = zipfile.ZipInfo("out")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        packed.writestr(link, "..")
        packed.writestr(f"out/{LOOT}.png", picture())


def folder_with_links(path: Path) -> None:
    """A folder whose links lead to a secret beside it and to everything."""
    secret = path.parent / "secret"
    secret.mkdir()
    (secret / "secret.png").write_bytes(picture(99))
    for name, content in honest().items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    (path / "cat/secret.png").symlink_to(secret / "secret.png")
    (path / "dog/root").symlink_to("/", target_is_directory=True)
    (path / "dog/loop").symlink_to(path, target_is_directory=True)


def png(width: int, height: int) -> bytes:
    """Return a small PNG that says it has any size."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))

    head = struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(9999))) + chunk(b"IEND", b"")
    )


def claiming(kind: str, width: int, height: int) -> bytes:
    """Return a small picture of this kind whose header says it has any size."""
    if kind == "PNG":
        return png(width, height)
    data = bytearray(picture(1, kind))
    if kind == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        data[at : at + 4] = struct.pack(">2H", height, width)
    elif kind == "GIF":
        data[6:10] = struct.pack("<2H", width, height)
        at = data.index(b"\x2c", 13 + 3 * 2 ** ((data[10] & 7) + 1)) + 5
        data[at : at + 4] = struct.pack("<2H", width, height)
    elif kind == "BMP":
        data[18:26] = struct.pack("<2L", width, height)
    elif kind == "TIFF":
        (first,) = struct.unpack_from("<L", data, 4)
        (count,) = struct.unpack_from("<H", data, first)
        for at in range(first + 2, first + 2 + 12 * count, 12):
            (tag,) = struct.unpack_from("<H", data, at)
            if tag in (256, 257):
                struct.pack_into("<HHLL", data, at, tag, 4, 1, width if tag == 256 else height)
    return bytes(data)


def text_bomb(path: Path) -> None:
    """A PNG whose packed text has 256 MiB."""
    size, part = 256 * 2**20, zlib.compressobj(9, wbits=-15)
    zeros = part.compress(bytes(2**20)) + part.flush(zlib.Z_FULL_FLUSH)  # after which it may follow itself
    adler = struct.pack(">L", (size % 65521 << 16) + 1)  # of zeros
    packed = b"Comment\0\0" + b"\x78\xda" + zeros * (size // 2**20) + b"\x03\0" + adler
    chunk = struct.pack(">L", len(packed)) + b"zTXt" + packed + struct.pack(">L", zlib.crc32(b"zTXt" + packed))
    plain = picture(3)
    archive(path, honest() | {"cat/x.png": plain[:33] + chunk + plain[33:]})
