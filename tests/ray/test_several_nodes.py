"""One run on several nodes: the oracle is the training by one process of this machine."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from pathlib import Path

import pytest

from lib.core.errors import UserError
from lib.training import events, launch
from lib.training.launchers.launched import RAY, Launch
from lib.training.runs import Run
from tests.ray.cluster import Cluster, Node
from tests.worker.conftest import ended, wait
from tests.worker.test_several_processes import assert_same, full_of_holes, started

pytestmark = pytest.mark.timeout(900)

TWO_NODES = Launch(RAY, nodes=2, cpus=1)


def _members(run: Run) -> dict[int, tuple[int, str]]:
    """Return process and address of each of the newest workers, by their numbers."""
    said = re.findall(r"Process (\d) of 2 is process (\d+) of .* \((.*)\)", (run.folder / events.LOG).read_text())
    return {int(number): (int(process), address) for number, process, address in said}


def _node(cluster: Cluster, run: Run) -> Node:
    """Return the node, not the head, on which a worker of ``run`` is."""
    addresses = {address for _, address in _members(run).values()}
    return next(node for node in cluster.nodes if node.is_up and node.address in addresses)


def _goes_on(run: Run, resumed: int) -> float:
    """Wait until ``run`` trains again after it was resumed so often; return the seconds."""
    began = time.monotonic()
    wait(run, lambda run: (run.history.resumed == resumed and run.history.fitting) or ended(run), seconds=180)
    assert not ended(run), run.failure()
    return time.monotonic() - began


def _kill(member: tuple[int, str]) -> None:
    """Kill a worker as the kernel does when memory is out; its node, which has its own numbers, lives on."""
    for path in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            numbers = re.search(r"^NSpid:\t(.*)$", (path / "status").read_text(), re.MULTILINE)
            is_worker = b"RayTrainWorker" in (path / "cmdline").read_bytes()
            if is_worker and numbers and numbers[1].split()[-1] == str(member[0]):
                os.kill(int(path.name), signal.SIGKILL)
                return
    raise AssertionError(f"no worker {member}")


def test_a_run_on_two_nodes_goes_on_without_one(make_dataset, workspace, cluster):
    """A worker dies, then a node: the run goes on; with no spare left it ends, and ends here as one process would."""
    dataset = full_of_holes(workspace, make_dataset("multi-label"))
    while sum(node.is_up for node in cluster.nodes) < 2:
        cluster.add_node()
    began = time.monotonic()
    run = started(workspace, dataset, TWO_NODES, epochs=20)
    wait(run, lambda run: run.history.step >= 5 or ended(run), seconds=200)
    assert not ended(run), run.failure()
    print(f"\nfrom start to batch {run.history.step} {time.monotonic() - began:.1f} s")
    assert run.history.started["processes"] == 2
    assert len({address for _, address in _members(run).values()}) == 2
    _kill(_members(run)[2])
    print(f"from a worker's death to the next batch {_goes_on(run, 1):.1f} s")
    _node(cluster, run).kill()
    print(f"from a node's death to the next batch {_goes_on(run, 2):.1f} s")
    while (nodes := [node for node in cluster.nodes if node.is_up]) and not ended(run.refresh()):
        nodes[0].kill()
    began = time.monotonic()
    wait(run, ended, seconds=300)
    print(f"from the last node's death to the end {time.monotonic() - began:.1f} s")
    assert run.state == events.FAILED and run.resumable, run.failure()
    assert "could not go on" in run.failure()
    launch.resume(run, Launch())
    wait(run, ended)
    assert_same(run, wait(started(workspace, dataset, Launch(), thresh=0.6, epochs=20), ended))


def test_what_is_left_of_a_cluster_without_its_head_has_one_writer(make_dataset, workspace, cluster):
    """Workers train on for a minute without the machine of their job: nobody may resume the run until they end."""
    cluster.kill_all()
    cluster.nodes.clear()
    cluster.start_head(cpus=0)
    for _ in range(2):
        cluster.add_node()
    run = started(workspace, full_of_holes(workspace, make_dataset("multi-label")), TWO_NODES, epochs=500)
    wait(run, lambda run: run.history.step >= 5 or ended(run), seconds=200)
    cluster.head.kill()
    step = run.refresh().history.step
    with pytest.raises(UserError, match="nothing to resume"):
        launch.resume(run, Launch())
    wait(run, lambda run: run.history.step > step + 5 or ended(run), seconds=30)
    assert run.state == events.RUNNING
    for node in cluster.nodes:
        node.kill()
    wait(run, ended, seconds=30)
    assert run.state == events.DIED
    launch.resume(run, Launch())
    assert _goes_on(run, 1) and not run.damage_of_events
    launch.stop(run.folder)
    wait(run, ended, seconds=30)
