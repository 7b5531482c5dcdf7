"""The callback that lets several processes train one model: each works on its own rows of the very same batches."""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from collections.abc import Iterator

import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.learner import Learner
from timm.layers import convert_sync_batchnorm
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.parallel import DistributedDataParallel

from lib.core import sentences
from lib.core.config import TrainConfig
from lib.training.learner import kept_stats, losses
from lib.training.learner.batches import BatchedDL, Share
from lib.training.learner.ranks import Ranks

#: Less than any weight: what is divided by where nothing counts.
_TINY = 1e-12


class DataParallel(Callback):
    """Trains with torch's `DistributedDataParallel`, so that the steps are those of one process.

    Order and augmentation are drawn for whole batches, alike in all processes. Where fastai has a mean of a part of a
    batch, the gradient is that of the mean over the whole batch: parts may be unequal, and more be unknown in one than
    in another. Of a validation every process predicts its part; losses and metrics are of all predictions.

    Dropout and its like draw from a generator of the process's own, which a checkpoint keeps.

    Parameters
    ----------
    ranks : Ranks
        Several.
    seed : int
        The run's.
    device : torch.device
        This process's own.
    """

    order = 1  # after the average of the weights is in the model

    def __init__(self, ranks: Ranks, seed: int, device: torch.device):
        self.ranks, self.device = ranks, device
        # No other run's generator is the same, and no seed of a whole run is.
        digest = hashlib.blake2b(f"dropout {seed} {ranks.rank}".encode(), digest_size=7).digest()
        self._seed = int.from_bytes(digest, "little")
        self._own_chance = self._shared_chance = self._generator_state(self._seed)
        self._parallel: nn.Module | None = None
        self._bare: nn.Module | None = None

    @contextlib.contextmanager
    def dividing(self, learn: Learner) -> Iterator[None]:
        """Let the batches of ``learn`` be this process's share, as long as this lasts."""
        shares = [Share(self.ranks.rank, self.ranks.count, all_targets=bool(place)) for place in range(2)]
        loaders: list[BatchedDL] = learn.dls.loaders
        for dl, share in zip(loaders, shares, strict=True):
            dl.share = share
        try:
            yield
        finally:
            for dl in loaders:
                dl.share = None
            self._take_back(learn)

    def before_fit(self) -> None:
        """Let all begin where the first does, with its weights and its chance; which weights learn is known now."""
        self._take_chance()
        self._take_buffers()  # torch does not without `broadcast_buffers`, and kept statistics are needed
        # Those that batch norms gather are not needed while training: they follow before each validation.
        self._parallel = DistributedDataParallel(self.learn.model, broadcast_buffers=False, find_unused_parameters=True)

    def _take_chance(self) -> None:
        dls = self.learn.dls.loaders
        states = self.ranks.agreed(lambda: [one.rng.getstate() for one in dls])
        for dl, state in zip(dls, states, strict=True):
            dl.rng.setstate((state[0], tuple(state[1]), state[2]))
        shared = torch.get_rng_state()
        self.ranks.take_over([shared])
        torch.set_rng_state(shared)
        if self._is_cuda:  # from which fastai's augmentations draw there
            self.ranks.take_over([on_device := self._chance()])
            self._go_on_at(on_device)

    @property
    def _is_cuda(self) -> bool:
        return self.device.type == "cuda"

    def _generator_state(self, seed: int) -> torch.Tensor:
        return torch.Generator(self.device).manual_seed(seed).get_state()

    def _chance(self) -> torch.Tensor:
        """Return where the generator is that layers draw from."""
        return torch.cuda.get_rng_state(self.device) if self._is_cuda else torch.get_rng_state()

    def _go_on_at(self, state: torch.Tensor) -> None:
        if self._is_cuda:
            torch.cuda.set_rng_state(state, self.device)
        else:
            torch.set_rng_state(state)

    def before_batch(self) -> None:
        """Train by torch's module around the model, which adds the gradients up, and draw from the own generator."""
        if self.training:
            self._bare, self.learn.model = self.learn.model, self._parallel
            self._shared_chance = self._chance()
            self._go_on_at(self._own_chance)

    def after_pred(self) -> None:
        """Undo that; of a validation gather what the others have predicted."""
        if self.training:
            self._take_back(self.learn)
            self._own_chance = self._chance()
            self._go_on_at(self._shared_chance)
        else:
            self.learn.pred = self._gathered(self.pred, len(self.yb[0]))

    def _take_back(self, learn: Learner) -> None:
        if self._bare is not None:
            learn.model, self._bare = self._bare, None

    def _gathered(self, pred: torch.Tensor, n_rows: int) -> torch.Tensor:
        """Return the predictions of a whole batch of ``n_rows``, of which ``pred`` are those of this process."""
        share = Share(self.ranks.rank, self.ranks.count)
        parts = [share.rows(n_rows, rank) for rank in range(share.count)]
        sizes = [rows.stop - rows.start for rows in parts]
        padded = pred.new_zeros(max(sizes), *pred.shape[1:]).as_subclass(torch.Tensor)
        own = sizes[share.rank]
        padded[:own] = pred.as_subclass(torch.Tensor)[:own]
        every = self.ranks.all_of(padded)
        together = torch.cat([one[:size] for one, size in zip(every, sizes, strict=True)])
        return together.as_subclass(type(pred))

    def after_loss(self) -> None:
        """Make of the mean over the own rows this process's part of the mean over the whole batch."""
        if not self.training:
            return
        weight = losses.sum_of_weights(self.loss_func, self.yb[0])
        sums = torch.stack([self.loss.detach().as_subclass(torch.Tensor).float() * weight, weight])
        self.ranks.add_up(sums)
        total = sums[1].clamp(min=_TINY)
        # The mean of the processes' gradients is what torch makes of them.
        self.learn.loss_grad = self.loss_grad * (self.ranks.count * weight / total)
        self.learn.loss = sums[0] / total

    def before_validate(self) -> None:
        """Let all validate with the first one's statistics of batch norms."""
        self._take_buffers()

    def _take_buffers(self) -> None:
        self.ranks.take_over([buffer.data for buffer in self.learn.model.buffers() if buffer.numel()])

    def after_train(self) -> None:
        """Look whether all have drawn the same for the same batches."""
        states = [repr(dl.rng.getstate()).encode() for dl in self.learn.dls.loaders]
        states += [state.numpy().tobytes() for state in (torch.get_rng_state(), self._chance())]
        drawn = [zlib.crc32(state) for state in states]
        self.ranks.check_same(drawn, "drawn")

    def after_fit(self) -> None:
        """Let go of torch's module: the next fit trains other weights."""
        self._take_back(self.learn)
        self._parallel = None

    def chances(self) -> list[np.ndarray]:
        """Return where each process's own generator is, bytes, in their order."""
        return [state.numpy() for state in self.ranks.all_of(self._own_chance)]

    def restore(self, chances: list[torch.Tensor]) -> None:
        """Go on where a checkpoint of as many processes on such devices was; else this one's generator begins anew."""
        if len(chances) == self.ranks.count and chances[self.ranks.rank].shape == self._own_chance.shape:
            self._own_chance = chances[self.ranks.rank]


