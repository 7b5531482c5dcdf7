"""Whether pretrained weights can be had, told at once: what is on this machine, and which hosts answered lately."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from lib.core.errors import UserError
from lib.training import architectures, bundled

#: On this machine; to be downloaded; not to be had; and not known yet, because a host is being asked.
HERE, ONLINE, MISSING, ASKED = "here", "online", "missing", "asked"
#: Seconds after which a host is asked again: one that answered, one that did not.
_AGAIN, _AGAIN_MISSING = 600.0, 30.0


@dataclass
class _Asked:
    """A host that was asked for weights; ``state`` is None until it is known."""

    since: float
    done: threading.Event = field(default_factory=threading.Event)
    state: str = ASKED

    @property
    def is_old(self) -> bool:
        """Whether it is to be asked again."""
        return self.done.is_set() and time.monotonic() - self.since > (
            _AGAIN if self.state == ONLINE else _AGAIN_MISSING
        )


_hosts: dict[str, _Asked] = {}
_lock = threading.Lock()


def state(arch: str, *, patience: float = 0.0) -> str:
    """Return whether pretrained weights of ``arch`` can be had.

    Files are looked for at once. A host is asked in a thread, once for all who want to know, and its answer is kept
    for minutes.

    Parameters
    ----------
    arch : str
    patience : float
        Seconds that may be waited for a host.

    Returns
    -------
    str
        `HERE`, `ONLINE`, `MISSING` or, where a host has not answered yet, `ASKED`.
    """
    if arch == architectures.SMALL:
        return MISSING
    if arch == architectures.LITE0:
        try:
            bundled.path()
        except UserError:
            return MISSING
        return HERE
    if architectures.is_downloaded(arch):
        return HERE
    with _lock:
        address = architectures.address(arch)
        host = _hosts.get(address)
        if host is None or host.is_old:
            host = _hosts[address] = _Asked(time.monotonic())
            threading.Thread(target=_ask, args=(arch, host), daemon=True).start()
    host.done.wait(patience)
    return host.state


def _ask(arch: str, host: _Asked) -> None:
    try:
        architectures.check_host(arch)
        host.state = ONLINE
    except UserError:
        host.state = MISSING
    finally:
        host.done.set()
