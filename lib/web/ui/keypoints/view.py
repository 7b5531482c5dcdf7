"""The keypoint bench: its numbers, the worst images beside the error map, and its sections."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import streamlit as st

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.evaluation import results
from lib.evaluation.keypoints import errors as points_bench
from lib.evaluation.keypoints.errors import Bench
from lib.tasks.base import Task
from lib.tasks.code import panels
from lib.tasks.types import Predictions, three_digits
from lib.training.runs import Run
from lib.web.ui import address, guard, lazy_tabs, theme
from lib.web.ui.analyze import images, line, other_runs, show_code, worst
from lib.web.ui.analyze import numbers as analyze_numbers
from lib.web.ui.analyze.images import Measured
from lib.web.ui.keypoints import (
    choice,
    curves,
    error_map,
    failures,
    filter,
    headline,
    missing,
    numbers,
    swaps,
    table,
    uncertainty,
)
from lib.web.ui.keypoints import state as points_state
from lib.web.ui.keypoints.filter import Chosen, Only
from lib.web.ui.keypoints.state import PointsState


def show(run: Run, dataset: Dataset, task: Task, predictions: Predictions, split: str) -> None:
    """Show the bench of ``split``: the numbers, the worst images beside the error map, then one question a section."""
    bench, key = results.bench(run, split), f"{run.id}-{split}-{results.version(run)}"
    same = dataset if dataset.revision == run.config.revision else None
    state = points_state.read(bench)
    numbers_key = f"{key}-{hash(bench.groups.tobytes())}"
    head = numbers.headline(bench, state, key=numbers_key)
    above, left, right = theme.opening("points", (theme.WIDE, theme.BESIDE))
    with above:
        line.show(run, headline.words(head, state, bench.names))
        choice.controls(bench, dataset, state, head, key=key)
    with left:
        worst.show(run, dataset, task, predictions, split, measured(bench, state))
    if bench.known.any():
        with right:
            error_map.show(bench, state, task.lines(same) if same else [], key=numbers_key)
    shown = _Shown(run, dataset, same, task, predictions, split, bench, state)
    tabs = _tabs(shown, not np.isnan(head.mean.value), key, numbers_key)
    lazy_tabs.show(tabs, key=f"bench-tabs-{run.id}", in_address=address.TAB)


@dataclass(frozen=True)
class _Shown:
    """What is shown; ``same`` is the dataset where it is still the one that the run learned from."""

    run: Run
    dataset: Dataset
    same: Dataset | None
    task: Task
    predictions: Predictions
    split: str
    bench: Bench
    state: PointsState

    def pictures(self, only: Chosen | None = None) -> None:
        """Show the gallery of all images, or of some: another order or page needs nothing else of the page."""
        shown = measured(self.bench, self.state, only)
        st.fragment(images.show)(
            self.run,
            self.dataset,
            self.task,
            self.predictions,
            self.run.config.thresh,
            split=self.split,
            measured=shown,
        )

    def filtered(self, draw: Callable[..., None], only: Only, *about: Any, key: str) -> None:
        """Draw a section, and below it the images that it asked for."""
        draw(*about, self.bench, self.split, self.state, _originals(self.same, self.bench), only, key=key)
        if (chosen := filter.current(only)) is not None:
            filter.line(chosen, key=key)
            self.pictures(chosen)


def _tabs(shown: _Shown, has_errors: bool, key: str, numbers_key: str) -> dict[str, dict[str, lazy_tabs.Draw]]:
    """Return the sections that have something to say of these predictions, by the titles of their tabs."""
    bench, state, split = shown.bench, shown.state, shown.split

    def asking(title: str, draw: Callable[..., None], *about: Any) -> dict[str, lazy_tabs.Draw]:
        return {title: partial(shown.filtered, draw, Only(key, title), *about, key=key)}

    def with_code(panel: str, draw: lazy_tabs.Draw) -> lazy_tabs.Draw:
        run, task, norm = shown.run, shown.task, state.norm.kind
        return show_code.below(draw, run, task, split, panel, label=state.point, norm=norm)

    def followed(
        drawn: dict[str, lazy_tabs.Draw],
        panel: str,
        about: Callable[[], Mapping[str, Any] | None],
        point: int | None = None,
    ) -> dict[str, lazy_tabs.Draw]:
        """Return sections with the lines of Python below; what they are ``about`` is known once it is drawn."""

        def both(draw: lazy_tabs.Draw) -> None:
            draw()
            if (more := about()) is not None:
                norm = state.norm.kind
                show_code.button(shown.run, shown.task, split, panel, label=point, norm=norm, more=more)

        return {title: partial(both, draw) for title, draw in drawn.items()}

    points: dict[str, lazy_tabs.Draw] = {}
    errors: dict[str, lazy_tabs.Draw] = {"Pictures": shown.pictures}
    trust: dict[str, lazy_tabs.Draw] = {}
    if bench.known.any():
        points["Per point"] = with_code(panels.PER_NAME, partial(table.show, bench, state, key=numbers_key))
    if has_errors:
        points["PCK and errors"] = with_code(panels.CURVE, partial(curves.show, bench, split, state, key=numbers_key))
        failing = asking("Where it fails", failures.show, shown.same)
        errors |= followed(failing, panels.SLICES, lambda: {"way": failures.chosen_way(key)}, state.point)
        if swaps.pairs(shown.same, bench) != []:
            about = partial(swaps.shown, shown.same, bench, key=key)
            errors |= followed(asking("Left and right", swaps.show, shown.same), panels.SWAPS, about)
        trust |= asking("How certain", uncertainty.show, shown.run)
    if not bench.known.all():
        points["Missing"] = partial(missing.show, bench, split, _originals(shown.same, bench), key=key)
    if other_runs.is_any(shown.run, split):
        trust["Compare runs"] = partial(other_runs.show, shown.run, split)
    metrics: lazy_tabs.Draw = partial(
        analyze_numbers.all_metrics, shown.task, shown.predictions, split, shown.run.config.thresh
    )
    groups: dict[str, dict[str, lazy_tabs.Draw]] = {
        "Points": points,
        "Errors": errors,
        "Trust": trust,
        "Metrics": {"All metrics": with_code(panels.METRICS, metrics)},
    }
    return {title: sections for title, sections in groups.items() if sections}


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
    head = f"{sentences.named(name, 'point')}: " if name else "mean error "
    return ["" if np.isnan(value) else f"{head}{three_digits(float(value))} {unit}" for value in errors.tolist()]
