"""By what pictures on a map are colored: their split, their labels or numbers, or how wrong a run is about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from lib import tasks
from lib.core.arrays import Floats, Ints
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED, SPLITS
from lib.core.workspace import Workspace
from lib.datasets import derived
from lib.datasets import query as queries
from lib.datasets.cache import remember
from lib.evaluation import results
from lib.figures.base import ERROR_SCALE, NEUTRAL, PALETTE, PRED, TRUE
from lib.training import runs
from lib.training.runs import Run

#: Code of a picture of which nothing is known, and the last one of a scale.
UNKNOWN, LAST = 255, 254
#: Groups that have a mark of their own, by color and shape; a class behind them is one of the others.
MOST_GROUPS = 12
#: Shapes of marks that the browser knows: circle, square, diamond, triangle.
_SHAPES = 4
#: Shares of the numbers that lie below and above the ends of the scale.
_ENDS = (0.02, 0.98)
#: Runs whose errors are offered, the newest first.
_MOST_RUNS = 8
SPLIT, CLASSES = "split", "classes"
_LABEL, _VALUE, _ERROR = "label:", "value:", "error:"


@dataclass(frozen=True)
class Group:
    """Pictures with one mark: its color and the number of its shape."""

    name: str
    color: str
    shape: int


@dataclass(frozen=True)
class Coloring:
    """What the colors of all pictures of a dataset say.

    Attributes
    ----------
    title : str
        By what they are colored.
    codes : ndarray of uint8, shape (N,)
        Numbers of groups; or of places on the scale, from 0 to `LAST`; `UNKNOWN` where nothing is known.
    unknown : str
        What is said of those.
    groups : tuple of Group
        Empty where it is a scale.
    values : ndarray of float32, shape (N,), optional
        What is on the scale, NaN where it is not known.
    low, high : str
        Its ends in words.
    unit : str
    """

    title: str
    codes: Ints
    unknown: str
    groups: tuple[Group, ...] = ()
    values: Floats | None = None
    low: str = ""
    high: str = ""
    unit: str = ""


def options(workspace: Workspace, dataset: Dataset) -> dict[str, str]:
    """Return by what the pictures of a dataset can be colored: names for `of` and titles, the usual one first."""
    task = tasks.get(dataset.task)
    titles = {}
    if task.has_labels:
        if not task.has_several_labels:
            titles[CLASSES] = f"All {task.nouns}"
        titles |= {_LABEL + name: name for name in dataset.names}
    elif task.has_plain_numbers:
        titles |= {_VALUE + name: name for name in dataset.names}
    titles[SPLIT] = "Split"
    predicted = (run for run in runs.list_runs(workspace) if _fits(run, dataset))
    return titles | {_ERROR + run.id: "Error" for run in islice(predicted, _MOST_RUNS)}


def run_of(name: str) -> str:
    """Return the id of the run whose errors a coloring is of, "" where it is of something else.

    Examples
    --------
    >>> run_of("error:20260102-030405-abcd"), run_of("split")
    ('20260102-030405-abcd', '')
    """
    return name.removeprefix(_ERROR) if name.startswith(_ERROR) else ""


def of(workspace: Workspace, dataset: Dataset, name: str) -> Coloring:
    """Return the coloring called ``name``, one of `options`.

    Raises
    ------
    UserError
        If there is none of the kind.
    """
    task = tasks.get(dataset.task)
    kind, _, rest = name.partition(":")
    if name == SPLIT:
        return _of_split(dataset)
    if name == CLASSES and task.has_labels and not task.has_several_labels:
        return remember(dataset, ("colors", name), lambda: _of_classes(dataset))
    if kind + ":" == _LABEL and task.has_labels and rest in dataset.names:
        return _of_label(dataset, rest)
    if kind + ":" == _VALUE and task.has_plain_numbers and rest in dataset.names:
        values = task.matrix(dataset.targs, dataset.names).iloc[:, dataset.names.index(rest)]
        return _on_scale(rest, values.to_numpy(dtype=np.float32), "not known")
    if kind + ":" == _ERROR:
        run = runs.load(workspace, rest)
        if _fits(run, dataset):
            return _of_errors(run, dataset)
    raise UserError("The map cannot be colored by that: choose something else under Color.")


def _fits(run: Run, dataset: Dataset) -> bool:
    """Return whether a run predicted pictures of the dataset, whatever was edited since."""
    if run.config.dataset != dataset.name or not run.recorded():
        return False
    trained_on = run.dataset()
    return trained_on is not None and trained_on.base == dataset.base


def _of_split(dataset: Dataset) -> Coloring:
    names = (*dataset.splits(), *([EXCLUDED] if len(dataset.included) < len(dataset) else []))
    column = dataset.items["split"].to_numpy()
    codes = np.full(len(dataset), UNKNOWN, dtype=np.uint8)
    for code, name in enumerate(names):
        codes[column == name] = code
    colors = dict(zip(SPLITS, PALETTE, strict=False)) | {EXCLUDED: NEUTRAL}
    groups = [Group(name, colors[name], code % _SHAPES) for code, name in enumerate(names)]
    return Coloring("Split", codes, "in no split", tuple(groups))


def _of_label(dataset: Dataset, label: str) -> Coloring:
    cells = derived.of(dataset).matrix.column(dataset.names.index(label))
    codes = np.where(cells < 0, UNKNOWN, 1 - cells).astype(np.uint8)
    return Coloring(label, codes, "not known", (Group(label, PRED, 0), Group(f"not {label}", TRUE, 1)))


def _of_classes(dataset: Dataset) -> Coloring:
    """Return the colors of the most frequent classes, and one of all others."""
    order, matrix = queries.columns(dataset, "count"), derived.of(dataset).matrix
    shown = order if len(order) <= MOST_GROUPS else order[: MOST_GROUPS - 1]
    codes = np.full(len(dataset), UNKNOWN, dtype=np.uint8)
    if len(shown) < len(order):
        codes[queries.row_totals(dataset)[0] > 0] = len(shown)
    for code, column in enumerate(shown):
        codes[matrix.column(column) == 1] = code
    groups = [_group(dataset.names[column], code) for code, column in enumerate(shown)]
    if len(shown) < len(order):
        groups.append(Group(f"{len(order) - len(shown):,} others", NEUTRAL, 0))
    return Coloring(tasks.get(dataset.task).noun, codes, "not known", tuple(groups))


def _group(name: str, code: int) -> Group:
    """Return the mark of a group: none of the first six shares its color, none of the twelve color and shape."""
    return Group(name, PALETTE[code % len(PALETTE)], (code + code // len(PALETTE)) % _SHAPES)


def _of_errors(run: Run, dataset: Dataset) -> Coloring:
    """Return how wrong a run is about the pictures that it predicted and was not trained on."""
    task = tasks.get(run.config.task)
    errors = np.full(len(dataset), np.nan, dtype=np.float32)
    for split in run.result()["splits"]:
        preds = results.predictions(run, split)
        errors[preds.items] = task.errors(preds, task.start_thresh(run.config))
    return _on_scale(task.error_title, errors, "not predicted by this run")


def _on_scale(title: str, values: Floats, unknown: str) -> Coloring:
    """Return numbers on a scale from nearly the smallest to nearly the largest."""
    known = values[np.isfinite(values)]
    low, high = np.quantile(known, _ENDS) if len(known) else (0.0, 1.0)
    if low == high:
        low, high = float(known.min()), float(known.max())
    share = (values - low) / (high - low) if high > low else np.zeros_like(values)
    codes = np.full(len(values), UNKNOWN, dtype=np.uint8)
    is_known = np.isfinite(values)
    codes[is_known] = np.round(np.clip(share[is_known], 0, 1) * LAST)
    below = "≤ " if (known < low).any() else ""
    above = "≥ " if (known > high).any() else ""
    return Coloring(title, codes, unknown, values=values, low=f"{below}{low:.3g}", high=f"{above}{high:.3g}")


def stops() -> Sequence[Sequence[object]]:
    """Return the colors of a scale from its low end to the high one: shares and colors."""
    return ERROR_SCALE
