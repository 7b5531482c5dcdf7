"""Files of pictures: the formats that are opened, their headers, and in a few words why a file is no picture."""

from __future__ import annotations

import contextlib
import os
import struct
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from lib.core import budget, deep, depth, picture_headers

#: Pillow's decoders that are tried. Few on purpose: others start programs (EPS) or are hardly ever fuzzed.
SUFFIXES: dict[str, tuple[str, ...]] = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "MPO": (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo"),  # what many phones write under .jpg
    "PNG": (".png",),
    "WEBP": (".webp",),
    "GIF": (".gif",),
    "BMP": (".bmp",),
    "TIFF": (".tif", ".tiff"),
    "AVIF": (".avif",),
    "PPM": (".ppm", ".pgm", ".pbm", ".pnm"),
}
EXTENSIONS: frozenset[str] = frozenset(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
#: By what names Pillow is asked for them.
FORMATS: tuple[str, ...] = tuple(name for name in SUFFIXES if name != "MPO")  # Pillow opens those as JPEG
#: More pixels than this are refused before they are decoded: a small file can claim any size.
MAX_PIXELS = 180_000_000

_TOO_MANY = f"more than {MAX_PIXELS // 10**6} million pixels"
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
# Raised by Pillow's plugins on broken files, besides its own UnidentifiedImageError (an OSError).
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, RuntimeError,
    struct.error,
)  # fmt: skip

# Pillow warns from half of its own limit on; `header` checks the size itself.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class UnreadableImageError(ValueError):
    """A file is no picture that can be decoded to its last pixel; the message says why, in a few words."""


class TooLargeError(UnreadableImageError):
    """Decoding a picture would take more memory than it may; ``cost`` is what it takes in bytes.

    ``in_rows`` is what it would take as a PNG that is decoded some rows at a time.
    """

    def __init__(self, size: tuple[int, int], kind: str, error: budget.TooLargeError, in_rows: int):
        other = ""
        if in_rows <= error.limit:  # else it is one already, or has rows of too many pixels
            other = " or without interlacing" if kind == "PNG" else " or as PNG"
        super().__init__(
            f"{size[0]:,} × {size[1]:,} pixels as {kind} take {error}: save it smaller{other}, or set "
            f"{budget.VARIABLE} to more"
        )
        self.size, self.kind, self.cost, self.in_rows = size, kind, error.cost, in_rows


class OutsideValuesError(UnreadableImageError):
    """A picture has values outside of the range that is known of its dataset or model."""


@contextlib.contextmanager
def opened(source: str | os.PathLike[str] | BinaryIO) -> Iterator[BinaryIO]:
    """Give the file of a picture, at its beginning.

    Raises
    ------
    UnreadableImageError
        If it cannot be opened, or whatever reads it inside the block finds it broken.
    """
    try:
        if isinstance(source, str | os.PathLike):
            with Path(source).open("rb") as file:
                yield file
        else:
            source.seek(0)
            yield source
    except UnreadableImageError:
        raise
    except depth.OutsideError as error:
        raise OutsideValuesError(str(error)) from error
    except _BROKEN as error:
        raise UnreadableImageError(_reason(error)) from error


def header(file: BinaryIO) -> Image.Image:
    """Return the picture in a file, which is at its beginning, not decoded yet; call it inside of `opened`.

    Raises
    ------
    UnreadableImageError
        If it is no picture, has more than `MAX_PIXELS` pixels, or is one that Pillow reads wrongly.
    """
    if not file.read(1):
        raise UnreadableImageError("the file is empty")
    file.seek(0)
    if long := picture_headers.long(file):
        raise UnreadableImageError(long)
    try:
        image = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise UnreadableImageError(_TOO_MANY) from error
    except UnidentifiedImageError as error:
        file.seek(0)
        raise UnreadableImageError(_other_type(file.read(16))) from error
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableImageError(_TOO_MANY)
    if refusal := deep.refusal(image):
        raise UnreadableImageError(refusal)
    return image


def _other_type(start: bytes) -> str:
    """Return what a file is that no decoder knows, and what to do where that helps."""
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "a zip file: unpack it first"
    if start.startswith(b"%PDF-"):
        return "a PDF: save its pages as PNG"
    if start[4:8] == b"ftyp":
        return "HEIC: save it as JPEG" if start[8:12] in _HEIC else "a video: save a frame of it as PNG"
    return "not a picture of a known type"


def _reason(error: Exception) -> str:
    if "truncated" in str(error) or "broken" in str(error) or isinstance(error, EOFError):
        return "the file is cut off or damaged"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return "the file is damaged"
