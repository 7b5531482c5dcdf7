"""Cells that hold lists of numbers: the points of an image in one cell, and lists that are no labels."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{0,15})?(?:[eE][+-]?\d{1,3})?")
_BETWEEN = re.compile(r"[\s,;()\[\]]*")
_FEWEST = 4  # two points
_MOST = 10_000  # letters of a cell
_SHARE = 0.9
_LOOKED_AT = 20


def numbers(cell: str) -> list[str]:
    """Return the numbers of a cell that holds four or more and nothing else; none of another.

    Examples
    --------
    >>> numbers("[[5, 10], [15, 11.5]]"), numbers("5 10 15 11"), numbers("5 10"), numbers("cat, 1, 2, 3, 4")
    (['5', '10', '15', '11.5'], ['5', '10', '15', '11'], [], [])
    """
    if len(cell) > _MOST or _BETWEEN.fullmatch(_NUMBER.sub("", cell)) is None:
        return []
    numerals = _NUMBER.findall(cell)
    return numerals if len(numerals) >= _FEWEST else []


def are_lists(cells: Iterable[str]) -> bool:
    """Return whether nearly all of different cells are lists of four numbers or more."""
    cells = list(cells)
    if not cells or not any(map(numbers, cells[:_LOOKED_AT])):
        return False
    return sum(bool(numbers(cell)) for cell in cells) >= _SHARE * len(cells)


def points(cells: Iterable[str]) -> int:
    """Return how many points each of different cells lists, 0 where they do not list equally many."""
    cells = list(cells)
    counts = {len(numbers(cell)) for cell in cells} if are_lists(cells) else set()
    count = next(iter(counts)) if len(counts) == 1 else 0
    return count // 2 if count % 2 == 0 else 0
