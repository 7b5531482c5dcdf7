"""Several threshold rules side by side, each reported as honestly as the images allow."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from lib.evaluation import results
from lib.metrics import intervals as metric_intervals
from lib.metrics import paired
from lib.metrics.intervals import Interval
from lib.tasks.base import Task
from lib.thresholds import objectives, tuning
from lib.thresholds import sets as threshold_sets
from lib.thresholds.sets_file import DEFAULT
from lib.thresholds.tuning import Report
from lib.training.runs import Run
from lib.web.ui import guard
from lib.web.ui.analyze import line
from lib.web.ui.thresholds import choose, numbers
from lib.web.ui.thresholds.state import LabState

#: By what the best one for all and the best one each are chosen here; other objectives are in the tab beside.
_OBJECTIVE, _OPTIONS = "f_beta", {"beta": 1.0}
#: What is compared with the default's, and how many draws say how sure that is.
_AGAINST = "f1_micro"
_VERDICTS = {
    metric_intervals.BETTER: "clearly better",
    metric_intervals.WORSE: "clearly worse",
    metric_intervals.CHANCE: "may be chance",
    metric_intervals.TOO_FEW: "too few images differ to tell",
}


def show(run: Run, task: Task, state: LabState) -> None:
    """Show default, best one for all, best one each, what is shown, and everything that is kept."""
    reports = _reports(run, state)
    st.caption(_which(reports))
    _table(run, task, reports)
    if any(report.same for report in reports.values()):
        st.warning(
            "Numbers marked “too good” are of thresholds set by hand, or loaded, while looking at these same images, "
            "with no test images to check them on: expect less on new images. Import a dataset with a test split to "
            "have a check.",
            icon=":material/visibility:",
        )


def _reports(run: Run, state: LabState) -> dict[str, Report]:
    """Return a report for each row by its name, the default's first."""
    tune, test = results.labeled_parts(run)
    sets = threshold_sets.read_all(run)
    best = objectives.words(_OBJECTIVE, **_OPTIONS)
    default = sets.pop(DEFAULT)
    reports: dict[str, Report] = {
        f"default, {default.thresh[0]:.3f}": tuning.report_fixed(tune, test, default.thresh, seen=False),
        f"one for all, {best}": choose.reported(run, _OBJECTIVE, _OPTIONS, one=True),
        f"one each, {best}": choose.reported(run, _OBJECTIVE, _OPTIONS, one=False),
    }
    if (state.thresh != default.thresh).any():
        reports["as shown now"] = tuning.report_fixed(tune, test, state.thresh)
    for name, one in sets.items():
        reports[f"kept: {name}"] = tuning.report_fixed(tune, test, one.thresh)
    return reports


def _which(reports: dict[str, Report]) -> str:
    n = max(report.n_report for report in reports.values())
    if {report.kind for report in reports.values()} == {"test"}:
        return (
            f"Thresholds were chosen on validation images; the numbers are of {n:,} test images that had no part in it."
        )
    return (
        "There are no test images. Thresholds by an objective are cross-fitted: each half of the validation images is "
        "decided with thresholds chosen on the other half. The default was not tuned."
    )


def _table(run: Run, task: Task, reports: dict[str, Report]) -> None:
    first, *_ = reports.values()
    title = f"{task.decision_titles[_AGAINST]} against the default"
    rows = []
    for name, report in reports.items():
        values = {head: numbers.formatted(report.numbers[key]) for key, head in task.decision_titles.items()}
        against = "" if report is first else _against(run, report, first)
        rows.append({"thresholds": name, "images": numbers.KINDS[report.kind], **values, title: against})
    table = pd.DataFrame(rows).map(guard.escape).rename(columns=guard.escape)
    st.table(table, border="horizontal", hide_index=True, alt="Thresholds compared")


def _against(run: Run, report: Report, default: Report) -> str:
    """Return the difference with its 95 % interval, and whether chance could have made it."""
    key = (report.predicted.tobytes(), default.predicted.tobytes())
    change = _difference(run.id, results.version(run), hash(key), report, default)
    judged = metric_intervals.judged(change)
    if judged == metric_intervals.UNKNOWN or (judged == metric_intervals.TOO_FEW and change.value):
        return "not defined"
    words = metric_intervals.difference_words(change, partial(line.signed, write="{:.3f}".format))
    return f"{words}: {_VERDICTS[judged]}" if judged in _VERDICTS else words


@st.cache_resource(max_entries=128, show_spinner=False)
def _difference(run: str, version: int, decided: int, _report: Report, _default: Report) -> Interval:
    on = _report.on
    return paired.of_decisions(_default.predicted, _report.predicted, on.truth, on.groups)[_AGAINST]
