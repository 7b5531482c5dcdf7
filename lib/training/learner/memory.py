"""Out of memory as a sentence: the batch size or image size to try next."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch

from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.training.learner import data

#: How torch says on a CPU that there is no memory left; it has no error class for it there.
_CPU_WORDS = ("can't allocate memory", "not enough memory", "Cannot allocate memory")


@contextlib.contextmanager
def out_of_memory_explained(config: TrainConfig, device: torch.device) -> Iterator[None]:
    """Turn "out of memory" inside the block into a sentence with the batch size to try.

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
        half = max(2, config.bs // 2)
        retry = {"bs": half} if half < config.bs else {"size": max(16, config.size // 2)}
        name, value = next(iter(retry.items()))
        what = f"a batch size of {value}" if name == "bs" else f"an image size of {value} px"
        raise UserError(
            f"A batch of {config.bs} images of {config.size} px does not fit the memory of {data.describe(device)}: "
            f"choose {what}.",
            retry=retry,
        ) from error