def synchronized(model: nn.Module, ranks: Ranks, device: torch.device) -> nn.Module:
    """Return ``model`` with batch norms that see the whole batch where several GPUs train."""
    return convert_sync_batchnorm(model) if ranks.are_several and device.type == "cuda" else model


def notes(
    model: nn.Sequential, config: TrainConfig, ranks: Ranks, device: torch.device, n_before: int | None
) -> list[str]:
    """Return what people should know of a training by several processes, in sentences.

    Parameters
    ----------
    model : nn.Module
    config : TrainConfig
    ranks : Ranks
    device : torch.device
    n_before : int, optional
        Processes of which the run has its checkpoint, where it goes on from one.
    """
    said = []
    if ranks.are_several:
        said.append(
            f"{ranks.count} processes trained this model together, each on its part of every batch. Dropout, where the "
            "network has it, drew other numbers than in one process."
        )
        kept = set(kept_stats.body_norms(model)) if config.keep_stats else set()
        norms = {module for module in model.modules() if isinstance(module, _BatchNorm)}
        if device.type != "cuda" and norms - kept:
            said.append(
                "Batch norms saw only the part of the batch that their process worked on; the statistics are those of "
                "the first process. With small parts that can cost accuracy."
            )
    if n_before is not None and n_before != ranks.count:
        said.append(
            f"It went on from a checkpoint of {sentences.count(n_before, 'process', 'processes')}: from there on "
            "dropout draws other numbers than it would have."
        )
    return said
