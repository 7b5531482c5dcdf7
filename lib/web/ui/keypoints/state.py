"""The choice in the keypoint bench: norm of the errors, PCK threshold and point, in the address."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lib.core.errors import UserError
from lib.evaluation.keypoints import errors as points_bench
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.keypoints.norms import Norm
from lib.web.ui.address import LIMIT, NORM, POINT, write

_MOST = 1e6


@dataclass(frozen=True)
class PointsState:
    """The choice.

    Attributes
    ----------
    norm : Norm
        What errors are divided by.
    limit : float
        Up to which error a point counts as right, in `Norm.unit`.
    point : int or None
        Index of the point that is looked at; None for all.
    """

    norm: Norm
    limit: float
    point: int | None

    def errors(self, bench: Bench) -> np.ndarray:
        """Return the error of each point of each image in `Norm.unit`, shape (N, K)."""
        return self.norm.of(bench.distances)

    def baseline_errors(self, bench: Bench) -> np.ndarray:
        """Return the same of the baseline, where the truth is known."""
        return self.norm.of(bench.baseline_distances)

    @property
    def words(self) -> str:
        """The unit in words: ``px``, or what 100 % are; names in it are not escaped."""
        return "px" if self.norm.kind == "px" else f"% of the {self.norm.title}"


def read(bench: Bench) -> PointsState:
    """Return the choice in the address; what makes no sense there counts as not chosen."""
    try:
        norm = bench.norm(st.query_params.get(NORM, "px"))
    except UserError:
        norm = bench.norm("px")
    asked = st.query_params.get(POINT, "")
    known = asked.isdecimal() and len(asked) < 9 and int(asked) < len(bench.names)
    return PointsState(norm, _limit(bench, norm), int(asked) if known else None)


def _limit(bench: Bench, norm: Norm) -> float:
    try:
        asked = float(st.query_params.get(LIMIT, "nan"))
    except ValueError:
        asked = math.nan
    return asked if 0 < asked <= _MOST else points_bench.default_limit(bench, norm)


def choose_norm(kind: str) -> None:
    """Write the norm into the address; a limit in another unit goes."""
    write(NORM, kind if kind != "px" else None)
    write(LIMIT, None)


def choose_limit(limit: float) -> None:
    """Write the limit into the address."""
    write(LIMIT, f"{limit:g}")


def choose_point(point: int | None) -> None:
    """Write the point into the address, None for all points."""
    write(POINT, None if point is None else str(point))
