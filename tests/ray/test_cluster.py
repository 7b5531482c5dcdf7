"""What the cluster of these tests is: two machines as far as Ray can tell, and closed to whoever has no token."""

from __future__ import annotations

import subprocess

import pytest
import requests

from tests import waiting


def ended(cluster, job: str, seconds: float = 60) -> dict:
    """Return what the cluster says of a job once it has ended."""
    over = {"SUCCEEDED", "FAILED", "STOPPED"}
    return waiting.until(lambda: (said := cluster.ask(f"/api/jobs/{job}"))["status"] in over and said, seconds)


def test_two_nodes_have_two_addresses(cluster):
    """A job on each CPU is a job on each node, of which each has a network and a list of processes of its own."""
    says = "python -c 'import os, socket, time; print(os.getpid(), socket.if_nameindex()); time.sleep(8)'"
    jobs = [cluster.submit(says, entrypoint_num_cpus=1) for _ in range(2)]
    said = [ended(cluster, job) for job in jobs]
    assert {one["status"] for one in said} == {"SUCCEEDED"}, said
    assert len(cluster.alive()) == 2
    assert len({one["driver_node_id"] for one in said}) == 2
    logs = [cluster.ask(f"/api/jobs/{job}/logs")["logs"] for job in jobs]
    assert sorted("'eth0'" in log for log in logs) == [False, True], logs


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer " + 64 * "0"}])
def test_nobody_gets_in_without_the_token(cluster, headers):
    """Whoever reaches the port without the token learns nothing and starts nothing."""
    for method, path in (("GET", "/api/jobs/"), ("POST", "/api/jobs/"), ("GET", "/nodes?view=summary")):
        answer = requests.request(method, cluster.url + path, headers=headers, json={"entrypoint": "id"}, timeout=10)
        assert answer.status_code in {401, 403}, (method, path)
        assert cluster.token not in answer.text


def test_ray_listens_on_all_interfaces(cluster):
    """Why the README asks for a private network: its address does not limit where the head of a cluster listens."""
    listening = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout
    addresses = {line.split()[3].rpartition(":")[0] for line in listening.splitlines()}
    assert addresses & {"0.0.0.0", "*", "[::]"}, listening
