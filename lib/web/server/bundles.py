"""Route of the bundles of runs that were made: a zip each."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.export.bundle import questions
from lib.web.server.serving import SAFE, WrongAddressError, missing


def address(question: str) -> str:
    """Return where the bundle that a question has made is given, below the app's address."""
    return f"/api/bundles/{question}.zip"


def bundle(request: Request) -> Response:
    """Answer ``/api/bundles/{id}.zip`` with the zip, which may be fetched in parts."""
    try:
        question = questions.find(Workspace.find(), request.path_params["id"])
        if question is None or (content := question.content) is None or content["kind"] != questions.MAKE:
            raise WrongAddressError("This bundle is not kept any more: make it again.")
        question.made()
        path = question.zipped
        if not path.is_file():
            raise WrongAddressError("This bundle is not kept any more: make it again.")
    except UserError as error:
        return missing(error)
    headers = SAFE | {"Cache-Control": "no-store"}
    return FileResponse(path, headers=headers, media_type="application/zip", filename=path.name)


def routes(prefix: str) -> list[Route]:
    """Return the routes for an app whose addresses start with ``prefix``."""
    return [Route(f"{prefix}{address('{id}')}", bundle)]
