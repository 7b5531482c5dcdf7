"""Making the report of a run: everything that is worked out for it, and the file, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lib import tasks
from lib.core import files, times
from lib.core.config import QUICK, WITH_MODEL
from lib.core.dataset import Dataset
from lib.core.errors import DamagedError, UserError, reason
from lib.evaluation import results
from lib.export.report import drag, labels, page, pictures, points, record, values
from lib.export.report.html import Html, Section, note, section, table, tag
from lib.metrics import bootstrap, counts, means
from lib.metrics.intervals import Interval
from lib.metrics.scores import METRICS
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.thresholds import sets
from lib.thresholds.sets_file import DEFAULT
from lib.training import run_metrics
from lib.training.runs import Run

#: Is told how much of a step is done, of how much (0 while unknown), and the step in words.
Tell = Callable[[int, int, str], None]
#: The parts of a task whose predictions no threshold changes, by its ``bench``.
_BENCHES = {"points": points.parts, "values": values.parts}
_HTML = (".html", ".htm")


@dataclass(frozen=True)
class Made:
    """What was written: the file, its bytes, the split, the name of the thresholds, and how many pictures are in it."""

    path: Path
    size: int
    split: str
    thresholds: str
    pictures: int


def write(run: Run, path: Path, *, split: str = "", thresholds: str = DEFAULT, tell: Tell = lambda *_: None) -> Made:
    """Write the report of ``run`` to ``path``, over what is there.

    Parameters
    ----------
    run : Run
    path : pathlib.Path
        Ends in .html; its folder is there.
    split : str
        Whose images are shown; by default the first that the run predicted.
    thresholds : str
        Name of a kept set.
    tell : callable

    Raises
    ------
    UserError
        If the run has no predictions, or none of ``split``, there are no such thresholds, or it cannot be written.
    """
    check(run, path)
    content = html(run, split=split, thresholds=thresholds, tell=tell)
    packed = content.encode("utf-8", errors="replace")
    tell(0, 0, "Writing the file")
    try:
        with files.replacing(path, is_shared=True) as partial:
            partial.write_bytes(packed)
    except OSError as error:
        raise UserError(
            f"The report {path} cannot be written ({reason(error)}): make room, or choose another place."
        ) from error
    return Made(path, len(packed), _split(run, split), thresholds, content.count('<img src="data:'))


def check(run: Run, path: Path) -> None:
    """Look, within no time, whether a report of ``run`` can be made at ``path``; raises as `write`."""
    if run.config.kind not in WITH_MODEL:
        raise UserError(f"The run {run.id} has no predictions: choose a training or a quick model, see `runs`.")
    run.result()
    if damage := run.damage():
        raise DamagedError(damage)
    if path.suffix.lower() not in _HTML:
        raise UserError(f"{path.name} ends in {path.suffix!r}: expected a name that ends in .html.")
    if path.is_dir() or not path.parent.is_dir():
        raise UserError(f"{path} cannot be a file: expected a name in a folder that exists.")


def html(run: Run, *, split: str = "", thresholds: str = DEFAULT, tell: Tell = lambda *_: None) -> str:
    """Return the report as the text of one HTML file; see `write`."""
    split = _split(run, split)
    task, dataset = tasks.get(run.config.task), run.dataset()
    predictions = results.predictions(run, split)
    images = f"{len(predictions.items):,} {drag.TITLES[split]} images"
    thresh: float | np.ndarray = run.config.thresh
    if task.has_labels:
        # As the Analyze page has them: in thousandths, so that the drag begins where the tables are.
        thresh = counts.grid()[counts.nearest(sets.get(run, thresholds).thresh)]
    tell(0, 0, "Working out numbers and intervals")
    parts, dragged = _parts(run, task, dataset, split, thresh, images, tell)
    tell(0, 0, "Making small copies of the worst pictures")
    errors, by = task.errors(predictions, thresh), task.error_title
    missing = record.why_missing(run) if dataset is None else ""
    worst = pictures.worst(task, dataset, predictions, thresh, errors, by, images, missing)
    tell(0, 0, "Checking the data")
    sections = [
        parts[0],
        _numbers(run, task, thresh),
        parts[1],
        worst,
        *parts[2:],
        record.data_card(run, dataset, missing),
        record.checked(dataset),
        record.provenance(run, thresholds),
    ]
    title = f"{run.name or run.id} · {run.config.dataset}"
    return page.page(title, _head(run, task, dataset, split, thresh, images, thresholds), sections, dragged)


def _split(run: Run, split: str) -> str:
    splits = list(run.result()["splits"])
    if split and split not in splits:
        raise UserError(f"The run {run.id} predicted no {split} images: choose {' or '.join(splits)}.")
    return split or splits[0]


def _parts(
    run: Run, task: Task, dataset: Dataset | None, split: str, thresh: float | np.ndarray, images: str, tell: Tell
) -> tuple[list[Section], dict[str, Any] | None]:
    """Return what is shown of the task's predictions, the picture first, and what the drag needs."""
    if task.bench:
        return _BENCHES[task.bench](run, dataset, split, images), None
    at = np.asarray(thresh)
    dragged = drag.data(run, task, split, at, tell)
    tell(0, 0, "Working out numbers and intervals")
    decided = results.labeled(run, split)
    return [
        _drag(run, split),
        labels.each(run, task, split, at, images),
        labels.confused(decided, at, images),
        labels.calibrated(run),
    ], dragged


