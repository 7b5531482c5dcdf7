"""Whether the app may be reached from elsewhere, decided when it starts: under which names, and who logs in how.

=================  ====================================================================================================
MANYHOT_LOGIN      ``token``, ``oidc`` or ``header:NAME``; without it the app is for this machine only
MANYHOT_USERS      who may come in, separated by commas: names (a link each), e-mail addresses or ``@domains``, names
MANYHOT_HOSTS      names and addresses under which it is opened, as they stand in the browser
MANYHOT_PROXY      with ``header:NAME``: addresses or networks that the proxy's requests come from
=================  ====================================================================================================
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from lib.core import in_place, people
from lib.core.errors import UserError
from lib.web.server import login_oidc
from lib.web.server.hosts import LOOPBACK, Host, is_loopback, parsed, stated
from lib.web.server.login import ByHeader, Login
from lib.web.server.login_token import ByToken

LOGIN, USERS, HOSTS, PROXY = "MANYHOT_LOGIN", "MANYHOT_USERS", "MANYHOT_HOSTS", "MANYHOT_PROXY"
#: Who logs in by token where nobody is named.
GUEST = "guest"
_HEADER = "header:"


@dataclass(frozen=True)
class Sharing:
    """How the app is shared.

    Attributes
    ----------
    hosts : tuple of Host
        Names and addresses under which it answers.
    login : Login or None
        None: for this machine only.
    beyond : bool
        Whether it may be reached from elsewhere: there is a login, and folders to read are named.
    """

    hosts: tuple[Host, ...]
    login: Login | None
    beyond: bool


def decide(address: str | None, environment: Mapping[str, str]) -> Sharing:
    """Return how an app that listens on ``address`` is shared; None is any address.

    Raises
    ------
    UserError
        If it would be open to others without a login or without a list of folders, or a variable cannot be read.
    """
    named = stated(_words(environment, HOSTS), HOSTS)
    login = _login(environment)
    roots = bool(in_place.allowed(None))
    if not is_loopback(address):
        _check(f"it would listen on {address or 'every address'}, where other computers reach it", login, roots)
    if others := [host for host in named if host.name not in LOOPBACK]:
        _check(f"{HOSTS} names {others[0]}, under which other computers reach it", login, roots)
    bound = parsed(f"[{address}]" if address and ":" in address else address or "")
    own = [bound] if bound and bound.name not in (*LOOPBACK, "0.0.0.0", "::") else []
    return Sharing((*map(Host, LOOPBACK), *named, *own), login, login is not None and roots)


def _check(reached: str, login: Login | None, roots: bool) -> None:
    if login is None:
        raise UserError(
            f"Manyhot does not start: {reached}, and nobody has to log in. Set {LOGIN} to token, oidc or header:NAME, "
            "or listen on 127.0.0.1."
        )
    if not roots:
        raise UserError(
            f"Manyhot does not start: {reached}, and visitors could read any folder. Set {in_place.VARIABLE} to the "
            "folders that they may import from."
        )


def _words(environment: Mapping[str, str], variable: str) -> list[str]:
    return [word for part in environment.get(variable, "").split(",") if (word := part.strip())]


def _login(environment: Mapping[str, str]) -> Login | None:
    way, users = environment.get(LOGIN, "").strip(), _words(environment, USERS)
    if odd := [user for user in users if not people.is_name(user)]:
        raise UserError(f"{USERS}: expected names of {people.MOST} visible letters at most, found {odd[0][:80]!r}.")
    if way == "token":
        return ByToken(users or [GUEST])
    if way == "oidc":
        if not users:
            raise UserError(
                f"{LOGIN}=oidc lets in whoever has an account at the provider: set {USERS} to e-mail addresses, or to "
                "domains such as @example.org."
            )
        login_oidc.check()
        return login_oidc.ByOidc(users)
    if way.startswith(_HEADER) and way != _HEADER:
        return ByHeader(way.removeprefix(_HEADER), users, _networks(environment))
    if way:
        raise UserError(f"{LOGIN}: expected token, oidc or header:NAME, found {way[:80]!r}. Correct it.")
    if users:
        raise UserError(
            f"{USERS} says who may log in, but {LOGIN} does not say how: set it to token, oidc or header:NAME."
        )
    return None


def _networks(environment: Mapping[str, str]) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    try:
        return [ipaddress.ip_network(word, strict=False) for word in _words(environment, PROXY)]
    except ValueError as error:
        raise UserError(
            f"{PROXY}: expected addresses or networks such as 172.18.0.0/16 ({error}). Correct it."
        ) from error
