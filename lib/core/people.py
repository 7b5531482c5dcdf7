"""Who is at work: the name of the person whose request or page this is, "" where nobody logs in.

Whoever knows says it: the web's server for what it serves. Commands know nobody.
"""

from __future__ import annotations

from collections.abc import Callable

#: Letters of a name that are kept.
MOST = 100

_ask: Callable[[], str] = str


def known_by(ask: Callable[[], str]) -> None:
    """Let ``ask`` say from now on who is at work, wherever in this process something is done."""
    global _ask
    _ask = ask


def at_work() -> str:
    """Return the name of who is at work, "" where nobody is known."""
    return cleaned(_ask())


def cleaned(name: str) -> str:
    """Return a name in one line of visible letters, at most `MOST`.

    Examples
    --------
    >>> cleaned(" ann@example.org ")
    'ann@example.org'
    """
    return "".join(letter for letter in name.strip() if letter.isprintable())[:MOST]
