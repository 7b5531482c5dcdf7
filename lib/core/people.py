"""Who is at work: the name of the person whose request or page this is, "" where nobody logs in.

Whoever knows says it: the web's server for what it serves. Commands know nobody.
"""

from __future__ import annotations

from collections.abc import Callable

#: Letters of a name, at most.
MOST = 100

_ask: Callable[[], str] = str


def known_by(ask: Callable[[], str]) -> None:
    """Let ``ask`` say from now on who is at work, wherever in this process something is done."""
    global _ask
    _ask = ask


def at_work() -> str:
    """Return the name of who is at work, "" where nobody is known."""
    return _ask()


def is_name(name: object) -> bool:
    """Return whether something can be somebody's name: one line of visible letters, at most `MOST`.

    Examples
    --------
    >>> is_name("ann@example.org"), is_name(""), is_name("ann "), is_name("an\N{ZERO WIDTH SPACE}n")
    (True, False, False, False)
    """
    return isinstance(name, str) and 0 < len(name) <= MOST and name.isprintable() and name == name.strip()
