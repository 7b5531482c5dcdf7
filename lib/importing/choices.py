"""The user's answers to what an import asks: one of those offered, or a refusal that lists them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lib.core.errors import UserError
from lib.importing.untrusted import describe


def answer(choices: Mapping[str, str], name: str, offered: Sequence[str]) -> str | None:
    """Return the answer to the question ``name``, None where nothing was answered.

    Raises
    ------
    UserError
        If it is none of ``offered``.

    Examples
    --------
    >>> answer({"comma": "decimal"}, "comma", ("decimal", "thousands")), answer({}, "comma", ("decimal", "thousands"))
    ('decimal', None)
    """
    given = choices.get(name)
    if given is None or given in offered:
        return given
    raise refusal(name, given, either(offered))


def refusal(name: str, given: str, expected: str) -> UserError:
    """Return what to say of an answer that is none; ``expected`` are those that there are, in words."""
    return UserError(f"The choice {name} is {describe(given)}: expected {expected}. Choose one of them.")


def either(offered: Sequence[str]) -> str:
    """Return answers as a sentence lists them.

    Examples
    --------
    >>> either(["none"]), either(["union", "first"]), either(["xy", "xxyy", "yx"])
    ('none', 'union or first', 'xy, xxyy or yx')
    """
    return " or ".join(filter(None, (", ".join(offered[:-1]), *offered[-1:])))
