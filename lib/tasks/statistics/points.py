"""Statistics sections of keypoints: mean shape and spread, a density map, missing points, bounding boxes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.figures import statistics
from lib.metrics import points
from lib.metrics.scores import defined, mean_known
from lib.metrics.statistics import points as point_stats
from lib.metrics.statistics import values as value_stats
from lib.tasks.statistics.sections import Ask, Section, Seen, formatted, listed, percent
from lib.tasks.types import Panel

_ROWS = 200  # of a table on a page


def sections(seen: Seen) -> list[Section]:
    """Return the mean shape, where points lie, which are missing, and what they span."""
    shares = point_stats.relative(seen.targs, seen.sizes)
    boxes = [_boxes(seen)] if len(seen.names) > 1 else []
    return [_shape(shares, seen), _where_points_lie(shares, seen), _missing(seen), *boxes]


def _shape(shares: np.ndarray, seen: Seen) -> Section:
    mean, spread = point_stats.shape(shares)
    rates = point_stats.missing_rates(seen.targs)
    off = points.distances(np.broadcast_to(mean[None] * seen.sizes[:, None], seen.targs.shape), seen.targs)
    table = pd.DataFrame(
        {
            "point": list(seen.names),
            "mean x (%)": 100 * mean[:, 0],
            "mean y (%)": 100 * mean[:, 1],
            "spread of x (%)": 100 * spread[:, 0],
            "spread of y (%)": 100 * spread[:, 1],
            "mean distance (px)": mean_known(off, axis=0),
            "missing (images)": np.count_nonzero(~points.known(seen.targs), axis=0),
            "missing (%)": 100 * rates,
        }
    )
    helps = {
        "mean x (%)": "Mean place, in percent of the image's width, from the left.",
        "mean y (%)": "Mean place, in percent of the image's height, from the top.",
        "spread of x (%)": "Standard deviation of x over the images, in percent of the width.",
        "spread of y (%)": "Standard deviation of y over the images, in percent of the height.",
        "mean distance (px)": "From the mean place, in pixels of each image: the error of the mean shape.",
        "missing (images)": "Images in which it is missing: left out of the loss and of every metric.",
    }
    lines = point_stats.lines(seen.extra, seen.names)
    numbers = {
        "points": [
            {
                "point": name,
                "mean": listed(mean[k]),
                "spread": listed(spread[k]),
                "mean_distance_px": defined(float(table["mean distance (px)"][k])),
                "missing_share": defined(rates[k]),
            }
            for k, name in enumerate(seen.names)
        ],
        "mean_distance_px": defined(float(mean_known(off))),
        "lines": [[seen.names[a], seen.names[b]] for a, b in lines],
    }
    wide = np.nanargmax(table["mean distance (px)"]) if np.isfinite(table["mean distance (px)"]).any() else 0
    facts = [
        (
            "Distance to the mean shape",
            formatted(float(mean_known(off)), "px"),
            "Mean distance of a point to its mean place, over these images: how much the points spread.",
        ),
        ("Point of most spread", seen.names[wide], "The point that lies the farthest from its mean place, on average."),
    ]
    if lines:
        facts.append(("Lines", f"{len(lines):,}", "Pairs of points that a line joins, as the dataset declares."))

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        chart = statistics.mean_shape(100 * mean, 100 * spread, seen.names, lines, _aspect(seen))
        text = "Each point at its mean place, with bars of one standard deviation."
        return [
            Panel("Mean shape and spread", text, chart),
            Panel("Each point", "In percent of the image, so that images of any size compare.", table, helps),
        ]

    help = "Where each point usually is: what the baseline predicts for every image."
    return Section("shape", "Mean shape", help, numbers, facts, draw=draw)


def _where_points_lie(shares: np.ndarray, seen: Seen) -> Section:
    outside = point_stats.outside(shares)
    count, known = int(outside.sum()), int(points.known(shares).sum())
    counts = point_stats.density_map(shares)
    numbers = {"known_points": known, "outside": count, "density": counts.tolist()}
    facts = [
        ("Known points", f"{known:,}", "Over all images; the map counts those inside their image."),
        ("Outside the image", f"{count:,}", "Known points beyond an edge of their image."),
        (
            "Fullest cell",
            sentences.count(int(counts.max()), "point"),
            "The most that lie in one of the map's 40 × 40 cells.",
        ),
        ("Area used", percent(np.count_nonzero(counts) / counts.size), "Share of the map's cells with any point."),
    ]

    def draw(chosen: Mapping[str, Any]) -> list[Panel]:
        which = int(chosen.get("point", 0)) - 1
        part = shares if which < 0 else shares[:, [which]]
        mean = 100 * point_stats.shape(part).mean
        chart = statistics.density(point_stats.density_map(part), mean, _aspect(seen))
        text = "The stronger the color, the more points lie in this 40th of width and height; a cross is a mean place."
        return [Panel("Map of the points", text, chart)]

    asks = (Ask("point", "Point", ("All points", *seen.names)),) if len(seen.names) > 1 else ()
    help = "Whether points lie all over the image or always at the same place, which a model then memorizes."
    return Section("places", "Where points lie", help, numbers, facts, [], asks, draw)


def _missing(seen: Seen) -> Section:
    gone = point_stats.missing_per_image(seen.targs)
    rates, total = point_stats.missing_rates(seen.targs), int(gone.sum())
    whole, histogram = int((gone == 0).sum()), np.bincount(gone)
    numbers = {
        "missing": total,
        "share": defined(total / gone.size / len(seen.names)),
        "images_without_gap": whole,
        "images_without_point": int((gone == len(seen.names)).sum()),
        "images": histogram.tolist(),
        "share_by_point": listed(rates),
    }
    facts = [
        ("Missing", percent(total / gone.size / len(seen.names)), "Share of points that are not given."),
        ("Complete images", f"{whole:,} of {len(seen):,}", "Images that have every point."),
        ("Images without a point", f"{numbers['images_without_point']:,}", "Nothing is known of them."),
    ]
    if not total:
        return Section(
            "missing", "Missing points", "Points that are not given.", numbers, words=["No point is missing."]
        )

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        chart = statistics.counted(range(len(histogram)), histogram.tolist(), x="points missing in the image")
        order = np.argsort(-rates, kind="stable")
        table = pd.DataFrame(
            {
                "point": [seen.names[k] for k in order],
                "missing (images)": np.rint(rates[order] * len(seen)).astype(int),
                "missing (%)": 100 * rates[order],
            }
        )
        return [
            Panel("Missing points per image", "How many images miss so many points.", chart),
            Panel("Most often missing", "In how many images each point is not given.", table.head(_ROWS)),
        ]

    help = "Points that are not given: left out of the loss and of every metric."
    return Section("missing", "Missing points", help, numbers, facts, draw=draw)


def _boxes(seen: Seen) -> Section:
    boxes = point_stats.boxes(seen.targs, seen.sizes)
    of = int(np.isfinite(boxes.share).sum())
    # The median of what is known; NaN where nothing is.
    width, height, share, aspect = (float(value_stats.ranges(part[:, None]).median[0]) for part in boxes)
    numbers = {
        "images": of,
        "median_width_px": defined(width),
        "median_height_px": defined(height),
        "median_share": defined(share),
        "median_aspect": defined(aspect),
    }
    facts = [
        (
            "Usual box",
            f"{formatted(width)} × {formatted(height)} px",
            "Median width and height of the box around the points.",
        ),
        ("Share of the image", percent(share), "Median area of the box divided by the image's."),
        ("Width / height", formatted(aspect), "Median of the boxes: above 1 is wider than high."),
    ]
    words = [f"Not counted: {len(seen) - of:,} images with fewer than two known points."] if of < len(seen) else []

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        panels = []
        for title, text, values, x in (
            (
                "Share of the image",
                "Area of the box around the points, of the image's.",
                100 * boxes.share,
                "share (%)",
            ),
            ("Width / height", "Aspect of the box around the points.", boxes.aspect, "width / height"),
        ):
            edges = value_stats.edges(values)
            shares = {split: value_stats.shares_in(values[seen.split == split], edges) for split in seen.splits}
            panels.append(Panel(title, f"{text} One line a split.", statistics.steps(edges, shares, x=x)))
        return panels

    help = "The smallest upright box around an image's known points: how large and how wide what they mark is."
    return Section("boxes", "Box around the points", help, numbers, facts, words, draw=draw)


def _aspect(seen: Seen) -> float:
    """Return width divided by height of the usual picture, within what a page can show."""
    return float(np.clip(np.median(seen.sizes[:, 0] / seen.sizes[:, 1]), 0.4, 2.5))
