"""Picture files to pixels: opened upright and in RGB, checked, made small."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from lib.core import bands, budget, cost, deep, digests, resizing
from lib.core.bands import Picture
from lib.core.depth import OWN, Extent, Rule
from lib.core.picture_files import TooLargeError, header, opened

#: Formats of which a file may hold several pictures; phones put other versions of the same one beside it in a JPEG.
_SERIES = ("GIF", "WEBP", "PNG", "TIFF", "AVIF")
_THUMBNAILS = 512  # pixels: what is shorter is one
_LARGE, _LARGEST = 6_000_000, 28_000_000  # pixels of a JPEG, see `_draft`


@dataclass(frozen=True)
class Probe:
    """What a picture is, as of `probe`.

    Width and height are in pixels as shown, after EXIF rotation; ``format`` is Pillow's name; ``digest`` is
    the hash of its file; ``orientation`` is EXIF's, 1 to 8, 1 for a picture that is stored upright.
    ``extent`` is what values a picture of more than 8 bits a channel has, None for others; ``is_cut`` as of
    `lib.core.deep`.
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
        If it is no picture, is cut off, has more than `lib.core.picture_files.MAX_PIXELS` pixels, takes more memory
        than `lib.core.budget` has, or has values outside of the range of ``rule``.
    """
    with opened(source) as file, _decoded(file, rule) as picture:
        return resizing.together(picture, rule)


def is_deep(source: str | os.PathLike[str] | BinaryIO) -> bool:
    """Return whether a picture has more than 8 bits a channel, which `lib.core.depth` makes 8; nothing is decoded.

    Raises
    ------
    UnreadableImageError
        If it is no picture, or too large.
    """
    with opened(source) as file:
        return deep.is_deep(header(file))


def count(source: str | os.PathLike[str] | BinaryIO) -> int:
    """Return how many frames or pages a file has, of which the first is the picture; nothing is decoded.

    Raises
    ------
    UnreadableImageError
        If it is no picture, or too large.
    """
    with opened(source) as file:
        image = header(file)
        return getattr(image, "n_frames", 1) if image.format in _SERIES else 1


def probe(path: str | os.PathLike[str]) -> Probe:
    """Decode a picture completely and return its size, format and hash.

    Raises
    ------
    UnreadableImageError
        As in `open_image`.
    """
    with opened(path) as file:
        image = header(file)
        kind, is_cut = image.format or "", deep.is_cut(image)
        del image
        file.seek(0)
        with _decoded(file, OWN, None) as picture:
            extent = picture.extent()
            width, height = picture.size[::-1] if picture.turn in bands.SIDEWAYS else picture.size
        file.seek(0)
        digest = digests.of_open(file)
    return Probe(width, height, kind, digest, picture.orientation, extent, is_cut)


def thumbnail(source: str | os.PathLike[str] | BinaryIO, size: int, rule: Rule = OWN) -> bytes:
    """Return a JPEG of the picture whose longer side is at most ``size`` pixels; it is never enlarged.

    Parameters
    ----------
    source : path or binary file
        A file is read from its beginning.
    size : int
    rule : Rule
        As in `open_image`.

    Raises
    ------
    UnreadableImageError
        As in `open_image`.
    """
    image = shrunk(source, size, rule, filter=Image.Resampling.LANCZOS)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def shrunk(
    source: str | os.PathLike[str] | BinaryIO,
    size: int,
    rule: Rule = OWN,
    *,
    filter: Image.Resampling = Image.Resampling.BICUBIC,
) -> Image.Image:
    """Return a picture as `open_image` does, its longer side at most ``size`` pixels; it is never enlarged.

    Large ones are made smaller as they are decoded, so that little memory is needed: to the bit as if they had been
    opened whole, but for those that EXIF turns, which differ by rounding. A JPEG is decoded smaller at once, by 1/2,
    1/4 or 1/8, see `_draft`.

    Parameters
    ----------
    source : path or binary file
    size : int
    rule : Rule
        As in `open_image`.
    filter : PIL.Image.Resampling

    Raises
    ------
    UnreadableImageError
        As in `open_image`.
    """
    with opened(source) as file, _decoded(file, rule, size, lambda whole: _draft(whole, size)) as picture:
        return resizing.shrunk(picture, size, rule, filter)


def _draft(size: tuple[int, int], longest: int) -> tuple[int, int] | None:
    """Return what a JPEG of ``size`` is at least decoded to that is made small, None for all of it.

    For a thumbnail that is its own size. What is looked at closely is twice as large, and only where it saves much; of
    the largest, of which more is asked for than a screen shows, 0.7 times as large.
    """
    if longest < _THUMBNAILS:
        return longest, longest
    n_pixels, (width, height) = size[0] * size[1], resizing.fit(size, longest)
    if longest <= resizing.LONGEST:
        return (2 * width, 2 * height) if n_pixels > _LARGE else None
    return (int(0.7 * width), int(0.7 * height)) if n_pixels > _LARGEST else None


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
    with opened(source) as file:
        image = header(file)
        mode = deep.mode(image) + ("+alpha" if image.has_transparency_data and "A" not in image.mode else "")
        file.seek(0)
        with _decoded(file, rule, draft=lambda _: (size, size)) as picture:
            return resizing.together(picture, rule), mode


@contextlib.contextmanager
def _decoded(
    file: BinaryIO,
    rule: Rule,
    longest: int | None = 0,
    draft: Callable[[tuple[int, int]], tuple[int, int] | None] = lambda _: None,
) -> Iterator[Picture]:
    """Give a picture inside the block, having waited until the process has room for it and what is made of it.

    Parameters
    ----------
    file : binary file
    rule : Rule
    longest : int, optional
        Longer side of what is made of it in pixels; 0 for all of it, None for nothing.
    draft : callable
        Returns what a JPEG of a size is at least decoded to, None for all of it.
    """
    image = header(file)
    n_bytes = file.seek(0, io.SEEK_END)
    size, kind = image.size, image.format or ""
    if (drafted := draft(size)) is not None:
        image.draft("RGB", drafted)
    needed = cost.of(image, file, n_bytes, round(size[0] / image.width), longest)
    try:
        with budget.own().hold(needed):
            picture = bands.of(image, file, rule)
            del image
            yield picture
    except budget.TooLargeError as error:
        raise TooLargeError(size, kind, error, cost.in_rows(size, longest)) from error
