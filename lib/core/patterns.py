"""Regular expressions that a user types, matched within bounded time.

Python's own `re` cannot be interrupted: ``((a+)+)X`` on one long name keeps a process busy for ever. The package regex
reads what `re` reads, lookaheads and named groups too, which RE2 does not, and takes a time limit.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import regex

from lib.core.errors import UserError

#: Seconds that one pattern may take for all names together, and as many more for each name; a usual one takes a tenth.
SECONDS, EACH = 3.0, 1e-4
#: Characters of a pattern.
MOST = 500


def captures(pattern: str, files: Sequence[str], *, kind: str, noun: str) -> list[str | None]:
    """Return what the first parentheses of ``pattern`` match in each file's name, None where they match nothing.

    Parameters
    ----------
    pattern : str
        A regular expression, searched for in the name without its folder.
    files : sequence of str
    kind, noun : str
        What the pattern is called, and what it matches, in sentences.

    Raises
    ------
    UserError
        If it is no regular expression, has no parentheses, or takes too long.

    Examples
    --------
    >>> captures("(.*)_", ["faces/Ann_Lee_01.jpg", "faces/7.jpg"], kind="group", noun="group")
    ['Ann_Lee', None]
    """
    compiled = _compiled(pattern, kind, noun)
    most, name = SECONDS + len(files) * EACH, ""
    end = time.monotonic() + most
    try:
        texts: list[str | None] = []
        for file in files:
            name = file.rpartition("/")[2]
            # Without Python's lock, so that a slow one holds up nobody else.
            match = compiled.search(name, timeout=max(0.001, end - time.monotonic()), concurrent=True)
            texts.append(match[1] if match is not None else None)
    except (TimeoutError, MemoryError) as error:
        raise UserError(
            f"The {kind} pattern {pattern!r} takes more than {most:.2g} s on the file names, such as {name!r}: make "
            "it simpler, without a repetition inside a repetition, as in '(.*)_'."
        ) from error
    return texts


def _compiled(pattern: str, kind: str, noun: str) -> regex.Pattern[str]:
    if len(pattern) > MOST:
        raise UserError(
            f"The {kind} pattern has {len(pattern):,} characters: expected at most {MOST}, as in '(.*)_'. Shorten it."
        )
    try:
        compiled = regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError, ValueError) as error:
        raise UserError(
            f"The {kind} pattern {pattern!r} is not a regular expression ({error}): try '(.*)_'."
        ) from error
    if not compiled.groups:
        raise UserError(
            f"The {kind} pattern {pattern!r} has no parentheses: put them around the {noun}, as in '(.*)_'."
        )
    return compiled
