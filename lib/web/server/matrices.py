"""Routes of the one-hot matrix: windows of it, and the whole as CSV."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from urllib.parse import urlencode

import numpy as np
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import derived, store
from lib.datasets import query as queries
from lib.datasets.query import Query
from lib.export import tables
from lib.web.server import asked
from lib.web.server.serving import FOR_GOOD, SAFE, WrongAddressError, missing

#: Rows and columns that one answer may have at most.
MOST_ROWS, MOST_COLUMNS = 512, 1024
_CSV_ROWS = 4096


def window_url(dataset: Dataset, query: Query, columns: str) -> str:
    """Return the address of the matrix as a query and an order of `lib.datasets.query.COLUMNS` have it.

    Add ``&first=ROW&rows=COUNT&left=COLUMN&columns=COUNT``: places in these orders.
    """
    return f"/api/datasets/{dataset.name}/matrix?{_parameters(dataset, query, columns)}"


def csv_url(dataset: Dataset, query: Query, columns: str) -> str:
    """Return the address of the same as CSV."""
    return f"/api/datasets/{dataset.name}/matrix.csv?{_parameters(dataset, query, columns)}"


def window(request: Request) -> Response:
    """Answer ``/api/datasets/{dataset}/matrix`` with one window. Not ``async``: it runs in a thread.

    Four bytes, little endian, say how long the JSON is that follows: ``rows``, the dataset's row of each image shown,
    its ``files``, ``splits``, how many ``labels`` it has and of how many nobody knows (``unknown``). Then come the
    cells, row by row, one byte each: 1 present, 0 absent, 255 where nobody knows.
    """
    try:
        dataset, query, order = _asked(request)
        first, n_rows = _number(request, "first", 0, 2**31), _number(request, "rows", 128, MOST_ROWS)
        left, n_columns = _number(request, "left", 0, 2**31), _number(request, "columns", 128, MOST_COLUMNS)
        rows = queries.rows(dataset, query)[first : first + n_rows]
        columns = queries.columns(dataset, order)[left : left + n_columns]
    except UserError as error:
        return missing(error)
    labels, unknown = (counts[rows].tolist() for counts in queries.row_totals(dataset))
    items = dataset.items.iloc[rows]
    head = {"rows": rows.tolist(), "files": items["original"].tolist(), "splits": items["split"].tolist()}
    head_json = json.dumps({**head, "labels": labels, "unknown": unknown}, ensure_ascii=False).encode()
    cells = np.ascontiguousarray(derived.of(dataset).matrix.window(rows, columns), dtype=np.int8)
    kept = FOR_GOOD if request.query_params.get("v") == dataset.revision else "no-store"
    content = struct.pack("<I", len(head_json)) + head_json + cells.tobytes()
    return Response(content, 200, SAFE | {"Cache-Control": kept}, "application/octet-stream")


def table(request: Request) -> Response:
    """Answer ``/api/datasets/{dataset}/matrix.csv`` with all of it, written while it is sent."""
    try:
        dataset, query, order = _asked(request)
        rows, columns = queries.rows(dataset, query), queries.columns(dataset, order)
    except UserError as error:
        return missing(error)
    headers = SAFE | {
        "Content-Disposition": f'attachment; filename="{dataset.name}-targets.csv"',
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_csv(dataset, rows, columns), 200, headers, "text/csv; charset=utf-8")


def _csv(dataset: Dataset, rows: np.ndarray, columns: np.ndarray) -> Iterator[bytes]:
    """Yield file, split and a column a label: 1, 0, or nothing where nobody knows."""
    matrix = derived.of(dataset).matrix
    yield tables.MARK + tables.lines([["file", "split", *(dataset.names[c] for c in columns)]])
    for first in range(0, len(rows), _CSV_ROWS):
        part = rows[first : first + _CSV_ROWS]
        cells = matrix.window(part, columns).astype(np.int8)
        # A comma and a digit a cell; a digit that nobody knows is a zero byte, which is then left out.
        written = np.full((len(part), 2 * len(columns)), ord(","), dtype=np.uint8)
        written[:, 1::2] = np.where(cells < 0, 0, ord("0") + cells)
        items = dataset.items.iloc[part]
        heads = zip(items["original"], items["split"], written, strict=True)
        yield b"".join(
            tables.lines([[file, split]]).removesuffix(tables.END) + _known(digits) + tables.END
            for file, split, digits in heads
        )


def _known(digits: np.ndarray) -> bytes:
    return digits.tobytes().replace(b"\0", b"")


# --- addresses ---------------------------------------------------------------------------------------------------


def _parameters(dataset: Dataset, query: Query, columns: str) -> str:
    return urlencode([*asked.parameters(dataset, query), ("sort", columns)])


def _asked(request: Request) -> tuple[Dataset, Query, str]:
    """Return what an address is about: the dataset as it was at its revision, the query, the order of the columns.

    Raises
    ------
    UserError
        If there is nothing of the kind.
    """
    given = request.query_params
    dataset = store.load(Workspace.find(), request.path_params["dataset"], given.get("v") or None)
    if not tasks.get(dataset.task).has_labels:
        raise WrongAddressError("It has no labels: its targets are in its export.")
    return dataset, asked.query_of(dataset, given), given.get("sort", "given")


def _number(request: Request, what: str, otherwise: int, most: int) -> int:
    text = request.query_params.get(what, str(otherwise))
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and int(text) <= most):
        raise WrongAddressError(f"{what}: expected a whole number up to {most:,}, found {text[:20]!r}.")
    return int(text)


def routes(base: str) -> list[Route]:
    """Return the routes below ``base``, which is "" or begins with a slash."""
    return [
        Route(f"{base}/api/datasets/{{dataset}}/matrix", window),
        Route(f"{base}/api/datasets/{{dataset}}/matrix.csv", table),
    ]
