"""Pairs of columns, found by their names, that hold x and y of a point."""

from __future__ import annotations

import re
from collections.abc import Sequence

_AXIS_LAST = re.compile(r"(?P<name>.*?)[ _.\-]?(?P<axis>[xy])", re.IGNORECASE)
_AXIS_FIRST = re.compile(r"(?P<axis>[xy])[ _.\-]?(?P<name>.*)", re.IGNORECASE)
_FEWEST = 4  # columns without a name but a number


def pairs_among(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return the x and the y column of each point that has both, others aside.

    Examples
    --------
    >>> pairs_among(["age", "nose_x", "nose_y", "nose_p", "sex"])
    {'nose': ('nose_x', 'nose_y')}
    """
    numbered = _numbered(columns)
    by_name = max((_by_axis(columns, pattern) for pattern in (_AXIS_LAST, _AXIS_FIRST)), key=len)
    return numbered if len(numbered) > len(by_name) else by_name


def point_and_axis(column: str) -> tuple[str, str] | None:
    """Return the name of the point and the axis that a column is called after, None if after neither."""
    for pattern in (_AXIS_LAST, _AXIS_FIRST):
        if match := pattern.fullmatch(column):
            return match["name"] or "point", match["axis"].lower()
    return None


def _numbered(columns: Sequence[str]) -> dict[str, tuple[str, str]]:
    numbers = [name for name in columns if name.isascii() and name.isdecimal() and len(name) < 7]
    if len(numbers) < _FEWEST or len(numbers) % 2:
        return {}
    first = int(numbers[0])
    if [int(name) for name in numbers] != list(range(first, first + len(numbers))):
        return {}
    return {str(k): (numbers[2 * k], numbers[2 * k + 1]) for k in range(len(numbers) // 2)}


def _by_axis(columns: Sequence[str], pattern: re.Pattern[str]) -> dict[str, tuple[str, str]]:
    axes_of: dict[str, dict[str, str]] = {}
    for column in columns:
        if match := pattern.fullmatch(column):
            axes_of.setdefault(match["name"], {}).setdefault(match["axis"].lower(), column)
    whole = {name: axes for name, axes in axes_of.items() if set(axes) == {"x", "y"}}
    return {name or "point": (axes["x"], axes["y"]) for name, axes in whole.items()}
