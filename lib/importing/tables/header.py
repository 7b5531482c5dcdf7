"""Decides by content whether the first line of a table is its header or a row already."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest

from lib.importing import choices
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tree import is_picture

#: Name of the answer, and its values: the first line is the header, or there is none.
CHOICE = "header"
FIRST_LINE, NONE = "first-line", "none"
_USUAL = {"file", "filename", "file_name", "fname", "image", "image_name", "img", "name", "path", "id", "image_id"}
_MOST = 0.5


def names_of(width: int) -> list[str]:
    """Return what the columns of a table without a header are called."""
    return [f"column {number}" for number in range(1, width + 1)]


def is_given(name: str) -> bool:
    """Return whether a column has no name of its own.

    Examples
    --------
    >>> is_given("column 2"), is_given("column")
    (True, False)
    """
    return re.fullmatch(r"column \d{1,9}", name) is not None


def is_row(first: list[str], rows: list[list[str]], names_pictures: Callable[[str], bool]) -> bool | None:
    """Return whether ``first`` is a row as those after it, False where it is their header, None where neither is sure.

    Parameters
    ----------
    first : list of str
        The first line.
    rows : list of list of str
        Lines after it.
    names_pictures : callable
        Says whether a cell without a picture's ending means a picture, or a folder of pictures, that is there.

    Examples
    --------
    >>> here = {"img1", "img2"}.__contains__
    >>> is_row(["a.jpg", "0"], [["b.jpg", "1"]], here), is_row(["file", "0"], [["b.jpg", "1"]], here)
    (True, False)
    >>> is_row(["img1", "x"], [["img2", "y"]], here), is_row(["name", "x"], [["img2", "y"]], here)
    (True, False)
    >>> is_row(["img0", "x"], [["img1", "y"], ["img2", "y"]], here) is None
    True
    """
    if not rows:  # one line: a class list as keras-retinanet has, or a header without anything below
        return any(is_picture(cell) or _is_number(cell) for cell in first)
    columns = list(zip_longest(*rows, fillvalue=""))
    pairs = [(first[i] if i < len(first) else "", columns[i]) for i in range(len(columns))]
    for test in (is_picture, names_pictures):
        for cell, cells in pairs:
            if sum(map(test, cells)) < max(1, _MOST * len(cells)) or (test is names_pictures and _repeats(cells)):
                continue
            if test(cell):
                return None if cell.lower() in _USUAL else cell not in cells or not _is_number(cell)
            alike = test is names_pictures and any(map(str.isdigit, cell)) and _shape(cell) in map(_shape, cells)
            return None if alike else False
    return False


def unsure(file: str, first: list[str]) -> UnsureError:
    """Return the question whether a first line is a header."""
    shown = ", ".join(repr(cell[:40]) for cell in first[:4])
    question = f"{file}: the first line ({shown}) may be a header, or a row as the others: nothing tells which. Say it."
    return UnsureError(
        question,
        [
            Fix("", question, CHOICE, FIRST_LINE, "The first line is the header"),
            Fix("", question, CHOICE, NONE, "There is no header"),
        ],
    )


def answer(choices_given: Mapping[str, str]) -> bool | None:
    """Return whether the user says that the first line is a row, None where nothing is said."""
    given = choices.answer(choices_given, CHOICE, (FIRST_LINE, NONE))
    return None if given is None else given == NONE


def _repeats(cells: Sequence[str]) -> bool:
    """Return whether cells are numbers that come again and again: "1" in a column of ones does not mean 1.jpg."""
    return len(set(cells)) <= 0.9 * len(cells) and all(map(_is_number, cells))


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"[+-]?\d{1,20}(\.\d{1,20})?", cell) is not None


def _shape(cell: str) -> str:
    return re.sub(r"\d+", "0", cell)
