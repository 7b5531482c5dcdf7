"""Counts and lists in sentences: "1 image", "2,345 images", "'cat', 'dog' and 3 more"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any


def word(n: int, one: str, several: str = "") -> str:
    """Return the word that goes with ``n`` things: ``one`` of exactly one, ``several`` of none and of more.

    Parameters
    ----------
    n : int
    one : str
    several : str, optional
        By default ``one`` with an s.

    Examples
    --------
    >>> word(1, "is", "are"), word(0, "is", "are"), word(2, "image")
    ('is', 'are', 'images')
    """
    return one if n == 1 else several or f"{one}s"


def count(n: int, one: str, several: str = "") -> str:
    """Return how many there are of what, as in `word`; the thousands are set off.

    Examples
    --------
    >>> count(1, "image"), count(2345, "image"), count(0, "image")
    ('1 image', '2,345 images', '0 images')
    >>> count(2, "class", "classes"), count(1, "image is", "images are")
    ('2 classes', '1 image is')
    """
    return f"{n:,} {word(n, one, several)}"


def sentence(n: int, one: str, several: str) -> str:
    """Return ``one`` as it is, or ``several`` with ``n`` where it has ``{:,}``: where more than one word changes.

    Examples
    --------
    >>> sentence(1, "The file of 1 image is gone.", "The files of {:,} images are gone.")
    'The file of 1 image is gone.'
    >>> sentence(1200, "The file of 1 image is gone.", "The files of {:,} images are gone.")
    'The files of 1,200 images are gone.'
    """
    return one if n == 1 else several.format(n)


def more(n: int, one: str = "", several: str = "") -> str:
    """Return how many more there are than are shown, and of what, as in `word`.

    Examples
    --------
    >>> more(1200), more(1, "point"), more(2, "point")
    ('1,200 more', '1 more point', '2 more points')
    """
    return f"{n:,} more {word(n, one, several)}" if one else f"{n:,} more"


def listed(things: Sequence[Any], limit: int, *, show: Callable[[Any], str] = str, rest: str = "more") -> str:
    """Return the first ``limit`` things and how many more there are.

    Parameters
    ----------
    things : sequence
    limit : int
    show : callable, optional
        What makes words of a thing, for instance ``repr``. Only those that are named are shown to it.
    rest : str, optional
        What the others are called.

    Examples
    --------
    >>> listed(["a", "b"], 2), listed(["a", "b", "c", "d", "e"], 2, show=repr)
    ('a, b', "'a', 'b' and 3 more")
    >>> listed([(1, 2), (3, 4), (5, 6)], 1, show=lambda pair: f"{pair[0]} and {pair[1]}", rest="more pairs")
    '1 and 2 and 2 more pairs'
    """
    named = ", ".join(show(thing) for thing in things[:limit])
    return f"{named} and {len(things) - limit:,} {rest}" if len(things) > limit else named


def joined(things: Sequence[Any], limit: int, *, show: Callable[[Any], str] = str) -> str:
    """Return the first ``limit`` things as `listed`; where these are all, the last comes after an "and".

    Examples
    --------
    >>> joined(["a"], 3), joined(["a", "b"], 3), joined(["a", "b", "c"], 3), joined(["a", "b", "c", "d", "e"], 3)
    ('a', 'a and b', 'a, b and c', 'a, b, c and 2 more')
    """
    if len(things) > limit or len(things) < 2:
        return listed(things, limit, show=show)
    return f"{', '.join(show(thing) for thing in things[:-1])} and {show(things[-1])}"


def named(name: str, noun: str) -> str:
    """Return how something is called in a sentence, where its name may be a number.

    Examples
    --------
    >>> named("nose", "point"), named("30", "point")
    ('nose', 'point 30')
    """
    return f"{noun} {name}" if name.isdecimal() else name
