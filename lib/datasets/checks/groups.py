"""Check for groups, such as a person or a video, that are in more than one split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.core import sentences
from lib.datasets import leaks
from lib.datasets.checks.finding import ERROR, SPLIT, Finding, Subject, ints


def applies(subject: Subject) -> bool:
    """Return whether images have groups."""
    return bool((subject.column("group") != "").any())


def run(subject: Subject) -> list[Finding]:
    """Look for groups with images in several splits."""
    group = subject.column("group")
    names, number = np.unique(group, return_inverse=True)
    splits, split = np.unique(subject.splits, return_inverse=True)
    in_split = np.zeros((len(names), len(splits)), dtype=bool)
    in_split[number, split] = True
    divided = np.flatnonzero((in_split.sum(axis=1) > 1) & (names != ""))
    if not len(divided):
        return []
    order = np.argsort(number, kind="stable")
    starts = np.searchsorted(number[order], [divided, divided + 1])
    members = [ints(subject.rows[order[a:b]]) for a, b in zip(*starts, strict=True)]
    place = dict(zip(subject.rows.tolist(), subject.splits.tolist(), strict=True))
    details = {
        row: f"group {names[one]}, {place[row]}" for one, rows in zip(divided, members, strict=True) for row in rows
    }
    touched = [set(splits[in_split[one]].tolist()) for one in divided]

    def words(positions: Sequence[int]) -> str:
        parts = [touched[place] for place in positions]
        return (
            f"{sentences.count(len(parts), 'group has', 'groups have')} images {leaks.where(parts)}: "
            f"{leaks.effect(parts, leaks.RELATED)}. Split again by group, under Splits."
        )

    rows = tuple(row for part in members for row in part)
    return [
        Finding(
            "divided-group",
            "Groups in several splits",
            words,
            ERROR,
            rows,
            tuple(members),
            details=details,
            fixes=(SPLIT,),
        )
    ]
