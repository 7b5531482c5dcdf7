"""Takes units and percent signs off cells of numbers: ``12 px``, ``45 %``."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pandas as pd

from lib.importing.tables import words

_UNITS = "px|pix|pixels?|%|°|°C|°F|deg|nm|µm|um|mm|cm|km|mg|kg|ml|ms|min|sec|years?|yrs?|m|g|l|s|h|€|\\$"
_NUMBER = r"[+-]?(?:\d{1,15}(?:[.,]\d{1,15})*|[.,]\d{1,15})"
_CELL = re.compile(rf"(?P<number>{_NUMBER})(?P<space>\s*)(?P<unit>{_UNITS})", re.IGNORECASE)
_MOST = 0.9  # of the cells that say something
_LOOKED_AT = 100


def without_unit(name: str, column: pd.Series, filled: Iterable[str]) -> tuple[pd.Series, str] | None:
    """Return a column without its unit, and that unit; None where its numbers have none, or it holds labels.

    Parameters
    ----------
    name : str
    column : pandas.Series
        Stripped text.
    filled : iterable of str
        Its different cells that say something.

    Examples
    --------
    >>> cells = pd.Series(["12 px", "7 px", ""])
    >>> [without_unit(name, cells, ["12 px", "7 px"])[0].tolist() for name in ("nose_x",)]
    [['12', '7', '']]
    >>> without_unit("class", cells, ["12 px", "7 px"]) is None
    True
    """
    different = list(filled)
    if words.label_rank(words.words(name)) or not any(map(_CELL.fullmatch, different[:_LOOKED_AT])):
        return None
    plain = {cell: match for cell in different if (match := _CELL.fullmatch(cell))}
    units = {match["unit"].lower() for match in plain.values()}
    tight = any(len(match["unit"]) == 1 and match["unit"].isalpha() and not match["space"] for match in plain.values())
    if len(units) != 1 or tight or len(plain) < _MOST * len(different):
        return None
    return column.map(lambda cell: plain[cell]["number"] if cell in plain else cell), units.pop()
