"""Login by OpenID Connect: Streamlit's ``[auth]`` secrets and cookie, which here hold for everything that is served."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence
from importlib.util import find_spec
from urllib.parse import urlencode

from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from streamlit import auth_util
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from lib.core import people
from lib.core.errors import UserError
from lib.web.server import login_page
from lib.web.server.login import LASTS_S, LOGOUT, Visitor


class ByOidc:
    """Whoever the provider of Streamlit's ``[auth]`` vouches for, and who is among ``users``.

    Parameters
    ----------
    users : sequence of str
        E-mail addresses, and domains as ``@example.org``, which let in all of their addresses.
    """

    open_paths: tuple[str, ...] = ("/auth/login", "/oauth2callback", LOGOUT)
    leaves = True

    def __init__(self, users: Sequence[str]):
        self._users = frozenset(user.lower() for user in users)

    def visitor(self, connection: HTTPConnection) -> Visitor | None:
        """Return whom Streamlit's signed cookie names."""
        name, is_verified, signed = _known(connection)
        return Visitor(name, signed + LASTS_S - time.time()) if is_verified and self._may(name) else None

    def _may(self, email: str) -> bool:
        local, _, domain = email.lower().rpartition("@")
        return bool(local) and not self._users.isdisjoint((email.lower(), f"@{domain}"))

    async def enter(self, request: Request, base: str) -> Response:
        """Lead to the provider; whoever it knows but who may not come in is told so."""
        email, is_verified, _ = _known(request)
        if email:
            reason = "is not among the people of this app" if is_verified else "is not verified, says your provider"
            link = (f"{base}{LOGOUT}", "Log in as somebody else")
            return login_page.page(f"{email} {reason}.", 403, alert=True, link=link)
        query = urlencode({"provider": auth_util.encode_provider_token("default")})
        return RedirectResponse(f"{base}/auth/login?{query}", 303, {"Cache-Control": "no-store"})

    def leave(self, request: Request, base: str) -> Response | None:
        """Leave it to Streamlit, which asks the provider too."""
        return None


def _known(connection: HTTPConnection) -> tuple[str, bool, float]:
    """Return the e-mail address in the cookie of a login that has not expired, "" without one.

    With it come whether the provider vouches for it, and when the login began.
    """
    began = math.inf

    def single(name: str) -> bytes | None:  # as `decode_signed_value` of Streamlit, which does not say when
        nonlocal began
        value, secret = connection.cookies.get(name), auth_util.get_signing_secret()
        if value is None or not secret:
            return None
        try:
            content, signed = URLSafeTimedSerializer(secret, salt=name).loads(value, LASTS_S, return_timestamp=True)
        except BadData:
            return None
        began = min(began, signed.timestamp())
        return content.encode() if isinstance(content, str) else None

    content = auth_util.get_cookie_with_chunks(single, USER_COOKIE_NAME)
    try:
        known = json.loads(content or b"{}")
    except ValueError:
        return "", False, began
    if not isinstance(known, dict) or known.get("is_logged_in") is not True:
        return "", False, began
    if known.get("origin") != auth_util.get_origin_from_redirect_uri():
        return "", False, began
    email = known.get("email")
    # The standard has a boolean, some providers write a word; where it is missing nobody vouches for the address.
    verified = known.get("email_verified")
    is_verified = verified is True or verified == "true"
    # The address as it is: a part of it may be somebody else's.
    return str(email) if people.is_name(email) else "", is_verified, began


def check() -> None:
    """Look whether Streamlit's login is set up.

    Raises
    ------
    UserError
        If a package or a secret is missing.
    """
    if find_spec("authlib") is None:
        raise UserError("MANYHOT_LOGIN=oidc needs the package Authlib: install it with `pip install Authlib httpx`.")
    section = auth_util.get_secrets_auth_section()
    needed = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
    missing = [name for name in needed if not section.get(name)]
    if missing:
        raise UserError(
            f"MANYHOT_LOGIN=oidc needs {', '.join(missing)} in the section [auth] of .streamlit/secrets.toml: write "
            "what your provider says."
        )
