"""What answers for many pictures are written as, by the ending of the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from lib.core.decimals import plain
from lib.core.errors import UserError
from lib.export import tables
from lib.export.many.table import Part, Reading
from lib.tasks.base import Task

#: Parts that can be gone through more than once.
Parts = Iterable[Part]


@dataclass(frozen=True)
class Format:
    """One way to write answers.

    Attributes
    ----------
    suffix : str
        How its files end.
    write : callable
        Writes parts, read in some way, to a binary file.
    fits : callable
        Whether it is for a task.
    is_table : bool
        Whether distances, remarks and errors have columns of their own; else they stand in a table beside it.
    """

    suffix: str
    write: Callable[[BinaryIO, Parts, Reading], None]
    fits: Callable[[Task], bool] = lambda task: True
    is_table: bool = False


def of(path: Path, task: Task) -> Format:
    """Return the format of the file ``path``.

    Raises
    ------
    UserError
        If there is none with this ending, or it is not for the task.
    """
    fitting, suffix = [one for one in FORMATS if one.fits(task)], suffix_of(path)
    matching = [one for one in fitting if one.suffix == suffix]
    if not matching:
        raise UserError(
            f"The file {path} ends in nothing that answers of the task {task.name} are written as: choose one of "
            f"{', '.join(one.suffix for one in fitting)}."
        )
    return matching[0]


def _csv(file: BinaryIO, parts: Parts, reading: Reading) -> None:
    for number, part in enumerate(parts):
        file.write(tables.as_csv(part.frame(reading), head=number == 0))


def remarks(file: BinaryIO, parts: Parts, reading: Reading) -> None:
    """Write what formats without columns of their own have no place for."""
    for number, part in enumerate(parts):
        file.write(tables.as_csv(part.remarks_frame(reading), head=number == 0))


def _parquet(file: BinaryIO, parts: Parts, reading: Reading) -> None:
    writer = None
    try:
        for part in parts:
            frame = part.frame(reading)
            if len(set(frame.columns)) < len(frame.columns):
                twice = next(name for name in frame.columns if list(frame.columns).count(name) > 1)
                raise UserError(f"Two columns would be called {twice!r}, which Parquet does not have: write CSV.")
            schema = pa.schema([(str(name), _arrow(kind)) for name, kind in frame.dtypes.items()])
            if writer is None:
                facts = {"run": reading.run, "thresholds": reading.thresholds}
                writer = pq.ParquetWriter(file, schema.with_metadata(facts))
            columns = [
                pa.array(_texts(frame[name]), kind, from_pandas=True)
                for name, kind in zip(schema.names, schema.types, strict=True)
            ]
            writer.write_table(pa.Table.from_arrays(columns, schema=writer.schema))
    finally:
        if writer is not None:
            writer.close()


def _arrow(kind: object) -> pa.DataType:
    if pd.api.types.is_integer_dtype(kind):
        return pa.int8()
    return pa.float32() if pd.api.types.is_float_dtype(kind) else pa.string()


def _texts(column: pd.Series) -> pd.Series:
    return column.where(column.notna(), None) if column.dtype == object else column


def _onehot(file: BinaryIO, parts: Parts, reading: Reading) -> None:
    """Write 1, 0, and nothing where a label is unsure; an import takes that for unknown. Answered pictures only."""
    file.write(tables.lines([["file", *reading.names]]))
    for part in parts:
        decided = reading.decided(part.preds)
        if decided is None:
            raise TypeError(f"{reading.task.name} has no labels")
        words = np.where(decided[1], "", np.where(decided[0], "1", "0")).tolist()
        file.write(tables.lines([part.files[place], *words[row]] for place, row in part.answered()))


def _coco(file: BinaryIO, parts: Parts, reading: Reading) -> None:
    """Write COCO's document of pictures, categories and annotations, each with a score; see `_results`."""
    categories = reading.task.coco_named(reading.names)
    head = {"info": {"description": f"predictions of run {reading.run}"}, "licenses": [], "categories": categories}
    file.write(json.dumps(head, ensure_ascii=False).encode()[:-1])
    _listed(file, b', "images": [', _images(parts))
    _listed(file, b', "annotations": [', _annotations(parts, reading, numbered=True))
    _listed(file, b', "errors": [', _errors(parts))
    file.write(b"}\n")


