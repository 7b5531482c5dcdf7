"""The pictures of a dataset by row number, squished and decoded once: from a shared file, from memory, or anew."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from lib.core import pictures
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.core.picture_files import UnreadableImageError
from lib.core.workspace import Workspace
from lib.training.learner import decoded

#: Where there is no room for a file, decoded pictures are kept in memory up to this many bytes.
CACHE_LIMIT = 2 * 1024**3


#: So often a file that was cut off is made anew for one batch.
_TRIES = 3


@dataclass(frozen=True)
class _Kept:
    """A store, and which rows this process knows to be in it; a thread that decodes keeps to the one it began with."""

    store: decoded.Store | None
    is_ready: np.ndarray

    @classmethod
    def of(cls, store: decoded.Store | None, count: int) -> _Kept:
        return cls(store, np.zeros(count, dtype=bool))


class Pictures:
    """The pictures of a dataset, squished to squares of ``size`` pixels, by row number.

    Squished and not cropped, so that points stay in the picture and [-1, 1] means the same everywhere. Each is decoded
    when it is first asked for, in several threads, so that training begins at once, and kept in a file that later runs
    use as well, see `lib.training.learner.decoded`. For one thread.

    Attributes
    ----------
    dataset : Dataset
    size : int
    note : str
        Why decoded pictures are not kept on disk, a sentence for people; "" if they are.
    """

    def __init__(self, dataset: Dataset, size: int):
        self.dataset, self.size = dataset, size
        self._digests = dataset.digests or [""] * len(dataset)
        self._pending: dict[int, Future[np.ndarray | None]] = {}
        self._pool: ThreadPoolExecutor | None = None
        store, self.note = self._open_store()
        self._kept = _Kept.of(store, len(dataset))

    def _open_store(self) -> tuple[decoded.Store | None, str]:
        try:
            return decoded.open_file(workspace_of(self.dataset), self.dataset, self.size), ""
        except (OSError, decoded.NoRoomError) as error:
            what = f"Decoded images are not kept on disk ({reason(error)})"
        if decoded.bytes_of(len(self.dataset), self.size) <= CACHE_LIMIT:
            return decoded.Memory(len(self.dataset), self.size), f"{what}, but in memory"
        return None, f"{what}: each is decoded in every epoch, which is slower"

    def __call__(self, item: int) -> Image.Image:
        """Return picture ``item``."""
        return Image.fromarray(np.ascontiguousarray(self.batch([item])[0]))

    def batch(self, rows: Sequence[int] | np.ndarray) -> np.ndarray:
        """Return the pictures of ``rows``, uint8 of shape (n, size, size, 3)."""
        return np.moveaxis(self.planes(rows).numpy(), 1, -1)

    def planes(self, rows: Sequence[int] | np.ndarray, *, pinned: bool = False) -> torch.Tensor:
        """Return the pictures of ``rows`` a color a plane, as networks take them, uint8 of shape (n, 3, size, size).

        Parameters
        ----------
        rows : sequence of int
        pinned : bool
            In memory that a GPU can fetch from by itself.

        Raises
        ------
        UserError
            If one cannot be read any more, or is not the one that was imported.
        """
        rows = np.asarray(rows, dtype=np.int64)
        for _ in range(_TRIES):
            try:
                return self._gathered(rows, pinned)
            except decoded.CutOffError:  # by somebody else, at any moment: decoded again, into another file
                self.forget()
                store, self.note = self._open_store()
                self._kept = _Kept.of(store, len(self.dataset))
        self.note = "Decoded images are not kept: their file is cut off again and again"
        self._kept = _Kept.of(None, len(self.dataset))
        return self._gathered(rows, pinned)

    def _gathered(self, rows: np.ndarray, pinned: bool) -> torch.Tensor:
        kept = self._kept
        missing = sorted({*rows[~kept.is_ready[rows]].tolist(), *self._pending.keys() & rows.tolist()})
        if len(missing) > 1:
            self.ahead(missing)
        loaded = {row: self._loaded(row) for row in missing}
        result = torch.empty((len(rows), 3, self.size, self.size), dtype=torch.uint8, pin_memory=pinned)
        out = result.numpy()
        if kept.store is not None:
            kept.store.take(rows, out)
        for place, row in enumerate(rows.tolist() if loaded else ()):
            if (planes := loaded.get(row)) is not None:
                out[place] = planes
        return result

    def ahead(self, rows: Iterable[int]) -> None:
        """Begin to decode the pictures of ``rows``, which are asked for soon."""
        for row in map(int, rows):
            if not self._kept.is_ready[row] and row not in self._pending:
                self._pool = self._pool or ThreadPoolExecutor(_threads(), "decode")  # Pillow lets go of Python's lock
                self._pending[row] = self._pool.submit(self._load, row)

    def forget(self) -> None:
        """Give up what was begun by `ahead` and not asked for."""
        for future in self._pending.values():
            future.cancel()
        self._pending.clear()

    def _loaded(self, row: int) -> np.ndarray | None:
        pending = self._pending.pop(row, None)
        return pending.result() if pending else self._load(row)

    def _load(self, row: int) -> np.ndarray | None:
        """See to it that picture ``row`` is in the store; return it if it cannot be kept there."""
        path, kept = self.dataset.image_path(row), self._kept
        try:
            original = decoded.Original.of(path, self._digests[row])
            if kept.store is not None and kept.store.has(row, original):
                kept.is_ready[row] = True
                return None
            with self.dataset.opened(row) as file:
                image = pictures.open_image(file, self.dataset.value_range)
        except (OSError, UnreadableImageError) as error:
            raise UserError(
                f"The picture {path} of {self.dataset.name} cannot be read any more ({reason(error)}): "
                "put it back, or exclude the image."
            ) from error
        planes = np.ascontiguousarray(np.asarray(squished(image, self.size)).transpose(2, 0, 1))
        try:
            if kept.store is None:
                return planes
            kept.store.put(row, planes, original)
        except OSError as error:  # no room any more
            self.note = f"No more decoded images can be kept on disk ({reason(error)}): training is slower"
            return planes
        kept.is_ready[row] = True
        return None


def squished(image: Image.Image, size: int) -> Image.Image:
    """Return a picture as a square of ``size`` pixels, all of it: what every model here sees."""
    return image.resize((size, size), Image.Resampling.BILINEAR)


def workspace_of(dataset: Dataset) -> Workspace:
    """Return the workspace in which ``dataset`` lies."""
    return Workspace(Path(dataset.path).parent.parent)


def _threads() -> int:
    has_affinity = hasattr(os, "sched_getaffinity")
    return min(16, len(os.sched_getaffinity(0)) if has_affinity else os.cpu_count() or 1)
