"""Targets of a dataset as a table of labels, a one-hot table, or COCO's JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lib.core.dataset import Dataset
from lib.core.decimals import plain
from lib.core.splits import SPLITS

#: What the table is called, and the JSON of each split and kind.
TABLE = "labels.csv"
JSON = "{kind}_{split}.json"
_LABELS, _POINTS = "instances", "person_keypoints"
#: Every file that an export may have beside the pictures.
FILES = (TABLE, *(JSON.format(kind=kind, split=split) for kind in (_LABELS, _POINTS) for split in SPLITS))

_DELIMITERS = (",", ";", "\t", "|")
_LABEL_SEPARATORS = ("|", ";", ",", " ")
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
    for columns, cells in _CELLS[dataset.task](dataset):
        yield from _tables(dataset, names, columns, cells)


def onehot_csv(dataset: Dataset, names: Sequence[str]) -> Iterator[Texts]:
    """Yield tables with one column a label: 1, 0, and nothing where nobody knows."""
    targs = dataset.targs
    if targs.ndim == 1:
        targs = np.eye(len(dataset.names), dtype=np.int8)[targs]
    words = np.array(["0", "1", ""])
    yield from _tables(dataset, names, dataset.names, words[targs].tolist())


def _tables(
    dataset: Dataset, names: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[str]]
) -> Iterator[Texts]:
    splits, groups = (dataset.items[column].astype(str).tolist() for column in ("split", "group"))
    header, rows = ["file", *columns, "split"], [[name, *row] for name, row in zip(names, cells, strict=True)]
    for row, split in zip(rows, splits, strict=True):
        row.append(split)
    if any(groups):
        plainly = not {group.lower() for group in groups} <= _FLAGS and "group" not in map(str.lower, columns)
        header.append("group" if plainly else "group_name")
        for row, group in zip(rows, groups, strict=True):
            row.append(group)
    for delimiter in _DELIMITERS:
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows([header, *rows])
        yield {TABLE: buffer.getvalue().encode()}


def _one_label(dataset: Dataset) -> Iterator[tuple[list[str], list[list[str]]]]:
    yield ["label"], [[dataset.names[label]] for label in dataset.targs]


def _several_labels(dataset: Dataset) -> Iterator[tuple[list[str], list[list[str]]]]:
    if (dataset.targs < 0).any():
        return
    labels_of = [[dataset.names[label] for label in np.flatnonzero(row)] for row in dataset.targs]
    for separator in _LABEL_SEPARATORS:
        if not any(separator in name for name in dataset.names):
            yield ["labels"], [[separator.join(labels)] for labels in labels_of]


def _points(dataset: Dataset) -> Iterator[tuple[list[str], list[list[str]]]]:
    columns = [f"{name}_{axis}" for name in dataset.names for axis in "xy"]
    yield columns, [_numbers(row) for row in dataset.targs.reshape(len(dataset), -1)]


def _values(dataset: Dataset) -> Iterator[tuple[list[str], list[list[str]]]]:
    yield list(dataset.names), [_numbers(row) for row in dataset.targs]


def _numbers(row: np.ndarray) -> list[str]:
    return ["" if np.isnan(value) else f"{plain(value)!r}" for value in row]


_CELLS: dict[str, Callable[[Dataset], Iterator[tuple[list[str], list[list[str]]]]]] = {
    "single-label": _one_label,
    "multi-label": _several_labels,
    "keypoints": _points,
    "regression": _values,
}


def coco(dataset: Dataset, names: Sequence[str]) -> Iterator[Texts]:
    """Yield one COCO JSON a split.

    A label is an annotation whose box is the whole picture, because COCO knows no label without a place. Where labels
    are unknown, the known absent ones are in ``neg_category_ids``, as LVIS has them. Points are one annotation a
    picture with visibility 2, and 0 where missing; they are counted from the corner of the first pixel, as everywhere
    here.
    """
    describe = _COCO[dataset.task]
    categories, annotate, kind = describe(dataset)
    texts = {}
    for split in SPLITS:
        rows = dataset.index(split)
        if not len(rows):
            continue
        images, annotations = [], []
        for row in rows.tolist():
            image, described = _image(dataset, names, row), annotate(row)
            image |= described.pop(0)
            images.append(image)
            annotations += [{"id": len(annotations) + n, "image_id": row, **one} for n, one in enumerate(described, 1)]
        whole = {"info": {"description": dataset.name}, "licenses": [], "categories": categories}
        content = json.dumps({**whole, "images": images, "annotations": annotations}, ensure_ascii=False)
        texts[JSON.format(kind=kind, split=split)] = content.encode()
    yield texts


def _image(dataset: Dataset, names: Sequence[str], row: int) -> dict:
    width, height = dataset.sizes[row].tolist()
    image = {"id": row, "file_name": names[row], "width": int(width), "height": int(height)}
    group = str(dataset.items["group"].iat[row])
    return {**image, "group": group} if group else image


def _label_categories(dataset: Dataset) -> tuple[list[dict], Callable[[int], list[dict]], str]:
    categories = [{"id": n, "name": name} for n, name in enumerate(dataset.names, 1)]
    targs = dataset.targs if dataset.targs.ndim == 2 else np.eye(len(categories), dtype=np.int8)[dataset.targs]

    def annotate(row: int) -> list[dict]:
        width, height = dataset.sizes[row].tolist()
        box = {"bbox": [0, 0, int(width), int(height)], "area": int(width * height), "iscrowd": 0}
        outline = [[0, 0, width, 0, width, height, 0, height]]
        unsure = (targs[row] < 0).any()
        absent = {"neg_category_ids": (np.flatnonzero(targs[row] == 0) + 1).tolist()} if unsure else {}
        present = (np.flatnonzero(targs[row] == 1) + 1).tolist()
        return [absent, *({"category_id": label, **box, "segmentation": outline} for label in present)]

    return categories, annotate, _LABELS


def _point_categories(dataset: Dataset) -> tuple[list[dict], Callable[[int], list[dict]], str]:
    place = {name: k for k, name in enumerate(dataset.names, 1)}
    lines = [[place[a], place[b]] for a, b in dataset.extra.get("skeleton", [])]
    category = {"id": 1, "name": "object", "keypoints": list(dataset.names), "skeleton": lines}

    def annotate(row: int) -> list[dict]:
        points = dataset.targs[row]  # (K, 2)
        known = ~np.isnan(points).any(axis=1)
        left, top = np.nanmin(points, axis=0).tolist()
        right, bottom = np.nanmax(points, axis=0).tolist()
        triples = [
            [plain(x), plain(y), 2] if is_known else [0, 0, 0] for (x, y), is_known in zip(points, known, strict=True)
        ]
        box = {"bbox": [left, top, right - left, bottom - top], "area": (right - left) * (bottom - top), "iscrowd": 0}
        flat = [value for triple in triples for value in triple]
        return [{}, {"category_id": 1, **box, "keypoints": flat, "num_keypoints": int(known.sum())}]

    return [category], annotate, _POINTS


_COCO: dict[str, Callable[[Dataset], tuple[list[dict], Callable[[int], list[dict]], str]]] = {
    "single-label": _label_categories,
    "multi-label": _label_categories,
    "keypoints": _point_categories,
}