def _results(file: BinaryIO, parts: Parts, reading: Reading) -> None:
    """Write COCO's list of results; ``image_id`` is that of the document that `_coco` writes of the same pictures."""
    _listed(file, b"[", _annotations(parts, reading, numbered=False))
    file.write(b"\n")


def _listed(file: BinaryIO, start: bytes, values: Iterable[dict]) -> None:
    file.write(start)
    for number, value in enumerate(values):
        file.write(b",\n" if number else b"\n")
        file.write(json.dumps(value, ensure_ascii=False, allow_nan=False).encode())
    file.write(b"]")


def _numbered(parts: Parts) -> Iterable[tuple[int, int, int, Part]]:
    """Yield the number of each answered picture from 1, its place and row, and its part."""
    before = 0
    for part in parts:
        for place, row in part.answered():
            yield before + place + 1, place, row, part
        before += len(part.files)


def _images(parts: Parts) -> Iterable[dict]:
    for number, place, row, part in _numbered(parts):
        width, height = part.sizes[row].tolist()
        yield {"id": number, "file_name": part.files[place], "width": int(width), "height": int(height)}


def _annotations(parts: Parts, reading: Reading, *, numbered: bool) -> Iterable[dict]:
    count, of_part, chosen = 0, None, None
    for number, _, row, part in _numbered(parts):
        if part is not of_part:
            decided, of_part = reading.decided(part.preds), part
            chosen = None if decided is None else decided[0]
        labels = None if chosen is None else chosen[row]
        for one in reading.task.coco_predicted(part.preds[row], part.sizes[row], labels):
            count += 1
            if numbered:
                yield {"id": count, "image_id": number, **one}
            else:  # the list of results has these alone
                kept = ("category_id", reading.task.coco_result, "score")
                yield {"image_id": number, **{name: one[name] for name in kept}}


def _errors(parts: Parts) -> Iterable[dict]:
    for part in parts:
        for name, error in zip(part.files, part.errors, strict=True):
            if error:
                yield {"file_name": name, "error": error}


def _deeplabcut(file: BinaryIO, parts: Parts, reading: Reading) -> None:
    """Write the table of DeepLabCut's labels: rows scorer, bodyparts and coords, then x and y in pixels."""
    n = len(reading.names)
    heads = [["scorer", *[reading.run] * (2 * n)], ["bodyparts", *(name for name in reading.names for _ in "xy")]]
    file.write(tables.lines([*heads, ["coords", *["x", "y"] * n]]))
    for part in parts:
        rows = part.preds.reshape(len(part.preds), -1)
        file.write(
            tables.lines(
                [part.files[place], *("" if np.isnan(value) else plain(value) for value in rows[row])]
                for place, row in part.answered()
            )
        )


#: Of two that a name ends with, the first.
FORMATS = (
    Format(".onehot.csv", _onehot, lambda task: task.has_labels),
    Format(".dlc.csv", _deeplabcut, lambda task: task.has_points),
    Format(".csv", _csv, is_table=True),
    Format(".parquet", _parquet, is_table=True),
    Format(".results.json", _results, lambda task: bool(task.coco_kind)),
    Format(".coco.json", _coco, lambda task: bool(task.coco_kind)),
)


def suffix_of(path: Path) -> str:
    """Return the ending by which the format of a file is known, "" where none is.

    Examples
    --------
    >>> suffix_of(Path("new.ONEHOT.csv")), suffix_of(Path("new.csv")), suffix_of(Path("new.txt"))
    ('.onehot.csv', '.csv', '')
    """
    name = path.name.lower()
    return next((one.suffix for one in FORMATS if name.endswith(one.suffix) and name != one.suffix), "")
