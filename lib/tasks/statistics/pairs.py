"""The statistics section of label co-occurrence: counts, conditional shares, lift, and pairs that stand out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from lib.core import sentences
from lib.figures import statistics
from lib.figures.base import escape
from lib.metrics.statistics import labels
from lib.metrics.statistics.labels import Cooccurrence, Pairs
from lib.tasks.statistics.labels import ask_labels, columns_shown
from lib.tasks.statistics.sections import LISTED, Ask, Section, Seen, listed
from lib.tasks.types import Panel, three_digits

#: Images that a lift is read from at least: below that it says little.
LEAST = 5
_MOST = 20  # strongest and weakest pairs
_ROWS = 200  # of a table on a page
_STRONG = 2.0  # log2 of the lift whose color is the strongest: four times as often as by chance
_MEASURES = ("Images with both", "Share: b where a is", "Lift")


def pairs(matrix: np.ndarray, seen: Seen) -> Section:
    """Return how often labels come together: counts, P(b | a), lift, and the pairs that stand out.

    Parameters
    ----------
    matrix : ndarray of shape (N, C)
        1 present, 0 absent, -1 where nobody knows.
    seen : Seen
    """
    cooccurrence = labels.cooccurrence(matrix)
    strong, weak = labels.strongest(cooccurrence, LEAST, _MOST), labels.weakest(cooccurrence, LEAST, _MOST)
    never, always = labels.never(cooccurrence), labels.always(cooccurrence)
    conditional, lift, chance = (
        labels.conditional(cooccurrence),
        labels.lift(cooccurrence),
        labels.expected(cooccurrence),
    )

    def table(which: Pairs) -> pd.DataFrame:
        a, b = which.a[:_ROWS], which.b[:_ROWS]
        return pd.DataFrame(
            {
                "label a": [seen.names[i] for i in a],
                "label b": [seen.names[i] for i in b],
                "images": cooccurrence.images[a, b],
                "by chance": chance[a, b],
                "lift": lift[a, b],
                "b where a is (%)": 100 * conditional[a, b],
                "a where b is (%)": 100 * conditional[b, a],
            }
        )

    def records(which: Pairs) -> list[dict[str, Any]]:
        return [
            {
                "a": seen.names[a],
                "b": seen.names[b],
                "images": int(cooccurrence.images[a, b]),
                "lift": float(lift[a, b]),
            }
            for a, b in zip(which.a[:LISTED].tolist(), which.b[:LISTED].tolist(), strict=True)
        ]

    numbers = {
        "images": cooccurrence.images.tolist(),
        "conditional": listed(conditional),
        "lift": listed(lift),
        "strongest": records(strong),
        "weakest": records(weak),
        "never": records(never),
        "always": records(always),
        "pairs_never": len(never.a),
        "pairs_always": len(always.a),
    }
    n_pairs = len(seen.names) * (len(seen.names) - 1) // 2
    met = int(np.count_nonzero(np.triu(cooccurrence.images, 1)))
    facts = [
        ("Pairs that occur", f"{met:,}", f"Of {n_pairs:,} pairs of labels those that at least one image has both of."),
        ("Never together", f"{len(never.a):,}", "Pairs of labels that no image has both of, though it has each alone."),
        (
            "Always together",
            f"{len(always.a):,}",
            "Pairs in which every image with the first label has the second too.",
        ),
    ]
    images = cooccurrence.images.diagonal()

    def draw(chosen: Mapping[str, Any]) -> list[Panel]:
        columns = columns_shown(chosen, images)
        measure = int(chosen.get("measure", 0))
        chart, text = _square(measure, columns, seen, cooccurrence, conditional, lift, chance)
        panels = [Panel(_MEASURES[measure], text, chart)] if len(columns) > 1 else []
        kinds = [
            (
                "Strongest pairs",
                f"Those of the largest lift, of pairs in {LEAST} images or more; below that a lift says little.",
                strong,
            ),
            (
                "Weakest pairs",
                f"Those of the smallest lift, of pairs that chance would give {LEAST} images or more.",
                weak,
            ),
            ("Never together", "The first of them would be the most frequent if chance decided.", never),
            ("Always together", "Every image that has label a has label b too, and not all images have b.", always),
        ]
        for title, text, which in kinds:
            if len(which.a):
                has = [(seen.names[a], seen.names[b]) for a, b in zip(which.a[:_ROWS], which.b[:_ROWS], strict=True)]
                more = f" The first {_ROWS} of {len(which.a):,}." if len(which.a) > _ROWS else ""
                panels.append(Panel(title, text + more, table(which), _HELPS, has if which is not never else ()))
        return panels

    asks = (Ask("measure", "Show", _MEASURES), ask_labels(seen.names, "label", "labels"))
    help = "Whether labels come together more or less often than if they had nothing to do with each other."
    return Section("together", "Labels that come together", help, numbers, facts, [], asks, draw)


_HELPS = {
    "images": "Images that have both labels.",
    "by chance": "Images that would have both if the labels had nothing to do with each other.",
    "lift": "Images divided by those of chance: 1 is nothing to do with each other, 0 is never together.",
    "b where a is (%)": "P(b | a): share of the images with a that have b too.",
    "a where b is (%)": "P(a | b): share of the images with b that have a too.",
}


def _square(
    measure: int,
    columns: np.ndarray,
    seen: Seen,
    cooccurrence: Cooccurrence,
    conditional: np.ndarray,
    lift: np.ndarray,
    chance: np.ndarray,
) -> tuple[go.Figure, str]:
    """Return the picture of one measure for ``columns``, and what it shows in words."""
    part = np.ix_(columns, columns)
    names, images = [seen.names[c] for c in columns], cooccurrence.images[part]
    share, lifts, usual = conditional[part], lift[part], chance[part]
    hover_words = np.empty((*images.shape, 3), dtype=object)
    for a, b in np.ndindex(images.shape):
        row = escape(names[a], 24), escape(names[b], 24)
        hover_words[a, b] = (*row, _cell_words(measure, images[a, b], share[a, b], lifts[a, b], usual[a, b]))
    off = ~np.eye(len(columns), dtype=bool)
    if measure == 0:
        hover_words[~off, 2] = images.diagonal()
        hover = "%{customdata[0]} and %{customdata[1]}: %{customdata[2]}"
        text = np.where(images > 0, np.char.mod("%d", images), "")
        top = float(images[off].max(initial=0))
        chart = statistics.squared(
            np.where(images > 0, images, np.nan), hover_words, names, hover=hover, text=text, limit=top, diagonal=True
        )
        return chart, "How many images have both labels; on the diagonal, gray, how many have the label."
    if measure == 1:
        hover = "%{customdata[1]} where %{customdata[0]} is: %{customdata[2]}"
        text = np.where(share > 0, np.char.add(np.char.mod("%.0f", np.nan_to_num(100 * share)), " %"), "")
        chart = statistics.squared(
            np.where(share > 0, share, np.nan), hover_words, names, hover=hover, text=text, limit=1.0, axes=("b", "a")
        )
        return (
            chart,
            "P(b | a): of the images that have the row's label a, the share that have the column's label b too.",
        )
    with np.errstate(divide="ignore"):
        strength = np.log2(lifts).clip(-_STRONG, _STRONG)
    text = np.vectorize(lambda value: "" if np.isnan(value) else three_digits(value) if value else "0", otypes=[str])(
        lifts
    )
    hover = "%{customdata[0]} and %{customdata[1]}: %{customdata[2]}"
    chart = statistics.squared(strength, hover_words, names, hover=hover, text=text, limit=_STRONG, both_ways=True)
    return chart, (
        "P(a, b) / (P(a) P(b)). Blue: together more often than by chance; orange: less often; no color: about as "
        "chance would have it. With few images it says little: see the counts."
    )


def _cell_words(measure: int, images: int, share: float, lift: float, usual: float) -> str:
    count = sentences.count(images, "image")
    if np.isnan(share) or np.isnan(lift):
        return f"{count}, not defined"
    words = (count, f"{100 * share:.3g} %, {count}", f"lift {three_digits(lift)}, {count}")
    return f"{words[measure]}, by chance {three_digits(usual)}"
