"""Picture files to pixels: opened upright and in RGB, checked, made small."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageOps

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
#: More pixels than this are refused before they are decoded: a small file can claim any size.
MAX_PIXELS = 180_000_000

_ORIENTATION = 0x0112  # EXIF tag; 5 to 8 swap width and height
_FORMATS = tuple(name for name in SUFFIXES if name != "MPO")  # Pillow opens those as JPEG
# Raised by Pillow's plugins on broken files, besides its own UnidentifiedImageError (an OSError).
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, OverflowError, RuntimeError,
    struct.error,
)  # fmt: skip

# Pillow warns from half of its own limit on; `_open` checks the size itself.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class UnreadableImageError(ValueError):
    """A file is no picture that can be decoded to its last pixel; the message says why, in a few words."""


@dataclass(frozen=True)
class Probe:
    """What `probe` found.

    Width and height are in pixels as shown, after EXIF rotation; ``format`` is Pillow's name; ``digest`` is the BLAKE2
    hash of the file's bytes; ``orientation`` is EXIF's, 1 to 8, 1 for a picture that is stored upright.
    """

    width: int
    height: int
    format: str
    digest: str
    orientation: int = 1


def open_image(source: str | os.PathLike[str] | BinaryIO) -> Image.Image:
    """Return a picture as people see it: upright, in 8-bit RGB, transparent parts on white.

    The only way pictures are opened in this project, so that what is shown is what is learned from.

    Parameters
    ----------
    source : path or binary file

    Raises
    ------
    UnreadableImageError
        If it is no picture, is cut off, or has more than `MAX_PIXELS` pixels.
    """
    image = _open(source)
    try:
        return _rgb(ImageOps.exif_transpose(image))
    except _BROKEN as error:
        raise UnreadableImageError(_reason(error)) from error


def probe(path: str | os.PathLike[str]) -> Probe:
    """Decode a picture completely and return its size, format and hash.

    Raises
    ------
    UnreadableImageError
        As in `open_image`.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise UnreadableImageError(_reason(error)) from error
    image = _open(io.BytesIO(data))
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)  # before it is decoded: Pillow turns TIFF while doing so
        image.load()
        turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except _BROKEN as error:
        raise UnreadableImageError(_reason(error)) from error
    width, height = image.size[::-1] if turned else image.size
    orientation = orientation if orientation in range(1, 9) else 1
    return Probe(width, height, image.format or "", hashlib.blake2b(data, digest_size=8).hexdigest(), orientation)


def thumbnail(path: str | os.PathLike[str], size: int) -> bytes:
    """Return a JPEG of the picture whose longer side is at most ``size`` pixels; it is never enlarged.

    Raises
    ------
    UnreadableImageError
        As in `open_image`.
    """
    image = _open(path)
    try:
        image.draft("RGB", (size, size))  # lets JPEG decode at 1/2, 1/4 or 1/8 of its size, never below `size`
        image = _rgb(ImageOps.exif_transpose(image))
        image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3)
    except _BROKEN as error:
        raise UnreadableImageError(_reason(error)) from error
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def reduced(source: str | os.PathLike[str] | BinaryIO, size: int) -> tuple[Image.Image, str]:
    """Return a picture as `open_image` does but small, and how its file keeps colors.

    That is Pillow's mode, with ``+alpha`` where the mode does not say that parts may be transparent.

    Parameters
    ----------
    source : path or binary file
    size : int
        What JPEG is decoded to at once, by 1/2, 1/4 or 1/8: neither side falls below it. Nothing else is made smaller.

    Raises
    ------
    UnreadableImageError
        As in `open_image`; a file that is cut off is found too.
    """
    image = _open(source)
    mode = image.mode + ("+alpha" if image.has_transparency_data and "A" not in image.mode else "")
    try:
        image.draft("RGB", (size, size))
        return _rgb(ImageOps.exif_transpose(image)), mode
    except _BROKEN as error:
        raise UnreadableImageError(_reason(error)) from error


def _open(source: str | os.PathLike[str] | BinaryIO) -> Image.Image:
    try:
        # Read at once: a picture opened lazily keeps its file open until it is decoded.
        data = Path(source).read_bytes() if isinstance(source, str | os.PathLike) else source.read()
        if not data:
            raise UnreadableImageError("the file is empty")
        image = Image.open(io.BytesIO(data), formats=_FORMATS)
    except Image.DecompressionBombError as error:
        raise UnreadableImageError(f"more than {MAX_PIXELS // 10**6} million pixels") from error
    except UnreadableImageError:
        raise
    except _BROKEN as error:
        raise UnreadableImageError(_reason(error)) from error
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableImageError(f"more than {MAX_PIXELS // 10**6} million pixels")
    return image


def _rgb(image: Image.Image) -> Image.Image:
    """Return 8-bit RGB of any mode; `Image.convert` alone would clip 16 bits and show what is transparent."""
    if image.mode.startswith("I"):  # 16 bits a channel (32-bit files are read by their upper half the same way)
        values = np.asarray(image, dtype=np.int64)
        shift = 8 if values.max(initial=0) < 2**16 else 24
        image = Image.fromarray(np.clip(values >> shift, 0, 255).astype(np.uint8))
    elif image.mode == "F":
        values = np.nan_to_num(np.asarray(image, dtype=np.float64))
        scale = 255.0 if values.max(initial=0) <= 1 else 1.0
        image = Image.fromarray(np.clip(values * scale, 0, 255).round().astype(np.uint8))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _reason(error: BaseException) -> str:
    if isinstance(error, Image.UnidentifiedImageError):
        return "not a picture of a known type"
    if "truncated" in str(error) or "broken" in str(error) or isinstance(error, EOFError):
        return "the file is cut off or damaged"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return "the file is damaged"
