"""Route of the reports of runs that were made: an HTML file each, to be kept, never opened as a page of the app."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.export.report import questions
from lib.web.server.serving import SAFE, WrongAddressError, missing


def address(question: str) -> str:
    """Return where the report that a question has made is given, below the app's address."""
    return f"/api/reports/{question}.html"


def report(request: Request) -> Response:
    """Answer ``/api/reports/{id}.html`` with the file as a download."""
    try:
        question = questions.find(Workspace.find(), request.path_params["id"])
        if question is None or question.content is None:
            raise WrongAddressError("This report is not kept any more: make it again.")
        question.made()
        path = question.file
        if not path.is_file():
            raise WrongAddressError("This report is not kept any more: make it again.")
    except UserError as error:
        return missing(error)
    headers = SAFE | {"Cache-Control": "no-store"}
    return FileResponse(path, headers=headers, media_type="text/html", filename=path.name)


def routes(prefix: str) -> list[Route]:
    """Return the routes for an app whose addresses start with ``prefix``."""
    return [Route(f"{prefix}{address('{id}')}", report)]
