"""Questions about keypoints in a table: their unit, their orientation, and which are missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lib.core import sentences
from lib.importing.choices import answer
from lib.importing.orientation import UPRIGHT
from lib.importing.parsed import Fix, Parsed

#: Names of the choices, and their values.
SCALE, MISSING, SIDE = "points", "missing", "set-on"
SCALES = {"pixels": "pixels", "fraction": "fractions of width and height", "percent": "percent of width and height"}
_SIDES = ("upright", "stored")
_MISSING = ("minus", "zero", "both", "none")
#: A labeled point may lie a little outside its picture.
_SLACK = 0.05
#: Percent are taken for such only if they fill the picture, of which every side is this much longer than 100 pixels.
_FILLED, _SIDE = 60.0, 200
_FEWEST = 20  # points that a guess of percent needs


def without_missing(targs: np.ndarray, choices: Mapping[str, str]) -> tuple[np.ndarray, list[Fix]]:
    """Return points, (rows, K, 2), with NaN for those that a number stands for as missing, and what to ask.

    Points at (-1, -1) are taken for missing; those at (0, 0) are not, but asked about where several pictures have one.
    """
    chosen = answer(choices, MISSING, _MISSING)
    minus, zero = ((targs == value).all(axis=-1) for value in (-1, 0))  # (rows, K)
    gone = np.zeros_like(minus)
    if chosen in (None, "minus", "both"):
        gone |= minus
    if chosen in ("zero", "both"):
        gone |= zero
    fixes = []
    if chosen is None and minus.any():
        fixes.append(_ask(minus, "-1, -1", "and read as missing", "none", "Read them as places"))
    if chosen is None and zero.any(axis=1).sum() > 1:
        value = "both" if minus.any() else "zero"
        fixes.append(_ask(zero, "0, 0", "the corner, and read as places", value, "Read (0, 0) as missing"))
    return np.where(gone[..., None], np.float32(np.nan), targs), fixes


def _ask(there: np.ndarray, place: str, read: str, value: str, title: str) -> Fix:
    points, images = int(there.sum()), int(there.any(axis=1).sum())
    lie, where = sentences.count(points, "point lies", "points lie"), sentences.count(images, "image")
    comma = "," if read.startswith("the") else ""
    kind = "missing-point" if value == "none" else ""
    return Fix(kind, f"{lie} at ({place}){comma} in {where}, {read}.", MISSING, value, title)


def set_on_stored(parsed: Parsed, turned: np.ndarray) -> bool:
    """Return whether points are places in the pictures as stored, not as shown; ask where that makes a difference.

    Parameters
    ----------
    parsed : Parsed
    turned : ndarray of int, shape (N,)
        EXIF orientation of each picture.
    """
    chosen = answer(parsed.choices, SIDE, _SIDES)
    count = int((turned != UPRIGHT).sum())
    if count and chosen is None:
        example = parsed.files[int((turned != UPRIGHT).argmax())]
        question = (
            f"{sentences.count(count, 'image is', 'images are')} turned by an EXIF tag, such as {example}: the "
            "points are read as set on the upright image. Programs that ignore the tag set them on the image as "
            "stored."
        )
        parsed.fixes.append(Fix("", question, SIDE, "stored", "They were set on the images as stored"))
    return chosen == "stored"


@dataclass(frozen=True)
class Scale:
    """What the points of a table seem to be measured in.

    Attributes
    ----------
    chosen : str or None
        A key of `SCALES` if the user said so.
    low, high : float
        Smallest and largest coordinate.
    filled : float
        The smaller of the largest x and the largest y.
    count : int
        Known points.
    """

    chosen: str | None
    low: float
    high: float
    filled: float
    count: int

    @classmethod
    def of(cls, targs: np.ndarray, choices: Mapping[str, str]) -> Scale:
        """Return it for points of shape (N, K, 2)."""
        chosen = answer(choices, SCALE, tuple(SCALES))
        known = targs[np.isfinite(targs).all(axis=-1)].astype(np.float64)  # (n, 2)
        if not len(known):
            return cls(chosen, 0.0, 0.0, 0.0, 0)
        return cls(chosen, float(known.min()), float(known.max()), float(known.max(axis=0).min()), len(known))

    def apply(self, parsed: Parsed, sizes: np.ndarray) -> None:
        """Turn the points of ``parsed`` into pixels of pictures of ``sizes``, (N, 2), and ask where that is a guess."""
        scale = self.chosen or self.guess(sizes)
        if scale != "pixels":
            whole = 1.0 if scale == "fraction" else 100.0
            parsed.targs = (parsed.targs * (sizes[:, None, :] / whole)).astype(np.float32)
            for file in parsed.files:
                parsed.problems.add("scaled-points", file)
        if self.chosen is None:
            parsed.fixes += self._questions(scale, sizes)

    def guess(self, sizes: np.ndarray) -> str:
        """Return the key of `SCALES` that fits best."""
        if not self.count:
            return "pixels"
        if self._parts_of(1.0):
            return "fraction"
        fills = self._parts_of(100.0) and self.filled >= _FILLED and self.count >= _FEWEST
        return "percent" if fills and np.median(sizes, axis=0).min() >= _SIDE else "pixels"

    def _parts_of(self, whole: float) -> bool:
        return self.low >= -_SLACK * whole and self.high <= (1 + _SLACK) * whole

    def _questions(self, scale: str, sizes: np.ndarray) -> list[Fix]:
        span = f"Every coordinate lies between {self.low:.3g} and {self.high:.3g}, so the points are read as"
        if scale != "pixels":
            text = f"{span} {SCALES[scale]}."
            return [Fix("scaled-points", text, SCALE, "pixels", "Read them as pixels")]
        larger = np.median(sizes, axis=0).min() > 110
        if self.count >= _FEWEST and self._parts_of(100.0) and self.filled >= _FILLED and larger:
            text = f"Every coordinate lies between {self.low:.3g} and {self.high:.3g}: read as pixels, may be percent."
            return [Fix("", text, SCALE, "percent", "Read them as percent")]
        return []
