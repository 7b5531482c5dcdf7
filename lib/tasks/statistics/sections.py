"""What are a dataset's statistics made of? Sections: numbers, words, pictures that answer to a choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lib.core.splits import SPLITS
from lib.figures import statistics
from lib.metrics.statistics import pictures
from lib.tasks.types import Panel, three_digits

if TYPE_CHECKING:
    from lib.core.dataset import Dataset

_ROWS = 200  # of a table on a page
#: Label sets, or pairs of labels, that are listed one by one in JSON; beyond it the most frequent ones.
LISTED = 1000


@dataclass(frozen=True)
class Seen:
    """What is counted: the images of a dataset that are not excluded, row for row.

    ``splits`` are the names of the splits that have an image, in order; the rest is as in `lib.core.dataset.Dataset`.
    """

    targs: np.ndarray
    names: tuple[str, ...]
    split: np.ndarray
    sizes: np.ndarray
    groups: np.ndarray
    splits: tuple[str, ...]
    extra: Mapping[str, Any]

    @classmethod
    def of(cls, dataset: Dataset) -> Seen:
        """Return the included images of ``dataset``."""
        rows = slice(None) if len(dataset.included) == len(dataset) else dataset.included  # a slice copies nothing
        items = dataset.items.iloc[rows]
        split = items["split"].to_numpy(dtype=str)
        return cls(
            targs=dataset.targs[rows],
            names=dataset.names,
            split=split,
            sizes=dataset.sizes[rows],
            groups=items["group"].to_numpy(dtype=str),
            splits=tuple(name for name in SPLITS if (split == name).any()),
            extra=dataset.extra,
        )

    def __len__(self) -> int:
        return len(self.split)


@dataclass(frozen=True)
class Ask:
    """A choice above a section's pictures: one of ``options``, or with ``many`` any of them; they are told by place."""

    key: str
    title: str
    options: tuple[str, ...]
    many: bool = False
    #: What is shown where nothing is chosen, in words.
    otherwise: str = ""


@dataclass(frozen=True)
class Section:
    """One question about a dataset.

    Attributes
    ----------
    key : str
        Name in JSON.
    title, help : str
        As a page says them; ``help`` is one line of plain words.
    numbers : dict
        All there is to know as JSON holds it, "not defined" as None.
    facts : list of tuple of str
        The few to see first: title, value with unit, one line of plain words.
    words : list of str
        Sentences; names in them are as they are.
    asks : tuple of Ask
    draw : callable
        Takes what was chosen, by the asks' keys: a place, or with ``many`` a list of places; returns panels. Without a
        choice it takes the usual one.
    """

    key: str
    title: str
    help: str
    numbers: dict[str, Any]
    facts: list[tuple[str, str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    asks: tuple[Ask, ...] = ()
    draw: Callable[[Mapping[str, Any]], list[Panel]] = lambda _: []


def listed(values: np.ndarray) -> list:
    """Return an array of any shape as nested lists that JSON can hold: None for what is not defined."""
    if values.dtype.kind != "f":
        return values.tolist()
    return np.where(np.isfinite(values), values.astype(object), None).tolist()


def said(value: float, unit: str = "") -> str:
    """Return a number as a page says it, "not defined" where it is not."""
    return f"{three_digits(value)} {unit}".strip() if np.isfinite(value) else "not defined"


def percent(share: float) -> str:
    """Return a share as percent, "not defined" where it is not.

    Examples
    --------
    >>> percent(0.92519), percent(float("nan"))
    ('92.5 %', 'not defined')
    """
    return f"{100 * share:.3g} %" if np.isfinite(share) else "not defined"


def _pictures(seen: Seen) -> Section:
    found = pictures.sizes(seen.sizes)
    width, height = np.median(seen.sizes, axis=0)
    aspects = seen.sizes[:, 0] / seen.sizes[:, 1]
    area = seen.sizes.prod(axis=1)
    small, large = seen.sizes[int(area.argmin())], seen.sizes[int(area.argmax())]
    numbers = {
        "distinct": len(found.images),
        "median_width_px": float(width),
        "median_height_px": float(height),
        "smallest_px": small.tolist(),
        "largest_px": large.tolist(),
        "median_aspect": float(np.median(aspects)),
        "sizes": [[*size, count] for size, count in zip(found.values.tolist(), found.images.tolist(), strict=True)],
    }
    facts = [
        ("Usual size", _size(width, height), "Median width and median height of the pictures, as shown."),
        ("Smallest", _size(*small), "The picture of the fewest pixels."),
        ("Largest", _size(*large), "The picture of the most pixels."),
        ("Different sizes", f"{len(found.images):,}", "Training squishes all of them to one square."),
        ("Width / height", said(float(np.median(aspects))), "Median: 1 is a square, above 1 is wider than high."),
    ]

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        if len(found.images) == 1:
            return []
        table = pd.DataFrame(
            {
                "width (px)": found.values[:, 0],
                "height (px)": found.values[:, 1],
                "images": found.images,
                "share of images (%)": 100 * found.images / len(seen),
            }
        )
        drawn = pictures.coarse(found)
        text = "The larger a mark, the more pictures have this size."
        return [
            Panel("Width and height", text, statistics.bubbles(drawn.values, drawn.images)),
            Panel("Most frequent sizes", "In pixels, as shown: after the camera's rotation.", table.head(_ROWS)),
        ]

    words = [f"All pictures have {_size(*found.values[0])}."] if len(found.images) == 1 else []
    help = "Width and height of the pictures in pixels."
    return Section("pictures", "Picture sizes", help, numbers, facts, words, draw=draw)


def _groups(seen: Seen) -> list[Section]:
    found = pictures.groups(seen.groups, seen.split)
    alone = int(np.count_nonzero(seen.groups == ""))
    numbers: dict[str, Any] = {"groups": len(found.images), "images_without_group": alone}
    if not len(found.images):
        return []
    divided = int(np.count_nonzero(found.splits > 1))
    numbers |= {
        "median_images": float(np.median(found.images)),
        "largest": int(found.images[0]),
        "in_several_splits": divided,
        "images": [[name, count] for name, count in zip(found.names.tolist(), found.images.tolist(), strict=True)],
    }
    facts = [
        ("Groups", f"{len(found.images):,}", "Persons, videos or series: their images resemble each other."),
        ("Images per group", f"{np.median(found.images):g}", "Median over the groups."),
        ("Largest group", f"{int(found.images[0]):,} images", f"Of {found.names[0]}."),
        ("In several splits", f"{divided:,}", "Groups that a split divides: validation then looks better than it is."),
    ]
    if alone:
        facts.append(("Without a group", f"{alone:,} images", "Each counts as a group of its own."))

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        sizes, count = np.unique(found.images, return_counts=True)
        made = statistics.counted(sizes.tolist(), count.tolist(), x="images in the group", y="groups")
        table = pd.DataFrame({"group": found.names, "images": found.images, "splits": found.splits})
        helps = {"splits": "In how many splits the group has images; more than 1 is a leak."}
        return [
            Panel("Images per group", "How many groups have so many images.", made),
            Panel("Largest groups", "The groups of the most images.", table.head(_ROWS), helps),
        ]

    return [Section("groups", "Groups", "Images that belong together.", numbers, facts, draw=draw)]


def _size(width: float, height: float) -> str:
    return f"{width:,.5g} × {height:,.5g} px"
