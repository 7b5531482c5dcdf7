"""What the cluster of these tests is: two machines as far as Ray can tell, and closed to whoever has no token."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import requests

from lib.training.launchers.ray_client import RayClient
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


def test_foreign_drivers_are_none_of_our_runs(cluster):
    """Ray lists whoever computes on it: a driver that was never submitted is passed over, as are jobs of others."""
    script = "import ray, time; ray.init(address='10.99.0.1:6399', log_to_driver=False); time.sleep(60)"
    environment = {**os.environ, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": cluster.token}
    driver = subprocess.Popen([sys.executable, "-c", script], env=environment)
    try:
        waiting.until(lambda: any(job["type"] == "DRIVER" for job in cluster.jobs()), 60)
        cluster.submit("true")
        own = RayClient(cluster.url).jobs()
        assert len(own) < len(cluster.jobs()) and all(name.startswith("manyhot-") for name in own)
    finally:
        driver.kill()
        driver.wait()
