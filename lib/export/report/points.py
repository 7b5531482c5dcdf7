"""The parts of a report that are about keypoints: the error map, shares within a distance, every point."""

from __future__ import annotations

import numpy as np

from lib import tasks
from lib.core.dataset import Dataset
from lib.evaluation import results
from lib.evaluation.keypoints import errors, failures, headline, point_table
from lib.evaluation.keypoints.headline import Headline
from lib.export.report import charts
from lib.export.report.charts import Plot, legend
from lib.export.report.html import Html, Section, joined, note, section, table, tag
from lib.metrics import means
from lib.tasks.types import three_digits
from lib.training.runs import Run

#: Errors beyond this share of all are outside of the chart.
_SHOWN = 0.98


def parts(run: Run, dataset: Dataset | None, split: str, images: str) -> list[Section]:
    """Return the sections: the error map beside the shares within a distance, and the table of every point."""
    bench = results.bench(run, split)
    norm = bench.norm("px")
    limit = errors.default_limit(bench, norm)
    off, base = norm.of(bench.distances), norm.of(bench.baseline_distances)
    each, interval = errors.per_point(off, base, limit), means.mean(off, bench.groups)
    whole = headline.headline(bench, norm, limit, None)
    unit = norm.unit
    words = _words(whole, unit, limit)
    shape = charts.error_map(
        failures.drawn_shape(bench),
        bench.names,
        each.mean,
        tasks.get(run.config.task).lines(dataset) if dataset else [],
        unit,
    )
    frame = point_table.frame(bench, unit, each, interval, point_table.ranked(each.mean))
    rows = [[row[0], *(_cell(value) for value in row[1:])] for row in frame.itertuples(index=False)]
    return [
        section(
            "map",
            "Error of each point",
            note(
                f"On {images}. {words} First the mean shape of the true points, each as large "
                "and as orange as its mean error."
            ),
            tag("div", shape, tag("div", _within(off, base, unit, limit)), class_="beside"),
        ),
        section(
            "each",
            "Every point",
            note(
                f"The worst first, errors in {unit} of the original images. From and to: the ends of the 95 % interval "
                f"of the mean (bootstrap over groups of images). PCK: share of errors of at most {limit:g} {unit}."
            ),
            table(list(frame.columns), rows, label="Every point"),
        ),
    ]


def _words(whole: Headline, unit: str, limit: float) -> str:
    if np.isnan(whole.mean.value):
        return "No point is labeled in them."
    return (
        f"Mean error {three_digits(float(whole.mean.value))} {unit} "
        f"(95 % interval {whole.mean.words(three_digits)}), mean shape {three_digits(whole.baseline.error)} {unit}; "
        f"{100 * whole.shares.within:.3g} % of the points are within {limit:g} {unit} (mean shape "
        f"{100 * whole.baseline_shares.within:.3g} %)."
    )


def _within(off: np.ndarray, base: np.ndarray, unit: str, limit: float) -> Html:
    known = np.concatenate([off[~np.isnan(off)], base[~np.isnan(base)]])
    top = float(np.quantile(known, _SHOWN)) if len(known) else 1.0
    limits = np.linspace(0, top or 1.0, 120)
    plot = Plot(
        (0, float(limits[-1])),
        (0, 1),
        f"distance from the true place ({unit})",
        "share of points within",
        "Share of points within each distance",
        460,
        400,
    )
    plot.line([limit, limit], [0, 1], "guide")
    plot.line(limits, errors.share_within(np.where(np.isnan(off), np.nan, base), limits), "curve base")
    plot.line(limits, errors.share_within(off, limits), "curve pred")
    return joined([plot.svg(), legend(("pred", "model"), ("base", "mean shape"), ("guide", f"{limit:g} {unit}"))])


def _cell(value: float) -> str:
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    return "–" if np.isnan(value) else three_digits(float(value))
