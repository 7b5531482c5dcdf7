"""A run's predictions and thresholds as a table for a spreadsheet or as JSON for a program.

Numbers are written with as few decimals as their float32 needs: comparing the written ones with the written
thresholds gives the same decisions.
"""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from lib import tasks
from lib.core import workspace
from lib.core.decimals import plain
from lib.core.errors import UserError
from lib.export.tables import as_csv
from lib.thresholds import sets
from lib.thresholds.sets_file import ThresholdSet, by_label
from lib.training.runs import Run


def table(run: Run, split: str, one: ThresholdSet) -> pd.DataFrame:
    """Return every prediction of ``run`` for ``split``: ``file``, ``split``, then what the task exports.

    Parameters
    ----------
    run : Run
    split : str
    one : ThresholdSet
        Tasks without thresholds ignore it.

    Returns
    -------
    pandas.DataFrame
        ``file`` is the picture's name where it came from; if the dataset is gone or has changed since the training,
        the number of its row. Texts are as they are, see `lib.core.formulas.safe`.

    Raises
    ------
    UserError
        If the run has no such predictions.
    """
    predictions = run.predictions(split)
    files = _files(run, predictions.items)
    values = tasks.get(run.config.task).export_table(predictions, one.thresh)
    return pd.concat([pd.DataFrame({"file": files, "split": split}, dtype=object), values], axis=1)


def csv_bytes(run: Run, split: str, one: ThresholdSet) -> bytes:
    """Return `table` as CSV, UTF-8 with the mark that spreadsheets know it by; texts are made safe.

    Raises
    ------
    UserError
        As `table`.
    """
    return as_csv(table(run, split, one))


def json_bytes(run: Run, split: str, one: ThresholdSet) -> bytes:
    """Return `table` as JSON with the run, its dataset and the thresholds; what is missing is null.

    Returns
    -------
    bytes
        ``run, dataset, revision, task, split, images, thresholds, columns, rows``. ``thresholds`` is null where the
        task has none, else ``name, split, objective, options, created, note`` and ``labels``, each one's threshold,
        and ``costs``, those of each label, where it was chosen by them.

    Raises
    ------
    UserError
        As `table`, or if two labels have one name.
    """
    frame = table(run, split, one)
    task = tasks.get(run.config.task)
    return _json(
        {
            "run": run.id,
            "dataset": run.config.dataset,
            "revision": run.config.revision,
            "task": task.name,
            "split": split,
            "images": len(frame),
            "thresholds": _thresholds(run, one) if task.has_labels else None,
            "columns": list(frame.columns),
            "rows": list(zip(*(_plain_column(frame.iloc[:, c]) for c in range(frame.shape[1])), strict=True)),
        }
    )


def thresholds_bytes(run: Run, one: ThresholdSet) -> bytes:
    """Return the thresholds alone as JSON: ``{"run": ..., "name": ..., "thresholds": {label: value}}``.

    A label is present where its probability is above its value, strictly. Where thresholds were chosen by the costs of
    each label, these stand there too, as ``costs``: ``[miss, alarm]`` by label.

    Raises
    ------
    UserError
        If the run has no result, the task no thresholds, or two labels have one name.
    """
    if not tasks.get(run.config.task).has_labels:
        raise UserError(f"The run {run.id} is of the task {run.config.task}, which has no thresholds to export.")
    labels = sets.labels(run)
    costs = {"costs": one.costs} if one.costs else {}
    return _json({"run": run.id, "name": one.name, **costs, "thresholds": by_label(one, labels)}, indent=1)


def file_name(run: Run, split: str, one: ThresholdSet, suffix: str) -> str:
    """Return the usual name of an export; the thresholds' name is in it where the task has some.

    Parameters
    ----------
    run : Run
    split : str
        "" for the thresholds alone.
    one : ThresholdSet
    suffix : str
        ``csv`` or ``json``.
    """
    name = workspace.slug(one.name, "thresholds") if tasks.get(run.config.task).has_labels else ""
    return "-".join(part for part in (run.id, split, name) if part) + f".{suffix}"


def _files(run: Run, items: np.ndarray) -> list[str]:
    dataset = run.dataset()
    if dataset is None or (len(items) and not 0 <= items.min() <= items.max() < len(dataset)):
        return [f"row {item} of {run.config.dataset}" for item in items]
    return [str(name) for name in dataset.items["original"].to_numpy()[items]]


def _thresholds(run: Run, one: ThresholdSet) -> dict[str, Any]:
    about = {key: getattr(one, key) for key in ("name", "split", "objective", "options", "created", "note")}
    return {**about, **({"costs": one.costs} if one.costs else {}), "labels": by_label(one, sets.labels(run))}


def _plain_column(column: pd.Series) -> list[Any]:
    """Return a column's values as JSON takes them."""
    if column.dtype == object:
        return column.tolist()
    if np.issubdtype(getattr(column.dtype, "numpy_dtype", column.dtype), np.floating):
        return [plain(value) if math.isfinite(value) else None for value in column.to_numpy(np.float32)]
    return [None if value is pd.NA else int(value) for value in column]


def _json(value: Any, indent: int | None = None) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent) + "\n").encode()
