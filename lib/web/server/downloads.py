"""Routes of what was made of runs and waits to be downloaded: bundles, a zip each, and reports, an HTML file each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.export.bundle import questions as bundle_questions
from lib.export.report import questions as report_questions
from lib.web.server.serving import SAFE, WrongAddressError, missing


def bundle_address(question: str) -> str:
    """Return where the bundle that a question has made is given, below the app's address."""
    return f"/api/bundles/{question}.zip"


def report_address(question: str) -> str:
    """Return where the report that a question has made is given, below the app's address."""
    return f"/api/reports/{question}.html"


def bundle(request: Request) -> Response:
    """Answer ``/api/bundles/{id}.zip`` with the zip, which may be fetched in parts."""

    def path() -> Path | None:
        question = bundle_questions.find(Workspace.find(), request.path_params["id"])
        if question is None or (content := question.content) is None or content["kind"] != bundle_questions.MAKE:
            return None
        question.answer()
        return question.zipped

    return _given("bundle", path, "application/zip")


def report(request: Request) -> Response:
    """Answer ``/api/reports/{id}.html`` with the file as a download, never opened as a page of the app."""

    def path() -> Path | None:
        question = report_questions.find(Workspace.find(), request.path_params["id"])
        if question is None or question.content is None:
            return None
        question.answer()
        return question.file

    return _given("report", path, "text/html")


def _given(what: str, path_of: Callable[[], Path | None], media_type: str) -> Response:
    try:
        path = path_of()
        if path is None or not path.is_file():
            raise WrongAddressError(f"This {what} is not kept any more: make it again.")
    except UserError as error:
        return missing(error)
    headers = SAFE | {"Cache-Control": "no-store"}
    return FileResponse(path, headers=headers, media_type=media_type, filename=path.name)


def routes(prefix: str) -> list[Route]:
    """Return the routes for an app whose addresses start with ``prefix``."""
    return [
        Route(f"{prefix}{bundle_address('{id}')}", bundle),
        Route(f"{prefix}{report_address('{id}')}", report),
    ]
