"""Login by a token: a link for each person, printed when the server starts, and a signed cookie from then on.

Tokens and the key that signs are drawn at every start and kept in this process only.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections import deque
from collections.abc import Sequence
from urllib.parse import parse_qs, quote, urlencode

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from lib.web.server import login_page
from lib.web.server.login import LASTS_S, Visitor

#: Name of the token in a link and in the page's form.
FIELD = "token"
#: Seconds after which the links of a start are not taken any more; a new start prints new ones.
LINKS_LAST_S = 7 * 24 * 3600
#: Wrong tokens in so many seconds, of one address and of all, after which another one is not even called wrong; the
#: right one of somebody who shares the address is taken all the same: nobody guesses 256 bits.
WINDOW_S, MOST_OF_ONE, MOST_OF_ALL = 60.0, 10, 200
_MOST_BYTES, _FORM_S = 4096, 5.0  # of a form, and seconds in which it is there
_NOT_KNOWN = "Open the link that the server printed when it was started, or enter its token."
_WRONG = "This token is wrong, or the server was started anew since: ask for a new link."
_OVER = (
    f"The links of this server are older than {LINKS_LAST_S // 86400} days: whoever runs it gets new ones by starting "
    "it again; trainings go on meanwhile."
)
_SLOW = "The token did not arrive in time: enter it again."
_TOO_MANY = "Too many wrong tokens: wait a minute."


class WrongTokens:
    """How many wrong tokens came lately."""

    def __init__(self) -> None:
        self._at: deque[tuple[float, str]] = deque()

    def add(self, address: str) -> None:
        """Count one of ``address``."""
        self._at.append((time.monotonic(), address))

    def too_many(self, address: str) -> bool:
        """Return whether ``address``, or all together, have to wait."""
        since = time.monotonic() - WINDOW_S
        while self._at and self._at[0][0] < since:
            self._at.popleft()
        return len(self._at) >= MOST_OF_ALL or sum(one == address for _, one in self._at) >= MOST_OF_ONE


class ByToken:
    """Everybody of ``users`` has a token.

    Attributes
    ----------
    cookie : str
        Its name, another one at every start: browsers share cookies between the ports of a host, and servers tell them
        apart by nothing else.
    """

    open_paths: tuple[str, ...] = ()
    leaves = True

    def __init__(self, users: Sequence[str]):
        self.tokens = {user: secrets.token_urlsafe(32) for user in users}
        self.wrong = WrongTokens()
        self.cookie = f"manyhot-login-{secrets.token_hex(4)}"
        self._began = time.monotonic()
        self._signer = URLSafeSerializer(secrets.token_bytes(32), salt="manyhot login")

    def links(self, address: str) -> dict[str, str]:
        """Return each person's link to the app at ``address``."""
        return {user: f"{address}/?{urlencode({FIELD: token})}" for user, token in self.tokens.items()}

    def signed(self, user: str) -> str:
        """Return what the cookie of ``user``, who has just come in, says."""
        return str(self._signer.dumps([user, time.monotonic()]))

    def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Return whom the cookie names, if this process signed it and not too long ago."""
        cookie = connection.cookies.get(self.cookie, "")
        # Whoever opens a link may be somebody else, and its token is not to stay in the address.
        if not cookie or FIELD in connection.query_params:
            return None
        try:
            name, signed_at = self._signer.loads(cookie)  # by the clock that nobody sets back or forward
        except BadData:
            return None
        left = signed_at + LASTS_S - time.monotonic()
        return Visitor(name, left) if 0 < left <= LASTS_S and name in self.tokens else None

    async def enter(self, request: Request, base: str) -> Response:
        """Take the token of a link or of the form and lead to the page without it, or ask for one."""
        try:
            token = request.query_params.get(FIELD) if request.method == "GET" else await _posted(request)
        except (TimeoutError, ClientDisconnect):  # who has left hears nothing
            page = login_page.page(_SLOW, 408, alert=True, form=True)
            page.headers["Connection"] = "close"
            return page
        if token is None:
            return login_page.page(_NOT_KNOWN, 401, form=True)
        user = self._of(token)
        if user is None:
            address = request.client.host if request.client else ""
            if self.wrong.too_many(address):
                refusal = login_page.page(_TOO_MANY, 429, alert=True, link=(_without_token(request), "Try again"))
                refusal.headers["Retry-After"] = f"{WINDOW_S:.0f}"
                return refusal
            self.wrong.add(address)
            return login_page.page(_WRONG, 401, alert=True, form=True)
        if time.monotonic() - self._began > LINKS_LAST_S:
            return login_page.page(_OVER, 401, alert=True)
        response = RedirectResponse(_without_token(request), 303, {"Cache-Control": "no-store"})
        response.set_cookie(
            self.cookie,
            self.signed(user),
            max_age=LASTS_S,
            path=base or "/",
            secure=request.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return response

    def leave(self, request: Request, base: str) -> Response | None:
        """Take the cookie away."""
        response = RedirectResponse(f"{base}/", 303, {"Cache-Control": "no-store"})
        response.delete_cookie(self.cookie, path=base or "/", httponly=True, samesite="lax")
        return response

    def _of(self, token: str) -> str | None:
        """Return whose token it is; all are compared, each in a time that does not depend on what is equal."""
        given = token.encode(errors="replace")
        owners = [user for user, one in self.tokens.items() if hmac.compare_digest(one.encode(), given)]
        return owners[0] if owners else None


async def _posted(request: Request) -> str | None:
    body = b""
    async with asyncio.timeout(_FORM_S):
        async for piece in request.stream():
            body += piece
            if len(body) > _MOST_BYTES:
                return ""
    return next(iter(parse_qs(body.decode(errors="replace")).get(FIELD, [])), None)


def _without_token(request: Request) -> str:
    """Return the address that was asked for without its token; never one of another host."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != FIELD]
    path = "/" + quote(request.url.path.lstrip("/\\"), safe="/")
    return f"{path}?{urlencode(kept)}" if kept else path
