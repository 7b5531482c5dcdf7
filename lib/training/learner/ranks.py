"""The processes that train one run together, and how they agree: the first one looks and decides, the others follow."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from torch import distributed

from lib.core.errors import UserError
from lib.training.learner import data

#: How long processes wait for one that is at work on a batch, or on what comes between two epochs.
TIMEOUT = timedelta(minutes=15)
#: What they tell each other goes through gloo, gradients on GPUs through NCCL.
BACKEND_OF_GPUS = "cpu:gloo,cuda:nccl"
#: How long they wait for the first one where it makes ready what they all need, such as a quick model beside the run.
_PATIENCE = timedelta(days=7)
#: Bytes of an answer that go at once; of a longer one the rest follows.
_SHORT = 256


@dataclass(frozen=True)
class Ranks:
    """Which process it is among those that train one run together; `ALONE` is one that trains by itself.

    Attributes
    ----------
    rank, count : int
        Which of how many this is; the first, 0, writes all files of the run.
    patient : ProcessGroup, optional
        In which they wait for the first.
    """

    rank: int = 0
    count: int = 1
    patient: Any = None

    @property
    def is_first(self) -> bool:
        """Whether this is the process that decides and writes."""
        return self.rank == 0

    @property
    def are_several(self) -> bool:
        """Whether there are others."""
        return self.count > 1

    def agreed(self, look: Callable[[], Any]) -> Any:
        """Return what ``look`` returns in the first process, something that JSON can say; the others do not look."""
        if not self.are_several:
            return look()
        text = json.dumps(look()).encode() if self.is_first else b""
        short = torch.zeros(_SHORT, dtype=torch.uint8)
        head = len(text).to_bytes(4, "little") + text[: _SHORT - 4]
        short[: len(head)] = torch.frombuffer(bytearray(head), dtype=torch.uint8)
        distributed.broadcast(short, 0)
        came = short.numpy().tobytes()
        size = int.from_bytes(came[:4], "little")
        if (left := size - (_SHORT - 4)) > 0:
            rest = torch.empty(left, dtype=torch.uint8)
            if self.is_first:
                rest = torch.frombuffer(bytearray(text[-left:]), dtype=torch.uint8)
            distributed.broadcast(rest, 0)
            came += rest.numpy().tobytes()
        return json.loads(came[4 : 4 + size])

    def check_same(self, value: Any, what: str) -> None:
        """Look whether ``value``, something that JSON can say, is the same in all processes.

        Raises
        ------
        RuntimeError
            If it is not: what they compute would not belong together.
        """
        if self.are_several and self.agreed(lambda: value) != json.loads(json.dumps(value)):
            raise RuntimeError(f"Process {self.rank + 1} of {self.count} has {what} other than the first one has")

    def wait_for_first(self) -> None:
        """Wait, for days if need be, until the first process has come here as well."""
        if self.are_several:
            distributed.barrier(group=self.patient)

    def all_of(self, tensor: torch.Tensor) -> list[torch.Tensor]:
        """Return ``tensor``, of one shape in all processes, of each of them, in their order."""
        if not self.are_several:
            return [tensor]
        every = [torch.empty_like(tensor) for _ in range(self.count)]
        distributed.all_gather(every, tensor.contiguous())
        return every

    def add_up(self, tensor: torch.Tensor) -> None:
        """Put into ``tensor`` the sum over all processes."""
        if self.are_several:
            distributed.all_reduce(tensor)

    def take_over(self, tensors: list[torch.Tensor]) -> None:
        """Put into ``tensors`` what the first process has in them."""
        for tensor in tensors if self.are_several else ():
            distributed.broadcast(tensor, 0)


ALONE = Ranks()


def check(count: int, device: torch.device) -> None:
    """Look whether ``count`` processes of this machine can train together where its best device is ``device``.

    Raises
    ------
    UserError
        If there are not so many GPUs, or only one that cannot be shared out.
    """
    n_gpus = torch.cuda.device_count() if device.type == "cuda" else 0
    if device.type not in ("cuda", "cpu") or (n_gpus and count > n_gpus):
        raise UserError(
            f"{count} processes were asked for, each of which needs a GPU, but this machine has {max(1, n_gpus)}: "
            "start the training again with at most as many.",
            lasting=True,
        )


def device_of(rank: int) -> torch.device:
    """Return the device of a process, by its number on this machine: a GPU each where there are GPUs."""
    best = data.best_device()
    if best.type != "cuda":
        return best
    device = torch.device("cuda", rank)
    torch.cuda.set_device(device)
    return device


@contextlib.contextmanager
def joined(rank: int, count: int, device: torch.device, store: Path) -> Iterator[Ranks]:
    """Join the other processes of this machine, which meet at the file ``store``; leave them at the end.

    Parameters
    ----------
    rank, count : int
    device : torch.device
        This process's own.
    store : pathlib.Path
        Of this group alone, not there before.
    """
    meeting = distributed.FileStore(str(store), count)  # not by its URL, of which torch takes %20 as it is
    meeting.set_timeout(TIMEOUT)
    distributed.init_process_group(
        backend=BACKEND_OF_GPUS if device.type == "cuda" else "gloo",
        store=meeting,
        rank=rank,
        world_size=count,
        timeout=TIMEOUT,
    )
    yield _of_group()
    distributed.destroy_process_group()  # not where one failed: the others may be waiting, and it would wait for them


@contextlib.contextmanager
def met() -> Iterator[Ranks]:
    """Be one of those that somebody else has brought together."""
    yield _of_group()


def _of_group() -> Ranks:
    """Return the place of this process in torch's group, which is there."""
    patient = distributed.new_group(backend="gloo", timeout=_PATIENCE)
    return Ranks(distributed.get_rank(), distributed.get_world_size(), patient)