def _drag(run: Run, split: str) -> Section:
    tune, *others = run.result()["splits"]
    trust = (
        f"Choose thresholds on the {drag.TITLES[tune]} images, and trust the numbers on the {drag.TITLES[others[0]]} "
        "images."
        if others
        else f"There are no test images: thresholds that are chosen on the {drag.TITLES[tune]} images make their "
        "numbers too good."
    )
    return section(
        "drag",
        "Drag the threshold",
        note(
            "Drag the line, here and in each small plot: every number follows, worked out in this page from all "
            f"predictions. The tables below stay as the report was made. {trust}"
        ),
        tag("div", tag("div", class_="lab"), id="report-lab"),
        tag("noscript", tag("p", "The drag needs JavaScript, which is inside of this file and off in this browser.")),
    )


def _head(
    run: Run, task: Task, dataset: Dataset | None, split: str, thresh: float | np.ndarray, images: str, thresholds: str
) -> Html:
    predictions = results.predictions(run, split)
    of = run_metrics.groups(dataset, predictions.items)
    interval = run_metrics.headline(task, predictions, task.decisions(predictions, of), of, thresh)
    names = predictions.names

    def number(value: float) -> str:
        return task.format(None if np.isnan(value) else float(value), names)

    ends = f" ({interval.words(number)})" if interval.is_defined else ""
    base = task.format(task.headline(predictions.by_baseline, thresh), names)
    own, other = (task.wrongness(one, thresh) for one in (predictions, predictions.by_baseline))
    gain = run_metrics.gain_words(run, means.pooled_difference(other, own, of))
    kept = f" {run_metrics.KEPT_QUICK}" if run.result().get("kept") == QUICK else ""
    at = f"Thresholds: {thresholds}. " if task.has_labels else ""
    return tag(
        "div",
        tag("p", f"Report of {task.title.lower()} on {run.config.dataset}", class_="kind"),
        tag("h1", run.name or run.id),
        tag(
            "p",
            tag("b", f"{task.metric_title} {number(interval.value)}"),
            f"{ends} on {images} · {task.baseline_title} ",
            tag("b", base),
            class_="headline",
        ),
        tag("p", f"{gain}{kept}"),
        note(
            f"Run {run.id}, {run.config.arch} at {run.config.size} px, revision {run.config.revision} of the dataset. "
            f"{at}In parentheses the 95 % interval. Made {times.day_and_time(times.utc())} by Manyhot."
        ),
    )


def _numbers(run: Run, task: Task, thresh: float | np.ndarray) -> Section:
    """Return all metrics of each split with the baseline's beside them."""
    splits = list(run.result()["splits"])
    every = {split: results.predictions(run, split) for split in splits}
    metrics = {
        split: (task.metrics(one, thresh), task.metrics(one.by_baseline, thresh)) for split, one in every.items()
    }
    sure = {split: _sure(run, task, split, one, thresh) for split, one in every.items()}
    quick = {split: task.metrics(one.by_quick, thresh) for split, one in every.items() if one.quick is not None}
    names = run.names()
    head: list[str] = ["metric"]
    for split in splits:
        head += [f"{drag.TITLES[split]} ({len(every[split].items):,})", "95 %", task.baseline_title]
        head += [run_metrics.QUICK_MODEL] if split in quick else []
    rows = []
    for name in metrics[splits[0]][0]:
        row: list[object] = [METRICS[name].title if name in METRICS else name]
        for split in splits:
            own, base = metrics[split]
            interval = sure[split].get(name)
            row += [task.format(own[name], names, name), "–", task.format(base[name], names, name)]
            if interval is not None and interval.is_defined:
                row[-2] = interval.words(partial(_written, task, names, name))
            row += [task.format(quick[split][name], names, name)] if split in quick else []
        rows.append(row)
    helps = " ".join(
        f"{METRICS[name].title}: {METRICS[name].help}" for name in metrics[splits[0]][0] if name in METRICS
    )
    return section("numbers", "Numbers", table(head, rows, label="All metrics"), note(helps))


def _written(task: Task, names: Sequence[str], metric: str, value: float) -> str:
    return task.format(value, names, metric)


def _sure(
    run: Run, task: Task, split: str, predictions: Predictions, thresh: float | np.ndarray
) -> dict[str, Interval]:
    """Return the intervals of metrics by name, as the Analyze page works them out."""
    of = run_metrics.groups(run.dataset(), predictions.items)
    decided = results.decisions(run, split)
    known = bootstrap.interval(decided, thresh) if decided is not None and task.decision_titles else {}
    return {**known, task.metric: run_metrics.headline(task, predictions, decided, of, thresh)}
