"""Which process runs which tests when all of them run: two in the foreground, and a third with what they leave idle.

Tests of pages, servers and workers wait about a third of their time, for a browser, a disk or a clock. In that time a
process of low priority does those that only compute: no other test is slower for it, as one that waits for a process of
its own might notice. Files are given out whole, as what a file shares is made once then.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

#: Names the process in the background; there is none where only some tests run.
VARIABLE = "MANYHOT_TEST_BACKGROUND"
_BACKGROUND, _NICE = "gw2", 10
#: Tests that only compute ...
_COMPUTING = (
    "tests/attack/test_damage.py",
    "tests/contract/",
    "tests/pages/",
    "tests/unit/",
    "tests/worker/test_code.py",
    "tests/worker/test_on_a_device.py",
)
#: ... but for these, which start processes or look at a clock.
_OTHERS = (
    "tests/pages/test_data_fastai.py",
    "tests/pages/test_no_torch.py",
    "tests/unit/core/test_forks.py",
    "tests/unit/core/test_questions.py",
    "tests/unit/datasets/test_fingerprints.py",
    "tests/unit/export/test_mirror.py",
    "tests/unit/importing/test_fastai_urls.py",
    "tests/unit/thresholds/test_sets_file.py",
    "tests/unit/training/test_decoded.py",
    "tests/unit/training/test_weights_questions.py",
    "tests/unit/web/test_receiving.py",
)


def only_computes(nodeid: str) -> bool:
    """Return whether a test may run in the background."""
    return nodeid.startswith(_COMPUTING) and not nodeid.startswith(_OTHERS)


def is_background() -> bool:
    """Return whether this is the process in the background."""
    return os.environ.get("PYTEST_XDIST_WORKER", "") == os.environ.get(VARIABLE, "none")


def step_back() -> None:
    """Let all others go before this process, if it is the one in the background."""
    if is_background() and hasattr(os, "nice"):
        os.nice(_NICE)


class TwoEnds(LoadFileScheduling):
    """Gives files out from the first on, and to the process in the background from the last on, if it may have them."""

    def __init__(self, config: pytest.Config, log=None):
        super().__init__(config, log)
        self.numnodes -= 1  # the others begin without it: it is the last to be ready

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        super().add_node_collection(node, list(collection))

    def schedule(self) -> None:
        """Give out the first files, and to a process that is ready later its own."""
        if self.collection is None:
            if not self._check_nodes_have_same_collection():
                return
            self.collection = next(iter(self.registered_collections.values()))
            for nodeid in self.collection:
                self.workqueue.setdefault(self._split_scope(nodeid), {})[nodeid] = False
        for node in self.nodes:
            self._reschedule(node)

    def _reschedule(self, node: WorkerController) -> None:
        if node.shutting_down or (self.workqueue and node not in self.registered_collections):
            return
        while (file := self._next_for(node)) and self._pending_of(self.assigned_work[node]) <= 2:
            self.workqueue.move_to_end(file, last=False)
            self._assign_work_unit(node)
        if not self._next_for(node):
            node.shutdown()  # once it has done what it was given

    def _next_for(self, node: WorkerController) -> str | None:
        if node.gateway.id == _BACKGROUND:
            return next((file for file in reversed(self.workqueue) if only_computes(file)), None)
        return next(iter(self.workqueue), None)


def _are_all(config: pytest.Config) -> bool:
    return config.args_source is pytest.Config.ArgsSource.TESTPATHS


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many processes run tests, where nobody has said it."""
    if not _are_all(config):
        return 2
    os.environ[VARIABLE] = _BACKGROUND
    return 3


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log) -> LoadFileScheduling | None:
    """Return who gives tests out, where there is a process in the background."""
    if VARIABLE not in os.environ:
        return None
    return TwoEnds(config, log)
