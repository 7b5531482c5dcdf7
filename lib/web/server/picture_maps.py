"""Routes of the map of pictures: where they stand, how they are colored, and what is said of one."""

from __future__ import annotations

import json
import struct
from urllib.parse import urlencode

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import query as queries
from lib.datasets import store
from lib.datasets.query import Query
from lib.evaluation import picture_colors
from lib.inference.similar import chosen, maps
from lib.inference.similar.maps import Map
from lib.training.runs import Run
from lib.web.server import asked
from lib.web.server.serving import ASK, FOR_GOOD, SAFE, WrongAddressError, missing

_BINARY = "application/octet-stream"
_GONE = "There is no map of these images: make one on the Data page."


def positions_url(dataset: Dataset, of: Run | None, shown: Map) -> str:
    """Return the address of where pictures stand; another map is another address."""
    return f"{_path(dataset)}?{urlencode([*_whose(of), ('key', shown.key)])}"


def colors_url(dataset: Dataset, of: Run | None, shown: Map, query: Query, by: str) -> str:
    """Return the address of the colors ``by`` one of `picture_colors.options`, and of which pictures pass ``query``."""
    pairs = [*_whose(of), ("key", shown.key), ("by", by), *asked.parameters(dataset, query)]
    return f"{_path(dataset)}/colors?{urlencode(pairs)}"


def words_url(dataset: Dataset) -> str:
    """Return the address of what is said of a picture, with ``{row}`` in it."""
    return f"{_path(dataset)}/picture?v={dataset.revision}&row={{row}}"


def positions(request: Request) -> Response:
    """Answer ``/api/datasets/{dataset}/map``: how many, 4 bytes, little endian; their rows, 4 bytes each; then x and y.

    Coordinates are float32 from 0 to 1, x and y of the first picture, then of the second and so on.
    """
    try:
        shown = _asked(request)[1]
    except UserError as error:
        return missing(error)
    n = struct.pack("<I", len(shown.rows))
    content = n + shown.rows.astype("<u4").tobytes() + shown.positions.astype("<f4").tobytes()
    return Response(content, 200, _headers(request, shown), _BINARY)


def colors(request: Request) -> Response:
    """Answer ``/api/datasets/{dataset}/map/colors``: a code for each picture of the map, and whether it passes.

    Four bytes, little endian, say how long the JSON is that follows, what the codes mean; then come the codes, a byte a
    picture as in `picture_colors.Coloring`, as many bytes that are 1 for those that pass, and with a scale the float32
    numbers on it.
    """
    try:
        dataset, shown = _asked(request)
        given = request.query_params
        query = asked.query_of(dataset, given)
        passes = np.zeros(len(dataset), dtype=np.uint8)
        passes[queries.rows(dataset, query)] = 1
        coloring = picture_colors.of(Workspace.find(), dataset, given.get("by", picture_colors.SPLIT))
    except UserError as error:
        return missing(error)
    scale = {"low": coloring.low, "high": coloring.high, "stops": picture_colors.stops()}
    head = {
        "title": coloring.title,
        "unit": coloring.unit,
        "unknown": coloring.unknown,
        "groups": [vars(group) for group in coloring.groups],
        "scale": None if coloring.values is None else scale,
    }
    head_json = json.dumps(head, ensure_ascii=False).encode()
    parts = [coloring.codes[shown.rows], passes[shown.rows]]
    parts += [] if coloring.values is None else [coloring.values[shown.rows].astype("<f4")]
    content = struct.pack("<I", len(head_json)) + head_json + b"".join(part.tobytes() for part in parts)
    return Response(content, 200, SAFE | {"Cache-Control": "no-store"}, _BINARY)


def picture(request: Request) -> Response:
    """Answer ``/api/datasets/{dataset}/map/picture?row=ROW`` with its name and split as JSON."""
    given = request.query_params
    try:
        dataset = store.load(Workspace.find(), request.path_params["dataset"], given.get("v") or None)
        row = chosen.row_of(dataset, given.get("row", ""))
        if row is None:
            raise WrongAddressError(f"There are {len(dataset):,} images.")
    except UserError as error:
        return missing(error)
    item = dataset.items.iloc[row]
    words = {"title": str(item["original"]), "split": str(item["split"])}
    return JSONResponse(
        words, headers=SAFE | {"Cache-Control": FOR_GOOD if given.get("v") == dataset.revision else ASK}
    )


def _asked(request: Request) -> tuple[Dataset, Map]:
    """Return what an address is about: the dataset as it was at its revision, and the map."""
    given, workspace = request.query_params, Workspace.find()
    dataset = store.load(workspace, request.path_params["dataset"], given.get("v") or None)
    shown = maps.read(dataset, chosen.network(workspace, given.get(chosen.BY, "")))
    if shown is None or given.get("key", shown.key) != shown.key:
        raise WrongAddressError(_GONE)
    return dataset, shown


def _headers(request: Request, shown: Map) -> dict[str, str]:
    return SAFE | {"Cache-Control": FOR_GOOD if request.query_params.get("key") == shown.key else ASK}


def _path(dataset: Dataset) -> str:
    return f"/api/datasets/{dataset.name}/map"


def _whose(of: Run | None) -> list[tuple[str, str | int]]:
    return [(chosen.BY, "" if of is None else of.id)]


def routes(base: str) -> list[Route]:
    """Return the routes below ``base``, which is "" or begins with a slash."""
    return [
        Route(f"{base}/api/datasets/{{dataset}}/map", positions),
        Route(f"{base}/api/datasets/{{dataset}}/map/colors", colors),
        Route(f"{base}/api/datasets/{{dataset}}/map/picture", picture),
    ]
