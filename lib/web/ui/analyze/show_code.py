"""A small button below a panel that unfolds the lines of Python behind it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib.core import people
from lib.evaluation import results
from lib.tasks.base import Task
from lib.tasks.code.panels import Asked
from lib.training import events
from lib.training.runs import Run
from lib.web.ui.lazy_tabs import Draw


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
) -> Draw:
    """Return what draws a panel, and below it the button.

    Parameters
    ----------
    draw : callable
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
    """

    def both() -> None:
        draw()
        path = run.folder / events.PREDS
        predictions = results.predictions(run, split)
        names = predictions.names
        asked = Asked(
            path=path.name if people.at_work() else str(path),
            split=split,
            names=names,
            thresh=np.broadcast_to(np.asarray(thresh, dtype=np.float32), len(names)),
            label=label,
            norm=norm,
            has_unknown=bool(task.has_unknown(predictions.targs)),
        )
        if not (code := task.panel_code(panel, asked)):
            return
        key = f"{panel}-{run.id}-{split}"
        with st.popover("Show the code", icon=":material/code:", type="tertiary", key=f"code-of-{key}"):
            st.code(code, language="python")
            st.download_button(
                "Predictions (safetensors)",
                data=path.read_bytes,
                file_name=path.name,
                icon=":material/download:",
                key=f"preds-of-{key}",
                help="All predictions of this run with what is true: what these lines read.",
                on_click="ignore",
            )

    return both
