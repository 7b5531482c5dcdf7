"""Typed reading of a dataset: whether its table, its targets and what is declared of them fit each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from lib import tasks
from lib.core.config import CHOICES
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED, SPLITS
from lib.tasks.typed import check_names, expect, refuse

#: Files of a dataset, as they are called in sentences.
_ITEMS, _TARGS, _HEAD = "items.parquet", "targs.npy", "dataset.json"
#: Columns of text, of which the last is not kept of every dataset; and pixels, the longest side of any picture.
_TEXTS, _DIGEST, _SIDES = ("file", "original", "split", "group"), "digest", ("width", "height")
_LONGEST_SIDE = 10**7


def check(dataset: Dataset) -> None:
    """Look whether ``dataset``, as it was read from disk, is one.

    Raises
    ------
    ValueError
        If it is none: where, expected, found.
    """
    names = dataset.names
    if dataset.task not in tasks.TASKS:
        raise ValueError(f"{_HEAD}: task: expected one of {', '.join(tasks.TASKS)}, found {dataset.task[:40]!r}")
    check_names(f"{_HEAD}: names", names)
    if len(set(names)) < len(names):
        raise ValueError(f"{_HEAD}: names: expected names that differ, found {_double(names)[:40]!r} twice")
    _check_items(dataset.items)
    tasks.get(dataset.task).check_targs(_TARGS, dataset.targs, len(dataset), names)
    for name, value in dataset.defaults.items():
        if name in CHOICES:
            CHOICES[name].check(value, f"{_HEAD}: defaults.{name}")
    if dataset.root is not None:
        if dataset.digests is None or dataset.stamps is None:
            raise ValueError(f"{_ITEMS}: expected the column {_DIGEST}, found none")
        expect("stamps.npy", dataset.stamps, "iu", (len(dataset), 2))


def _double(names: Sequence[str]) -> str:
    return next(name for place, name in enumerate(names) if name in names[:place])


def _is_text(value: Any, column: str) -> bool:
    """Return whether a cell is text; of a picture that could not be read at import no digest is known."""
    return isinstance(value, str) or (column == _DIGEST and (value is None or value != value))


def _check_items(items: pd.DataFrame) -> None:
    if lacking := [name for name in (*_TEXTS, *_SIDES) if name not in items]:
        raise ValueError(
            f"{_ITEMS}: expected the column {lacking[0]}, found {', '.join(map(str, items))[:200] or 'none'}"
        )
    if not len(items):
        raise ValueError(f"{_ITEMS}: expected one image at least, found none")
    texts = {name: items[name].to_numpy(dtype=object) for name in (*_TEXTS, _DIGEST) if name in items}
    for name, values in texts.items():
        if set(map(type, values)) != {str}:
            row = next((row for row, value in enumerate(values) if not _is_text(value, name)), None)
            if row is not None:
                raise ValueError(f"{_ITEMS}: {name}[{row}]: expected text, found {str(values[row])[:40]}")
    for name in _SIDES:
        what, values = f"{_ITEMS}: {name}", items[name].to_numpy()
        expect(what, values, "iu" if values.dtype.kind != "f" else "f", (len(items),))
        whole = (values >= 1) & (values <= _LONGEST_SIDE)
        refuse(what, values, ~whole, "the pixels of a picture's side")
    splits = texts["split"]
    refuse(f"{_ITEMS}: split", splits, ~np.isin(splits.astype(str), (*SPLITS, EXCLUDED)), f"one of {', '.join(SPLITS)}")
    for row, file in enumerate(texts["file"]):
        if not file or (".." in file and ".." in PurePosixPath(file).parts) or file[0] == "/":
            raise ValueError(
                f"{_ITEMS}: file[{row}]: expected the path of a picture inside its folder, found {file[:80]!r}"
            )
