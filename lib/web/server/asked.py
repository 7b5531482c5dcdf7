"""Queries in the addresses of routes: made of a page's query, and read again."""

from __future__ import annotations

from dataclasses import replace

from starlette.datastructures import QueryParams

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import query as queries
from lib.datasets.query import Query
from lib.inference.similar import chosen
from lib.web.server.serving import WrongAddressError


def parameters(dataset: Dataset, query: Query) -> list[tuple[str, str | int]]:
    """Return everything that an answer depends on; labels as numbers, because names may be long."""
    place = {name: number for number, name in enumerate(dataset.names)}
    pairs: list[tuple[str, str | int]] = [("v", dataset.revision), ("split", query.split)]
    pairs += [("has", place[name]) for name in query.has] + [("lacks", place[name]) for name in query.has_not]
    if query.exactly is not None:
        pairs += [("exactly", place[name]) for name in query.exactly] or [("exactly", "")]
    by = queries.label_of(query.order)
    order = query.order if by is None else (queries.first if by[1] else queries.last)(str(place[by[0]]))
    return [*pairs, ("find", query.find), ("order", order), *chosen.parameters(query)]


def query_of(dataset: Dataset, given: QueryParams) -> Query:
    """Return the query that an address asks for.

    Raises
    ------
    UserError
        If it asks for labels that the dataset has not, or for what a network sees and is not there any more.
    """
    query = Query(
        split=given.get("split", queries.ALL),
        has=_names(dataset, given, "has"),
        has_not=_names(dataset, given, "lacks"),
        exactly=_names(dataset, given, "exactly") if "exactly" in given else None,
        find=given.get("find", ""),
        order=given.get("order", "given"),
    )
    if (by := queries.label_of(query.order)) and tasks.get(dataset.task).has_labels:
        make = queries.first if by[1] else queries.last
        query = replace(query, order=make(_name(dataset, "order", by[0])))
    return chosen.of_parameters(Workspace.find(), dataset, given, query)


def _names(dataset: Dataset, given: QueryParams, what: str) -> tuple[str, ...]:
    return tuple(_name(dataset, what, text) for text in given.getlist(what) if text)


def _name(dataset: Dataset, what: str, text: str) -> str:
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and int(text) < len(dataset.names)):
        raise WrongAddressError(f"{what}: expected a whole number below {len(dataset.names):,}, found {text[:20]!r}.")
    return dataset.names[int(text)]
