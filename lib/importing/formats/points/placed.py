"""Checks points whose file says how large each picture was, and moves them with pictures that changed since."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.importing.formats.points import point_questions
from lib.importing.formats.points.checks import check_inside, turn_along
from lib.importing.orientation import UPRIGHT, follow, stored_sizes
from lib.importing.parsed import Parsed
from lib.importing.tree import Tree

#: (width, height) of each picture as its file says, None where it does not.
Declared = Mapping[str, tuple[float, float] | None]


def check_declared(tree: Tree, declared: Declared, where_said: str, parsed: Parsed, sizes: np.ndarray) -> None:
    """Move the points of pictures that were turned or resized, then check them as any points.

    Parameters
    ----------
    tree : Tree
    declared : mapping
        Sizes by picture.
    where_said : str
        Where they stand, such as "the JSON".
    parsed : Parsed
    sizes : ndarray of shape (N, 2)
        (width, height) of each picture in pixels.
    """
    same, coordinates = np.ones(len(parsed.files), dtype=bool), parsed.coordinates()
    rows = zip(parsed.files, parsed.origins, sizes.tolist(), strict=True)
    for row, (file, picture, shown) in enumerate(rows):
        then = declared[picture]
        if then is None or then == tuple(shown):
            continue
        moved = follow(coordinates[row], tree.path(picture), then, tuple(shown))
        words = f"{file}: {then[0]:g} x {then[1]:g} pixels in {where_said}, {shown[0]:g} x {shown[1]:g} in the file"
        if moved is None:
            same[row] = False
            parsed.problems.add("other-image-size", words)
            continue
        coordinates[row] = moved
        parsed.problems.add("points-moved", words)
    parsed.move(coordinates)
    if not same.all():
        parsed.keep(same)
    check_inside(parsed, sizes[same])


def check_undeclared(tree: Tree, declared: Declared, where_said: str, parsed: Parsed, sizes: np.ndarray) -> None:
    """Do what `check_declared` does; where no size is told, ask whether points were set on pictures as stored."""
    open_rows = np.array([declared[picture] is None for picture in parsed.origins], dtype=bool)
    turned = np.array([parsed.turned.get(picture, UPRIGHT) for picture in parsed.origins], dtype=np.int64)  # (N,)
    turned[~open_rows] = UPRIGHT
    if point_questions.set_on_stored(parsed, turned):
        turn_along(parsed, turned, stored_sizes(sizes, turned))
    check_declared(tree, declared, where_said, parsed, sizes)
