"""Check for tiny pictures and for unusual sizes and aspect ratios."""

from __future__ import annotations

import numpy as np

from lib.datasets.checks.finding import EXCLUDE, INFO, WARNING, Finding, Subject, counted, ints

#: A side shorter than this, in pixels, shows hardly anything.
TINY = 16
#: Sizes and shapes are odd from this factor from the median on, and if they are also this many times as far from it as
#: half of the images are: a dataset of many sizes has no odd ones.
SIZE_FACTOR, SHAPE_FACTOR, FAR = 4.0, 2.5, 8.0
#: A size that so many have is not odd, but another source.
_SHARE = 0.05
_FEWEST = 10


def run(subject: Subject) -> list[Finding]:
    """Look at the sizes that the items have; no file is opened."""
    width, height = subject.sizes.T
    sizes = [f"{w:,.0f} x {h:,.0f} px" for w, h in zip(width, height, strict=True)]
    tiny = np.minimum(width, height) < TINY
    small = _odd(np.log(np.sqrt(width * height)), np.log(SIZE_FACTOR)) & ~tiny
    shape = _odd(np.log(width / height), np.log(SHAPE_FACTOR)) & ~tiny & ~small
    usual = f"{np.median(width):,.0f} x {np.median(height):,.0f} px"
    return [
        *_findings(
            subject, tiny, sizes, "tiny-picture", "Tiny images", WARNING,
            "image has", "images have",
            f"a side below {TINY} px: hardly anything can be seen there. Exclude what shows nothing.",
        ),
        *_findings(
            subject, small, sizes, "odd-size", "Much larger or smaller than the others", INFO,
            "image has", "images have",
            f"sides more than {SIZE_FACTOR:g} times as long or as short as usual ({usual}): look whether they belong "
            "here.",
        ),
        *_findings(
            subject, shape, sizes, "odd-shape", "Much longer or wider than the others", INFO,
            "image has", "images have",
            f"an aspect ratio more than {SHAPE_FACTOR:g} times off the usual ({usual}): training squeezes every image "
            "into a square.",
        ),
    ]  # fmt: skip


def _odd(values: np.ndarray, least: float) -> np.ndarray:
    """Return which logarithms are far from the median, if they are few."""
    if len(values) < _FEWEST:
        return np.zeros(len(values), dtype=bool)
    off = np.abs(values - np.median(values))
    odd = off > max(least, FAR * float(np.median(off)))
    return odd & (odd.mean() <= _SHARE)


def _findings(
    subject: Subject,
    odd: np.ndarray,
    sizes: list[str],
    kind: str,
    title: str,
    severity: str,
    one: str,
    many: str,
    rest: str,
) -> list[Finding]:
    indices = np.flatnonzero(odd)
    if not len(indices):
        return []
    details = {int(subject.rows[place]): sizes[place] for place in indices}
    words, rows = counted(one, many, rest), ints(subject.rows[indices])
    return [Finding(kind, title, words, severity, rows, details=details, fixes=(EXCLUDE,))]
