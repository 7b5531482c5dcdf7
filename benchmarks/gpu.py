"""What runs on a CUDA GPU. One script, within 8 minutes: speed against peers, resume, out of memory.

``python -m benchmarks gpu --json > gpu.json`` writes what it measured; each part stands alone, so that one that fails
says so and the others are measured all the same. Without CUDA it says that nothing was.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file

from benchmarks import peers, speed
from benchmarks.peers import InTurns, Turn, ratio
from lib import tasks
from lib.core import processes
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import events, launch, runs
from lib.training.learner import data as learner_data
from lib.training.learner import memory
from lib.training.runs import Run

Told = dict[str, float | int | str]


@dataclass(frozen=True)
class Sizes:
    """How much is measured: on a GPU for minutes, in a test for seconds.

    Attributes
    ----------
    cases : tuple
        Network, side in pixels, images a batch, images an epoch.
    epochs : int
        Epochs of each peer, by turns, after the first.
    resumed : tuple
        Network, side in pixels, number of images and epochs of the run that is killed.
    budget : float
        Seconds after which no further part begins.
    """

    cases: tuple[tuple[str, int, int, int], ...]
    epochs: int
    resumed: tuple[str, int, int, int]
    budget: float


FULL = Sizes(
    cases=(
        ("resnet18", 160, 256, 8192),
        ("resnet50", 160, 128, 4096),
        ("resnet18", 224, 256, 8192),
        ("resnet50", 224, 128, 4096),
    ),
    epochs=3,
    resumed=("resnet18", 128, 2048, 12),
    budget=420.0,
)


def measure() -> Told:
    """Return everything that is measured on a GPU; one sentence where there is none."""
    if not torch.cuda.is_available():
        return {"gpu": "not measured: no GPU"}
    return measure_on(torch.device("cuda", 0), FULL)


def measure_on(device: torch.device, sizes: Sizes) -> Told:
    """Return what is measured on ``device``, part by part as long as there is time."""
    began = time.monotonic()
    told: Told = {"device": learner_data.describe(device), "cores": os.cpu_count() or 1}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        datasets = {n: speed.draw(workspace, f"of-{n}", n) for n in {case[-1] for case in sizes.cases}}
        dataset = next(iter(datasets.values()))
        parts: dict[str, Callable[[], Told]] = {"out of memory": partial(_out_of_memory, dataset, device)}
        parts["kill and resume"] = partial(_kill_and_resume, workspace, *sizes.resumed)
        for arch, size, bs, n_train in sizes.cases:
            dataset = datasets[n_train]
            plain = speed.configure(dataset, arch, size, bs)
            parts.setdefault(f"batches of {size} px", partial(_batches, dataset, plain, device))
            config = replace(speed.configure(dataset, arch, size, bs), mixed_precision=speed.has_mixed(device))
            parts[f"{arch} {size} px"] = partial(_training, dataset, config, device, Path(folder), sizes.epochs)
        for name, part in parts.items():
            if time.monotonic() - began > sizes.budget:
                told[name] = f"not measured: {sizes.budget:.0f} s were over"
                continue
            try:
                told |= {f"{name}: {what}": value for what, value in part().items()}
            except Exception as error:  # the device is lent for minutes: the other parts are measured all the same
                traceback.print_exc()
                told[name] = f"failed: {error!r}"
            _forget(device)
    return {**told, "seconds": time.monotonic() - began}


def _forget(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _training(dataset: Dataset, config: TrainConfig, device: torch.device, folder: Path, epochs: int) -> Told:
    """Return images a second end to end, beside plain fastai and the bare loop in the same precision."""
    n_train, n_valid = len(dataset.index("train")), len(dataset.index("valid"))
    run = folder / f"{config.arch}-{config.size}"
    busy = Busy(device)

    def watched(turn: Turn) -> None:
        with busy:
            peers.ours(dataset, config, device, run, busy.between(turn))

    contestants: dict[str, Callable[[Turn], None]] = {
        "fastai": partial(peers.plain_fastai, dataset, config, device, speed.data_workers()),
        "bare": partial(peers.bare_loop, speed.network(config), config, n_train, n_valid, device),
        "ours": watched,
    }
    taken = InTurns(contestants).seconds(epochs)
    rates: Told = {f"{name} (images/s)": n_train / statistics.median(one.wall for one in taken[name]) for name in taken}
    ratios: Told = {f"ours / {peer}": ratio(taken, "ours", peer) for peer in ("bare", "fastai")}
    return {**rates, **ratios, "GPU busy while ours trains (%)": busy.median()}


def _batches(dataset: Dataset, config: TrainConfig, device: torch.device) -> Told:
    """Return how fast training batches come by themselves, augmented on the device, and while they are decoded."""
    task, rates = tasks.get(config.task), []
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    dls = learner_data.make_dls(dataset, task, config, scale, learner_data.Pictures(dataset, config.size), device)
    for _ in range(3):
        began = time.perf_counter()
        n_images = sum(float(batch[0][:, 0, 0, 0].isfinite().sum()) for batch in dls.train)  # looks at each: it waits
        rates.append(n_images / (time.perf_counter() - began))
    return {"first epoch (images/s)": rates[0], "later (images/s)": rates[2]}


_LOOK = """
import sys, time, pynvml
pynvml.nvmlInit()
handle = pynvml.nvmlDeviceGetHandleByPciBusId(sys.argv[1])
while True:
    print(time.time(), pynvml.nvmlDeviceGetUtilizationRates(handle).gpu, flush=True)
    time.sleep(0.1)
