"""The choice in the threshold lab: thresholds, label and curve, in the address; and the thresholds before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from lib.metrics import counts
from lib.tasks.base import Task
from lib.training.runs import Run
from lib.web.ui import address
from lib.web.ui.address import CURVE, LABEL, THRESH, THRESHS
from lib.web.ui.analyze import kept

LAST = len(counts.grid()) - 1


@dataclass(frozen=True)
class LabState:
    """The choice. ``indices`` and ``before`` are indices into `lib.metrics.counts.grid`, int64 of shape (C,)."""

    indices: np.ndarray
    before: np.ndarray
    label: int | None
    curve: str

    @property
    def thresh(self) -> np.ndarray:
        """The thresholds, float32 of shape (C,)."""
        return counts.grid()[self.indices]

    @property
    def thresh_before(self) -> np.ndarray:
        """The thresholds before the last change, float32 of shape (C,)."""
        return counts.grid()[self.before]

    @property
    def same(self) -> bool:
        """Whether all labels have one threshold."""
        return bool((self.indices == self.indices[0]).all())


def read(run: Run, task: Task, names: tuple[str, ...]) -> LabState:
    """Return the choice in the address; what makes no sense there counts as not chosen."""
    indices = _indices(st.query_params, task.start_thresh(run.config), len(names))
    before = st.session_state.get(_key(run))
    asked = st.query_params.get(LABEL)
    curves = [curve.name for curve in task.sweep_curves]
    curve = st.query_params.get(CURVE)
    return LabState(
        indices=indices,
        before=indices if before is None or len(before) != len(indices) else before,
        label=names.index(asked) if asked in names else None,
        curve=curve if curve in curves else curves[0],
    )


def _indices(asked: Mapping[str, str], start: float, n_labels: int) -> np.ndarray:
    several = asked.get(THRESHS, "").split("-")
    if len(several) == n_labels and all(part.isdecimal() and len(part) <= 4 for part in several):
        return np.minimum(np.array(several, dtype=np.int64), LAST)
    try:
        one = float(asked.get(THRESH, start))
    except ValueError:
        one = start
    return np.full(n_labels, counts.nearest(one if 0 <= one <= 1 else start))


def last(run: Run, task: Task, names: tuple[str, ...]) -> np.ndarray | None:
    """Return the thresholds that the Analyze page showed last, float32 of shape (C,), None where they are the run's.

    Those in the address of another page count as shown: the Analyze page comes back with them.
    """
    if {THRESH, THRESHS} & set(st.query_params):
        kept.follow_thresholds(run)
    start = task.start_thresh(run.config)
    indices = _indices(kept.thresholds(run) or {}, start, len(names))
    return counts.grid()[indices] if (indices != counts.nearest(start)).any() else None


def _key(run: Run) -> str:
    return f"threshs-before-{run.id}"


def choose(run: Run, state: LabState, indices: np.ndarray) -> None:
    """Make those at ``indices`` the thresholds; those of ``state`` are the ones before."""
    if not (indices == state.indices).all():
        st.session_state[_key(run)] = state.indices
    same = (indices == indices[0]).all()
    chosen = {THRESH: f"{indices[0] / LAST:.3f}"} if same else {THRESHS: "-".join(map(str, indices))}
    address.write_one_of(chosen, (THRESH, THRESHS))


def choose_label(names: tuple[str, ...], label: int | None) -> None:
    """Make ``label`` the one that is looked at."""
    address.write(LABEL, None if label is None else names[label])


def adopt(run: Run, task: Task, names: tuple[str, ...], key: str) -> None:
    """Take over what the component of ``key`` says was chosen; it comes from a browser, so it is checked."""
    address.catch_up()
    chosen = st.session_state[key].get("chosen") or {}
    state = read(run, task, names)
    indices, label = chosen.get("indices"), chosen.get("label")
    if isinstance(indices, list) and len(indices) == len(names) and all(_is_index(index, LAST) for index in indices):
        choose(run, state, np.array(indices, dtype=np.int64))
    choose_label(names, label if _is_index(label, len(names) - 1) else None)
    if chosen.get("curve") in [curve.name for curve in task.sweep_curves] and chosen["curve"] != state.curve:
        address.write(CURVE, chosen["curve"])


def _is_index(value: object, last: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= last
