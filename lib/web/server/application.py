"""What ``st.App`` is made of: the pages, the routes beside them, and the gate before both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config

from lib.core import people
from lib.core.program import PROJECT
from lib.web.server import failures, gate, gone_widgets, page_names
from lib.web.server.hosts import LOOPBACK
from lib.web.server.login_token import ByToken
from lib.web.server.routes import prefix, routes
from lib.web.server.sharing import Sharing

#: The script that every page runs through.
ROUTER = PROJECT / "lib/web/ui/router.py"
#: How Streamlit calls the ways to start in which the port is its own.
_OWN_SERVER = ("starlette-app", "starlette-app-direct")


def served(sharing: Sharing) -> dict[str, Any]:
    """Return what ``st.App`` takes beside `ROUTER` for an app that is shared as ``sharing`` says."""
    base = st.get_option("server.baseUrlPath")
    people.known_by(gate.user)
    gone_widgets.keep_silent()

    @asynccontextmanager
    async def started(_app: st.App) -> AsyncIterator[None]:
        # Here, because Streamlit may read its configuration anew after the app was made.
        config.set_option("server.allowedHosts", [host.name for host in sharing.hosts])
        if isinstance(sharing.login, ByToken):
            _print_links(sharing.login, _address(sharing, prefix(base)))
        yield

    return {
        "lifespan": started,
        "on_script_error": failures.on_page,
        "exception_handlers": failures.HANDLERS,
        "routes": routes(base),
        "middleware": [
            Middleware(gate.Gate, sharing=sharing, base=prefix(base)),
            Middleware(page_names.FirstName, base=prefix(base)),
        ],
    }


def _address(sharing: Sharing, base: str) -> str:
    """Return where the app is opened, as far as it knows: an ASGI server has its own port."""
    host = next((host for host in sharing.hosts if host.name not in LOOPBACK), sharing.hosts[1])
    own = config._server_mode in _OWN_SERVER
    secure = host.port == 443 or (own and bool(config.get_option("server.sslCertFile")))
    usual = (host.port == 443) if secure else (host.port == 80)
    port = host.port or (config.get_option("server.port") if own else "PORT")
    name = str(type(host)(host.name))
    return f"http{'s' if secure else ''}://{name}{'' if usual else f':{port}'}{base}"


def _print_links(login: ByToken, address: str) -> None:
    print("\n  Whoever opens a link is logged in for 12 hours; the links hold for 7 days, or until the next start.\n")
    for user, link in login.links(address).items():
        print(f"  {user}: {link}")
    print(flush=True)
