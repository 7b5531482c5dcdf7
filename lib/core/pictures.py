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

from PIL import Image, ImageOps, UnidentifiedImageError

from lib.core import deep, depth
from lib.core.depth import OWN, Extent, Rule

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

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
#: Formats of which a file may hold several pictures; phones put other versions of the same one beside it in a JPEG.
_SERIES = ("GIF", "WEBP", "PNG", "TIFF", "AVIF")
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


class OutsideValuesError(UnreadableImageError):
    """A picture has values outside of the range that is known of its dataset or model."""


@dataclass(frozen=True)
class Probe:
    """What `probe` found.

    Width and height are in pixels as shown, after EXIF rotation; ``format`` is Pillow's name; ``digest`` is the BLAKE2
    hash of the file's bytes; ``orientation`` is EXIF's, 1 to 8, 1 for a picture that is stored upright. ``extent`` is
    what values a picture of more than 8 bits a channel has, None for others; ``is_cut`` as of `lib.core.deep`.
    """

    width: int
    height: int
    format: str
    digest: str
    orientation: int = 1
    extent: Extent | None = None
    is_cut: bool = False


def open_image(source: str | os.PathLike[str] | BinaryIO, rule: Rule = OWN) -> Image.Image:
    """Return a picture as people see it: upright, in 8-bit RGB, transparent parts on white.

    The only way pictures are opened in this project, so that what is shown is what is learned from.

    Parameters
    ----------
    source : path or binary file
    rule : Rule
        How more than 8 bits a channel become 8, see `lib.core.depth`: that of the dataset or of the model.

    Raises
    ------
    UnreadableImageError
        If it is no picture, is cut off, has more than `MAX_PIXELS` pixels, or values outside of the range of ``rule``.
    """
    image, data = _open(source)
    try:
        return _rgb(image, data, rule)
    except _BROKEN as error:
        raise _unreadable(error) from error


def is_deep(source: str | os.PathLike[str] | BinaryIO) -> bool:
    """Return whether a picture has more than 8 bits a channel, which `lib.core.depth` makes 8; nothing is decoded.

    Raises
    ------
    UnreadableImageError
        If it is no picture, or too large.
    """
    return deep.is_deep(_open(source)[0])


def count(source: str | os.PathLike[str] | BinaryIO) -> int:
    """Return how many frames or pages a file has, of which the first is the picture; nothing is decoded.

    Raises
    ------
    UnreadableImageError
        If it is no picture, or too large.
    """
    image, _ = _open(source)
    try:
        return getattr(image, "n_frames", 1) if image.format in _SERIES else 1
    except _BROKEN as error:
        raise _unreadable(error) from error


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
        raise _unreadable(error) from error
    image, _ = _open(io.BytesIO(data))
    is_cut, has_more = deep.is_cut(image), deep.is_deep(image)  # before EXIF is asked for, which may decode
    try:
        orientation = image.getexif().get(_ORIENTATION, 1)  # before it is decoded: Pillow turns TIFF while doing so
        image.load()
        pixels = deep.read(*_open(io.BytesIO(data))) if has_more else None
        turned = image.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8)
    except _BROKEN as error:
        raise _unreadable(error) from error
    width, height = image.size[::-1] if turned else image.size
    orientation = orientation if orientation in range(1, 9) else 1
    digest = hashlib.blake2b(data, digest_size=8).hexdigest()
    extent = depth.extent(pixels.values) if pixels else None
    return Probe(width, height, image.format or "", digest, orientation, extent, is_cut)


def thumbnail(path: str | os.PathLike[str], size: int, rule: Rule = OWN) -> bytes:
    """Return a JPEG of the picture whose longer side is at most ``size`` pixels; it is never enlarged.

    Parameters
    ----------
    path : path
    size : int
    rule : Rule
        As in `open_image`.

    Raises
    ------
    UnreadableImageError
        As in `open_image`.
    """
    image, data = _open(path)
    try:
        image.draft("RGB", (size, size))  # lets JPEG decode at 1/2, 1/4 or 1/8 of its size, never below `size`
        image = _rgb(image, data, rule)
        image.thumbnail((size, size), Image.Resampling.LANCZOS, reducing_gap=3)
    except _BROKEN as error:
        raise _unreadable(error) from error
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def reduced(source: str | os.PathLike[str] | BinaryIO, size: int, rule: Rule = OWN) -> tuple[Image.Image, str]:
    """Return a picture as `open_image` does but small, and how its file keeps colors.

    That is `lib.core.deep.mode`, with ``+alpha`` where that does not say that parts may be transparent.

    Parameters
    ----------
    source : path or binary file
    size : int
        What JPEG is decoded to at once, by 1/2, 1/4 or 1/8: neither side falls below it. Nothing else is made smaller.
    rule : Rule
        As in `open_image`.

    Raises
    ------
    UnreadableImageError
        As in `open_image`; a file that is cut off is found too.
    """
    image, data = _open(source)
    mode = deep.mode(image) + ("+alpha" if image.has_transparency_data and "A" not in image.mode else "")
    try:
        image.draft("RGB", (size, size))
        return _rgb(image, data, rule), mode
    except _BROKEN as error:
        raise _unreadable(error) from error


def _open(source: str | os.PathLike[str] | BinaryIO) -> tuple[Image.Image, bytes]:
    """Return a picture that is not decoded yet, and its file."""
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
    except UnidentifiedImageError as error:
        raise UnreadableImageError(_other_type(data)) from error
    except _BROKEN as error:
        raise _unreadable(error) from error
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableImageError(f"more than {MAX_PIXELS // 10**6} million pixels")
    if reason := deep.refusal(image):
        raise UnreadableImageError(reason)
    return image, data


def _rgb(image: Image.Image, data: bytes, rule: Rule) -> Image.Image:
    """Return upright 8-bit RGB of any mode; `Image.convert` alone would clip 16 bits and show what is transparent."""
    pixels = None if rule == depth.UPPER and image.mode.startswith("RGB") else deep.read(image, data)
    if pixels is None:
        image = ImageOps.exif_transpose(image)
    else:
        shown = depth.eight_bits(pixels.values, rule)
        image = Image.fromarray(255 - shown if pixels.inverted and rule != depth.UPPER else shown)
        if pixels.alpha is not None:  # a file of 12 bits has 4,095 where nothing shines through
            image = image.convert("RGB")
            image.putalpha(Image.fromarray(depth.eight_bits(pixels.alpha, OWN)))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


def _other_type(data: bytes) -> str:
    """Say what a file is that no decoder knows, and what to do where that helps."""
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "a zip file: unpack it first"
    if data.startswith(b"%PDF-"):
        return "a PDF: save its pages as PNG"
    if data[4:8] == b"ftyp":
        return "HEIC: save it as JPEG" if data[8:12] in _HEIC else "a video: save a frame of it as PNG"
    return "not a picture of a known type"


def _unreadable(error: BaseException) -> UnreadableImageError:
    return (
        OutsideValuesError(str(error))
        if isinstance(error, depth.OutsideError)
        else UnreadableImageError(_reason(error))
    )


def _reason(error: BaseException) -> str:
    if "truncated" in str(error) or "broken" in str(error) or isinstance(error, EOFError):
        return "the file is cut off or damaged"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return "the file is damaged"
