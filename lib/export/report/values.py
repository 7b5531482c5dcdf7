"""The parts of a report that are about numbers: predicted against true, residuals, every value."""

from __future__ import annotations

import numpy as np

from lib.core.dataset import Dataset
from lib.evaluation import regression, results
from lib.export.report import charts
from lib.export.report.charts import Plot, legend
from lib.export.report.html import Html, Section, joined, note, section, table, tag
from lib.tasks.types import Predictions, split_unit, three_digits
from lib.training import run_metrics
from lib.training.runs import Run

#: Values that have charts, at most: the table has all.
_CHARTS = 6
_BARS = 40


def parts(run: Run, dataset: Dataset | None, split: str, images: str) -> list[Section]:
    """Return the sections: predicted against true of each value, and the table of every value."""
    predictions = results.predictions(run, split)
    groups = run_metrics.groups(dataset, predictions.items)
    model = regression.numbers(predictions.preds, predictions.targs, groups)
    base = regression.numbers(predictions.baseline, predictions.targs, groups)
    frame = regression.table(predictions, model, base["mae"])
    rows = [
        [row[0], *("–" if np.isnan(value) else three_digits(float(value)) for value in row[1:])]
        for row in frame.itertuples(index=False)
    ]
    rest = len(predictions.names) - _CHARTS
    few = f" Charts of the first {_CHARTS}; the table has all." if rest > 0 else ""
    drawn = charts.drawn_rows(len(predictions.items))
    some = f" Of {images} {len(drawn):,} are drawn, evenly." if len(drawn) < len(predictions.items) else ""
    return [
        section(
            "against",
            "Predicted against true",
            note(f"On {images}. Each cross is an image; on the dashed line prediction and truth are equal.{some}{few}"),
            *(
                tag("div", _against(predictions, at, drawn), _errors(predictions, at), class_="beside")
                for at in range(min(_CHARTS, len(predictions.names)))
            ),
        ),
        section(
            "each",
            "Every value",
            note(
                "Each in its own unit. From and to: the ends of the 95 % interval of the MAE (bootstrap over groups of "
                "images)."
            ),
            table(list(frame.columns), rows, label="Every value"),
        ),
    ]


def _against(predictions: Predictions, at: int, drawn: np.ndarray) -> Html:
    preds, targs = (part[drawn, at].astype(np.float64) for part in (predictions.preds, predictions.targs))
    both = charts.around(np.concatenate([preds, targs]))
    name = predictions.names[at]
    plot = Plot(both, both, f"true {name}", f"predicted {name}", f"Predicted against true {name}", 460, 420)
    plot.line(both, both, "guide")
    plot.crosses(targs, preds, "cross pred")
    return tag("div", plot.svg())


def _errors(predictions: Predictions, at: int) -> Html:
    """Return how often each error occurs, the model's and the mean value's."""
    truth = predictions.targs[:, at].astype(np.float64)
    off, base = (part[:, at].astype(np.float64) - truth for part in (predictions.preds, predictions.baseline))
    off, base = off[np.isfinite(off)], base[np.isfinite(base)]
    name, unit = split_unit(predictions.names[at])
    ends = charts.around(np.concatenate([off, base]), 0)
    edges = np.linspace(*ends, _BARS + 1)
    heights = [np.histogram(part, edges)[0] for part in (base, off)]
    top = max(1, *(int(one.max(initial=0)) for one in heights))
    plot = Plot(
        ends,
        (0, 1.05 * top),
        f"predicted minus true {name} ({unit})" if unit else f"predicted minus true {name}",
        "images",
        f"Errors of {name}",
        460,
        420,
    )
    for height, kind in zip(heights, ("curve base", "curve pred"), strict=True):
        plot.line(np.repeat(edges, 2)[1:-1], np.repeat(height, 2), kind)
    plot.line([0, 0], [0, top], "guide")
    return tag("div", joined([plot.svg(), legend(("pred", "model"), ("base", "mean value"))]))
