"""Joins a row a point (image, landmark, x, y) to a row a picture with the columns of a table of points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.core.errors import UserError
from lib.importing.tables.cells import MAX_CELLS
from lib.importing.tables.values import MISSING

_HIDDEN = frozenset(("0", "0.0", "false", "no"))


@dataclass
class PointRows:
    """Rows of points as they were read.

    Attributes
    ----------
    names : list of str
        Point of each row.
    coordinates : list of (str, str)
        x and y of each row as text, both empty where the point is missing.
    rows : dict
        Rows of each point of each picture.
    """

    names: list[str]
    coordinates: list[tuple[str, str]]
    rows: dict[str, dict[str, list[int]]]


def read(
    cells: pd.DataFrame, rows_of: Mapping[str, list[int]], point: str, x: str, y: str, visible: str | None
) -> PointRows:
    """Return the points of each picture, by the columns of their names, x, y and, if there is one, visibility.

    A point of visibility 0 is missing if 2 occurs as well, as in COCO, or if it lies at (0, 0): others mark by 0 what
    is hidden but set.
    """
    names = cells[point].tolist()
    coordinates = list(zip(cells[x].tolist(), cells[y].tolist(), strict=True))
    if visible is not None:
        seen = cells[visible].str.lower().tolist()
        as_coco = "2" in seen
        zero = pd.to_numeric(cells[x], errors="coerce").eq(0) & pd.to_numeric(cells[y], errors="coerce").eq(0)
        gone = [cell in _HIDDEN and (as_coco or at_zero) for cell, at_zero in zip(seen, zero, strict=True)]
        coordinates = [("", "") if away else place for place, away in zip(coordinates, gone, strict=True)]
    coordinates = [("" if a.lower() in MISSING else a, "" if b.lower() in MISSING else b) for a, b in coordinates]
    rows: dict[str, dict[str, list[int]]] = {}
    for picture, own in rows_of.items():
        points = rows.setdefault(picture, {})
        for row in own:
            if names[row]:
                points.setdefault(names[row], []).append(row)
    return PointRows(names, coordinates, rows)


def join(read_rows: PointRows, *, mean: bool) -> tuple[pd.DataFrame, list[int]]:
    """Return the cells of a row a picture, empty where it has no row for a point, and the first row of each picture.

    Of several rows of one point the first counts, or the mean of them.
    """
    names = sorted(dict.fromkeys(name for points in read_rows.rows.values() for name in points), key=_order)
    if len(names) * len(read_rows.rows) > MAX_CELLS // 2:
        raise UserError(
            f"The table names {len(names):,} points for {len(read_rows.rows):,} images, expected at most "
            f"{MAX_CELLS:,} cells. Check the column of their names."
        )
    place = {name: i for i, name in enumerate(names)}
    matrix = np.full((len(read_rows.rows), 2 * len(names)), "", dtype=object)
    firsts = []
    for i, points in enumerate(read_rows.rows.values()):
        firsts.append(min((rows[0] for rows in points.values()), default=0))
        for name, rows in points.items():
            coordinates = [read_rows.coordinates[row] for row in rows]
            matrix[i, 2 * place[name] : 2 * place[name] + 2] = _mean(coordinates) if mean else coordinates[0]
    return pd.DataFrame(matrix, columns=[f"{name}_{axis}" for name in names for axis in "xy"]), firsts


def _order(name: str) -> tuple[int, str]:
    return (int(name), "") if name.isascii() and name.isdecimal() and len(name) < 10 else (-1, "")


def _mean(coordinates: list[tuple[str, str]]) -> tuple[str, str]:
    known = [place for place in coordinates if place != ("", "")]
    if len(set(known)) < 2:
        return known[0] if known else ("", "")
    numbers = pd.DataFrame(known).apply(pd.to_numeric, errors="coerce").mean()
    return repr(float(numbers[0])), repr(float(numbers[1]))
