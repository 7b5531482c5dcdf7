"""Counts, sizes and lists in sentences: "2,345 images", "3.4 MiB", "'cat', 'dog' and 3 more"."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB")


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


def size(n_bytes: int, digits: int = 3) -> str:
    """Return so many bytes in the unit that fits, with ``digits`` significant digits; no less than none.

    Examples
    --------
    >>> size(812), size(3_500_000), size(8 * 2**30), size(2**20 - 1), size(-5)
    ('812 bytes', '3.34 MiB', '8 GiB', '1 MiB', '0 bytes')
    """
    value, unit = float(max(0, n_bytes)), 0
    while unit < len(_UNITS) - 1 and value >= 1023.5:
        value, unit = value / 1024, unit + 1
    if not unit:
        return count(int(value), "byte")
    decimals = max(0, digits - len(f"{value:.0f}"))
    number = f"{value:,.{decimals}f}"
    return f"{number.rstrip('0').rstrip('.') if decimals else number} {_UNITS[unit]}"


def sizes(*n_bytes: int) -> tuple[str, ...]:
    """Return sizes as `size` does, with as many digits as those that differ need to be told apart.

    Examples
    --------
    >>> sizes(5 * 2**30, 2**20), sizes(5 * 2**30 + 1000, 5 * 2**30)
    (('5 GiB', '1 MiB'), ('5.000001 GiB', '5 GiB'))
    """
    for digits in range(3, 20):
        words = tuple(size(one, digits) for one in n_bytes)
        if len(set(words)) == len({max(0, one) for one in n_bytes}):
            break
    return words


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


def printable(text: str) -> str:
    r"""Return a text on one line that steers no terminal and no editor: a mark stands for what cannot be seen.

    Examples
    --------
    >>> printable("a\x1b[31mb\n")
    'a�[31mb�'
    """
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def named(name: str, noun: str) -> str:
    """Return how something is called in a sentence, where its name may be a number.

    Examples
    --------
    >>> named("nose", "point"), named("30", "point")
    ('nose', 'point 30')
    """
    return f"{noun} {name}" if name.isdecimal() else name
