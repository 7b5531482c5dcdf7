"""A cluster of Ray whose nodes are apart as machines are: each has its own network, address and processes.

Nodes share the machine's disk, as they share a folder where they are machines, and its clock.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from tests import waiting
from tests.ray import private

_SUBNET = "10.99.0"
_PORT, _DASHBOARD = 6399, 8265
_START = 120  # seconds that a node may take to start: 10 to 20 on an idle machine
#: As the README says it.
SETTINGS = {
    "RAY_AUTH_MODE": "token",
    "RAY_JOB_START_TIMEOUT_SECONDS": "604800",
    "RAY_USAGE_STATS_ENABLED": "0",
}
_OBJECT_STORE = 200 << 20


class Node:
    """A machine of the cluster: whatever runs on it is gone at once when it is killed.

    Attributes
    ----------
    address : str
        Its address in the network of the cluster.
    """

    def __init__(self, number: int, options: list[str], environment: dict[str, str], log: Path, *, alone: bool):
        self.address = f"{_SUBNET}.{number}"
        ray = [str(Path(sys.executable).with_name("ray")), "start", "--block", "--disable-usage-stats"]
        command = [*ray, "--node-ip-address", self.address, *options]
        # Its own network once it is up: the command waits for a line, before which there is no way out of it.
        network = ["--net"] if alone else []
        apart = ["unshare", *network, "--pid", "--fork", "--mount", "--mount-proc", "--kill-child"]
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [*apart, "sh", "-c", 'echo up; read _; exec "$@" >&2', "sh", *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                env=environment,
            )
        assert self._process.stdout.readline() == b"up\n", log.read_text()
        if alone:
            self._connect(number)
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()

    def _connect(self, number: int) -> None:
        outside, process = f"{private.PORT}{number}", str(self._process.pid)
        _ip("link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", process)
        _ip("link", "set", outside, "master", private.BRIDGE, "up")
        for words in (
            ["addr", "add", f"{self.address}/24", "dev", "eth0"],
            ["link", "set", "eth0", "up"],
            ["link", "set", "lo", "up"],
        ):
            subprocess.run(["nsenter", "--target", process, "--net", "ip", *words], check=True)

    @property
    def is_up(self) -> bool:
        """Whether its processes run."""
        return self._process.poll() is None

    def has(self, process: int) -> bool:
        """Return whether it is where a process runs."""
        try:
            of_process = Path(f"/proc/{process}/ns/pid").readlink()
        except OSError:  # it has ended
            return False
        return of_process == Path(f"/proc/{self._process.pid}/ns/pid_for_children").readlink()

    def kill(self) -> None:
        """End it as a power cut does: no process of it says another word."""
        self._process.kill()  # the first of its processes, which is killed with it, takes all others along
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()


class Cluster:
    """A head and further nodes, in a private network (`tests.ray.private`).

    Parameters
    ----------
    cpus : int
        How many jobs of one CPU each the head takes.
    environment : mapping, optional
        What its processes get besides `SETTINGS`.

    Attributes
    ----------
    url : str
        Where its Jobs API answers.
    token : str
        What it asks everybody for.
    """

    def __init__(self, cpus: int = 1, environment: dict[str, str] | None = None):
        assert private.is_private(), "a cluster listens on all interfaces: run this by `make ray`"
        # There may be one already, of an earlier cluster.
        _ip("link", "add", private.BRIDGE, "type", "bridge", check=False)
        _ip("addr", "add", f"{_SUBNET}.1/24", "dev", private.BRIDGE, check=False)
        _ip("link", "set", private.BRIDGE, "up")
        self.url, self.token = f"http://{_SUBNET}.1:{_DASHBOARD}", secrets.token_hex(32)
        self._folder = Path(tempfile.mkdtemp(prefix="mh-ray-", dir="/tmp"))  # short: sockets' paths have 107 characters
        self._environment = {**os.environ, **SETTINGS, "RAY_AUTH_TOKEN": self.token, **(environment or {})}
        self.nodes: list[Node] = []
        self._cpus, self._last = cpus, 1
        self.start_head()

    @property
    def variables(self) -> dict[str, str]:
        """What a client of it needs in its environment."""
        return {"RAY_API_SERVER_ADDRESS": self.url, "RAY_AUTH_TOKEN": self.token}

    @property
    def log(self) -> str:
        """What the commands that start nodes have said."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self._folder.glob("*.log")))

    def start_head(self, cpus: int | None = None) -> None:
        """Start the head, also again after it was killed: it knows nothing of before then."""
        here = ["--head", "--port", str(_PORT), "--dashboard-host", f"{_SUBNET}.1", "--dashboard-port", str(_DASHBOARD)]
        self.head = self._node(1, here, self._cpus if cpus is None else cpus, alone=False)
        self._wait_for(1)

    def add_node(self, cpus: int = 1) -> Node:
        """Start another node and wait until it is part of the cluster."""
        self._last += 1
        node = self._node(self._last, ["--address", f"{_SUBNET}.1:{_PORT}"], cpus, alone=True)
        self.nodes.append(node)
        self._wait_for(1 + sum(node.is_up for node in self.nodes))
        return node

    def node_of(self, process: int) -> Node:
        """Return the node on which a process runs."""
        return next(node for node in [self.head, *self.nodes] if node.is_up and node.has(process))

    def kill_all(self) -> None:
        """Kill every node: there is no cluster any more, as where its machines lost their power."""
        self._kill([*self.nodes, self.head])

    def restore(self) -> None:
        """Have a head and one other node again, whatever was killed or added."""
        if not self.head.is_up:
            self.kill_all()  # the others belong to a head that is gone
            self.nodes = []
            self.start_head()
        self._kill([node for node in self.nodes if node.is_up][1:])
        if not any(node.is_up for node in self.nodes):
            self.add_node()
        self.nodes = [node for node in self.nodes if node.is_up]
        self._wait_for(2)

    def _kill(self, nodes: list[Node]) -> None:
        for node in nodes:
            if node.is_up:
                node.kill()

    def _node(self, number: int, options: list[str], cpus: int, *, alone: bool) -> Node:
        folder = self._folder / str(number)
        store = ["--object-store-memory", str(_OBJECT_STORE)]
        words = [*options, "--num-cpus", str(cpus), "--temp-dir", str(folder), *store]
        return Node(number, words, self._environment, self._folder / f"{number}.log", alone=alone)

    def _wait_for(self, count: int) -> None:
        def are_there() -> bool:
            assert self.head.is_up and all(node.is_up for node in self.nodes[-1:]), self.log
            try:
                return len(self.alive()) == count
            except requests.RequestException:
                return False

        waiting.until(are_there, _START)

    def ask(self, path: str, method: str = "GET", **more: Any) -> Any:
        """Return what the API answers to a question, as JSON."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, f"{self.url}{path}", headers=headers, timeout=30, **more)
        answer.raise_for_status()
        return answer.json()

    def alive(self) -> list[str]:
        """Return the addresses of the nodes that the head takes for alive."""
        nodes = self.ask("/nodes?view=summary")["data"]["summary"]
        # One that is just coming has not said its address yet.
        return sorted(node["ip"] for node in nodes if "ip" in node and node["raylet"].get("state") == "ALIVE")

    def free(self) -> float:
        """Return how many CPUs no job has."""
        used, total = self.ask("/api/cluster_status")["data"]["clusterStatus"]["loadMetricsReport"]["usage"]["CPU"]
        return total - used

    def stop(self, job: str) -> None:
        """Stop a job, as whoever has the dashboard may."""
        self.ask(f"/api/jobs/{job}/stop", "POST")

    def jobs(self) -> list[dict[str, Any]]:
        """Return what it says of all jobs."""
        return self.ask("/api/jobs/")

    def submit(self, entrypoint: str, **more: Any) -> str:
        """Start a job, as any other user of the cluster may, and return its id; stopped, it is gone at once."""
        entrypoint = f"exec {entrypoint}"  # else a shell is what is stopped, and Ray waits for what that has left
        return self.ask("/api/jobs/", "POST", json={"entrypoint": entrypoint, **more})["submission_id"]

    def close(self) -> None:
        """Kill all nodes and remove what they have written."""
        self.kill_all()
        shutil.rmtree(self._folder, ignore_errors=True)


def processes(*words: str) -> Iterator[int]:
    """Yield the ids of the processes, of all nodes, whose command lines have all of ``words``."""
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command = (path / "cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:  # it has ended
            continue
        if all(word in command for word in words):
            yield int(path.name)


def _ip(*words: str, check: bool = True) -> None:
    subprocess.run(["ip", *words], check=check, capture_output=not check)
