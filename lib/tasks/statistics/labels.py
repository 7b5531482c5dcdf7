"""Statistics sections of labels: how frequent each is in each split, labels per image, label sets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.figures import base, statistics
from lib.metrics import intervals, scores
from lib.metrics.scores import defined, ratio
from lib.metrics.statistics import chance, pictures
from lib.metrics.statistics import labels as label_stats
from lib.tasks.statistics.sections import LISTED, Ask, Section, Seen, formatted, percent
from lib.tasks.types import Panel

#: Labels that a picture shows where none are chosen.
MOST = 30
_ROWS = 200  # of a table on a page
_UNKNOWN = "Unknown cells count nowhere."


def ask_labels(names: Sequence[str], noun: str, nouns: str) -> Ask:
    """Return the choice of the labels that a picture shows."""
    otherwise = f"all {nouns}" if len(names) <= MOST else f"the {MOST} most frequent"
    return Ask("labels", f"Which {nouns}", tuple(names), many=True, otherwise=otherwise)


def columns_shown(chosen: Mapping[str, Any], images: np.ndarray) -> np.ndarray:
    """Return which labels a picture shows: the chosen ones, else the most frequent; the most frequent first."""
    order = np.argsort(-images, kind="stable")
    wanted = chosen.get("labels") or []
    return order[np.isin(order, wanted)] if wanted else order[:MOST]


def frequencies(matrix: np.ndarray, seen: Seen, noun: str, nouns: str, *, one_class: bool = False) -> Section:
    """Return how frequent each label is, over all and in each split, and what predicting nothing is worth.

    Parameters
    ----------
    matrix : ndarray of shape (N, C)
        1 present, 0 absent, -1 where nobody knows.
    seen : Seen
    noun, nouns : str
        What a label is called.
    one_class : bool
        Whether each image has exactly one.
    """
    present, known = label_stats.per_split(matrix, seen.split, seen.splits)
    images, of = present.sum(axis=0), known.sum(axis=0)
    groups = pictures.group_numbers(seen.groups)
    p = chance.by_chance(present, known, chance.design_effects(matrix, groups))
    marked = chance.unlikely(p)
    shares, overall = ratio(present, known), ratio(images, of)
    order = np.argsort(-images, kind="stable")
    numbers: dict[str, Any] = {
        nouns: [
            {
                noun: seen.names[c],
                "images": int(images[c]),
                "known": int(of[c]),
                "share": defined(overall[c]),
                "splits": {
                    split: {
                        "images": int(present[s, c]),
                        "known": int(known[s, c]),
                        "share": defined(shares[s, c]),
                        "p": defined(p[s, c]),
                        "more_than_chance": bool(marked[s, c]),
                    }
                    for s, split in enumerate(seen.splits)
                },
            }
            for c in order.tolist()
        ]
    }
    most, least = int(order[0]), int(order[-1])
    facts = [
        ("Most frequent", percent(overall[most]), f"Share of the images that are or have {seen.names[most]}."),
        ("Least frequent", percent(overall[least]), f"Share of the images that are or have {seen.names[least]}."),
    ]
    words = [
        f"The most frequent {noun} is {seen.names[most]} ({percent(overall[most])} of the images), the least frequent "
        f"{seen.names[least]} ({percent(overall[least])})."
    ]
    uneven = int(marked.any(axis=0).sum())
    numbers["uneven"] = uneven
    if one_class:
        numbers["majority_class"] = {"name": seen.names[most], "accuracy": defined(overall[most])}
        words += [
            f"Always predicting {seen.names[most]} is already right for {percent(overall[most])} of the images: the "
            "majority class, which a model has to beat."
        ]
    else:
        nothing = scores.predict_nothing(matrix)
        numbers["predict_nothing"] = defined(nothing)
        words += [
            f"Predicting nothing already scores {percent(nothing)} (accuracy_multi {formatted(nothing)}): the share of "
            "zeros among the known cells, which a model has to beat."
        ]
        facts.append(
            (
                "accuracy_multi of nothing",
                formatted(nothing),
                "accuracy_multi of a model that never predicts a label.",
            )
        )
    if len(seen.splits) > 1:
        text = f"{nouns.capitalize()} of which a split has more or less than chance gives it: Holm's test at 5 %."
        facts.append(("Uneven splits", f"{uneven:,} of {len(seen.names):,}", text))

    def draw(chosen: Mapping[str, Any]) -> list[Panel]:
        columns = columns_shown(chosen, images)
        names = [seen.names[c] for c in columns]
        if chosen.get("show", 0) == 0:
            _, low, high = intervals.wilson(shares[:, columns], known[:, columns])
            chart = statistics.split_shares(
                100 * shares[:, columns],
                100 * low,
                100 * high,
                marked[:, columns],
                present[:, columns],
                names,
                seen.splits,
            )
            text = (
                f"Share of each split's images that have the {noun}. Bars: where the share may lie by chance (Wilson, "
                "95 %). A ring: the split differs from the others by more than chance."
            )
        else:
            chart = base.bars(pd.DataFrame(present[:, columns].T, names, list(seen.splits)), x="images")
            text = f"How many images of each split have the {noun}."
        table, helps = _table(seen, noun, present, known, shares, marked, order)
        has = [(seen.names[c],) for c in order]
        return [
            Panel(f"{nouns.capitalize()} in each split", text, chart),
            Panel(f"Each {noun}", f"The most frequent first. {_UNKNOWN}", table, helps, has),
        ]

    show = Ask("show", "Show", ("Share of each split", "Number of images"))
    help = f"How many images have each {noun}, and whether the splits agree."
    asks = (show, ask_labels(seen.names, noun, nouns))
    return Section("frequencies", f"Images per {noun}", help, numbers, facts, words, asks, draw)


def _table(
    seen: Seen,
    noun: str,
    present: np.ndarray,
    known: np.ndarray,
    shares: np.ndarray,
    marked: np.ndarray,
    order: np.ndarray,
) -> tuple[pd.DataFrame, dict[str, str]]:
    images, of = present.sum(axis=0), known.sum(axis=0)
    columns: dict[str, Any] = {noun: list(seen.names), "images": images, "share (%)": 100 * ratio(images, of)}
    helps = {"images": f"Images that have the {noun}.", "share (%)": "Of the images in which it is known."}
    if (of < len(seen)).any():
        columns["unknown"] = len(seen) - of
        helps["unknown"] = "Images in which it is unknown: left out of the loss and of every metric."
    for s, split in enumerate(seen.splits):
        columns[split] = present[s]
        columns[f"{split} (%)"] = 100 * shares[s]
        helps |= {split: f"{split} images that have it.", f"{split} (%)": f"Share of the known {split} images."}
    if len(seen.splits) > 1:
        unevenness = np.full(len(seen.names), "", dtype=object)
        for s, split in enumerate(seen.splits):
            others = ratio(images - present[s], of - known[s])
            way = np.where(shares[s] > others, "more", "fewer")
            unevenness += np.where(marked[s], np.char.add(np.char.add(f"{split}: ", way), "  "), "").astype(object)
        columns["more than chance"] = [word.strip().replace("  ", ", ") for word in unevenness]
        helps["more than chance"] = (
            "Splits that differ from the others by more than chance: exact test of each split against the others, "
            "corrected for their number (Holm, 5 %); images of one group count together."
        )
    return pd.DataFrame(columns).iloc[order], helps


def per_image(matrix: np.ndarray, seen: Seen) -> Section:
    """Return how many labels images have, and how many have none."""
    counts, shares = label_stats.per_image(matrix), label_stats.prevalence(matrix)
    histogram = np.bincount(counts)
    cardinality, density = label_stats.cardinality(shares), label_stats.density(shares)
    none = int((counts == 0).sum())
    numbers = {
        "cardinality": defined(cardinality),
        "density": defined(density),
        "complete_images": len(counts),
        "images_without_label": none,
        "most": int(counts.max()) if len(counts) else None,
        "images": histogram.tolist(),
    }
    of = f"{none:,} of {len(counts):,}"
    facts = [
        ("Labels per image", formatted(cardinality), "Cardinality: the mean number of labels of an image."),
        ("Density", percent(density), "Cardinality divided by the number of labels: the mean share of ones."),
        ("Images without label", of, "All labels are known, and all are absent."),
        ("Most on one image", f"{counts.max():,}" if len(counts) else "not defined", "The largest number of labels."),
    ]
    words = _incomplete(len(seen) - len(counts))

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        if not len(counts):
            return []
        chart = statistics.counted(range(len(histogram)), histogram.tolist(), x="labels on the image")
        return [Panel("Labels per image", "How many images have so many labels.", chart)]

    help = "How many labels an image has: whether this is a matter of one label, of a few, or of many."
    return Section("labels_per_image", "Labels per image", help, numbers, facts, words, draw=draw)


def label_sets(matrix: np.ndarray, seen: Seen) -> Section:
    """Return the distinct sets of labels, the most frequent first."""
    sets = label_stats.label_sets(matrix)
    total, once = int(sets.images.sum()), int((sets.images == 1).sum())

    def labels_of(which: slice) -> list[tuple[str, ...]]:
        return [tuple(seen.names[c] for c in np.flatnonzero(matrix[row] == 1)) for row in sets.first[which]]

    numbers = {
        "distinct": len(sets.images),
        "once": once,
        "sets": [
            {"labels": list(labels), "images": count}
            for labels, count in zip(labels_of(slice(LISTED)), sets.images[:LISTED].tolist(), strict=True)
        ],
    }
    facts = [
        ("Distinct label sets", f"{len(sets.images):,}", "Different rows of the one-hot matrix."),
        ("Seen once", f"{once:,}", "Label sets of a single image: a split cannot have them on both sides."),
        (
            "Most frequent set",
            percent(sets.images[0] / total if total else np.nan),
            "Share of the images that have exactly the most frequent set of labels.",
        ),
    ]

    def draw(_: Mapping[str, Any]) -> list[Panel]:
        has = labels_of(slice(_ROWS))
        table = pd.DataFrame(
            {
                "labels": [", ".join(labels) or "(no label)" for labels in has],
                "how many": [len(labels) for labels in has],
                "images": sets.images[:_ROWS],
                "share of images (%)": 100 * sets.images[:_ROWS] / max(total, 1),
            }
        )
        helps = {"how many": "Labels in the set.", "share of images (%)": "Of the images without an unknown label."}
        title = "Label sets" if len(sets.images) <= _ROWS else f"The {_ROWS} most frequent label sets"
        text = "Images that have exactly these labels and no other one; the most frequent first."
        return [Panel(title, text, table, helps, has, exactly=True)] if total else []

    help = "Which sets of labels occur, and how often."
    return Section("label_sets", "Label sets", help, numbers, facts, _incomplete(len(seen) - total), draw=draw)


def _incomplete(count: int) -> list[str]:
    if not count:
        return []
    return [f"Not counted: {sentences.count(count, 'image')} of which a label is unknown."]
