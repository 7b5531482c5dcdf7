"""A worker's memory: what the allocator keeps is given back, and out of memory is a sentence with what to try next."""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import torch
from fastai.callback.core import Callback

from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.training.learner import data

#: How torch says on a CPU that there is no memory left; it has no error class for it there.
_CPU_WORDS = ("can't allocate memory", "not enough memory", "Cannot allocate memory")

#: Bytes by which the worker's own memory may grow before what is free is given back.
_GROWTH = 128 * 2**20
#: Batches between two looks.
_EVERY = 16
_STATM = Path("/proc/self/statm")


class GiveBack(Callback):
    """Gives free memory back to the system before much of it has come together.

    Between batches glibc's allocator keeps what they leave, and what stays of each, a loss, lies in between: the next
    batch's large tensors find no place and take new memory, 50 KB a picture in epochs of 4,096 pictures of 64 px.
    Elsewhere than with glibc on Linux this does nothing.
    """

    order = 90  # after what an epoch's end computes

    def before_fit(self) -> None:
        """Measure from here."""
        self._batches, self._lowest = 0, own()

    def after_batch(self) -> None:
        """Look now and then."""
        self._batches += 1
        if self._batches % _EVERY == 0 and own() > self._lowest + _GROWTH:
            give_back()
            self._lowest = own()


def own() -> int:
    """Return the bytes of memory that only this process has, or 0 where the system does not tell."""
    try:
        _, resident, shared, *_ = map(int, _STATM.read_text().split())
    except OSError:
        return 0
    return (resident - shared) * os.sysconf("SC_PAGE_SIZE")


def give_back() -> None:
    """Give the memory that the allocator keeps for later back to the system, where it is glibc's."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if _STATM.exists() else None
    if trim is not None:
        trim(0)


@contextlib.contextmanager
def out_of_memory_explained(config: TrainConfig, device: torch.device, processes: int = 1) -> Iterator[None]:
    """Turn "out of memory" inside the block into a sentence with the batch size to try.

    Parameters
    ----------
    config : TrainConfig
    device : torch.device
    processes : int
        That share a batch, of which each needs two images.

    Raises
    ------
    UserError
        With ``retry``: half the batch size, or half the image size where the batch is smallest.
    """
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError, RuntimeError) as error:
        is_gpu = isinstance(error, (torch.OutOfMemoryError, MemoryError))
        if not is_gpu and not any(words in str(error) for words in _CPU_WORDS):
            raise
        half = max(2 * processes, config.bs // 2)
        retry = {"bs": half} if half < config.bs else {"size": max(16, config.size // 2)}
        name, value = next(iter(retry.items()))
        what = f"a batch size of {value}" if name == "bs" else f"an image size of {value} px"
        raise UserError(
            f"A batch of {config.bs} images of {config.size} px does not fit the memory of {data.describe(device)}: "
            f"choose {what}.",
            retry=retry,
        ) from error
