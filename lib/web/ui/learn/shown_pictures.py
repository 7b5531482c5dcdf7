"""Pictures for panels, with their points where they have some: the user's own, else a drawn face."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.metrics.points import known
from lib.tasks import mirror
from lib.web.server.routes import pictures_address
from lib.web.ui.learn import drawn_face

_PICTURES, _SIZE = 6, 512


def has_points(dataset: Dataset | None) -> bool:
    """Return whether a dataset has pictures with points."""
    return dataset is not None and tasks.get(dataset.task).has_points and len(dataset.included) > 0


def of(dataset: Dataset | None) -> dict[str, Any]:
    """Return what the figures take: ``source``, ``names``, ``order`` and ``pictures`` with their ``points``.

    ``order`` says which point stands at each place after a mirror, None where none change places. Without points
    ``names`` are none, without pictures they are a drawn face's.
    """
    if dataset is None or not len(dataset.included):
        return _drawn()
    names = list(dataset.names) if has_points(dataset) else []
    address = pictures_address(dataset.name, dataset.base, st.get_option("server.baseUrlPath"))
    pictures = []
    for row in _chosen(dataset, with_points=bool(names)).tolist():
        width, height = dataset.sizes[row].tolist()
        pictures.append(
            {
                "url": address.format(item=row, size=_SIZE),
                "title": str(dataset.items["original"].iat[row]),
                "width": width,
                "height": height,
                "points": _points(dataset.targs[row]) if names else [],
            }
        )
    order = _order(mirror.pairs(dataset), names) if names else None
    what = "Pictures and points" if names else "Pictures"
    return {"source": f"{what} of {dataset.name}.", "names": names, "order": order, "pictures": pictures}


def _chosen(dataset: Dataset, *, with_points: bool) -> np.ndarray:
    """Return some rows, far apart; of those with points such as know them all, as far as there are any."""
    rows = dataset.included
    if with_points:
        there = known(dataset.targs[rows])
        complete = rows[there.all(axis=1)]
        rows = complete if len(complete) else rows[there.any(axis=1)]
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(_PICTURES, len(rows))).astype(int))]


def _points(targ: np.ndarray) -> list[list[float] | None]:
    there = known(targ[None])[0].tolist()
    return [[float(x), float(y)] if one else None for (x, y), one in zip(targ.tolist(), there, strict=True)]


def _drawn() -> dict[str, Any]:
    names = list(drawn_face.POINTS)
    width, height = drawn_face.SIZE
    shown = {
        "url": drawn_face.picture(),
        "title": "A drawn face",
        "width": width,
        "height": height,
        "points": [list(place) for place in drawn_face.POINTS.values()],
    }
    return {
        "source": "A drawn face.",
        "names": names,
        "order": _order(mirror.guess(names), names),
        "pictures": [shown],
    }


def _order(pairs: list[tuple[int, int]] | None, names: list[str]) -> list[int] | None:
    return mirror.order(pairs, len(names)).tolist() if pairs else None
