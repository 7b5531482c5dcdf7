"""The parts of a report that are about labels: every label, confusion, calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.evaluation import calibration_report, confusion, label_table, results
from lib.evaluation.calibration import SOFTMAX
from lib.evaluation.calibration_report import Calibrated, Quality
from lib.evaluation.confusion import NOTHING, Matrix
from lib.export.report.charts import Plot, legend
from lib.export.report.html import Html, Section, joined, note, section, table, tag, text
from lib.metrics import decisions, intervals
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval
from lib.tasks.base import Task
from lib.tasks.types import three_digits
from lib.training.runs import Run

#: Labels of the confusion matrix, at most: those that are confused most; pairs in the list below it.
_READABLE, _PAIRS = 20, 15
#: How strong the color of a cell is at most, in percent.
_STRONGEST = 70


def each(run: Run, task: Task, split: str, thresh: np.ndarray, images: str) -> Section:
    """Return the table of every label with intervals."""
    decided = results.labeled(run, split)
    frame = label_table.table(decided, thresh, results.average_precision(run, split), task.noun)
    sure = label_table.intervals(decided, thresh)
    head = [name for column in frame.columns for name in ([column, "95 %"] if column in sure else [column])]
    rows = []
    for place, row in enumerate(frame.itertuples(index=False)):
        cells: list[object] = []
        for column, value in zip(frame.columns, row, strict=True):
            cells.append(cell(value))
            if column in sure:
                cells.append(ends(sure[column][place], "{:.3f}".format))
        rows.append(cells)
    return section(
        "each",
        f"Every {task.noun}",
        note(
            f"On {images}, at the thresholds of this report. In the columns 95 %: with other images of the same kind "
            "the number before it would lie there 95 times of 100 (Wilson's, images of one group counted together). –: "
            "not defined, as nothing was predicted or no image has it."
        ),
        table(head, rows, label=f"Every {task.noun}"),
    )


def cell(value: object) -> Html:
    """Return a number of a table with three decimals, or as it is where it is whole; a dash where there is none.

    Examples
    --------
    >>> cell(0.5), cell(1234), cell(float("nan")), cell("car")
    ('0.500', '1,234', '–', 'car')
    """
    if isinstance(value, (float, np.floating)):
        return text("–" if pd.isna(value) else f"{value:.3f}")
    return text(f"{value:,}" if isinstance(value, (int, np.integer)) else value)


def ends(interval: Interval, write) -> Html:
    """Return the ends of an interval, a dash where it is not defined."""
    return text(interval.words(write).replace(" to ", "–") if interval.is_defined else "–")


def confused(decided: Decisions, thresh: np.ndarray, images: str) -> Section:
    """Return the confusion matrix and the pairs that are confused most."""
    title = "Confusion"
    if not decided.known.any():
        return section(
            "confusion", title, tag("p", f"Confusions are not defined, because nothing is known of {images}.")
        )
    predicted, truth, names = decisions.predicted(decided, thresh), decided.truth, decided.names
    one_class = decided.activation == SOFTMAX
    if len(names) == 1:
        return section(
            "confusion",
            title,
            _matrix(
                confusion.matrix_of_one(predicted, truth, 0), ["absent", "present"], ["not predicted", "predicted"]
            ),
        )
    whole = confusion.matrix(predicted, truth, one_class=one_class)
    left_out = confusion.least_confused(whole, _READABLE)
    shown = whole.without(left_out)
    rows, columns = (["nothing" if one == NOTHING else names[one] for one in side] for side in shown[2:])
    others = f" {len(left_out):,} others, which are confused less, are left out." if len(left_out) else ""
    wrong = (
        ""
        if one_class
        else (
            " Off the diagonal the column's label is predicted and not true where the row's is; an image may have "
            "several labels, so rows do not add up."
        )
    )
    pairs = confusion.pairs(confusion.predicted_instead(predicted, truth), predicted, truth, _PAIRS)
    listed = [
        (names[b], names[a], f"{count:,}", f"{100 * share:.3g} %", f"{100 * usual:.3g} %")
        for b, a, count, share, usual in zip(*(part.tolist() for part in pairs), strict=True)
    ]
    head = ("true", "predicted", "images", "of the true", "of all others")
    return section(
        "confusion",
        title,
        note(f"Images of {images}. Rows: the true one, columns: the predicted one.{wrong}{others}"),
        _matrix(shown, rows, columns),
        tag("h3", "Confused most often"),
        table(head, listed, label="Confused most often", names=2)
        if listed
        else tag("p", "Nothing is confused with another one."),
    )


def _matrix(shown: Matrix, rows: list[str], columns: list[str]) -> Html:
    shares, right = np.nan_to_num(shown.shares), shown.right
    top = float(np.where(right, 0, shares).max(initial=0)) or 1.0
    head = tag("tr", tag("td", ""), *(tag("th", tag("span", name), scope="col", class_="up") for name in columns))
    body = []
    for r, name in enumerate(rows):
        cells = []
        for c in range(len(columns)):
            share = shares[r, c] if right[r, c] else shares[r, c] / top
            kind = "right" if right[r, c] else "wrong"
            count = int(shown.counts[r, c])
            cells.append(
                tag(
                    "td",
                    f"{count:,}" if count else "·",
                    class_=kind,
                    style=f"--mix:{_STRONGEST * share:.0f}%",
                    title=f"{name} → {columns[c]}: {count:,} of {int(shown.totals[r]):,}",
                )
            )
        body.append(tag("tr", tag("th", name, scope="row"), *cells))
    inside = tag(
        "table",
        tag("thead", head),
        tag("tbody", *body),
        class_="matrix",
        aria_label="Confusion matrix, rows true, columns predicted",
    )
    return tag("div", inside, class_="table", tabindex=0, role="region", aria_label="Confusion matrix")


def calibrated(run: Run) -> Section:
    """Return how often what is said with a probability is true, before and after one temperature."""
    title = "Calibration"
    splits = list(run.result()["splits"])
    tune = results.labeled(run, splits[0])
    other = results.labeled(run, splits[1]) if len(splits) > 1 else None
    measured = calibration_report.measured(tune, other)
    shown, name = (tune, splits[0]) if other is None else (other, splits[1])
    images = f"{len(shown):,} {name} images"
    if measured.before is None:
        return section(
            "calibration", title, tag("p", f"Calibration is not defined, because nothing is known of {images}.")
        )
    columns: list[tuple[str, Quality]] = [("model", measured.before)]
    if measured.after is not None:
        columns.append((f"with T = {measured.temperature:.3g}", measured.after))
    rows = [
        (words, *(three_digits(getattr(quality, field)) for _, quality in columns)) for field, words in _QUALITY.items()
    ]
    return section(
        "calibration",
        title,
        note(
            f"Of what is said with a probability of 0.8, eight of ten should be true. On {images}; smaller is better. "
            + _temperature(measured, len(tune), splits[0])
        ),
        tag(
            "div",
            tag("div", _reliability(measured, shown)),
            table(("number", *(head for head, _ in columns)), rows, label="Calibration numbers"),
            class_="beside",
        ),
        _of_labels(measured, shown),
    )


_QUALITY = {
    "ece": "Expected calibration error",
    "ece_by_chance": "… by chance alone",
    "mce": "Largest gap of a bin",
    "nll": "Negative log-likelihood (nats)",
    "brier": "Brier score",
}


def _temperature(measured: Calibrated, n: int, split: str) -> str:
    if measured.why_not:
        return f"The temperature is not defined, because {measured.why_not}."
    how = "; each half of the images is measured with the temperature of the other half" if measured.crossed else ""
    effect = {
        intervals.BETTER: "makes the truth likelier",
        intervals.TOO_FEW: "cannot be judged on so few images",
    }.get(
        intervals.judged(measured.gain),
        "does not make the truth likelier beyond chance: leave the probabilities as they are",
    )
    return f"One temperature, T = {measured.temperature:.3g}, fitted on {n:,} {split} images{how}, {effect}."


def _reliability(measured: Calibrated, shown: Decisions) -> Html:
    assert measured.before is not None
    plot = Plot((0, 1), (0, 1), "mean predicted probability", "observed frequency", "Reliability diagram", 460, 400)
    plot.line([0, 1], [0, 1], "guide")
    sides = [(measured.before.bins, "pred")] + ([(measured.after.bins, "after")] if measured.after else [])
    for bins, kind in sides:
        sure = intervals.wilson(bins.share, bins.count)
        for p, low, high in zip(bins.mean_p, sure.low, sure.high, strict=True):
            plot.line([p, p], [low, high], f"whisker {kind}")
        titles = [
            f"{share:.3f} of {sentences.count(int(n), 'label')} at a mean probability of {p:.3f}"
            for p, share, n in zip(bins.mean_p, bins.share, bins.count, strict=True)
        ]
        plot.circles(bins.mean_p, bins.share, f"dot {kind}", titles)
    key = [("pred", "model")] + ([("after", f"with T = {measured.temperature:.3g}")] if measured.after else [])
    return joined([plot.svg(), legend(*key, ("guide", "equal"))])


def _of_labels(measured: Calibrated, shown: Decisions) -> Html:
    own = measured.labels
    if own is None:
        return Html("")
    columns = (own.count, own.mean_p, own.share, own.mean_p - own.share, own.before, own.after)
    head = ("label", "known", "mean probability", "share present", "difference", "error", "error with T")
    rows = [(name, *map(cell, values)) for name, *values in zip(shown.names, *columns, strict=True)]
    return table(head, rows, label="Calibration of each label")
