"""Texts that no spreadsheet takes for a formula, and what they were before."""

from __future__ import annotations

import re

#: Where a cell starts, also in a program that separates cells by semicolons, tabs or ends of lines, ...
_START = r"(^|[;\t\r\n])"
#: ... and what begins a formula there; apostrophes before it are the text's own.
_FORMULA = r"(?='*[\t\r\n]|[\s\"']*[=+\-@＝＋－＠])"
_UNSAFE, _SAFE = re.compile(_START + _FORMULA), re.compile(_START + "'" + _FORMULA)

#: What is said of that wherever a table is offered.
WORDS = (
    "Names that a spreadsheet would take for a formula (they begin with =, +, -, @, a tab or a line's end) get an "
    "apostrophe in front, which an import takes off again."
)


def safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe is put before what could begin one.

    Also inside a text, where a cell would begin for a program that separates cells by semicolons or tabs.

    Examples
    --------
    >>> safe("=1+1"), safe("a-b;=1"), safe("car"), safe("'=1")
    ("'=1+1", "a-b;'=1", 'car', "''=1")
    """
    return _UNSAFE.sub(r"\1'", text)


def plain(text: str) -> str:
    """Return the text that `safe` made this one of.

    Examples
    --------
    >>> plain("'=1+1"), plain("a-b;'=1"), plain("it's 'so'"), plain("''=1")
    ('=1+1', 'a-b;=1', "it's 'so'", "'=1")
    """
    return _SAFE.sub(r"\1", text)
