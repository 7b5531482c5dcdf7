"""Whole batches by row number: one gather of decoded pictures instead of a Python call for each."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from fastai.data.all import TfmdDL
from fastai.data.load import fa_collate
from fastai.torch_core import retain_type
from fastai.vision.all import PILImage
from fastcore.basics import chunked

from lib.training.learner import layout
from lib.training.learner.fused import Fused
from lib.training.learner.pics import Pictures

#: Batches of which pictures are decoded ahead, while the model works.
_AHEAD = 3


@dataclass(frozen=True)
class Share:
    """Which rows of each batch are this process's own: the rows are divided evenly, in order, among the processes.

    Attributes
    ----------
    rank, count : int
        Which of how many processes this is.
    all_targets : bool
        Whether a batch comes with the targets of all rows.
    """

    rank: int
    count: int
    all_targets: bool = False

    def rows(self, n_rows: int, rank: int | None = None) -> slice:
        """Return which of ``n_rows`` rows are this process's own, or those of ``rank``."""
        rank = self.rank if rank is None else rank
        return slice(n_rows * rank // self.count, n_rows * (rank + 1) // self.count)

    def worked_on(self, n_rows: int) -> slice:
        """Return the rows that this process works on: where it has none the first, as no network takes no pictures."""
        own = self.rows(n_rows)
        return own if own.stop > own.start else slice(0, 1)


class BatchedDL(TfmdDL):
    """fastai's DataLoader with the same batches in the same order, made at once: items are rows of a `Pictures`.

    Nothing that is drawn at random is drawn here: order, base seed and `after_batch` are fastai's own. The next batch
    is gathered in a thread while the model works on this one; there are no other processes.

    Parameters
    ----------
    dataset : Datasets
        Its items are row numbers, its first transforms give the pictures of ``pics``, its last the targets.
    pics : Pictures
    draws_ahead : bool
        Whether all that `after_batch` draws comes from the CPU's generator. A GPU has one of its own, from which
        dropout draws, so that the next batch can be drawn before this one has been worked on.

    Attributes
    ----------
    share : Share or None
        Set while several processes train together: order and whatever is drawn at random are those of whole batches,
        but a batch has this process's own rows, and of the others no picture is read.
    """

    def __init__(self, dataset: Any = None, *, pics: Pictures, draws_ahead: bool = False, **options: Any):
        self.pics, self.draws_ahead = pics, draws_ahead
        self.share: Share | None = None
        self._encoded: tuple[np.ndarray, torch.Tensor | None, tuple] | None = None
        super().__init__(dataset, **options)

    def new(self, dataset: Any = None, cls: type | None = None, **options: Any) -> TfmdDL:
        """Return a DataLoader as this one with other options, as fastai does, for the same pictures."""
        own = {"pics": self.pics, "draws_ahead": self.draws_ahead}
        return super().new(dataset, cls, **{**own, **options})

    def __iter__(self) -> Iterator[tuple]:
        """Yield the batches; with ``draws_ahead`` and a GPU the next one is made ready while this one is worked on."""
        batches = self._own(super().__iter__())
        if not (self.draws_ahead and self._is_cuda()):
            yield from batches
            return
        try:
            with ThreadPoolExecutor(1, "ready") as readying:
                coming = readying.submit(next, batches, None)
                while (batch := coming.result()) is not None:
                    coming = readying.submit(next, batches, None)
                    yield batch
        finally:
            batches.close()

    def _own(self, batches: Iterator[tuple]) -> Generator[tuple]:
        """Yield of each batch this process's own rows, where they could not be taken before something was drawn."""
        share = self.share
        if share is None or not self._draws_itself():
            yield from batches
            return
        for batch in batches:
            rows = share.worked_on(len(batch[0]))
            pictures, *targets = batch
            yield (pictures[rows], *(targets if share.all_targets else (one[rows] for one in targets)))

    def _fused(self) -> Fused | None:
        return next((one for one in self.after_batch.fs if isinstance(one, Fused)), None)

    def _draws_itself(self) -> bool:
        """Return whether what happens to a batch draws for as many pictures as there are, as fastai's does.

        It does so for a validation as well, and throws away what it has drawn.
        """
        return self.share is not None and self._fused() is None

    def create_batches(self, samps: Iterable[int]) -> Iterator[tuple]:
        """Yield the batches of the items at ``samps``, as `do_batch` would make them, before `after_batch`."""
        rows, targets, first = self._prepared()
        batches = list(chunked(samps, self.bs, self.drop_last))
        share, fused = None if self._draws_itself() else self.share, self._fused()

        def own(places: list[int]) -> list[int]:
            return places if share is None else places[share.worked_on(len(places))]

        def gather(number: int) -> tuple:
            for places in batches[number : number + _AHEAD]:
                self.pics.ahead(rows[own(places)])
            places = own(batches[number])
            pixels = self._moved(self.pics.planes(rows[places], pinned=self._is_cuda()))
            if targets is None:
                return self.retain((pixels,), [first])
            of_targets = batches[number] if share and share.all_targets else places
            return self.retain((pixels, self._moved(targets[of_targets])), [first])

        try:
            with ThreadPoolExecutor(1, "gather") as gathering:
                begun = [gathering.submit(gather, 0)] if batches else []
                for number in range(1, len(batches) + 1):
                    batch = begun.pop().result()
                    if number < len(batches):
                        begun.append(gathering.submit(gather, number))
                    if fused is not None:
                        n_rows = len(batches[number - 1])
                        fused.part = (n_rows, share.worked_on(n_rows)) if share else None
                    yield batch
        finally:
            self.pics.forget()  # after what is at work: nobody waits for the rest

    def _is_cuda(self) -> bool:
        return self.device is not None and self.device.type == "cuda"

    def _moved(self, values: torch.Tensor) -> torch.Tensor:
        return layout.moved(values, self.device) if self._is_cuda() else values

    def _prepared(self) -> tuple[np.ndarray, torch.Tensor | None, tuple]:
        """Return the rows, all targets as one tensor, and one item as fastai makes it, whose types a batch has."""
        if self._encoded is None:
            rows = np.array(list(self.dataset.items), dtype=np.int64)
            first = self.do_item(0) if len(rows) else ()
            has_targets = len(self.dataset.tls) > self.dataset.n_inp
            self._encoded = rows, self._targets(len(rows)) if has_targets and len(rows) else None, first
        return self._encoded

    def _targets(self, count: int) -> torch.Tensor:
        each = [self.dataset.tls[-1][place] for place in range(count)]
        together = retain_type(fa_collate(each), each[0])
        # What items go through works on all of them at once: points are scaled by the picture's size, here a blank's.
        blank = PILImage.create(np.zeros((self.pics.size, self.pics.size, 3), dtype=np.uint8))
        _, encoded = self.after_item((blank, together))
        return encoded.as_subclass(torch.Tensor)
