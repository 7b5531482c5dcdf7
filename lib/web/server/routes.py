"""All routes beside the pages, and those of pictures, Plotly and health; access to them: `lib.web.server`."""

from __future__ import annotations

import gzip
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from lib.core.dataset import Dataset, PictureError
from lib.core.errors import UserError
from lib.core.picture_files import UnreadableImageError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.web.server import downloads, drops, exports, matrices, picture_maps, receiving, sweeps, uploads, waiting
from lib.web.server.serving import ASK, BAD_SIZE, FOR_GOOD, SAFE, WrongAddressError, encoded, missing, step

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: Version of the plotly package, whose Plotly for browsers is served.
PLOTLY = version("plotly")


def item(request: Request) -> Response:
    """Answer ``/api/datasets/{dataset}/items/{item}?size=256&v=REVISION`` with the picture.

    ``size`` is the longer side in pixels, 0 for the whole picture; ``v`` the revision that was imported, with which
    a browser may keep the picture for good: edits change no picture. It runs in a thread, see `waiting`.
    """
    try:
        size = step(request.query_params.get("size", "256"))
    except ValueError:
        return PlainTextResponse(BAD_SIZE, 400, SAFE)
    row = request.path_params["item"]
    try:
        dataset = store.load(Workspace.find(), request.path_params["dataset"])
        if row >= len(dataset):
            raise WrongAddressError(f"There are {len(dataset):,} images.")
    except UserError as error:
        return missing(error)
    fresh = request.query_params.get("v") in (dataset.base, dataset.revision)
    headers = SAFE | {
        "ETag": f'"{dataset.base}-{row}-{size}"',
        "Cache-Control": FOR_GOOD if fresh else ASK,
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)

    try:
        path = _path(dataset, row)
        content, kind = encoded(path, size, dataset.base, dataset.value_range, lambda: dataset.opened(row))
    except PictureError as error:  # said in the picture's place, without names, to whoever asks
        if dataset.is_stand_in and isinstance(error.__cause__, FileNotFoundError):
            return PlainTextResponse("The image is not in the bundle that its run came in.", 404, SAFE)
        return PlainTextResponse(f"The image {error.fault}", 404, SAFE)
    except (UnreadableImageError, UserError) as error:
        return missing(error)
    return Response(content, 200, headers, kind)


def _path(dataset: Dataset, row: int) -> Path:
    try:
        return dataset.image_path(row)
    except PictureError:
        raise
    except UserError as error:  # names the folder that is used where it is
        raise PictureError(
            f"{dataset.files[row]} of {dataset.name}",
            "is not where it was imported, or has changed since: put the old one back, or import the folder again.",
        ) from error


def pictures_address(dataset: str, revision: str, base: str = "") -> str:
    """Return where a page of an app at ``base`` finds the pictures of a dataset, as imported at ``revision``.

    ``{item}`` and ``{size}`` in it stand for what `item` is asked: ``str.format`` fills them in, and in the browser
    ``pictureAddress`` of ``components/shared/pictures.js``.

    Examples
    --------
    >>> pictures_address("my faces", "1a2b", "/labs").format(item=3, size=128)
    '/labs/api/datasets/my%20faces/items/3?size=128&v=1a2b'
    """
    return f"{prefix(base)}/api/datasets/{quote(dataset, safe='')}/items/{{item}}?size={{size}}&v={revision}"


def plotly(request: Request) -> Response:
    """Answer ``/api/plotly.js?v=VERSION`` with Plotly for browsers, from the plotly package."""
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = SAFE | {
        "ETag": f'"plotly-{PLOTLY}"',
        "Cache-Control": FOR_GOOD if request.query_params.get("v") == PLOTLY else ASK,
        "Vary": "Accept-Encoding",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    if packed:
        headers["Content-Encoding"] = "gzip"  # done here once; Streamlit would do it at every request
    return Response(_plotly(packed), 200, headers, "text/javascript")


@lru_cache
def _plotly(packed: bool) -> bytes:
    content = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    return gzip.compress(content, 6) if packed else content


def plotly_address(base: str = "") -> str:
    """Return where a page of an app at ``base`` finds Plotly; another version is another address."""
    return f"{prefix(base)}/api/plotly.js?v={PLOTLY}"


def data_page(request: Request) -> Response:
    """Answer ``/data``: the page is at the root, as Streamlit has it of the first one."""
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{request.url.path.rstrip('/').removesuffix('/data')}/{query}", 307, SAFE)


def health(_request: Request) -> Response:
    """Answer ``/api/health``."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def unknown(_request: Request) -> Response:
    """Answer what no other route below ``/api/`` takes; what there is instead is not said."""
    return JSONResponse({"error": "There is nothing at this address."}, 404, SAFE)


def prefix(base: str) -> str:
    """Return what every address starts with where the app is not at the server's root (``server.baseUrlPath``).

    Examples
    --------
    >>> prefix(""), prefix("/labs/manyhot/")
    ('', '/labs/manyhot')
    """
    return f"/{base.strip('/')}".rstrip("/")


def routes(base: str = "") -> list[Route]:
    """Return the routes for an app at ``base``."""
    return [
        Route(f"{prefix(base)}/api/datasets/{{dataset}}/items/{{item:int}}", waiting.answering(item)),
        Route(f"{prefix(base)}/api/plotly.js", plotly),
        Route(f"{prefix(base)}/api/health", health),
        Route(f"{prefix(base)}/data", data_page),
        *downloads.routes(prefix(base)),
        *drops.routes(prefix(base)),
        *exports.routes(prefix(base)),
        *matrices.routes(prefix(base)),
        *picture_maps.routes(prefix(base)),
        *sweeps.routes(prefix(base)),
        *uploads.routes(prefix(base)),
        *receiving.routes(prefix(base)),
        Route(f"{prefix(base)}/api/{{rest:path}}", unknown, methods=_METHODS),
        Route(f"{prefix(base)}/api", unknown, methods=_METHODS),
    ]
