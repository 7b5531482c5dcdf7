"""Peers of a training, by turns: plain fastai, a bare PyTorch loop on tensors that are ready, and the real training."""

from __future__ import annotations

import resource
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from fastai.callback.core import Callback
from fastai.learner import Learner
from fastai.vision.all import (
    DataBlock,
    ImageBlock,
    IndexSplitter,
    MultiCategoryBlock,
    Normalize,
    Resize,
    ResizeMethod,
    accuracy_multi,
    aug_transforms,
    imagenet_stats,
    vision_learner,
)
from torch import nn
from torchvision import models

from lib import tasks
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.training import architectures
from lib.training.events import EventWriter
from lib.training.learner import callbacks, fit, nets, precision, train
from lib.training.learner.checkpoint import Position
from lib.training.learner.reporter import Reporter
from lib.training.learner.watcher import Watcher

#: What a peer is told after every epoch; it returns when it is the peer's turn again.
Turn = Callable[[], None]


@dataclass(frozen=True)
class Taken:
    """Seconds of the clock on the wall, and of the processor with the children that have ended."""

    wall: float
    cpu: float

    @classmethod
    def now(cls) -> Taken:
        """Return the readings of both clocks."""
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.perf_counter(), time.process_time() + children.ru_utime + children.ru_stime)

    def __sub__(self, other: Taken) -> Taken:
        return Taken(self.wall - other.wall, self.cpu - other.cpu)


class InTurns:
    """Runs peers in threads of their own, an epoch each by turns, so that other work on the machine meets all alike.

    Parameters
    ----------
    peers : dict
        Functions by name; each is given a `Turn` to call after every epoch.
    """

    def __init__(self, peers: dict[str, Callable[[Turn], None]]):
        self._peers = peers
        self._batons = {name: threading.Semaphore(0) for name in peers}
        self._done = threading.Semaphore(0)
        self._failed: list[BaseException] = []
        self._end = False

    def seconds(self, epochs: int) -> dict[str, list[Taken]]:
        """Return what each peer's epochs took from the second on, ``epochs`` of them."""
        threads = [threading.Thread(target=self._run, args=(name,), daemon=True) for name in self._peers]
        for thread in threads:
            thread.start()
        taken: dict[str, list[Taken]] = {name: [] for name in self._peers}
        for number in range(epochs + 1):
            for name, baton in self._batons.items():
                began = Taken.now()
                baton.release()
                self._done.acquire()
                if self._failed:
                    raise self._failed[0]
                if number:
                    taken[name].append(Taken.now() - began)
        self._end = True
        for baton in self._batons.values():
            baton.release()
        for thread in threads:
            thread.join()
        return taken

    def _run(self, name: str) -> None:
        baton = self._batons[name]

        def turn() -> None:
            chosen = torch.backends.cudnn.deterministic
            self._done.release()
            baton.acquire()
            torch.backends.cudnn.deterministic = chosen  # of the whole process: each peer has its own
            if self._end:
                raise _OverError("the last epoch is done")

        baton.acquire()
        torch.backends.cudnn.deterministic = False
        try:
            self._peers[name](turn)
        except _OverError:
            pass
        except BaseException as error:
            self._failed.append(error)
            self._done.release()


class _OverError(Exception):
    """There is no further turn."""


def ratio(taken: dict[str, list[Taken]], one: str, other: str, by: str = "wall") -> float:
    """Return how fast ``one`` is compared with ``other``: the median over the turns of the ratios of one turn.

    ``by`` is the clock: ``wall``, or ``cpu`` for the processor's seconds of all threads and loader processes, which
    other work on the machine changes little.
    """
    pairs = zip(taken[one], taken[other], strict=True)
    return statistics.median(getattr(b, by) / getattr(a, by) for a, b in pairs)


class _AfterEpoch(Callback):
    order = 1000  # after everything that belongs to the epoch

    def __init__(self, turn: Turn):
        self.turn = turn

    def after_epoch(self) -> None:
        """Hand over."""
        self.turn()


#: More epochs than anybody measures.
_MANY = 1000


