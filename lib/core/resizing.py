"""What is made of a picture's rows: all of it, or a small version for which it never has to be there as a whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from PIL import Image

from lib.core.bands import Picture
from lib.core.depth import Rule

#: A picture that is made small is first reduced by a whole number, to no less than so many times of what it becomes.
#: What becomes longer than `LONGEST` is reduced as far as it goes: enough is left of it, and the gap costs memory.
GAP, LONGEST = 3, 1024
#: Pixels of the rows that are reduced to one: of a picture that is wider than usual fewer rows are, and more is left.
MOST = 1 << 22


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
    """Return a picture made small as `PIL.Image.Image.thumbnail` does it: by whole numbers, then resampled.

    Resampling is done along rows as they come, and along columns of what that leaves. The result is Pillow's to the
    bit, but for pictures so wide that less is reduced, see `MOST`.
    """
    (width, height), fitted = picture.size, fit(picture.size, size)
    if fitted == picture.size:
        return together(picture, rule)
    across, down = factors(picture.size, size)
    narrow, top = Image.new("RGB", (fitted[0], math.ceil(height / down))), 0
    for rows in _blocks(picture, rule, down * max(1, picture.n_rows() // down)):
        part = rows.reduce((across, down))
        part = part.resize((fitted[0], part.height), resample, box=(0, 0, width / across, part.height))
        narrow.paste(part, (0, top))
        top += part.height
    picture.release()
    image = narrow.resize(fitted, resample, box=(0, 0, fitted[0], height / down))
    return image if picture.turn is None else image.transpose(picture.turn)


def factors(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return by what whole numbers a picture is reduced, across and down, before it is resampled."""
    gap = GAP if longest <= LONGEST else 1
    across, down = (int(whole / part / gap) for whole, part in zip(size, fit(size, longest), strict=True))
    return max(1, across), max(1, min(down, MOST // size[0]))


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


def fit(size: tuple[int, int], longest: int) -> tuple[int, int]:
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
