"""An address of several names is no page's: it leads to the first of them, as Streamlit would answer an empty page."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class FirstName:
    """ASGI middleware: of a page that is asked for as ``/a/b`` it asks for ``/a`` instead.

    Parameters
    ----------
    app : ASGIApp
    base : str
        What the app's addresses start with, as `lib.web.server.routes.prefix` returns it.
    """

    #: Below these there are files and data, by names of any length.
    _OTHERS = ("api", "media", "component", "static", "_stcore")

    def __init__(self, app: ASGIApp, base: str = ""):
        self._app, self._base = app, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        answer = self._app
        is_get = scope["type"] == "http" and scope["method"] == "GET"
        if is_get and "text/html" in Headers(scope=scope).get("accept", ""):  # as a browser asks for a page
            root = scope.get("root_path", "") + self._base
            names = [name for name in scope["path"].removeprefix(root).split("/") if name]
            if len(names) > 1 and names[0] not in self._OTHERS:
                query = scope["query_string"].decode("latin-1")
                address = f"{root}/{quote(names[0], safe='')}{f'?{query}' if query else ''}"
                answer = RedirectResponse(address, 307, {"Cache-Control": "no-store"})
        await answer(scope, receive, send)