def plain_fastai(dataset: Dataset, config: TrainConfig, device: torch.device, workers: int, turn: Turn) -> None:
    """Train as a fastai tutorial does: from files, by worker processes, with its own augmentation and callbacks."""
    n_train, n_valid = len(dataset.index("train")), len(dataset.index("valid"))
    names = list(dataset.names)

    def labels(row):  # fastai converts to what a function says that it returns
        return [name for name, has in zip(names, dataset.targs[row], strict=True) if has]

    def path(row):
        return dataset.image_path(row)

    block = DataBlock(
        blocks=(ImageBlock, MultiCategoryBlock(vocab=names)),
        get_x=path,
        get_y=labels,
        splitter=IndexSplitter(list(range(n_train, n_train + n_valid))),
        item_tfms=Resize(config.size, method=ResizeMethod.Squish),
        batch_tfms=[*aug_transforms(), Normalize.from_stats(*imagenet_stats)],
    )
    rows = [*dataset.index("train").tolist(), *dataset.index("valid").tolist()]
    dls = block.dataloaders(rows, bs=config.bs, device=device, num_workers=workers)
    if config.arch == architectures.SMALL:
        learn = Learner(dls, nets.small(len(names), None), metrics=accuracy_multi)
    else:
        arch = getattr(models, config.arch)
        learn = vision_learner(dls, arch, pretrained=False, normalize=False, metrics=accuracy_multi)
        learn.unfreeze()
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(_MANY, config.base_lr, cbs=_AfterEpoch(turn))


def bare_loop(
    net: nn.Sequential, config: TrainConfig, n_train: int, n_valid: int, device: torch.device, turn: Turn
) -> None:
    """Train and validate on tensors that are on the device already: what remains is the network's own work.

    With mixed precision, which is for GPUs, the body is in bfloat16 and channels last as ours, and Adam is fused.
    """
    net.to(device)
    if config.mixed_precision:
        precision.enter(net[0], device)
    n_out = net(torch.rand(2, 3, config.size, config.size, device=device)).shape[1]
    batches = [_batch(config.bs, config.size, n_out, device) for _ in range(min(4, n_train // config.bs))]
    optimizer = torch.optim.AdamW(
        net.parameters(),
        config.base_lr,
        betas=(0.9, 0.99),
        eps=1e-5,
        weight_decay=0.01,
        fused=config.mixed_precision,
    )
    loss_func = nn.BCEWithLogitsLoss()
    while True:
        net.train()
        for number in range(n_train // config.bs):
            pictures, targs = batches[number % len(batches)]
            loss = loss_func(net(pictures), targs)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
        net.eval()
        with torch.no_grad():
            for begin in range(0, n_valid, config.bs):
                pictures, targs = batches[begin // config.bs % len(batches)]
                left = min(config.bs, n_valid - begin)
                loss = loss_func(net(pictures[:left]), targs[:left])
        float(loss)  # waits for a GPU
        turn()


def _batch(n: int, size: int, n_out: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.rand(n, 3, size, size, device=device), torch.rand(n, n_out, device=device).round()


def ours(dataset: Dataset, config: TrainConfig, device: torch.device, folder: Path, turn: Turn) -> None:
    """Train as a worker does: both loops, events, checkpoints, metrics and previews of the real thing."""
    folder.mkdir()
    task, position, write = tasks.get(config.task), Position(), EventWriter(folder)
    learn, scale = train.prepare(config, dataset, task, device, load_weights=False)
    watcher = Watcher(task, config, dataset, scale)
    reporter = Reporter(write, folder, position, base_lr=config.base_lr, validated=watcher.result)
    checkpointer = fit.Checkpointer(write, folder, position, config)
    learn.add_cbs(callbacks.of_config(config, device, done=lambda: position.epochs_done))
    with learn.no_bar(), learn.no_logging():
        try:
            fit.fine_tune(learn, config, reporter, checkpointer, [watcher, _AfterEpoch(turn)], None)
        finally:
            checkpointer.wait()
            write.close()
