"""What an address chooses by what a network sees: the order of pictures by likeness to one, and a lasso on the map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets.cache import remember
from lib.datasets.query import Query, Rows
from lib.inference.similar import features, lasso, maps, search
from lib.training import runs
from lib.training.runs import Run

#: Names in an address: a row, a lasso, and the run whose network sees (without it the one that comes along).
LIKE, LASSO, BY = "like", "lasso", "seen"
_THEN = " "  # in the name of `Rows`, between what was chosen and the run


def network(workspace: Workspace, run: str) -> Run | None:
    """Return the run whose network sees, None for "", the one that comes with the installation.

    Raises
    ------
    UserError
        If there is no such run, or it has no model.
    """
    if not run:
        return None
    of = runs.load(workspace, run)
    of.result()
    return of


def row_of(dataset: Dataset, text: str) -> int | None:
    """Return the row that an address names, None if there is no such row."""
    row = int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else len(dataset)
    return row if row < len(dataset) else None


def like(dataset: Dataset, of: Run | None, row: int) -> Rows | None:
    """Return all rows that the network saw, the most similar to ``row`` first; None where it has not seen them yet.

    Raises
    ------
    UserError
        If the picture could not be read.
    """
    known = features.read(dataset, of)
    if known is None:
        return None
    rows = remember(dataset, (LIKE, known.key, row), lambda: search.order(known, row))[0]
    return Rows(_name(str(row), of), rows)


def distances(dataset: Dataset, of: Run | None, row: int) -> dict[int, float]:
    """Return the distance of the rows of `like` to ``row``, those that are exact; raises as `like`."""
    known = features.read(dataset, of)
    if known is None:
        return {}
    rows, apart = remember(dataset, (LIKE, known.key, row), lambda: search.order(known, row))
    return dict(zip(rows[: search.EXACT].tolist(), apart[: search.EXACT].tolist(), strict=True))


def within(dataset: Dataset, of: Run | None, text: str) -> Rows | None:
    """Return the rows inside a lasso from an address; None where there is no map yet.

    Raises
    ------
    UserError
        If it is no lasso, or one on another map.
    """
    if (corners := lasso.corners(text)) is None:
        raise UserError("The address has a selection on the map that cannot be read: draw it again.")
    shown = maps.read(dataset, of)
    if shown is None:
        return None
    if not lasso.is_of(shown, text):
        raise UserError("The selection in the address was drawn on another map of these images: draw it again.")
    rows = remember(dataset, (LASSO, shown.key, text), lambda: shown.rows[lasso.inside(shown.positions, corners)])
    return Rows(_name(text, of), rows)


def _name(text: str, of: Run | None) -> str:
    return f"{text}{_THEN}{'' if of is None else of.id}"


def parameters(query: Query) -> list[tuple[str, str]]:
    """Return what an address says of a query's ``among`` and ``like``, so that `of_parameters` makes them again."""
    pairs = []
    for name, rows in ((LASSO, query.among), (LIKE, query.like)):
        if rows is not None:
            text, _, run = rows.name.partition(_THEN)
            pairs += [(name, text), (f"{name}-{BY}", run)]
    return pairs


def of_parameters(workspace: Workspace, dataset: Dataset, given: Mapping[str, str], query: Query) -> Query:
    """Return ``query`` with what an address, made by `parameters`, says of its ``among`` and ``like``.

    Raises
    ------
    UserError
        If that is not there (any more).
    """
    if text := given.get(LASSO):
        query = replace(query, among=within(dataset, network(workspace, given.get(f"{LASSO}-{BY}", "")), text))
    if row := given.get(LIKE):
        of, place = network(workspace, given.get(f"{LIKE}-{BY}", "")), row_of(dataset, row)
        query = replace(query, like=None if place is None else like(dataset, of, place))
    if (text and query.among is None) or (row and query.like is None):
        raise UserError("What the network sees in the images is not there any more: reload the page.")
    return query
