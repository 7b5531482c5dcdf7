"""How sure the numbers at the chosen thresholds are, and the best threshold itself."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from lib.evaluation import results
from lib.metrics import bootstrap
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval
from lib.tasks.base import Task
from lib.thresholds import intervals, objectives
from lib.training.runs import Run
from lib.web.ui import guard, words
from lib.web.ui.thresholds import numbers
from lib.web.ui.thresholds.state import LabState

#: By what the best threshold is chosen whose interval is told.
_OBJECTIVE, _OPTIONS = "f_beta", {"beta": 1.0}


def show(run: Run, task: Task, split: str, state: LabState) -> None:
    """Show each number with its interval on the images of ``split``, and that of the best threshold."""
    tune, _ = results.labeled_parts(run)
    on = results.labeled(run, split)
    bounds = _interval(run.id, results.version(run), split, state.thresh.tobytes(), on, state.thresh)
    rows = [
        {
            "number": title,
            "value": numbers.formatted(float(bounds[name].value)),
            "95 % interval": bounds[name].words(numbers.formatted),
        }
        for name, title in task.decision_titles.items()
    ]
    st.caption(
        "With other images of the same kind the thresholds as shown would have, 95 times of 100, a number in its "
        f"interval: a bootstrap of {words.images(len(on), split)}."
        + (" Thresholds that were chosen on them make it too good." if split == "valid" else "")
    )
    st.table(pd.DataFrame(rows).map(guard.escape), border="horizontal", hide_index=True, alt="Intervals")
    best = _best(run.id, results.version(run), tune)
    st.markdown(
        f"The one threshold for all with the {objectives.words(_OBJECTIVE, **_OPTIONS)}, chosen on "
        f"{words.images(len(tune), 'valid')}, would lie in the interval {best.words(numbers.formatted)}."
    )


# The arguments before those with an underscore name the content: arrays make slow keys.


@st.cache_resource(max_entries=64, show_spinner=False)
def _interval(
    run: str, version: int, split: str, thresh: bytes, _decided: Decisions, _values: np.ndarray
) -> dict[str, Interval]:
    return bootstrap.interval(_decided, _values)


@st.cache_resource(max_entries=16, show_spinner=False)
def _best(run: str, version: int, _tune: Decisions) -> Interval:
    return intervals.best_interval(_tune, _OBJECTIVE, _OPTIONS)
