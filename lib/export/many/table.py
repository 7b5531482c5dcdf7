"""Answers for many pictures as tables: what is predicted, how far each picture is from the training's, and remarks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.core.errors import UserError
from lib.inference.many import shards
from lib.inference.many.shards import Shard
from lib.tasks.base import Task

#: Columns behind what is predicted.
DISTANCE, UNLIKE, THRESHOLDS, REMARK, ERROR = "distance", "unlike training", "thresholds", "remark", "error"


@dataclass(frozen=True)
class Reading:
    """How answers are read.

    Attributes
    ----------
    run : str
        The run's id.
    task : Task
    names : tuple of str
    thresh : float or ndarray of shape (C,)
    thresholds : str
        What these are called, "" for a task without.
    band : float, optional
        How near to its threshold a label is unsure.
    boundary : float, optional
        The distance above which a picture is unlike those of the training; None where that is not known.
    """

    run: str
    task: Task
    names: tuple[str, ...]
    thresh: float | np.ndarray
    thresholds: str
    band: float | None = None
    boundary: float | None = None

    def decided(self, preds: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Return which labels are predicted and which are unsure, (n, C) each; None for a task without labels."""
        return self.task.decided(preds, self.thresh, self.band)

    def bounded(self, boundary: float) -> Reading:
        """Return this reading, but with a ``boundary``."""
        return replace(self, boundary=boundary)

    def table(self, preds: np.ndarray) -> pd.DataFrame:
        """Return what is predicted of each picture, as the page's own table has it."""
        return self.task.new_table(preds, self.names, self.thresh, band=self.band)


@dataclass(frozen=True)
class Part:
    """Some of the pictures in order, those that were not answered among them.

    Attributes
    ----------
    files : list of str
    at : ndarray of int, shape (n,)
        Which row of the arrays each file has, -1 where it was not answered.
    preds, sizes, distances : ndarray
        As in `lib.inference.many.shards.Shard`.
    remarks, errors : list of str
        A sentence for each file, or "".
    n_deep, n_repeats : int
        Pictures with more bits than the model was taught, and those that were there before.
    """

    files: list[str]
    at: np.ndarray
    preds: np.ndarray
    sizes: np.ndarray
    distances: np.ndarray
    remarks: list[str]
    errors: list[str]
    n_deep: int
    n_repeats: int

    def answered(self) -> Iterator[tuple[int, int]]:
        """Yield the place of each file that was answered, and its row in the arrays."""
        for place, row in enumerate(self.at.tolist()):
            if row >= 0:
                yield place, row

    def frame(self, reading: Reading) -> pd.DataFrame:
        """Return one row a file: ``file``, all that is predicted, then what `remarks_frame` has of it."""
        some = self.preds if len(self.preds) else np.zeros((1, *self.preds.shape[1:]), dtype=self.preds.dtype)
        values = _nullable(reading.table(some))
        if not np.array_equal(self.at, np.arange(len(some))):
            values, gone = values.take(np.maximum(self.at, 0)).reset_index(drop=True), self.at < 0
            values = pd.concat([values.iloc[:, c].mask(gone) for c in range(values.shape[1])], axis=1)
        behind = self.remarks_frame(reading).drop(columns=["file", "width", "height"])
        return pd.concat([pd.Series(self.files, name="file", dtype=object), values, behind], axis=1)

    def remarks_frame(self, reading: Reading) -> pd.DataFrame:
        """Return one row a file with its size, its distance to the training pictures, remark and error."""
        gone, at = self.at < 0, np.maximum(self.at, 0)
        n = len(at)
        sizes = self.sizes[at] if len(self.sizes) else np.zeros((n, 2))
        apart = self.distances[at] if len(self.distances) else np.full(n, np.nan, dtype=np.float32)
        far = pd.Series(np.zeros(n, dtype=np.int8), name=UNLIKE).astype("Int8")
        if reading.boundary is not None:
            far = far.mask(apart > reading.boundary, 1)
        return pd.DataFrame(
            {
                "file": pd.Series(self.files, dtype=object),
                "width": pd.Series(sizes[:, 0].astype(np.int64)).astype("Int64").mask(gone),
                "height": pd.Series(sizes[:, 1].astype(np.int64)).astype("Int64").mask(gone),
                DISTANCE: pd.Series(apart).mask(gone),
                UNLIKE: far.mask(gone | np.isnan(apart) | (reading.boundary is None)),
                THRESHOLDS: pd.Series([reading.thresholds] * n, dtype=object),
                REMARK: pd.Series(self.remarks, dtype=object),
                ERROR: pd.Series(self.errors, dtype=object),
            }
        )


def _nullable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table whose whole numbers can be missing."""
    whole = {c for c, kind in enumerate(frame.dtypes) if pd.api.types.is_integer_dtype(kind)}
    columns = [frame.iloc[:, c].astype("Int8") if c in whole else frame.iloc[:, c] for c in range(frame.shape[1])]
    return pd.concat(columns, axis=1)


class Shards:
    """The shards of many pictures, read one by one; what has the bytes of an earlier picture has its answer too.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        From `lib.inference.many.work.answer_all`.
    """

    def __init__(self, paths: Sequence[Path]):
        self._paths = paths
        self._first: dict[str, str] = {}
        self._repeated: set[str] = set()
        for path in paths:
            for row in _read(path).rows:
                if row["at"] is None or not row["digest"]:
                    continue
                if row["digest"] in self._first:
                    self._repeated.add(row["digest"])
                self._first.setdefault(row["digest"], row["name"])

    def __iter__(self) -> Iterator[Part]:
        answers: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for path in self._paths:
            shard = _read(path)
            preds, distances = shard.preds.copy(), shard.distances.copy()
            for row in shard.rows:
                if row["at"] is not None and row["digest"] in self._repeated:
                    own = preds[row["at"]].copy(), distances[row["at"]].copy()
                    preds[row["at"]], distances[row["at"]] = answers.setdefault(row["digest"], own)
            yield part_of(Shard(shard.rows, preds, shard.sizes, distances), self._first)


def part_of(shard: Shard, first: dict[str, str]) -> Part:
    """Return a shard as a part; ``first`` has the name of the first picture by the digest of its bytes."""
    rows = shard.rows
    repeats = [_repeat(row, first) for row in rows]
    return Part(
        [row["name"] for row in rows],
        np.array([-1 if row["at"] is None else row["at"] for row in rows], dtype=np.int64),
        shard.preds,
        shard.sizes,
        shard.distances,
        [" ".join(filter(None, (repeat, _series(row)))) for row, repeat in zip(rows, repeats, strict=True)],
        [
            f"{row['error'].rstrip('.')[:1].upper()}{row['error'].rstrip('.')[1:]}." if row["error"] else ""
            for row in rows
        ],
        sum(row["is_deep"] for row in rows),
        sum(map(bool, repeats)),
    )


def _repeat(row: shards.Row, first: dict[str, str]) -> str:
    words = []
    if (earlier := first.get(row["digest"], row["name"])) != row["name"] and row["at"] is not None:
        words.append(f"The same bytes as {earlier}.")
    if row["times"] > 1:
        words.append(f"Named {sentences.count(row['times'], 'time')}, answered once.")
    return " ".join(words)


def _series(row: shards.Row) -> str:
    is_one = row["n_frames"] <= 1 or row["at"] is None
    return "" if is_one else f"The first of its {row['n_frames']:,} frames or pages is predicted."


def _read(path: Path) -> Shard:
    shard = shards.read(path)
    if shard is None:
        raise UserError(f"The answers {path.name} were removed or damaged meanwhile: ask for the same pictures again.")
    return shard
