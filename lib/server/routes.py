"""Which addresses are answered beside the pages: pictures of a dataset, Plotly, and whether the server is up."""

from __future__ import annotations

import gzip
import io
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from lib.data import dataset, pictures
from lib.errors import UserError
from lib.workspace import Workspace

#: Longer sides in pixels that are served; any other is raised to the next, so that few versions are made.
SIZES = (128, 256, 512, 1024)
#: What ``size=0``, the whole picture, may have at most: more than a screen shows.
LARGEST = 4096
#: A picture up to this longer side is served without loss: JPEG would show when it is enlarged.
LOSSLESS = 512
CACHED = 512  # encoded pictures in memory, about 15 KB each
#: Version of the plotly package, whose Plotly for browsers is served.
PLOTLY = version("plotly")
_FOR_GOOD, _ASK = "private, max-age=31536000, immutable", "private, no-cache"
_SAFE = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}


def item(request: Request) -> Response:
    """Answer ``/api/datasets/{dataset}/items/{item}?size=256&v=REVISION`` with the picture.

    ``size`` is the longer side in pixels, 0 for the whole picture; ``v`` the dataset's revision, with which a
    browser may keep the picture for good. Not ``async``: Starlette runs it in a thread, where decoding may take
    its time.
    """
    try:
        size = _step(request.query_params.get("size", "256"))
    except ValueError:
        return PlainTextResponse("size: expected a number of pixels, 0 for all.", 400, _SAFE)
    row = request.path_params["item"]
    try:
        found = dataset.load(Workspace.find(), request.path_params["dataset"])
    except UserError as error:
        return PlainTextResponse(str(error), 404, _SAFE)
    if row >= len(found):
        return PlainTextResponse(f"{found.name} has {len(found):,} images.", 404, _SAFE)
    fresh = request.query_params.get("v") == found.revision
    headers = _SAFE | {
        "ETag": f'"{found.revision}-{row}-{size}"',
        "Cache-Control": _FOR_GOOD if fresh else _ASK,
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    try:
        content, kind = encoded(found.image_path(row), size, found.revision)
    except (FileNotFoundError, pictures.UnreadableImageError) as error:
        return PlainTextResponse(f"The picture cannot be opened: {error}", 404, _SAFE)
    return Response(content, 200, headers, kind)


def plotly(request: Request) -> Response:
    """Answer ``/api/plotly.js?v=VERSION`` with Plotly for browsers, from the plotly package."""
    packed = "gzip" in request.headers.get("accept-encoding", "")
    headers = _SAFE | {
        "ETag": f'"plotly-{PLOTLY}"',
        "Cache-Control": _FOR_GOOD if request.query_params.get("v") == PLOTLY else _ASK,
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


def health(_request: Request) -> Response:
    """Answer ``/api/health``."""
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


def _step(text: str) -> int:
    """Return the size to serve for the size asked for.

    Examples
    --------
    >>> _step("200"), _step("0"), _step("9999")
    (256, 0, 0)
    """
    size = int(text)
    if size < 0:
        raise ValueError(text)
    return next((step for step in SIZES if 0 < size <= step), 0)


@lru_cache(maxsize=CACHED)
def encoded(path: Path, size: int, _revision: str) -> tuple[bytes, str]:
    """Return a picture at most ``size`` pixels long, as bytes and media type; ``_revision`` keeps the cache fresh.

    Raises
    ------
    FileNotFoundError, lib.data.pictures.UnreadableImageError
        If the file is gone or damaged.
    """
    if 0 < size < LOSSLESS:
        return pictures.thumbnail(path, size), "image/jpeg"
    image = pictures.open_image(path)
    limit = size or LARGEST
    image.thumbnail((limit, limit), reducing_gap=3)
    out = io.BytesIO()
    if max(image.size) <= LOSSLESS:
        image.save(out, "PNG", compress_level=3)
        return out.getvalue(), "image/png"
    image.save(out, "JPEG", quality=92, subsampling=0)
    return out.getvalue(), "image/jpeg"


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
        Route(f"{prefix(base)}/api/datasets/{{dataset}}/items/{{item:int}}", item),
        Route(f"{prefix(base)}/api/plotly.js", plotly),
        Route(f"{prefix(base)}/api/health", health),
    ]
