"""Images are opened upright, in RGB, and only when they are intact."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core import pictures
from lib.core.picture_files import UnreadableImageError


def _file(folder: Path, image: Image.Image, name: str, **options) -> Path:
    path = folder / name
    image.save(path, **options)
    return path


def _half_red(width: int = 40, height: int = 20) -> Image.Image:
    """Return a picture whose left half is red and whose right half is blue."""
    image = Image.new("RGB", (width, height), (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, width // 2, height))
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation(tmp_path, orientation):
    """All eight EXIF orientations come out as numpy says, and probe gives the size as shown."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = np.zeros((20, 40, 3), dtype=np.uint8)
    stored[:10, :20], stored[10:, 20:] = (255, 0, 0), (0, 255, 0)
    path = _file(tmp_path, Image.fromarray(stored), "turned.png", exif=exif)
    turn = {
        1: lambda a: a,
        2: np.fliplr,
        3: lambda a: np.rot90(a, 2),
        4: np.flipud,
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, -1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: np.rot90,
    }[orientation]
    expected = turn(stored)
    assert np.array_equal(np.asarray(pictures.open_image(path)), expected)
    probed = pictures.probe(path)
    assert (probed.height, probed.width) == expected.shape[:2]
    assert Image.open(io.BytesIO(pictures.thumbnail(path, 500))).size == (probed.width, probed.height)


def test_transparency_is_white(tmp_path):
    """What is transparent is shown white, in RGBA, in gray with alpha and in a palette."""
    rgba = Image.new("RGBA", (4, 4), (10, 20, 30, 0))
    gray = Image.new("LA", (4, 4), (77, 0))
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([9, 9, 9, 200, 0, 0])
    for number, (image, options) in enumerate([(rgba, {}), (gray, {}), (palette, {"transparency": 0})]):
        path = _file(tmp_path, image, f"{number}.png", **options)
        assert np.asarray(pictures.open_image(path)).min() == 255


def test_sixteen_bits_keep_their_shades(tmp_path):
    """A 16-bit gray picture is scaled to 8 bits, not clipped to white."""
    values = np.array([[0, 256 * 100, 65535]], dtype=np.uint16)
    path = _file(tmp_path, Image.fromarray(values), "deep.png")
    assert np.asarray(pictures.open_image(path))[0, :, 0].tolist() == [0, 100, 255]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr", "F"])
def test_every_mode_becomes_rgb(tmp_path, mode):
    """A white picture of any mode is white and RGB."""
    image = Image.new("RGB", (6, 5), "white").convert(mode) if mode != "F" else Image.new("F", (6, 5), 1.0)
    path = _file(tmp_path, image, "any.tiff" if mode in ("CMYK", "F") else "any.jpg" if mode == "YCbCr" else "any.png")
    opened = pictures.open_image(path)
    assert opened.mode == "RGB" and opened.size == (6, 5)
    assert np.asarray(opened).min() >= 254


@pytest.mark.parametrize("damage", ["empty", "text", "cut png", "cut jpeg", "header only"])
def test_broken_files_are_unreadable(tmp_path, damage):
    """Empty, foreign and cut files raise one error for opening, probing and thumbnails alike."""
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (80, 80, 3), dtype=np.uint8))
    png, jpeg = io.BytesIO(), io.BytesIO()
    noise.save(png, "PNG")
    noise.save(jpeg, "JPEG")
    data = {
        "empty": b"",
        "text": b"no picture at all",
        "cut png": png.getvalue()[:9000],
        "cut jpeg": jpeg.getvalue()[:2000],
        "header only": png.getvalue()[:40],
    }[damage]
    path = tmp_path / "broken.jpg"
    path.write_bytes(data)
    for opening in (pictures.open_image, pictures.probe, lambda p: pictures.thumbnail(p, 8)):
        with pytest.raises(UnreadableImageError):
            opening(path)


def test_huge_claims_are_refused(tmp_path):
    """A few bytes that claim 30,000 x 30,000 pixels are refused before anything is decoded."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    with pytest.raises(UnreadableImageError, match="million pixels"):
        pictures.probe(path)


def test_content_decides_not_the_name(tmp_path):
    """A PNG under a .jpg name is read, and probe says what it is."""
    path = tmp_path / "face.jpg"
    _half_red().save(path, "PNG")
    assert pictures.probe(path) == pictures.Probe(
        40, 20, "PNG", hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
    )


def test_thumbnail_keeps_proportions_and_never_enlarges(tmp_path):
    """A thumbnail is a JPEG whose longer side is the size asked for, or the picture's own if that is less."""
    path = _file(tmp_path, _half_red(400, 200), "wide.jpg", quality=95)
    small = Image.open(io.BytesIO(pictures.thumbnail(path, 100)))
    assert (small.format, small.size) == ("JPEG", (100, 50))
    left, right = np.asarray(small)[25, 10], np.asarray(small)[25, 90]
    assert left[0] > 240 > 20 > left[2] and right[2] > 240 > 20 > right[0]
    assert Image.open(io.BytesIO(pictures.thumbnail(path, 1000))).size == (400, 200)
