"""Routes of the threshold lab: the counts of a run's split, and the bands of its curves."""

from __future__ import annotations

import gzip
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from lib.core.errors import DamagedError, UserError
from lib.core.workspace import Workspace
from lib.evaluation import results
from lib.training import runs
from lib.training.runs import Run
from lib.web.server.serving import FOR_GOOD, SAFE, WrongAddressError, missing

SPLITS = ("valid", "test")


def sweep_url(run: Run, split: str) -> str:
    """Return the address of the counts; other predictions have another."""
    return f"/api/runs/{run.id}/sweep/{split}?v={results.version(run)}"


def band_url(run: Run, split: str) -> str:
    """Return the address of the bands of all labels together; with ``&label=INDEX`` those of one."""
    return f"/api/runs/{run.id}/bands/{split}?v={results.version(run)}"


def sweep(request: Request) -> Response:
    """Answer ``/api/runs/{run}/sweep/{split}`` with `lib.metrics.sweep.Sweep.to_bytes`, in a thread."""
    try:
        run, split = _chosen(request)
        content = _packed(run, split, results.version(run))
    except UserError as error:
        return missing(error)
    headers = SAFE | {"Cache-Control": _cached(request, run), "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, 200, headers, "application/octet-stream")


@lru_cache(maxsize=8)
def _packed(run: Run, split: str, _version: int) -> bytes:
    return gzip.compress(results.sweep(run, split).to_bytes(), 3)


def bands(request: Request) -> Response:
    """Answer ``/api/runs/{run}/bands/{split}`` with ``{curve: {thresh, low, high}}``; null is "not defined"."""
    try:
        run, split = _chosen(request)
        label = _label(request, len(run.names()))
        _check_dataset(run)
        by_curve = results.band(run, split, label)
    except UserError as error:
        return missing(error)
    return JSONResponse(
        {name: band.to_json() for name, band in by_curve.items()}, 200, SAFE | {"Cache-Control": _cached(request, run)}
    )


def _check_dataset(run: Run) -> None:
    """Raise `DamagedError` where the dataset cannot be read: bands are too narrow where nobody knows its groups."""
    try:
        run.load_dataset()
    except DamagedError:
        raise
    except UserError:  # it is gone, and comes to no page
        pass


def _chosen(request: Request) -> tuple[Run, str]:
    """Return the run and the split that an address names.

    Raises
    ------
    UserError
        If there is no such run or split, or it has no thresholds.
    """
    run = runs.load(Workspace.find(), request.path_params["run"])
    split = request.path_params["split"]
    if split not in SPLITS:
        raise WrongAddressError(f"There is no split {split[:20]!r}: choose valid or test.")
    if results.decisions(run, split) is None:
        raise WrongAddressError("It is of a task that has no thresholds: choose a run with labels.")
    return run, split


def _label(request: Request, n_labels: int) -> int | None:
    asked = request.query_params.get("label")
    if asked is None:
        return None
    if not (asked.isdecimal() and len(asked) < 9 and int(asked) < n_labels):
        raise WrongAddressError(f"label: expected a whole number below {n_labels:,}, found {asked[:20]!r}.")
    return int(asked)


def _cached(request: Request, run: Run) -> str:
    return FOR_GOOD if request.query_params.get("v") == str(results.version(run)) else "no-store"


def routes(base: str) -> list[Route]:
    """Return the routes below ``base``, which is "" or begins with a slash."""
    return [
        Route(f"{base}/api/runs/{{run}}/sweep/{{split}}", sweep),
        Route(f"{base}/api/runs/{{run}}/bands/{{split}}", bands),
    ]
