"""A small button below a panel that unfolds the lines of Python behind it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from lib.core import people
from lib.evaluation import results
from lib.tasks.base import Task
from lib.tasks.code import epochs, panels
from lib.tasks.code.panels import Asked
from lib.training import events
from lib.training.runs import Run
from lib.web.ui.lazy_tabs import Draw

_PREDICTIONS = "All predictions of this run with what is true: what these lines read."


def below(
    draw: Draw,
    run: Run,
    task: Task,
    split: str,
    panel: str,
    thresh: float | np.ndarray = 0.0,
    *,
    label: int | None = None,
    norm: str = "px",
    more: Mapping[str, Any] | None = None,
) -> Draw:
    """Return what draws a panel, and below it the `button`, whose parameters are these."""

    def both() -> None:
        draw()
        button(run, task, split, panel, thresh, label=label, norm=norm, more=more)

    return both


def button(
    run: Run,
    task: Task,
    split: str,
    panel: str,
    thresh: float | np.ndarray = 0.0,
    *,
    label: int | None = None,
    norm: str = "px",
    more: Mapping[str, Any] | None = None,
) -> None:
    """Show the button of a panel, none where the task has no lines for it.

    Parameters
    ----------
    run : Run
    task : Task
    split : str
    panel : str
        One of `lib.tasks.code.panels`.
    thresh : float or ndarray of shape (C,)
    label : int, optional
        Which label, point or value is looked at; None for all.
    norm : str
        What errors of points are divided by.
    more : mapping, optional
        What else the panel shows, see `lib.tasks.code.panels.Asked`.
    """
    predictions = results.predictions(run, split)
    names = predictions.names
    asked = Asked(
        path=_written(run.folder / events.PREDS),
        split=split,
        names=names,
        thresh=np.broadcast_to(np.asarray(thresh, dtype=np.float32), len(names)),
        label=label,
        norm=norm,
        has_unknown=bool(task.has_unknown(predictions.targs)),
        more=more or {},
    )
    if code := task.panel_code(panel, asked):
        key = f"{panel}-{run.id}-{split}"
        _unfold(code, key, ("Predictions (safetensors)", run.folder / events.PREDS, events.PREDS, _PREDICTIONS))


def of_comparison(run: Run, other: Run, task: Task, split: str, *, label: int | None = None, norm: str = "px") -> None:
    """Show the button of a comparison of two runs of one dataset; the parameters are those of `button`."""
    names = results.predictions(run, split).names
    mine, theirs = run.folder / events.PREDS, other.folder / events.PREDS
    called = f"{other.id}-{events.PREDS}"
    asked = Asked(
        path=_written(mine),
        split=split,
        names=names,
        thresh=np.zeros(len(names), dtype=np.float32),
        label=label,
        norm=norm,
        more={"other": called if people.at_work() else str(theirs)},
    )
    if code := task.panel_code(panels.COMPARISON, asked):
        files = (
            ("Predictions (safetensors)", mine, events.PREDS, _PREDICTIONS),
            ("Those of the other run", theirs, called, "The same of the run that it is compared with."),
        )
        _unfold(code, f"{panels.COMPARISON}-{run.id}-{split}", *files)


def of_training(run: Run, metric: str) -> None:
    """Show the button of the curves of a training; ``metric`` is one that it recorded."""
    path = run.folder / events.EVENTS
    code = epochs.lines(_written(path), metric)
    what = "What the run said while it was trained, a line an event: what these lines read."
    _unfold(code, f"curves-{run.id}", ("Events (JSON lines)", path, events.EVENTS, what))


def _written(path: Path) -> str:
    """Return how a file is called in the lines: where others work on the server, not where it lies there."""
    return path.name if people.at_work() else str(path)


def _unfold(code: str, key: str, *files: tuple[str, Path, str, str]) -> None:
    """Show the button; ``files`` are the title, path, name and meaning of each file that the lines read."""
    with st.popover("Show the code", icon=":material/code:", type="tertiary", key=f"code-of-{key}"):
        st.code(code, language="python")
        for place, (title, path, name, what) in enumerate(files):
            st.download_button(
                title,
                data=path.read_bytes,
                file_name=name,
                icon=":material/download:",
                key=f"file-{place}-of-{key}",
                help=what,
                on_click="ignore",
            )
