"""Tables that are templates for answers, as competitions have: they label nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import pandas as pd

from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables.table import Table

_TEMPLATE = re.compile(r"submission|submit|template", re.IGNORECASE)
_CONSTANT = 5  # rows of one kind that are no accident


def take_out(
    tables: Sequence[Table], chosen: str | None, choice: str
) -> tuple[list[str], list[tuple[str, str]], list[Table]]:
    """Return the files that are templates, what is to be noted of them, and the other tables.

    Parameters
    ----------
    tables : sequence of Table
    chosen : str, optional
        The file that the user says is no template.
    choice : str
        Name of that answer.

    Raises
    ------
    UnsureError
        If nothing else is left.
    """
    kept: list[Table] = []
    files: list[str] = []
    notes: list[tuple[str, str]] = []
    for table in tables:
        others = [one for one in tables if one is not table and one.columns and not _is_named_so(one)]
        reason = _reason(table, others) if table.columns and chosen not in table.sources else None
        if reason is None:
            kept.append(table)
            continue
        files += table.sources
        notes.append(("template-table", f"{table.sources[0]} is a template ({reason}): not used"))
    if files and not any(table.columns for table in kept):
        question = (
            f"{files[0]} is a template for answers and says nothing of the images: expected a table of labels. Add "
            "it, or say that this table has them."
        )
        raise UnsureError(question, [Fix("", question, choice, files[0], f"Use {files[0]} all the same")])
    return files, notes, kept


def _is_named_so(table: Table) -> bool:
    return _TEMPLATE.search(PurePosixPath(table.sources[0]).stem) is not None


def _reason(table: Table, others: Sequence[Table]) -> str | None:
    """Return why a table is a template for answers; None if it is none."""
    if _is_named_so(table):
        return "by its name"
    if not others or len(table.cells) < 2 or not _is_constant(table):
        return None
    values = set(pd.to_numeric(table.cells.iloc[0], errors="coerce"))
    if len(values) == 1 and 0 < next(iter(values)) < 1:
        return f"{table.cells.iat[0, 0]} in every cell"
    alike = [one for one in others if set(one.columns) == set(table.columns) and not _is_constant(one)]
    is_part = set(table.splits or ()) & {"train", "valid"}
    return "every row is the same" if alike and len(table.cells) >= _CONSTANT and not is_part else None


def _is_constant(table: Table) -> bool:
    return bool((table.cells == table.cells.iloc[0]).all(axis=None))
