"""What several suites need: small datasets of every task, made without any file from elsewhere."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core import processes
from lib.core.dataset import Dataset
from lib.core.files import new_folder
from lib.core.workspace import Workspace
from lib.datasets import store
from tests import scheduling
from tests import warm as warm_process
from tests.scheduling import pytest_xdist_auto_num_workers as pytest_xdist_auto_num_workers
from tests.scheduling import pytest_xdist_make_scheduler as pytest_xdist_make_scheduler
from tests.served_pages import browser as browser
from tests.served_pages import named_in as named_in
from tests.served_pages import page as page
from tests.served_pages import profile as profile
from tests.served_pages import server as server
from tests.served_pages import shared_server as shared_server

# As lib.core.processes does for workers, and one thread, because as many tests run at once as there are cores; torch
# reads both once, when the first test imports it.
os.environ.update({**processes.ENVIRONMENT, "OMP_NUM_THREADS": "1", **os.environ})

# The tests' modules take seconds to be rewritten for pytest's assertions: kept, it is done once, as what processes
# that the tests start compile.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

scheduling.step_back()

# The suite writes ten thousands of small files: on a disk that is a tenth of its time, in memory nothing. What a test
# installs is run from there.
_MEMORY, _ROOM = Path("/dev/shm"), 2 << 30
if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK):
    _system = os.statvfs(_MEMORY)
    if _system.f_bavail * _system.f_frsize > _ROOM and not _system.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(_MEMORY)
        tempfile.tempdir = None  # found anew, here and in the processes that the tests start

# While all tests and torch are loaded nothing is garbage, but looking for it is a third of the work.
gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage again, but among what is new only: what is loaded by now stays."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)  # fewer times: it was a twentieth of the work
    gc.enable()


class _Backwards(pytest.Dir):
    """A folder whose files are loaded last to first."""

    def collect(self) -> list[pytest.Item | pytest.Collector]:
        return list(super().collect())[::-1]


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Let every second worker begin at the other end: each finds half of the files rewritten by another."""
    backwards = os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:] in {"1", "3", "5", "7"}
    return _Backwards.from_parent(parent, path=path) if backwards else None


@pytest.fixture(scope="session", autouse=True)
def _unsynced() -> Iterator[None]:
    """What tests write need not survive a power cut: waiting for the disk is most of what a small dataset costs."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "fsync", lambda _: None)
        yield


#: Where what is drawn once is kept until the tests are over.
_kept = tempfile.TemporaryDirectory(prefix="drawn-")


#: Names and how targets are drawn, by task.
KINDS = {
    "multi-label": (
        ["ball", "<b>box</b>", "a rather long label name that goes on and on"],
        lambda rng, n: rng.integers(0, 2, (n, 3)).astype(np.int8),
    ),
    "single-label": (["cat", "dog", "emu"], lambda rng, n: np.arange(n) % 3),
    "keypoints": (["nose", "tail"], lambda rng, n: rng.uniform(4, 36, (n, 2, 2)).astype(np.float32)),
    "regression": (
        ["height (cm)", "width (cm)"],
        lambda rng, n: rng.normal([170, 60], [10, 5], (n, 2)).astype(np.float32),
    ),
}


def _draw(rng: np.random.Generator, task: str, targ: np.ndarray) -> Image.Image:
    """Return a 48 x 40 picture of noise in which the target shows, roughly."""
    pixels = rng.integers(0, 80, (40, 48, 3))
    if task == "keypoints":
        for channel, (x, y) in enumerate(targ):
            pixels[int(y) - 3 : int(y) + 3, int(x) - 3 : int(x) + 3, channel] = 255
    else:
        values = np.atleast_1d(targ).astype(float)
        shown = np.eye(3)[int(targ)] if task == "single-label" else values
        for channel, value in enumerate(shown[:3]):
            pixels[:, 16 * channel : 16 * channel + 12, channel] = np.clip(200 * value if value <= 1 else value, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """An empty workspace."""
    return Workspace(tmp_path / "workspace")


@cache
def _drawn(task: str, name: str, n: int) -> Path:
    """Return the folder of a dataset that is drawn once and copied from then on."""
    workspace = Workspace(Path(_kept.name) / f"{task}-{name}-{n}")
    _build(workspace, task, name, n)
    return workspace.dataset(name)


def build_dataset(workspace: Workspace, task: str, name: str = "made", n: int = 48) -> Dataset:
    """Make a small dataset of ``task``: by default 32 images to train on, 10 to validate and 6 to test."""
    shutil.copytree(_drawn(task, name, n), workspace.dataset(name), copy_function=shutil.copyfile)
    return store.load(workspace, name)


def _build(workspace: Workspace, task: str, name: str, n: int) -> None:
    rng = np.random.default_rng(0)
    names, draw = KINDS[task]
    targs = draw(rng, n)
    splits = ["train"] * (n - 16) + ["valid"] * 10 + ["test"] * 6
    with new_folder(workspace.dataset(name)) as folder:
        (folder / "images").mkdir()
        for item in range(n):
            _draw(rng, task, targs[item]).save(folder / "images" / f"{item}.png")
        items = pd.DataFrame(
            {
                "file": [f"{item}.png" for item in range(n)],
                "original": [f"from/picture {item}.png" for item in range(n)],
                "split": splits,
                "group": "",
                "width": 48,
                "height": 40,
            }
        )
        head = {"name": name, "task": task, "names": names, "problems": [], "source": {}, "defaults": {}}
        store.save(folder, head, items, targs)


@pytest.fixture
def ended() -> Iterator[None]:
    """What is left running at the end is killed."""
    before = list(processes._started)
    yield
    for process in processes._started:
        if process not in before:
            process.kill()
            process.wait()


@pytest.fixture
def make_dataset(workspace) -> Callable[..., Dataset]:
    """`build_dataset` in the test's workspace."""
    return partial(build_dataset, workspace)


@pytest.fixture(scope="session")
def warm_server(tmp_path_factory) -> Iterator[None]:
    """The one process, of all that run tests at once, that has loaded torch and fastai and is forked."""
    if sys.platform != "linux":
        yield
        return
    base = tmp_path_factory.getbasetemp()
    # What the process in the background starts steps back with it: it has one of its own.
    is_shared = "PYTEST_XDIST_WORKER" in os.environ and not scheduling.is_background()
    path = (base.parent if is_shared else base) / "warm"
    lasting = warm_process.join(path)
    os.environ[warm_process.VARIABLE] = str(path)
    yield
    del os.environ[warm_process.VARIABLE]
    lasting.close()


@pytest.fixture
def warm(request, monkeypatch) -> None:
    """Processes of the project that the test starts are forked from one that is warm, unless it is marked cold."""
    if request.node.get_closest_marker("cold"):
        return
    if sys.platform == "linux":
        # The first process that is started starts the warm one: many tests need none.
        monkeypatch.setattr(warm_process.Process, "prepare", lambda: request.getfixturevalue("warm_server"))
        monkeypatch.setattr(subprocess, "Popen", warm_process.Process)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that no worker waits for another's long test; all have the same order."""
    items.sort(
        key=lambda item: (
            item.get_closest_marker("first") is None,
            scheduling.only_computes(item.nodeid),
            item.get_closest_marker("slow") is None,
            item.path.as_posix(),
        )
    )
