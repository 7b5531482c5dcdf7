"""Statistics sections of any dataset: the sizes of its pictures, and the groups that its images belong to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from lib.figures import statistics
from lib.metrics.statistics import pictures
from lib.tasks.statistics.sections import Section, Seen, formatted
from lib.tasks.types import Panel

_ROWS = 200  # of a table on a page


def sizes(seen: Seen) -> Section:
    """Return how wide and how high the pictures are."""
    distinct = pictures.sizes(seen.sizes)
    width, height = np.median(seen.sizes, axis=0)
    aspects = seen.sizes[:, 0] / seen.sizes[:, 1]
    area = seen.sizes.prod(axis=1)
    small, large = seen.sizes[int(area.argmin())], seen.sizes[int(area.argmax())]
    numbers = {
        "distinct": len(distinct.images),
        "median_width_px": float(width),
        "median_height_px": float(height),
        "smallest_px": small.tolist(),
        "largest_px": large.tolist(),
        "median_aspect": float(np.median(aspects)),
        "sizes": [
            [*size, count] for size, count in zip(distinct.values.tolist(), distinct.images.tolist(), strict=True)
        ],
    }
    facts = [
        ("Usual size", _size(width, height), "Median width and median height of the images, as shown."),
        ("Smallest", _size(*small), "The image of the fewest pixels."),
        ("Largest", _size(*large), "The image of the most pixels."),
        ("Different sizes", f"{len(distinct.images):,}", "Training squishes all of them to one square."),
        ("Width / height", formatted(float(np.median(aspects))), "Median: 1 is a square, above 1 is wider than high."),
    ]

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        if len(distinct.images) == 1:
            return []
        table = pd.DataFrame(
            {
                "width (px)": distinct.values[:, 0],
                "height (px)": distinct.values[:, 1],
                "images": distinct.images,
                "share of images (%)": 100 * distinct.images / len(seen),
            }
        )
        drawn = pictures.coarse(distinct)
        text = "The larger a mark, the more images have this size."
        return [
            Panel("Width and height", text, statistics.bubbles(drawn.values, drawn.images)),
            Panel("Most frequent sizes", "In pixels, as shown: after the camera's rotation.", table.head(_ROWS)),
        ]

    words = [f"All images have {_size(*distinct.values[0])}."] if len(distinct.images) == 1 else []
    help = "Width and height of the images in pixels."
    return Section("pictures", "Image sizes", help, numbers, facts, words, draw=draw)


def groups(seen: Seen) -> list[Section]:
    """Return how many images belong together, and whether a split divides them; [] without groups."""
    distinct = pictures.groups(seen.groups, seen.split)
    alone = int(np.count_nonzero(seen.groups == ""))
    numbers: dict[str, Any] = {"groups": len(distinct.images), "images_without_group": alone}
    if not len(distinct.images):
        return []
    divided = int(np.count_nonzero(distinct.splits > 1))
    numbers |= {
        "median_images": float(np.median(distinct.images)),
        "largest": int(distinct.images[0]),
        "in_several_splits": divided,
        "images": [
            [name, count] for name, count in zip(distinct.names.tolist(), distinct.images.tolist(), strict=True)
        ],
    }
    facts = [
        ("Groups", f"{len(distinct.images):,}", "Persons, videos or series: their images resemble each other."),
        ("Images per group", f"{np.median(distinct.images):g}", "Median over the groups."),
        ("Largest group", f"{int(distinct.images[0]):,} images", f"Of {distinct.names[0]}."),
        (
            "In several splits",
            f"{divided:,}",
            "Groups with images in more than one split: numbers of the later split look better than they are.",
        ),
    ]
    if alone:
        facts.append(("Without a group", f"{alone:,} images", "Each counts as a group of its own."))

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        images, count = np.unique(distinct.images, return_counts=True)
        chart = statistics.counted(images.tolist(), count.tolist(), x="images in the group", y="groups")
        table = pd.DataFrame({"group": distinct.names, "images": distinct.images, "splits": distinct.splits})
        helps = {"splits": "In how many splits the group has images; more than 1 is a leak."}
        return [
            Panel("Images per group", "How many groups have so many images.", chart),
            Panel("Largest groups", "The groups of the most images.", table.head(_ROWS), helps),
        ]

    return [Section("groups", "Groups", "Images that belong together.", numbers, facts, draw=draw)]


def _size(width: float, height: float) -> str:
    return f"{width:,.5g} × {height:,.5g} px"
