"""Columns of a table: what each holds (its role), why that is thought, and what the user says it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.core.errors import UserError

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


#: How the choice of a `lib.importing.parsed.Fix` begins whose value is the role of a column.
CHOICE = "column "
#: What stands between the role of a coordinate and the name of its point: ``x of nose``.
OF = " of "
#: Why a column has the role that the user said.
CHOSEN = "as you chose"


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

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"name": self.name, "role": self.role, "why": self.why, "values": list(self.values)}


def chosen_roles(choices: Mapping[str, str], columns: Mapping[str, str]) -> dict[str, str]:
    """Return the roles that the user said, as answers to questions or by the columns' names; the latter win.

    Examples
    --------
    >>> chosen_roles({"column dx": "labels", "points": "percent"}, {"age": "ignore"})
    {'dx': 'labels', 'age': 'ignore'}
    """
    answered = {name.removeprefix(CHOICE): role for name, role in choices.items() if name.startswith(CHOICE)}
    return {**answered, **columns}


def check_roles(roles: Mapping[str, str]) -> None:
    """Refuse a role that is none.

    Raises
    ------
    UserError
        If there is one, with the list of roles.
    """
    for name, role in roles.items():
        kind, of, point = role.partition(OF)
        if kind not in ROLES or (of and (kind not in ("x", "y", "visible") or not point.strip())):
            raise UserError(
                f"The role of column {name!r} is {role!r}: expected one of {', '.join(ROLES)} (or 'x of nose', "
                "'y of nose'). Choose one of them."
            )


def find_name(name: str, names: Sequence[str]) -> str | None:
    """Return which of the columns ``names`` is meant, capitals and spaces around it aside, None if none is.

    Examples
    --------
    >>> find_name("Age ", ["file", "age"]), find_name("sex", ["file", "age"])
    ('age', None)
    """
    if name in names:
        return name
    wanted = name.strip().casefold()
    return next((one for one in names if one.strip().casefold() == wanted), None)
