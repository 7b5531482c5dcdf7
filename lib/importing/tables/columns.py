"""Columns of a table: what each holds (its role), why that is thought, and what the user says it holds."""

from __future__ import annotations

from dataclasses import dataclass

#: What a column may hold, as users write it in ``--column NAME=ROLE``, and what the page calls it.
ROLES = {
    "file": "File name",
    "labels": "Label(s)",
    "01": "0/1 label",
    "number": "Number",
    "x": "x of a point",
    "y": "y of a point",
    "visible": "Visibility of a point",
    "point": "Name of a point (one row a point)",
    "box": "Corner or size of a box (one row an object)",
    "annotator": "Annotator",
    "split": "Split",
    "group": "Group",
    "ignore": "Ignored",
}


@dataclass(frozen=True)
class Column:
    """One column of a table and what it holds.

    Attributes
    ----------
    name : str
        Its name in the header; ``column 1``, ``column 2``, … where the table has none.
    role : str
        One of `ROLES`.
    why : str
        What the role was guessed by, in a few words, or "as you chose".
    values : tuple of str
        The first five different cells that are not empty.
    """

    name: str
    role: str
    why: str
    values: tuple[str, ...]
