"""Check for duplicates and near duplicates: in one split, in two, with different targets.

A picture in several splits makes numbers too good: a leak; `lib.datasets.leaks` says which.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from itertools import combinations

import numpy as np

from lib.core.dataset import Dataset
from lib.core.splits import SPLITS
from lib.datasets import leaks as leaks_words
from lib.datasets.checks import near_duplicates
from lib.datasets.checks.finding import (
    CORRECT,
    ERROR,
    EXCLUDE,
    INFO,
    KEEP_ONE,
    WARNING,
    Finding,
    Subject,
    Words,
    counted,
    ints,
)
from lib.datasets.checks.fingerprints import CHANGED, GOOD

#: In larger groups only the first is compared with the others.
_MOST_PAIRED = 30
_ARE = ("image is", "images are")


def run_exact(subject: Subject) -> list[Finding]:
    """Look for files that are byte for byte the same, which the items know."""
    digest = subject.column("digest")
    groups = [rows for rows in _together(digest, subject.rows) if digest[np.searchsorted(subject.rows, rows[0])]]
    return _findings(subject, groups, "same", "byte for byte the same", (ERROR, ERROR, WARNING))


def run_near(subject: Subject) -> list[Finding]:
    """Look for pictures that are nearly the same, of those groups that are not byte for byte the same."""
    prints = subject.scanned
    readable = np.isin(prints.state[subject.rows], (GOOD, CHANGED)) & (prints.group[subject.rows] >= 0)
    rows, digest = subject.rows[readable], subject.column("digest")[readable]
    files = dict(zip(rows.tolist(), digest.tolist(), strict=True))
    groups = []
    for members in _together(prints.group[rows], rows):
        for part in near_duplicates.regroup(prints.thumbs[list(members)]):
            rows_of = tuple(members[place] for place in part)
            if len({files[row] or row for row in rows_of}) > 1:
                groups.append(rows_of)
    return _findings(subject, groups, "near", "nearly the same", (WARNING, WARNING, INFO))


def keeper(dataset: Dataset, group: tuple[int, ...]) -> int:
    """Return which image of a group of copies to keep.

    One of the test or validation images if there is one, so that numbers stay comparable; of these the one with the
    most pixels; of these the first.
    """
    order = {split: place for place, split in enumerate(reversed(SPLITS))}
    splits, sizes = dataset.items["split"].to_numpy(dtype=str), dataset.sizes
    return min(group, key=lambda row: (order.get(splits[row], len(order)), -sizes[row].prod(), row))


def _findings(
    subject: Subject, groups: list[tuple[int, ...]], prefix: str, likeness: str, severities: tuple[str, str, str]
) -> list[Finding]:
    """Return what there is to say of groups of copies: leaks, contradictions, and what is merely there twice."""
    splits = subject.dataset.items["split"].to_numpy(dtype=str)
    leaks = [group for group in groups if len({splits[row] for row in group}) > 1]
    against = _against(subject, groups, prefix == "near")
    rest = [group for group in groups if group not in set(leaks) | set(against)]
    touched = [{splits[row] for row in group} for group in leaks]
    how = leaks_words.SAME if prefix == "same" else leaks_words.NEAR
    cause = "" if prefix == "same" else " (saved again, resized, slightly cropped, or two moments of one scene)"
    parts: tuple[tuple[list[tuple[int, ...]], str, str, Words, tuple[str, ...]], ...] = (
        (
            leaks, "in-splits", "in several splits", _leak_words(touched, f"{likeness}{cause}", how), (KEEP_ONE,),
        ),
        (
            list(against), "other-targets", "with different targets",
            counted(*_ARE, f"there several times, {likeness}, with different targets: at least one of them is wrong. "
            "Correct it, or exclude them."),
            (CORRECT, KEEP_ONE, EXCLUDE),
        ),
        (
            rest, "in-split", "in one split",
            counted(*_ARE, f"there several times in one split, {likeness}{cause}: what is there more often counts "
            "more."),
            (KEEP_ONE,),
        ),
    )  # fmt: skip
    findings = []
    for severity, (part, kind, title, words, fixes) in zip(severities, parts, strict=True):
        if part:
            details = _details(subject, part, against if kind == "other-targets" else {})
            rows = tuple(row for group in part for row in group)
            findings.append(
                Finding(
                    f"{prefix}-{kind}",
                    f"{likeness.capitalize()}, {title}",
                    words,
                    severity,
                    rows,
                    tuple(part),
                    details=details if prefix == "same" else _with_likeness(subject, part, details),
                    about=details,
                    fixes=fixes,
                )
            )
    return findings


def _leak_words(touched: Sequence[Set[str]], likeness: str, how: str) -> Words:
    """Return what says which splits have copies of one another, and what that does to the numbers."""

    def words(positions: Sequence[int]) -> str:
        parts = [touched[place] for place in positions]
        rest = f"{leaks_words.where(parts)}, {likeness}: {leaks_words.effect(parts, how)}. Keep one of each."
        return counted(*_ARE, rest)(positions)

    return words


def _details(subject: Subject, groups: list[tuple[int, ...]], against: dict[tuple[int, ...], str]) -> dict[int, str]:
    """Return the details of each picture in words: its split, its size, and in what it differs."""
    splits, sizes = subject.dataset.items["split"].to_numpy(dtype=str), subject.dataset.sizes
    details = {}
    for group in groups:
        difference = f"; differ in {against[group]}" if group in against else ""
        for row in group:
            width, height = sizes[row]
            details[row] = f"{splits[row]}, {width:.0f} x {height:.0f} px{difference}"
    return details


def _with_likeness(subject: Subject, groups: list[tuple[int, ...]], details: dict[int, str]) -> dict[int, str]:
    """Return the details with how much each picture is like the first of its group."""
    rows = np.array([(group[0], row) for group in groups for row in group[1:]])
    thumbs = subject.scanned.thumbs
    fine = near_duplicates.correlations(thumbs[rows[:, 0]], thumbs[rows[:, 1]])[1]
    like = {
        row: f"; correlation of detail with the first {r:.2f}" for row, r in zip(rows[:, 1].tolist(), fine, strict=True)
    }
    return {row: f"{detail}{like.get(row, '')}" for row, detail in details.items()}


def _against(subject: Subject, groups: list[tuple[int, ...]], near_ones: bool) -> dict[tuple[int, ...], str]:
    """Return the groups whose targets do not agree, and in what."""
    pairs, owners = [], []
    for number, group in enumerate(groups):
        of_group = combinations(group, 2) if len(group) <= _MOST_PAIRED else ((group[0], row) for row in group[1:])
        for pair in of_group:
            pairs.append(pair)
            owners.append(number)
    if not pairs:
        return {}
    one, other = np.array(pairs).T
    if near_ones:  # two moments of a scene may well differ
        thumbs = subject.scanned.thumbs
        fine = near_duplicates.correlations(thumbs[one], thumbs[other])[1]
        certain = (fine >= near_duplicates.ONE_PICTURE) | (thumbs[one] == thumbs[other]).all(axis=(1, 2))
        one, other, owners = (
            one[certain],
            other[certain],
            [owner for owner, so in zip(owners, certain, strict=True) if so],
        )
    differences = subject.task.differences(subject.dataset.targs, one, other, subject.dataset.sizes, subject.names)
    differing: dict[tuple[int, ...], str] = {}
    for number, difference in zip(owners, differences, strict=True):
        if difference:
            differing.setdefault(groups[number], difference)
    return differing


def _together(values: np.ndarray, rows: np.ndarray) -> list[tuple[int, ...]]:
    """Return the rows of each value that several have, by their first row."""
    _, number, count = np.unique(values, return_inverse=True, return_counts=True)
    order = np.argsort(number, kind="stable")
    stops = np.cumsum(count)
    copies = [ints(rows[order[stops[one] - count[one] : stops[one]]]) for one in np.flatnonzero(count > 1)]
    return sorted(copies)
