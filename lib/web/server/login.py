"""Ways to log in: what each asks of a request, and what a page answers to whom it does not know.

`lib.web.server.gate` asks them for everything that is served.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from lib.core import people
from lib.web.server import login_page
from lib.web.server.hosts import is_loopback

#: Seconds that a login lasts.
LASTS_S = 12 * 3600
#: Where a person logs out, below the app's address; Streamlit's own.
LOGOUT = "/auth/logout"


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in, and for how many seconds still."""

    name: str
    seconds: float = math.inf


class Login(Protocol):
    """A way to log in."""

    #: Addresses below the app's that whoever logs in needs before.
    open_paths: tuple[str, ...]
    #: Whether people log out here.
    leaves: bool

    def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Return who makes a request, None if nobody who may."""

    async def enter(self, request: Request, base: str) -> Response:
        """Answer a browser that asks for a page without being logged in."""

    def leave(self, request: Request, base: str) -> Response | None:
        """Answer who logs out; None leaves that to Streamlit."""


_BY_PROXY = "This app is opened through its proxy, which says who you are: open it under the proxy's address."


class ByHeader:
    """A proxy logs people in and says who it is in a header.

    Parameters
    ----------
    header : str
        Its name.
    users : sequence of str
        Who may come in; everybody whom the proxy lets through where it is empty.
    proxies : sequence of network
        Addresses that requests of the proxy come from. This machine is always one, as long as the app listens on
        loopback.
    """

    open_paths: tuple[str, ...] = ()
    leaves = False

    def __init__(
        self,
        header: str,
        users: Sequence[str],
        proxies: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network],
    ):
        self._header, self._users, self._proxies = header, frozenset(users), tuple(proxies)

    def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Return whom the proxy names, if that is somebody who may come in."""
        name = self._named(connection)
        return Visitor(name) if name and (not self._users or name in self._users) else None

    def _named(self, connection: HTTPConnection) -> str | None:
        """Return whom the proxy names: exactly one, in a request that comes from it."""
        named = connection.headers.getlist(self._header)
        if len(named) != 1 or not self._is_proxy(connection):
            return None
        # Header bytes are latin-1 to Starlette; what proxies write there is UTF-8.
        name = named[0].encode("latin-1").decode(errors="replace")
        # As it is: what is left of a longer or odder name may be somebody else's.
        return name if people.is_name(name) else None

    def _is_proxy(self, connection: HTTPConnection) -> bool:
        server, client = connection.scope.get("server"), connection.client
        if server is not None and is_loopback(server[0]):
            return True
        try:
            address = ipaddress.ip_address(client.host if client else "")
        except ValueError:
            return False
        address = getattr(address, "ipv4_mapped", None) or address
        return any(address in network for network in self._proxies)

    async def enter(self, request: Request, base: str) -> Response:
        """Say that the proxy has to log in whoever comes, or that who is logged in there may not come in."""
        if name := self._named(request):
            return login_page.page(f"{name} is not among the people of this app: ask whoever runs it.", 403, alert=True)
        return login_page.page(_BY_PROXY, 401)

    def leave(self, request: Request, base: str) -> Response | None:
        """Leave it to the proxy."""
        return None
