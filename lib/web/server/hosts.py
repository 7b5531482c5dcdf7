"""The names under which the app answers, and whether a request is made under one of them and by its own pages.

A name that somebody else owns may resolve to this machine: what its pages ask has that name as ``Host``.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from starlette.requests import HTTPConnection

from lib.core.errors import UserError

#: Names and addresses under which a machine reaches itself.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: Ports that browsers leave out.
_USUAL = {"http": 80, "https": 443}
_AUTHORITY = re.compile(
    r"(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9_](?:[a-z0-9_.-]{0,252})))(?::([0-9]{1,5}))?", re.IGNORECASE
)
_ORIGIN = re.compile(r"(https?)://(.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Host:
    """A name or address and, where one was given, a port."""

    name: str
    port: int | None = None

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return name if self.port is None else f"{name}:{self.port}"


@lru_cache(maxsize=256)
def parsed(text: str) -> Host | None:
    """Return what a ``Host`` header names, None where it is nothing that a browser would send.

    Examples
    --------
    >>> parsed("LocalHost.:8501"), parsed("[0:0::1]")
    (Host(name='localhost', port=8501), Host(name='::1', port=None))
    >>> parsed("localhost@elsewhere"), parsed("localhost:8501/x"), parsed("localhost:99999")
    (None, None, None)
    """
    match = _AUTHORITY.fullmatch(text)
    if match is None:
        return None
    address, name, port = match[1], match[2], None if match[3] is None else int(match[3])
    if port is not None and not 0 < port < 2**16:
        return None
    if address is None:
        return Host(name.lower().removesuffix("."), port)
    try:
        return Host(str(ipaddress.IPv6Address(address)), port)
    except ValueError:
        return None


def stated(words: Iterable[str], variable: str) -> tuple[Host, ...]:
    """Return what a list of addresses names, such as ``manyhot.example``, ``lab:8501`` or ``https://manyhot.example``.

    Without a port, and without ``http://`` or ``https://``, which are one, any port is meant.

    Raises
    ------
    UserError
        If one is no address, naming ``variable``.

    Examples
    --------
    >>> [str(host) for host in stated(["https://A.example", "lab:8501", "lab"], "HOSTS")]
    ['a.example:443', 'lab:8501', 'lab']
    """
    hosts = []
    for word in words:
        scheme, separator, rest = word.rpartition("://")
        host = parsed(rest.removesuffix("/"))
        if host is None or (separator and scheme.lower() not in _USUAL):
            raise UserError(
                f"{variable}: expected names or addresses as they stand in the browser, such as manyhot.example or "
                f"lab:8501, separated by commas, found {word[:80]!r}. Correct it."
            )
        hosts.append(Host(host.name, host.port or _USUAL.get(scheme.lower())))
    return tuple(hosts)


def answers(connection: HTTPConnection, hosts: Iterable[Host]) -> bool:
    """Return whether a request names one of ``hosts``, once and in a form that browsers use."""
    named = connection.headers.getlist("host")
    host = parsed(named[0]) if len(named) == 1 else None
    return host is not None and any(
        host.name == one.name and (one.port is None or one.port == host.port or _leaves_out(host, one)) for one in hosts
    )


def _leaves_out(host: Host, one: Host) -> bool:
    return host.port is None and one.port in _USUAL.values()


def is_own(connection: HTTPConnection) -> bool:
    """Return whether a request comes from a page of the host that it names; programs, which name no origin, may too.

    What forwards requests has to keep ``Host`` as the browser sent it.
    """
    origins = connection.headers.getlist("origin")
    if not origins:
        return True
    match = _ORIGIN.fullmatch(origins[0]) if len(origins) == 1 else None
    origin = parsed(match[2]) if match else None
    host = parsed(connection.headers.get("host", ""))
    if match is None or origin is None or host is None:
        return False
    usual = _USUAL[match[1].lower()]
    same_port = (origin.port or usual) == host.port or (host.port is None and origin.port in (None, usual))
    return origin.name == host.name and same_port


def is_loopback(address: str | None) -> bool:
    """Return whether only this machine reaches what listens on ``address``; a name may be that of any address.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("::ffff:127.0.0.1"), is_loopback("0.0.0.0"), is_loopback(None)
    (True, True, False, False)
    """
    if address == "localhost":
        return True
    try:
        parsed_address = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(parsed_address, "ipv4_mapped", None)
    return (mapped or parsed_address).is_loopback
