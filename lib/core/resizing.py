"""What is made of a picture's rows: all of it, or a small version for which it never has to be there as a whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from PIL import Image

from lib.core.bands import Picture
from lib.core.depth import Rule

#: A picture that is made small is first reduced by a whole number, to no less than so many times of what it becomes.
GAP = 3


def together(picture: Picture, rule: Rule) -> Image.Image:
    """Return all of a picture, upright, in RGB."""
    if picture.whole is not None:
        return picture.whole
    if picture.n_rows() >= picture.size[1]:
        (together,) = picture.rows(rule)
    else:
        together, top = Image.new("RGB", picture.size), 0
        for rows in picture.rows(rule):
            together.paste(rows, (0, top))
            top += rows.height
    return together if picture.turn is None else together.transpose(picture.turn)


def shrunk(picture: Picture, size: int, rule: Rule, resample: Image.Resampling) -> Image.Image:
    """Return a picture made small as `PIL.Image.Image.thumbnail` does it: reduced by whole numbers, then resampled."""
    (width, height), fitted = picture.size, _fitted(picture.size, size)
    across, down = (max(1, int(whole / part / GAP)) for whole, part in zip(picture.size, fitted, strict=True))
    if picture.n_rows() >= height or picture.whole is not None or (across, down) == (1, 1):
        image = together(picture, rule)
        image.thumbnail((size, size), resample, reducing_gap=GAP)
        return image
    small = Image.new("RGB", (math.ceil(width / across), math.ceil(height / down)))
    top = 0
    for rows in _blocks(picture, rule, down * max(1, picture.n_rows() // down)):
        part = rows.reduce((across, down))
        small.paste(part, (0, top))
        top += part.height
    image = small.resize(fitted, resample, box=(0, 0, width / across, height / down))
    return image if picture.turn is None else image.transpose(picture.turn)


def _blocks(picture: Picture, rule: Rule, count: int) -> Iterator[Image.Image]:
    """Yield a picture ``count`` rows at a time, however many are had at a time."""
    block, filled = Image.new("RGB", (picture.size[0], count)), 0
    for rows in picture.rows(rule):
        start = 0
        while start < rows.height:
            end = min(rows.height, start + count - filled)
            block.paste(rows.crop((0, start, rows.width, end)), (0, filled))
            filled, start = filled + end - start, end
            if filled == count:
                yield block
                filled = 0
    if filled:
        yield block.crop((0, 0, block.width, filled))


def _fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return the size of a picture whose longer side is at most ``longest``, as `PIL.Image.Image.thumbnail` rounds."""
    width, height = size
    if max(size) <= longest:
        return size
    aspect = width / height

    def nearest(side: float, error: Callable[[int], float]) -> int:
        return max(min(math.floor(side), math.ceil(side), key=error), 1)

    if aspect <= 1:
        return nearest(longest * aspect, lambda side: abs(aspect - side / longest)), longest
    return longest, nearest(longest / aspect, lambda side: abs(aspect - longest / side) if side else 0)
