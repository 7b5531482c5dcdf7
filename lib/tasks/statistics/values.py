"""Statistics sections of regression data: the range of each number, split by split, and correlations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lib.figures import statistics
from lib.figures.base import escape
from lib.metrics.scores import defined
from lib.metrics.statistics import values as value_stats
from lib.tasks.statistics.sections import Ask, Section, Seen, formatted, listed
from lib.tasks.types import Panel, split_unit, three_digits


def sections(seen: Seen) -> list[Section]:
    """Return the ranges of the numbers, and where there are several their correlations."""
    return [_values(seen), _together(seen)] if len(seen.names) > 1 else [_values(seen)]


def _values(seen: Seen) -> Section:
    parts = {"all": seen.targs, **{split: seen.targs[seen.split == split] for split in seen.splits}}
    ranges_of = {part: value_stats.ranges(values) for part, values in parts.items()}
    numbers = {
        "values": [
            {
                "value": name,
                **{
                    part: {key: defined(float(column[d])) for key, column in ranges._asdict().items()}
                    for part, ranges in ranges_of.items()
                },
            }
            for d, name in enumerate(seen.names)
        ]
    }
    table = pd.DataFrame(
        [
            {
                "value": name,
                "images": part,
                "known": int(ranges.known[d]),
                "lowest": ranges.lowest[d],
                "median": ranges.median[d],
                "mean": ranges.mean[d],
                "highest": ranges.highest[d],
                "standard deviation": ranges.spread[d],
            }
            for d, name in enumerate(seen.names)
            for part, ranges in ranges_of.items()
        ]
    )
    helps = {
        "images": "All images, or those of a split.",
        "known": "Images of which the value is known.",
        "mean": "Of the training images it is the baseline.",
        "standard deviation": "How far values are from their mean, in the value's own unit.",
    }
    whole = ranges_of["all"]
    facts = []
    if len(seen.names) == 1:
        _, unit = split_unit(seen.names[0])
        facts = [
            ("Lowest", formatted(whole.lowest[0], unit), f"The lowest {seen.names[0]}."),
            ("Median", formatted(whole.median[0], unit), "Half of the images are below."),
            ("Mean", formatted(whole.mean[0], unit), "What the baseline predicts for every image."),
            ("Highest", formatted(whole.highest[0], unit), f"The highest {seen.names[0]}."),
            ("Standard deviation", formatted(whole.spread[0], unit), "How far values are from their mean."),
        ]

    def draw(chosen: Mapping[str, Any]) -> list[Panel]:
        d = int(chosen.get("value", 0))
        edges = value_stats.edges(seen.targs[:, d])
        shares = {split: value_stats.shares_in(parts[split][:, d], edges) for split in seen.splits}
        chart = statistics.steps(edges, shares, x=escape(seen.names[d]))
        text = "Share of each split's images in each bin; where the lines differ the splits differ."
        return [
            Panel("How often each value occurs", text, chart),
            Panel("Ranges", "Each in the value's own unit.", table, helps),
        ]

    asks = (Ask("value", "Value", tuple(seen.names)),) if len(seen.names) > 1 else ()
    help = "Over what range the numbers go, and whether the splits agree."
    return Section("values", "Values", help, numbers, facts, [], asks, draw)


def _together(seen: Seen) -> Section:
    correlations = value_stats.correlations(seen.targs)
    numbers = {"correlations": listed(correlations)}

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        hover_words = np.empty((*correlations.shape, 3), dtype=object)
        for i, j in np.ndindex(correlations.shape):
            names = (escape(seen.names[k], 24) for k in (i, j))
            hover_words[i, j] = (*names, formatted(float(correlations[i, j])))
        text = np.vectorize(lambda value: "" if np.isnan(value) else f"{value:.2f}", otypes=[str])(correlations)
        hover = "%{customdata[0]} and %{customdata[1]}: %{customdata[2]}"
        chart = statistics.squared(
            correlations, hover_words, seen.names, hover=hover, text=text, limit=1.0, both_ways=True
        )
        text = "Pearson's correlation, from −1 (orange) to 1 (blue): 0 is no straight line between the two."
        return [Panel("Correlation", text, chart)]

    off = np.abs(np.where(np.eye(len(correlations), dtype=bool), np.nan, correlations))
    facts = []
    if np.isfinite(off).any():
        i, j = np.unravel_index(np.nanargmax(off), off.shape)
        facts = [
            ("Strongest", three_digits(correlations[i, j]), f"Correlation of {seen.names[i]} and {seen.names[j]}."),
        ]
    help = "Whether one number tells another."
    return Section("correlation", "Numbers that go together", help, numbers, facts, draw=draw)
