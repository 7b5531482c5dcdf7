"""Pictures of more than 8 bits a channel: their values as the file has them, which Pillow halves where it is RGB."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

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


@dataclass(frozen=True)
class Layout:
    """How a picture keeps its values, known before it is decoded: Pillow's raw mode, and whether 0 is white."""

    raw: str
    inverted: bool

    @property
    def has_alpha(self) -> bool:
        """Whether it also says how opaque each pixel is."""
        return "A" in self.raw


def layout(image: Image.Image) -> Layout | None:
    """Return how `read` reads a picture that is not decoded yet; None if it has 8 bits a channel, or no more can be."""
    return Layout(_raw_mode(image), _tag(image, _MEANS, 1) == _WHITE_IS_0) if is_deep(image) else None


def planes(image: Image.Image, file: BinaryIO, layout: Layout | None) -> tuple[Image.Image, ...]:
    """Decode a picture; once more for the lower 8 of 16 bits in color, of which Pillow gives the upper ones.

    Parameters
    ----------
    image : PIL.Image.Image
        Opened and not yet decoded.
    file : binary file
        The whole file.
    layout : Layout, optional
        That of ``image``; without it, it is decoded as Pillow does.
    """
    if layout is None or layout.raw not in (*_LOWER, _GRAY_ALPHA):
        image.load()
        return (image,)
    if layout.raw != _GRAY_ALPHA:
        image.load()
    file.seek(0)
    other = Image.open(file, formats=[image.format or ""])
    other.tile = [tile._replace(args=_args(tile.args, _LOWER.get(layout.raw, "RGBA"))) for tile in other.tile]
    other.load()
    return (other,) if layout.raw == _GRAY_ALPHA else (image, other)


def read(images: tuple[Image.Image, ...], layout: Layout) -> Deep:
    """Return the values of a deep picture, or of a part of it: ``images`` as of `planes`."""
    if layout.raw == _GRAY_ALPHA:
        gray = np.asarray(images[0]).view(">u2").astype(np.uint16)
        return Deep(gray[..., 0], gray[..., 1])
    if len(images) == 1:
        values = np.asarray(images[0])
        return Deep(values.astype(_kind(images[0].mode), copy=False), inverted=layout.inverted)
    upper, lower = images
    values = np.asarray(upper).astype(np.uint16)
    values <<= 8
    values |= np.asarray(lower)
    return Deep(values[..., :3], values[..., 3] if values.shape[2] == 4 else None)


def upper(images: tuple[Image.Image, ...], layout: Layout) -> Image.Image:
    """Return the upper 8 bits of a picture in color or with transparency; ``images`` as of `planes`."""
    if layout.raw != _GRAY_ALPHA:
        return images[0]
    return Image.fromarray(np.ascontiguousarray(np.asarray(images[0])[..., [0, 0, 0, 2]]))


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
