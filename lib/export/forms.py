"""Targets of a dataset as a table of labels, a one-hot table, or COCO's JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.splits import SPLITS
from lib.export import tables

#: What the table is called, and the JSON of each split and kind.
TABLE = "labels.csv"
JSON = "{kind}_{split}.json"
_KINDS = dict.fromkeys(task.coco_kind for task in tasks.TASKS.values() if task.coco_kind)
#: Every file that an export may have beside the pictures.
FILES = (TABLE, *(JSON.format(kind=kind, split=split) for kind in _KINDS for split in SPLITS))

_DELIMITERS = (",", ";", "\t", "|")
_FLAGS = {"0", "1", "true", "false", "yes", "no", "1.0", "0.0", "-1", ""}

#: Files by name. Several forms are tried; the first that reads back as it was is used.
Texts = dict[str, bytes]


def labels_csv(dataset: Dataset, names: Sequence[str]) -> Iterator[Texts]:
    """Yield tables with the targets as people write them: labels in one cell, points and numbers one a column.

    Parameters
    ----------
    dataset : Dataset
    names : sequence of str
        What the pictures are called.
    """
    for columns, cells in tasks.get(dataset.task).tables(dataset):
        yield from _tables(dataset, names, columns, cells)


def onehot_csv(dataset: Dataset, names: Sequence[str]) -> Iterator[Texts]:
    """Yield tables with one column a label: 1, 0, and nothing where nobody knows."""
    matrix = tasks.get(dataset.task).matrix(dataset.targs, dataset.names).to_numpy()
    words = np.where(np.isnan(matrix), "", np.where(matrix == 1, "1", "0"))
    yield from _tables(dataset, names, dataset.names, words.tolist())


def _tables(
    dataset: Dataset, names: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[str | float]]
) -> Iterator[Texts]:
    splits, groups = (dataset.items[column].astype(str).tolist() for column in ("split", "group"))
    header = ["file", *columns, "split"]
    rows: list[list[str | float]] = [[name, *row] for name, row in zip(names, cells, strict=True)]
    for row, split in zip(rows, splits, strict=True):
        row.append(split)
    if any(groups):
        plainly = not {group.lower() for group in groups} <= _FLAGS and "group" not in map(str.lower, columns)
        header.append("group" if plainly else "group_name")
        for row, group in zip(rows, groups, strict=True):
            row.append(group)
    for delimiter in _DELIMITERS:
        yield {TABLE: tables.lines([header, *rows], delimiter)}


def coco(dataset: Dataset, names: Sequence[str]) -> Iterator[Texts]:
    """Yield one COCO JSON a split.

    The task says what an annotation is; places are counted from the corner of the first pixel, as everywhere here.
    """
    task = tasks.get(dataset.task)
    whole = {"info": {"description": dataset.name}, "licenses": [], "categories": task.coco_categories(dataset)}
    texts = {}
    for split in SPLITS:
        rows = dataset.index(split)
        if not len(rows):
            continue
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for row in rows.tolist():
            more, annotated = task.coco_annotations(dataset, row)
            images.append(_image(dataset, names, row) | more)
            annotations += [{"id": len(annotations) + n, "image_id": row, **one} for n, one in enumerate(annotated, 1)]
        content = json.dumps({**whole, "images": images, "annotations": annotations}, ensure_ascii=False)
        texts[JSON.format(kind=task.coco_kind, split=split)] = content.encode()
    yield texts


def _image(dataset: Dataset, names: Sequence[str], row: int) -> dict[str, Any]:
    width, height = dataset.sizes[row].tolist()
    image = {"id": row, "file_name": names[row], "width": int(width), "height": int(height)}
    group = str(dataset.items["group"].iat[row])
    return {**image, "group": group} if group else image
