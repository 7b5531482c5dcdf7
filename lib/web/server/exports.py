"""Route of a dataset's export: the zip is written while it is sent, so that it takes no memory and no disk."""

from __future__ import annotations

import logging
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Send

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.export import dataset as dataset_export
from lib.export.dataset import Export
from lib.web.server.serving import SAFE, missing

_LOG = logging.getLogger(__name__)


def address(name: str, form: str) -> str:
    """Return where dataset ``name`` is given in a format, below the app's address."""
    return f"/api/datasets/{name}/export/{form}.zip"


def prepared(workspace: Workspace, name: str, form: str) -> Export:
    """Return `lib.export.dataset.prepare` of a dataset; a second call costs nothing until the dataset changes.

    Raises
    ------
    UserError
        If there is no such dataset, or the format cannot hold it.
    """
    return _prepared(workspace, name, form, store.load(workspace, name).revision)


@lru_cache(maxsize=2)
def _prepared(workspace: Workspace, name: str, form: str, _revision: str) -> Export:
    return dataset_export.prepare(store.load(workspace, name), form)


def export(request: Request) -> Response:
    """Answer ``/api/datasets/{dataset}/export/{form}.zip`` with the zip.

    If a picture is not what was imported, nothing is sent but why. If one changes on the way, the answer breaks off,
    and the browser says so.
    """
    try:
        prepared_zip = prepared(Workspace.find(), request.path_params["dataset"], request.path_params["form"])
        dataset_export.check(prepared_zip)
    except UserError as error:
        return missing(error)
    headers = SAFE | {
        "Content-Disposition": f'attachment; filename="{prepared_zip.file_name}"',
        "Cache-Control": "no-store",
    }
    return _Stream(dataset_export.stream(prepared_zip), 200, headers, "application/zip")


class _Stream(StreamingResponse):
    """An answer that ends without its end, so that the connection breaks, where what is sent cannot be read."""

    async def stream_response(self, send: Send) -> None:
        """Send all pieces, or those before the one that fails."""
        try:
            await super().stream_response(send)
        except UserError as error:
            _LOG.error("An export broke off: %s", error)


def routes(prefix: str) -> list[Route]:
    """Return the routes for an app whose addresses start with ``prefix``."""
    return [Route(f"{prefix}{address('{dataset}', '{form}')}", export)]
