"""Report on splits: shares of each label, missing labels, groups that are divided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED, SPLITS
from lib.datasets import leaks
from lib.metrics.scores import defined, ratio
from lib.tasks.strata import Strata

if TYPE_CHECKING:
    from lib.datasets.splits.plan import Division

_WORDS = {"train": "training", "valid": "validation", "test": "test"}
#: Names that a sentence lists.
_LISTED = 3


@dataclass(frozen=True)
class Report:
    """What a division is like.

    Attributes
    ----------
    images : dict of str to int
        Images of each split that has any.
    noun, nouns : str
        What the shares are of: labels, classes, ranges, points.
    names : tuple of str
        Of those; none where the task has nothing of the kind.
    have : ndarray of int, shape (S, P)
        On how many images of each split it is.
    known : ndarray of int, shape (S, P)
        On how many images of each split it is known whether it is.
    share : ndarray of shape (S, P)
        Of the known images of the split, NaN where nothing is known there.
    overall : ndarray of shape (S,)
        Of all known images.
    groups, divided : int
        How many groups there are, and how many have images in more than one split.
    divided_between : tuple of frozenset of str
        In which splits those are.
    """

    images: dict[str, int]
    noun: str
    nouns: str
    names: tuple[str, ...]
    have: np.ndarray
    known: np.ndarray
    share: np.ndarray
    overall: np.ndarray
    groups: int
    divided: int
    divided_between: tuple[frozenset[str], ...] = ()

    @property
    def off(self) -> np.ndarray:
        """How far the share in a split is from that in all images, at most, in percentage points; shape (S,)."""
        return np.fmax.reduce(np.abs(100 * (self.share - self.overall[:, None])), axis=1, initial=np.nan)

    @property
    def largest_off(self) -> float:
        """The largest of `off`, NaN where there is none."""
        return float(np.fmax.reduce(self.off, initial=np.nan))

    @property
    def mean_off(self) -> float:
        """The mean of `off`, NaN where there is none."""
        known = self.off[~np.isnan(self.off)]
        return float(known.mean()) if len(known) else np.nan

    @property
    def farthest(self) -> str | None:
        """The split that `largest_off` is of, None where that is not defined."""
        if np.isnan(self.largest_off):
            return None
        off = np.nan_to_num(np.abs(self.share - self.overall[:, None]))
        return list(self.images)[int(off.max(axis=0).argmax())]

    def missing(self) -> dict[str, list[str]]:
        """Return for each split which names are on none of its images, though they are on some."""
        somewhere = self.have.sum(axis=1) > 0
        lacking = {
            split: [self.names[row] for row in np.flatnonzero(somewhere & (self.have[:, column] == 0))]
            for column, split in enumerate(self.images)
        }
        return {split: names for split, names in lacking.items() if names}

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON; shares that are not defined are None."""
        return {
            "images": self.images,
            "labels": [
                {
                    "name": name,
                    "share": {split: defined(value) for split, value in zip(self.images, row, strict=True)},
                    "images": dict(zip(self.images, have.tolist(), strict=True)),
                }
                for name, row, have in zip(self.names, self.share, self.have, strict=True)
            ],
            "largest_deviation": defined(self.largest_off),
            "mean_deviation": defined(self.mean_off),
            "missing": self.missing(),
            "groups": self.groups,
            "divided_groups": self.divided,
        }


def report(dataset: Dataset, splits: np.ndarray | None = None, groups: np.ndarray | None = None) -> Report:
    """Return what a division of ``dataset`` is like, by default the one it has.

    Parameters
    ----------
    dataset : Dataset
    splits, groups : ndarray of str, shape (N,), optional
    """
    splits = dataset.items["split"].to_numpy() if splits is None else splits
    groups = dataset.items["group"].to_numpy() if groups is None else groups
    rows = np.flatnonzero(splits != EXCLUDED)
    splits, groups = splits[rows].astype(str), groups[rows].astype(str)
    strata = tasks.get(dataset.task).strata(dataset.targs[rows], dataset.names)
    return compare(strata, splits, groups)


def before_and_after(dataset: Dataset, division: Division) -> tuple[Report, Report]:
    """Return what the division of ``dataset`` is like and what ``division`` would be like, by the same groups."""
    after = report(dataset, division.visible_splits(dataset), division.groups)
    return report(dataset, None, division.groups), after


