"""A network and processes of their own: nobody else reaches what is started there, and all of it ends with it."""

from __future__ import annotations

import os
import socket
import subprocess

#: What says to a process that it was started by `run`.
_VARIABLE = "MANYHOT_TEST_PRIVATE_NETWORK"
_UNSHARE = ["unshare", "--net", "--pid", "--fork", "--mount", "--mount-proc", "--kill-child"]
#: Network interfaces that `tests.ray.cluster` adds to the loopback of a private network.
BRIDGE, PORT = "manyhot", "node"


def is_private() -> bool:
    """Return whether this process is in a network that `run` made: it has a loopback and nothing that leaves it."""
    names = [name for _, name in socket.if_nameindex()]
    return _VARIABLE in os.environ and all(name == "lo" or name.startswith((BRIDGE, PORT)) for name in names)


def run(command: list[str]) -> int:
    """Run ``command`` with a network and processes of its own; return its exit code.

    Raises
    ------
    SystemExit
        If the system does not allow them, in one sentence.
    """
    unshare = _UNSHARE if os.geteuid() == 0 else [*_UNSHARE, "--user", "--map-root-user"]
    try:
        tried = subprocess.run([*unshare, "ip", "link", "set", "lo", "up"], capture_output=True, text=True)
        refusal = tried.stderr.strip() if tried.returncode else ""
    except FileNotFoundError as error:
        refusal = str(error)
    if refusal:
        raise SystemExit(
            f"A private network could not be made ({refusal}): the clusters of these tests listen on all interfaces: "
            "run them as root, or as a user who may make namespaces, on Linux with util-linux and iproute2."
        )
    inside = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh", *command]
    return subprocess.run([*unshare, *inside], env={**os.environ, _VARIABLE: "1"}).returncode
