"""Mean luminance of each picture of a dataset, measured once and stored beside it."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image

from lib.core import checksums, files, pictures
from lib.core.dataset import Dataset
from lib.core.depth import OWN, Rule
from lib.core.errors import UserError, reason
from lib.core.picture_files import UnreadableImageError

#: Longer side in pixels at which a picture is measured.
SIZE = 64
Thumbnail = Callable[[BinaryIO, int, Rule], bytes]
_THREADS = min(8, os.cpu_count() or 1)
_NAME = "brightness-{}.npy"


def mean_luminance(source: BinaryIO, rule: Rule = OWN, thumbnail: Thumbnail = pictures.thumbnail) -> float:
    """Return how bright a picture is, 0 (black) to 255 (white), NaN if it cannot be read.

    The mean of Rec. 601's luma, ``0.299 R + 0.587 G + 0.114 B``, of the picture as people see it (upright, transparent
    parts on white), made small first: the mean stays, to about 1 of 255. ``rule`` is that of its dataset,
    ``thumbnail`` what makes it small.
    """
    try:
        small = thumbnail(source, SIZE, rule)
    except UnreadableImageError:
        return float("nan")
    with Image.open(io.BytesIO(small)) as image:
        return float(np.asarray(image.convert("L")).mean())


def read(dataset: Dataset) -> np.ndarray | None:
    """Return the brightness of every picture as `measure` left it, None if it was not measured (or is damaged)."""
    with contextlib.suppress(OSError, ValueError, EOFError):
        path = _path(dataset)
        content = checksums.unheaded(path.read_bytes(), path.name)
        values = np.load(io.BytesIO(content), allow_pickle=False)
        if values.shape == (len(dataset),) and values.dtype == np.float32:
            return values
    return None


def measure(
    dataset: Dataset,
    progress: Callable[[int, int, str], None] = lambda *_: None,
    thumbnail: Thumbnail = pictures.thumbnail,
) -> np.ndarray:
    """Return `mean_luminance` of every picture, float32 (N,), and keep it in the dataset's folder.

    Parameters
    ----------
    dataset : Dataset
    progress : callable
        Told how many are done, how many there are, and what is done; from this thread.
    thumbnail : callable
        Makes a JPEG of a picture, as `lib.core.pictures.thumbnail`.

    Raises
    ------
    UserError
        If it cannot be kept.
    """

    def of_item(item: int) -> float:
        try:
            with dataset.opened(item) as file:
                return mean_luminance(file, dataset.value_range, thumbnail)
        except UserError:  # it is gone, has changed, or leads elsewhere
            return float("nan")

    values = np.empty(len(dataset), dtype=np.float32)
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="brightness")
    try:
        for item, value in enumerate(pool.map(of_item, range(len(dataset)))):
            values[item] = value
            progress(item + 1, len(dataset), "Measuring brightness")
    finally:
        pool.shutdown(cancel_futures=True)  # whoever looked may have gone
    _keep(dataset, values)
    return values


def _keep(dataset: Dataset, values: np.ndarray) -> None:
    path = _path(dataset)
    try:
        buffer = io.BytesIO()
        np.save(buffer, values, allow_pickle=False)
        files.write_atomic(path, checksums.headed(buffer.getvalue(), path.name))
    except OSError as error:
        raise UserError(
            f"The brightness of the pictures cannot be kept in {dataset.path} ({reason(error)}): make room there, or "
            "allow writing."
        ) from error
    for old in dataset.path.glob(_NAME.format("*")):
        if old != path:  # of what the dataset was before
            old.unlink(missing_ok=True)


def _path(dataset: Dataset) -> Path:
    return dataset.path / _NAME.format(dataset.base)
