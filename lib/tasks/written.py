"""Targets written for other programs: as cells of a table, and as annotations of COCO."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from lib.core.decimals import plain, plains

if TYPE_CHECKING:
    from lib.core.dataset import Dataset

_LABEL_SEPARATORS = ("|", ";", ",", " ")


class Cells(NamedTuple):
    """Targets as a table: the heads of its columns, and the texts or numbers of each image's row."""

    columns: list[str]
    rows: Sequence[Sequence[str | float]]


class Written(ABC):
    """The part of a task that an export of a dataset asks."""

    #: What COCO calls such annotations, in the names of its files; "" where it has no place for them.
    coco_kind: ClassVar[str] = ""
    #: What of an annotation stands in COCO's list of results.
    coco_result: ClassVar[str] = "bbox"

    @abstractmethod
    def tables(self, dataset: Dataset) -> Iterator[Cells]:
        """Yield the ways to write all targets as people write them, the best known first; none where none is."""

    def coco_categories(self, dataset: Dataset) -> list[dict[str, Any]]:
        """Return COCO's ``categories``; [] of tasks without `coco_kind`."""
        return []

    def coco_annotations(self, dataset: Dataset, row: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return what COCO's image of ``row`` has beside the usual, and its annotations without their numbers."""
        return {}, []

    def coco_named(self, names: Sequence[str]) -> list[dict[str, Any]]:
        """Return COCO's ``categories`` of what has these names; [] of tasks without `coco_kind`."""
        return []

    def coco_predicted(self, pred: np.ndarray, size: np.ndarray, chosen: np.ndarray | None) -> list[dict[str, Any]]:
        """Return COCO's annotations of one predicted picture, without their numbers, each with a ``score``.

        Parameters
        ----------
        pred : ndarray
            A row of predictions in natural form.
        size : ndarray of shape (2,)
            (width, height) in pixels.
        chosen : ndarray of bool, shape (C,), optional
            Which labels are predicted, of a task that has some.
        """
        return []


class WrittenLabels(Written):
    """Labels: several in one cell; in COCO an annotation each, whose box is the whole picture."""

    coco_kind = "instances"

    def tables(self, dataset: Dataset) -> Iterator[Cells]:
        if (dataset.targs < 0).any():
            return  # a cell of labels cannot say which are unknown
        labels_of = [[dataset.names[label] for label in np.flatnonzero(row)] for row in dataset.targs]
        for separator in _LABEL_SEPARATORS:
            if not any(separator in name for name in dataset.names):
                yield Cells(["labels"], [[separator.join(labels)] for labels in labels_of])

    def coco_categories(self, dataset: Dataset) -> list[dict[str, Any]]:
        return self.coco_named(dataset.names)

    def coco_named(self, names: Sequence[str]) -> list[dict[str, Any]]:
        return [{"id": number, "name": name} for number, name in enumerate(names, 1)]

    def coco_predicted(self, pred: np.ndarray, size: np.ndarray, chosen: np.ndarray | None) -> list[dict[str, Any]]:
        """Return a whole box for each predicted label, whose score is its probability."""
        labels = np.flatnonzero(chosen).tolist() if chosen is not None else []
        return [_whole(size, label) | {"score": plain(pred[label])} for label in labels]

    def coco_annotations(self, dataset: Dataset, row: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return a whole box a label, and where labels are unknown the absent ones as LVIS has them."""
        targ = dataset.targs[row]
        absent = {"neg_category_ids": (np.flatnonzero(targ == 0) + 1).tolist()} if (targ < 0).any() else {}
        return absent, [_whole_picture(dataset, row, int(label)) for label in np.flatnonzero(targ == 1)]


class WrittenClass(WrittenLabels):
    """One class: its name in a cell."""

    def tables(self, dataset: Dataset) -> Iterator[Cells]:
        yield Cells(["label"], [[dataset.names[label]] for label in dataset.targs])

    def coco_annotations(self, dataset: Dataset, row: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        return {}, [_whole_picture(dataset, row, int(dataset.targs[row]))]


class WrittenPoints(Written):
    """Points: x and y a column each; in COCO one annotation a picture, with visibility 2, and 0 where missing."""

    coco_kind = "person_keypoints"
    coco_result = "keypoints"

    def tables(self, dataset: Dataset) -> Iterator[Cells]:
        columns = [f"{name}_{axis}" for name in dataset.names for axis in "xy"]
        yield Cells(columns, _numbers(dataset.targs.reshape(len(dataset), -1)))

    def coco_categories(self, dataset: Dataset) -> list[dict[str, Any]]:
        place = {name: number for number, name in enumerate(dataset.names, 1)}
        lines = [[place[a], place[b]] for a, b in dataset.extra.get("skeleton", [])]
        return [{**category, "skeleton": lines} for category in self.coco_named(dataset.names)]

    def coco_named(self, names: Sequence[str]) -> list[dict[str, Any]]:
        return [{"id": 1, "name": "object", "keypoints": list(names), "skeleton": []}]

    def coco_annotations(self, dataset: Dataset, row: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        return {}, [_of_points(dataset.targs[row])]

    def coco_predicted(self, pred: np.ndarray, size: np.ndarray, chosen: np.ndarray | None) -> list[dict[str, Any]]:
        """Return one annotation of all points, whose score is 1: the model has no confidence in points."""
        return [_of_points(pred) | {"score": 1.0}]


class WrittenNumbers(Written):
    """Numbers: a column each."""

    def tables(self, dataset: Dataset) -> Iterator[Cells]:
        yield Cells(list(dataset.names), _numbers(dataset.targs))


def _of_points(points: np.ndarray) -> dict[str, Any]:
    """Return COCO's annotation of points (K, 2)."""
    known = ~np.isnan(points).any(axis=1)
    left, top = np.nanmin(points, axis=0).tolist()
    right, bottom = np.nanmax(points, axis=0).tolist()
    triples = [
        [plain(x), plain(y), 2] if is_known else [0, 0, 0] for (x, y), is_known in zip(points, known, strict=True)
    ]
    box = {"bbox": [left, top, right - left, bottom - top], "area": (right - left) * (bottom - top), "iscrowd": 0}
    flat = [value for triple in triples for value in triple]
    return {"category_id": 1, **box, "keypoints": flat, "num_keypoints": int(known.sum())}


def _whole_picture(dataset: Dataset, row: int, label: int) -> dict[str, Any]:
    return _whole(dataset.sizes[row], label)


def _whole(size: np.ndarray, label: int) -> dict[str, Any]:
    """Return COCO's annotation of a label that is somewhere in the picture: COCO knows none without a place."""
    width, height = size.tolist()
    box = {"bbox": [0, 0, int(width), int(height)], "area": int(width * height), "iscrowd": 0}
    return {"category_id": label + 1, **box, "segmentation": [[0, 0, width, 0, width, height, 0, height]]}


def _numbers(targs: np.ndarray) -> list[list[str | float]]:
    """Return a table of numbers (N, C) as its cells, where nothing is known empty ones."""
    cells = plains(targs).astype(object)
    cells[np.isnan(targs)] = ""
    rows: list[list[str | float]] = cells.tolist()
    return rows