"""


class Busy:
    """How busy a GPU is while it is one peer's turn; a process of its own looks ten times a second, in nobody's way.

    Parameters
    ----------
    device : torch.device
        One that is no CUDA device is not looked at.
    """

    def __init__(self, device: torch.device):
        self.device = device
        self._turns: list[tuple[float, float]] = []
        self._seen: list[tuple[float, float]] = []

    def __enter__(self) -> Busy:
        self._process = None
        if self.device.type == "cuda":
            facts = torch.cuda.get_device_properties(self.device)
            bus = f"{facts.pci_domain_id:08x}:{facts.pci_bus_id:02x}:{facts.pci_device_id:02x}.0"
            words = [sys.executable, "-c", _LOOK, bus]
            self._process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        self._began = time.time()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            lines = self._process.communicate()[0].splitlines()
            self._seen = [(float(at), float(use)) for at, use in map(str.split, lines)]

    def between(self, turn: Turn) -> Turn:
        """Return ``turn`` so that what is seen while it waits does not count."""

        def noted() -> None:
            self._turns.append((self._began, time.time()))
            turn()
            self._began = time.time()

        return noted

    def median(self) -> float | str:
        """Return the median in percent, from the second epoch on: the first one decodes, and fills the cache.

        The driver counts over up to a second; a look counts where the turn began before that.
        """
        turns = self._turns[1:]
        seen = [use for at, use in self._seen if any(begin + 0.2 < at < end for begin, end in turns)]
        return statistics.median(seen) if seen else "not measured: the driver does not tell"


def _out_of_memory(dataset: Dataset, device: torch.device) -> Told:
    """Return the advice that a batch far too large gets."""
    if device.type != "cuda":
        return {"advice": "not measured: no GPU"}
    config = speed.configure(dataset, "resnet18", 224, 64)
    held = []
    try:
        with memory.out_of_memory_explained(config, device):
            while True:  # until nothing is left, as other programs on the GPU do
                held.append(torch.empty(2**30, dtype=torch.uint8, device=device))
    except UserError as error:
        return {"advice": str(error), "as expected": str(error.retry == {"bs": 32})}
    finally:
        held.clear()


def _kill_and_resume(workspace: Workspace, arch: str, size: int, n_train: int, epochs: int) -> Told:
    """Return whether a run that was killed and resumed ends with the weights of one that was not."""
    dataset = speed.draw(workspace, "few", n_train)
    config = replace(speed.configure(dataset, arch, size, n_train // 8), epochs=epochs)
    whole = _ended(runs.load(workspace, launch.start(workspace, config)))
    cut = runs.load(workspace, launch.start(workspace, config))
    _until(cut, lambda: (len(cut.history.epochs) >= 2 and cut.history.step % 8 in (1, 2, 3, 4)) or _has_ended(cut))
    if _has_ended(cut):
        raise RuntimeError(f"{cut.id} is {cut.state} before it could be killed")
    worker = next(process for process in reversed(processes._started) if str(cut.folder) in process.args)
    worker.send_signal(signal.SIGKILL)
    _until(cut, lambda: _has_ended(cut))
    launch.resume(cut)
    _until(cut, lambda: cut.history.resumed == 1)
    _ended(cut)
    one, other = (load_file(run.folder / events.MODEL) for run in (whole, cut))
    equal = all(torch.equal(one[name], other[name]) for name in one)
    largest = max(float((one[name].double() - other[name].double()).abs().max()) for name in one)
    return {"equal to the bit": str(equal), "largest difference of a weight": largest}


def _has_ended(run: Run) -> bool:
    return run.state not in events.ACTIVE


def _ended(run: Run) -> Run:
    _until(run, lambda: _has_ended(run))
    if run.state != events.FINISHED:
        raise RuntimeError(f"{run.id} is {run.state}: {run.failure()}")
    return run


def _until(run: Run, so: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while run.refresh() and not so():
        if time.monotonic() > end:
            raise TimeoutError(f"{run.id} is {run.state} after {seconds:.0f} s")
        time.sleep(0.01)
