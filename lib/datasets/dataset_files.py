"""The files that an import left of a dataset: read, and compared with their checksums and with each other."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from lib.core import arrays, checksums, depth, in_place, parquet_footers, times
from lib.core.dataset import Dataset, revision
from lib.core.errors import reason, unread
from lib.datasets import head, typed
from lib.datasets.head import Head, Sums

#: The file that says what a dataset is, and those whose checksums stand in it.
HEAD, ITEMS, TARGS = head.FILE, "items.parquet", "targs.npy"
SUMMED = (ITEMS, TARGS, in_place.STAMPS)


def read(folder: Path) -> Dataset:
    """Return the dataset in ``folder`` as it was imported.

    Raises
    ------
    DamagedError
        If it is of another version.
    ValueError, OSError
        If its files are none, not what was written, or do not fit each other; or cannot be read.
    """
    facts = head.read(folder)
    root, sums = facts.get("root"), facts.get("checksums")
    dataset = Dataset(
        path=folder,
        name=folder.name,
        task=facts["task"],
        names=facts["names"],
        items=_table(folder / ITEMS, sums),
        targs=_array(folder / TARGS, sums),
        revision=facts["revision"],
        problems=[dict(problem) for problem in facts["problems"]],
        source=dict(facts["source"]),
        defaults=facts["defaults"],
        extra=dict(facts.get("extra", {})),
        root=Path(root) if root else None,
        stamps=_array(folder / in_place.STAMPS, sums) if root else None,
        value_range=_value_range(facts),
    )
    typed.check(dataset)
    if sums is None:
        _check_revision(dataset)
    return dataset


def _check_revision(dataset: Dataset) -> None:
    """Compare what was read with the revision that was written of it; raises ValueError if it is of another."""
    now = revision(dataset.names, dataset.items, dataset.targs, dataset.value_range)
    if now != dataset.revision:
        raise ValueError(
            f"{ITEMS}, {TARGS} or {HEAD}: what is in them was revision {dataset.revision} at import and is {now}"
        )


def _value_range(facts: Head) -> depth.Rule:
    try:
        return depth.from_json(facts.get("value_range"))
    except ValueError as error:
        raise ValueError(f"{HEAD}: value_range: {error}") from error


def _table(path: Path, sums: Sums | None) -> pd.DataFrame:
    """Return the table in a Parquet file; ValueError where it is none."""
    content = _compared(path, sums)
    if long := parquet_footers.long(io.BytesIO(content)):
        raise ValueError(f"{path.name}: {long}")
    try:
        return pd.read_parquet(io.BytesIO(content))
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path.name}: {reason(error)}") from error


def _array(path: Path, sums: Sums | None) -> np.ndarray:
    """Return the array in a .npy file; ValueError where it is none."""
    content = _compared(path, sums)
    try:
        array: np.ndarray = arrays.unpacked(content)
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return array


def _compared(path: Path, sums: Sums | None) -> bytes:
    """Return what is in a file of a dataset, if it is what was written; of before checksums, `_check_revision` tells.

    Raises
    ------
    ValueError
        If it is not.
    OSError
        If it cannot be read.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        if sums is None:
            raise
        written = times.day_and_time(sums["written"])
        raise ValueError(f"{path.name}: {unread(error)}, and was written {written}") from error
    try:
        if sums is not None:
            checksums.check(content, sums["files"].get(path.name, "none"), sums["written"])
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error
    return content
