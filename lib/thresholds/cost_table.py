"""Costs of labels as a table of text, as it is copied from a spreadsheet or lies in a CSV file."""

from __future__ import annotations

import contextlib
import csv
import difflib
import math
from collections.abc import Sequence

from lib.core.errors import UserError

#: What may stand between cells, the surest sign first.
_SEPARATORS = "\t;,"
#: Characters that such a table may have.
_MOST_LENGTH = 1_000_000


def parse(text: str, names: Sequence[str]) -> dict[str, tuple[float, float]]:
    r"""Return ``(miss, alarm)`` by label of a table with the columns label, cost of a miss and cost of a false alarm.

    Cells are divided by tabs, semicolons or commas; a first line without numbers names the columns. Decimals may have
    a comma where cells are not divided by one.

    Parameters
    ----------
    text : str
    names : sequence of str
        The labels that there are; the table may leave some out.

    Raises
    ------
    UserError
        If a line is not that, with its number; or names a label that does not exist, or one twice.

    Examples
    --------
    >>> parse("label;miss;alarm\ncar;2,5;1\n", ["car", "bus"])
    {'car': (2.5, 1.0)}
    """
    if len(text) > _MOST_LENGTH:
        raise UserError(f"The table of costs has {len(text):,} characters: expected at most {_MOST_LENGTH:,}.")
    lines = text.lstrip("\ufeff").splitlines()
    separator = max(_SEPARATORS, key=lambda one: sum(len(_cells(line, one)) == 3 for line in lines))
    by_label: dict[str, tuple[float, float]] = {}
    is_first = True
    for number, line in enumerate(lines, 1):
        cells = _cells(line, separator)
        if not any(cells):
            continue
        is_head, is_first = is_first and len(cells) == 3 and not _numbers(cells[1:], separator), False
        if is_head:
            continue
        where = f"Line {number} of the costs"
        label, costs = row(cells, names, where, separator)
        if label in by_label:
            raise UserError(f"{where} gives costs of {label[:60]!r} again: leave one of the two lines out.")
        by_label[label] = costs
    return by_label


def row(
    cells: Sequence[str], names: Sequence[str], where: str, separator: str = ","
) -> tuple[str, tuple[float, float]]:
    """Return a label with ``(miss, alarm)``; UserError, which says ``where``, if the cells are not that."""
    costs = _numbers(cells[1:], separator)
    if len(cells) != 3 or len(costs) != 2:
        raise UserError(
            f"{where} is {' '.join(cells)[:60]!r}: expected a label, the cost of a miss and the cost of a false alarm."
        )
    label = cells[0]
    if label not in names:
        close = difflib.get_close_matches(label, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "take one of the run's labels."
        raise UserError(f"{where} is of {label[:60]!r}, which is no label of this run: {hint}")
    return label, (costs[0], costs[1])


def _cells(line: str, separator: str) -> list[str]:
    cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
    while len(cells) > 3 and not cells[-1]:
        cells.pop()
    return cells


def _numbers(cells: Sequence[str], separator: str) -> list[float]:
    """Return those of the cells that are numbers."""
    numbers = []
    for cell in cells:
        with contextlib.suppress(ValueError):
            value = float(cell.replace(",", ".") if separator != "," else cell)
            if math.isfinite(value):
                numbers.append(value)
    return numbers
