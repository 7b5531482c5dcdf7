"""The keypoint bench: its choice, its numbers, its tabs and the images."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from lib.core.dataset import Dataset
from lib.evaluation import results
from lib.evaluation.comparison import Errors
from lib.evaluation.keypoints import errors as points_bench
from lib.evaluation.keypoints.errors import Bench
from lib.tasks.base import Task
from lib.tasks.types import Predictions, three_digits
from lib.training.runs import Run
from lib.web.ui import address, guard, lazy_tabs
from lib.web.ui.analyze import bench_compare, images
from lib.web.ui.analyze import numbers as analyze_numbers
from lib.web.ui.analyze.images import Measured
from lib.web.ui.keypoints import choice, curves, failures, filter, missing, swaps, table, uncertainty
from lib.web.ui.keypoints.filter import Chosen, Only
from lib.web.ui.keypoints.state import PointsState


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str) -> None:
    """Show the bench of ``split``: what is chosen, the numbers, one question a tab, the images."""
    bench, key = results.bench(run, split), f"{run.id}-{split}-{results.version(run)}"
    state = choice.show(bench, dataset, key=key)
    same = dataset if dataset.revision == run.config.revision else None
    about = (bench, split, state, _originals(same, bench))
    tabs = {
        "Per point": partial(table.show, bench, state, key=key),
        "PCK and errors": partial(curves.show, bench, split, state, key=key),
        "Where it fails": partial(failures.show, same, *about, Only(key, "Where it fails"), key=key),
        "Left and right": partial(swaps.show, same, *about, Only(key, "Left and right"), key=key),
        "How certain": partial(uncertainty.show, run, *about, Only(key, "How certain"), key=key),
        "Compare runs": partial(_compare, run, task, split, bench, state, key),
        "Missing": partial(missing.show, bench, split, about[-1], key=key),
        "All metrics": partial(analyze_numbers.all_metrics, task, predictions, split, run.config.thresh),
    }
    numbers, below, pictures = st.container(), st.container(), st.container()
    only = filter.current(key, st.query_params.get(address.TAB))
    with pictures:  # first: they are what people look at after a choice; another order or page needs nothing else
        if only is not None:
            filter.line(only, key=key)
        st.fragment(images.show)(
            run, dataset, task, predictions, run.config.thresh, split=split, measured=measured(bench, state, only)
        )
    with numbers:
        choice.headline(bench, state)
    with below:
        lazy_tabs.show(tabs, key=f"bench-tabs-{run.id}", in_address=address.TAB)


def _compare(run: Run, task: Task, split: str, bench: Bench, state: PointsState, key: str) -> None:
    def errors_of(one: Run) -> Errors:
        run_bench = results.bench(one, split)
        return Errors(run_bench.items, run_bench.targs, run_bench.norm(state.norm.kind).of(run_bench.distances))

    if state.point is not None:
        st.caption("The comparison is of all points, whichever is chosen above; each has a row below.")
    bench_compare.show(run, task, split, errors_of, bench.groups, guard.escape(state.words), key=key)


def _originals(dataset: Dataset | None, bench: Bench) -> np.ndarray:
    """Return the name of each image, (N,), or its row where the dataset is another by now."""
    if dataset is None:
        return np.array([f"row {row}" for row in bench.items], dtype=object)
    return dataset.items["original"].to_numpy(dtype=object)[bench.items]


def measured(bench: Bench, state: PointsState, only: Chosen | None = None) -> Measured:
    """Return the errors by which the images are sorted: of all points, or of the chosen one; of some images only."""
    every_image = _measured(bench, state)
    if only is None:
        return every_image
    return replace(every_image, only=only.rows, key=f"{every_image.key}-{hash(only.rows.tobytes())}")


def _measured(bench: Bench, state: PointsState) -> Measured:
    off = state.errors(bench)
    words = guard.escape(state.words)
    if state.point is None:
        errors = points_bench.per_image(off)
        return Measured(
            errors, f"mean error of the image's points ({words})", f"all-{state.norm.kind}", "", _note(errors, state)
        )
    name = bench.names[state.point]
    errors = off[:, state.point]
    by = f"error of point {guard.escape(name)} ({words})"
    return Measured(
        errors, by, f"{state.point}-{state.norm.kind}", f"point {name}", _note(errors, state, name), state.point
    )


def _note(errors: np.ndarray, state: PointsState, name: str = "") -> list[str]:
    """Return what is said of each image: the error that it is sorted by."""
    unit = state.norm.unit
    head = f"{name}: " if name else "mean error "
    return ["" if np.isnan(value) else f"{head}{three_digits(float(value))} {unit}" for value in errors.tolist()]
