"""Pictures of more than 8 bits a channel: their values as the file has them, which Pillow halves where it is RGB."""

from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageOps

# Tags of TIFF: bits of each channel, whether 0 is white, whether the channels of a pixel stand together.
_BITS, _MEANS, _PLANAR = 258, 262, 284
_WHITE_IS_0, _TOGETHER = 0, 1
# Of 16 bits a channel in color Pillow's unpackers keep the upper byte. The unpacker for the other byte order keeps the
# lower one, so that two of them together give the value.
_NATIVE, _SWAPPED = ("L", "B") if sys.byteorder == "little" else ("B", "L")
_LOWER = {
    f"{channels};16{order}": f"{channels};16{other}"
    for channels in ("RGB", "RGBA", "RGBX")
    for order, other in (("B", "L"), ("L", "B"), ("N", _SWAPPED))
}
_GRAY_ALPHA = "LA;16B"  # of PNG; as four bytes a pixel it is whole


@dataclass(frozen=True)
class Deep:
    """Values of a picture, upright.

    Attributes
    ----------
    values : ndarray, shape (h, w) or (h, w, 3)
        Integers or floats.
    alpha : ndarray of uint16, shape (h, w), optional
        How opaque it is.
    inverted : bool
        Whether the lowest value is white, as in some X-rays.
    """

    values: np.ndarray
    alpha: np.ndarray | None = None
    inverted: bool = False


def mode(image: Image.Image) -> str:
    """Return how a file keeps colors: Pillow's mode, with ``;16`` where that hides 16 bits a channel.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened and not yet decoded.
    """
    raw = _raw_mode(image)
    if raw == _GRAY_ALPHA:
        return "LA;16"
    return f"{image.mode};16" if ";16" in raw and not _is_one_channel(image) else image.mode


def is_deep(image: Image.Image) -> bool:
    """Return whether `read` gives its values, so that it has more than 8 bits a channel; not decoded yet."""
    return _is_one_channel(image) or _is_whole(image, _raw_mode(image))


def refusal(image: Image.Image) -> str:
    """Return why a picture cannot be read, although Pillow does: it takes planes of 16 bits for 8; "" if it can."""
    if image.format != "TIFF" or image.mode not in ("RGB", "RGBA", "CMYK"):
        return ""
    deep = max(_tag(image, _BITS, (8,))) > 8
    return "16 bits a channel, one channel after the other: save it as PNG" if deep and not _raw_mode(image)[1:] else ""


def is_cut(image: Image.Image) -> bool:
    """Return whether it has 16 bits a channel of which only the upper 8 can be read: CMYK, planes, premultiplied."""
    raw = _raw_mode(image)
    return ";16" in raw and not _is_one_channel(image) and not _is_whole(image, raw)


def read(image: Image.Image, data: bytes) -> Deep | None:
    """Return the values of a picture; None if it has 8 bits a channel, or no more can be read.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened and not yet decoded.
    data : bytes
        The whole file.
    """
    if _is_one_channel(image):
        inverted = _tag(image, _MEANS, 1) == _WHITE_IS_0
        upright = np.asarray(ImageOps.exif_transpose(image))
        return Deep(upright.astype(_kind(image.mode), copy=False), inverted=inverted)
    raw = _raw_mode(image)
    if not _is_whole(image, raw):
        return None
    other = Image.open(io.BytesIO(data), formats=[image.format or ""])
    other.tile = [tile._replace(args=_args(tile.args, _LOWER.get(raw, "RGBA"))) for tile in other.tile]
    if raw == _GRAY_ALPHA:
        gray = np.asarray(ImageOps.exif_transpose(other)).view(">u2").astype(np.uint16)
        return Deep(gray[..., 0], gray[..., 1])
    values = np.asarray(ImageOps.exif_transpose(image)).astype(np.uint16)
    values <<= 8
    values |= np.asarray(ImageOps.exif_transpose(other))
    return Deep(values[..., :3], values[..., 3] if values.shape[2] == 4 else None)


def _is_one_channel(image: Image.Image) -> bool:
    return image.mode == "F" or image.mode.startswith("I")


def _kind(mode: str) -> type:
    """Return the type of values of a mode, in this machine's byte order."""
    return np.float32 if mode == "F" else np.int32 if mode == "I" else np.uint16


def _is_whole(image: Image.Image, raw: str) -> bool:
    return (raw in _LOWER and _tag(image, _PLANAR, _TOGETHER) == _TOGETHER) or raw == _GRAY_ALPHA


def _tag(image: Image.Image, number: int, default: Any) -> Any:
    """Return a tag of a TIFF, ``default`` where it or any other file has none."""
    tags = getattr(image, "tag_v2", None)
    return default if tags is None else tags.get(number, default)


def _raw_mode(image: Image.Image) -> str:
    """Return what Pillow calls the layout of the file's values, "" where it says nothing."""
    if not image.mode.startswith(("RGB", "CMYK")) or not (tiles := getattr(image, "tile", None)):
        return ""
    args = tiles[0][3]
    first = args[0] if isinstance(args, tuple) and args else args
    return first if isinstance(first, str) else ""


def _args(args: tuple[Any, ...] | str | None, raw: str) -> tuple[Any, ...] | str:
    return (raw, *args[1:]) if isinstance(args, tuple) else raw
