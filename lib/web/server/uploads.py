"""Route of the pictures that somebody uploaded on the Predict page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lib.core import inside
from lib.core.errors import UserError
from lib.core.picture_files import UnreadableImageError
from lib.core.questions.requests import FOLDER, ID
from lib.core.workspace import Workspace
from lib.training import result_files, run_ids
from lib.web.server import serving, waiting

_LAST = 10**6  # far more pictures than a question has; a file's name has its limits


def address(run: str, question: str) -> str:
    """Return where the pictures of a question are, below the app's address, as `routes.pictures_address`."""
    return f"/api/runs/{run}/requests/{question}/{{item}}?size={{size}}"


def picture(request: Request) -> Response:
    """Answer ``/api/runs/{run}/requests/{id}/{n}?size=256`` with picture ``n`` of a question to a run's model.

    ``size`` is the longer side in pixels, 0 for the whole picture. A question is named by its content, so that a
    browser may keep the picture for good. Run and question are what this project calls them, or nothing is looked for.
    """
    try:
        size = serving.step(request.query_params.get("size", "256"))
    except ValueError:
        return PlainTextResponse(serving.BAD_SIZE, 400, serving.SAFE)
    run, question, number = (request.path_params[name] for name in ("run", "id", "n"))
    if not run_ids.ID.fullmatch(run) or not ID.fullmatch(question) or number > _LAST:
        return PlainTextResponse("There is no such image.", 404, serving.SAFE)
    try:
        path = inside.path(Workspace.find().run(run), f"{FOLDER}/{question}/{number}")
    except UserError as error:
        return serving.missing(error)
    if not path.is_file():
        return PlainTextResponse("This image is not kept any more: bring it again.", 404, serving.SAFE)
    headers = serving.SAFE | {"ETag": f'"{question}-{number}-{size}"', "Cache-Control": serving.FOR_GOOD}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    try:
        rule = result_files.value_range_of(Workspace.find().run(run))
        content, kind = serving.encoded(path, size, question, rule)
    except (OSError, UserError, UnreadableImageError) as error:
        return serving.missing(error)
    return Response(content, 200, headers, kind)


def routes(prefix: str) -> list[Route]:
    """Return the routes for an app whose addresses start with ``prefix``."""
    return [Route(f"{prefix}/api/runs/{{run}}/requests/{{id}}/{{n:int}}", waiting.answering(picture))]