def compare(strata: Strata | None, splits: np.ndarray, groups: np.ndarray) -> Report:
    """Return what a division is like.

    Parameters
    ----------
    strata : Strata, optional
    splits, groups : ndarray of str, shape (n,)
        Of images that are not excluded; group "" is an image of its own.

    Examples
    --------
    >>> from lib.tasks.strata import of_labels
    >>> labels = of_labels(np.array([[1], [0], [1], [1]]), ["ball"])
    >>> comparison = compare(labels, np.array(["train", "train", "valid", "valid"]), np.array(["a", "b", "b", ""]))
    >>> comparison.share.tolist(), comparison.largest_off, comparison.divided
    ([[0.5, 1.0]], 25.0, 1)
    """
    present_splits = [split for split in SPLITS if (splits == split).any()]
    present = np.zeros((len(splits), 0), dtype=bool) if strata is None else strata.present
    known = present if strata is None else strata.known
    masks = [splits == split for split in present_splits]
    have = np.array([present[rows].sum(axis=0) for rows in masks], dtype=np.int64).reshape(len(present_splits), -1).T
    of = np.array([known[rows].sum(axis=0) for rows in masks], dtype=np.int64).reshape(len(present_splits), -1).T
    named = groups != ""
    of_group = pd.Series(splits[named]).groupby(groups[named]).agg(frozenset)
    divided = tuple(of for of in of_group if len(of) > 1)
    return Report(
        images={split: int(rows.sum()) for split, rows in zip(present_splits, masks, strict=True)},
        noun="" if strata is None else strata.noun,
        nouns="" if strata is None else strata.nouns,
        names=() if strata is None else strata.names,
        have=have,
        known=of,
        share=ratio(have, of),
        overall=ratio(have.sum(axis=1), of.sum(axis=1)),
        groups=len(of_group),
        divided=len(divided),
        divided_between=divided,
    )


def table(before: Report, after: Report) -> pd.DataFrame:
    """Return a row a name: its share in all images, and in each split before and after (%), most uneven before first.

    Parameters
    ----------
    before, after : Report
        Of one dataset.
    """
    columns = {"all": 100 * before.overall}
    for split in SPLITS:
        for when, report in (("before", before), ("after", after)):
            if split in report.images:
                columns[f"{split} {when}"] = 100 * report.share[:, list(report.images).index(split)]
    columns |= {"off before": before.off, "off after": after.off}
    frame = pd.DataFrame(columns, index=pd.Index(before.names, name=before.noun))
    return frame.iloc[np.argsort(-np.nan_to_num(before.off), kind="stable")]


def sentence(report: Report) -> str:
    """Return the division in one sentence, for instance "80 train / 20 valid images."."""
    parts = [f"{count:,} {split}" for split, count in report.images.items()]
    return f"{' / '.join(parts) or 'no'} {sentences.word(sum(report.images.values()), 'image')}."


def warnings(report: Report, *, then: bool = False) -> list[str]:
    """Return what is wrong with a division, in sentences; names in them are not escaped.

    Parameters
    ----------
    report : Report
    then : bool
        Whether it is only planned.
    """
    lines = []
    if report.divided:
        are = "would be" if then else sentences.word(report.divided, "is", "are")
        lines.append(
            f"{report.divided:,} of {report.groups:,} groups {are} divided between splits, "
            f"{leaks.where(report.divided_between)}: {leaks.effect(report.divided_between, leaks.RELATED)}."
        )
    for split, names in report.missing().items():
        listed = sentences.listed(names, _LISTED, show=repr)
        nouns, verb = sentences.word(len(names), report.noun, report.nouns), sentences.word(len(names), "is", "are")
        lines.append(f"The {nouns} {listed} {'would be' if then else verb} on none of the {_WORDS[split]} images.")
    return lines


def rare_names(strata: Strata | None, groups: np.ndarray) -> str:
    """Say which names are on a single image, or in a single group: no division has them in two splits; "" if none.

    Parameters
    ----------
    strata : Strata, optional
    groups : ndarray of str, shape (n,)
        As in `compare`.
    """
    if strata is None or not len(strata.names):
        return ""
    alone = groups == ""
    counts = strata.present[alone].sum(axis=0)
    if not alone.all():
        _, place = np.unique(groups[~alone], return_inverse=True)
        order = np.argsort(place, kind="stable")
        starts = np.flatnonzero(np.diff(place[order], prepend=-1))
        counts = counts + np.logical_or.reduceat(strata.present[~alone][order], starts, axis=0).sum(axis=0)
    names = [strata.names[place] for place in np.flatnonzero(counts == 1)]
    if not names:
        return ""
    listed = sentences.listed(names, _LISTED, show=repr)
    nouns = sentences.word(len(names), strata.noun, strata.nouns)
    verb, them = sentences.word(len(names), "is", "are each"), sentences.word(len(names), "it", "them")
    scope = " or ".join(["in a single group"] * (not alone.all()) + ["on a single image"] * bool(alone.any()))
    return f"The {nouns} {listed} {verb} {scope}, so only one split can have {them}."
