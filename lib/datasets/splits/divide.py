"""New train / valid / test splits of a dataset, by a plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED, split_of
from lib.datasets.splits import plan as split_plan
from lib.datasets.splits import report, stratify
from lib.datasets.splits.draw import groups_of
from lib.datasets.splits.plan import (
    ALONE,
    FOLDER,
    GIVEN,
    RANDOM,
    STRATIFIED,
    TEST,
    Division,
    Plan,
    _are_excluded,
)
from lib.tasks import learnable

#: A split of whole groups that is larger or smaller than asked for by this part of it is told.
_OFF = 0.1


def divide(dataset: Dataset, plan: Plan) -> Division:
    """Return ``dataset`` divided as ``plan`` asks.

    Parameters
    ----------
    dataset : Dataset
        Excluded images are not dealt out and count nowhere.
    plan : Plan

    Raises
    ------
    UserError
        If the plan cannot be, or nothing could be learned of the result.
    """
    split_plan.check(plan)
    groups = groups_by(dataset, plan.group)
    units = _units(groups)
    before, excluded = dataset.items["split"].to_numpy(dtype=str), _are_excluded(dataset)
    splits = np.full(len(dataset), EXCLUDED, dtype=object)
    notes: list[str] = []
    if plan.test is None:
        is_test = np.isin(units, units[before == TEST])
        splits[is_test] = TEST
        if moved := int((is_test & ~excluded & (before != TEST)).sum()):
            going = sentences.count(moved, "image goes", "images go")
            notes.append(f"{going} to the test split, because the rest of the group is there.")
    pool = np.flatnonzero((splits != TEST) & ~excluded)
    names, ratios = split_plan.parts(plan)
    tested = bool((splits == TEST).any())
    _check_room(pool, units[pool], names, ratios, grouped=bool((groups != "").any()), tested=tested)
    ids, local = np.unique(units[pool], return_inverse=True)
    counts, sizes = _summed(_strata(dataset, pool, plan), local, len(ids))
    part = stratify.deal(counts, sizes, ratios, np.random.default_rng(plan.seed))
    dealt = np.array(names, dtype=object)[part]
    position = np.searchsorted(ids, units).clip(max=len(ids) - 1)
    is_dealt = ids[position] == units  # also the excluded images of a group
    splits[is_dealt] = dealt[position[is_dealt]]
    notes += _sizes_off(names, ratios, part, sizes)
    rows = dataset.included
    refused = learnable.refusal(dataset.task, dataset.names, dataset.targs[rows], splits[rows])
    if refused:
        raise UserError(f"{refused}. Choose another seed, larger fractions, or fewer folds.")
    strata = tasks.get(dataset.task).strata(dataset.targs[rows], dataset.names)
    notes += filter(None, [report.rare_names(strata, groups[rows])])
    own = dataset.items["group"].to_numpy(dtype=object)
    changed = plan.group != ALONE and bool((own != groups).any())
    return Division(splits, groups if changed else None, len(np.unique(units[rows])), notes)


def default_plan(dataset: Dataset) -> Plan:
    """Return what to begin with: stratified where something can be, by the groups that the dataset has."""
    by = STRATIFIED if can_stratify(dataset) else RANDOM
    plan = Plan(by=by, group=GIVEN if (dataset.items["group"] != "").any() else ALONE)
    few = len(dataset.included) - len(dataset.index(TEST))
    # Of a handful the usual share may be less than half an image: at least one is held back.
    return plan if few < 2 or round(plan.valid * few) else replace(plan, valid=1 / few)


def can_stratify(dataset: Dataset) -> bool:
    """Return whether there is something to spread evenly."""
    return tasks.get(dataset.task).strata(dataset.targs[dataset.included], dataset.names) is not None


def groups_by(dataset: Dataset, group: str) -> np.ndarray:
    """Return the group of every image, "" for an image of its own; object array of str, shape (N,).

    Parameters
    ----------
    dataset : Dataset
    group : str
        As in `Plan`.

    Raises
    ------
    UserError
        If there are no such groups.
    """
    files = dataset.items["original"].astype(str).tolist()
    if group == ALONE:
        names: Sequence[str] = [""] * len(files)
    elif group == GIVEN:
        names = dataset.items["group"].astype(str).tolist()
    elif group == FOLDER:
        names = [folder_of(file) for file in files]
    else:
        names = groups_of(files, group)
    if group != ALONE and not any(names):
        raise UserError(
            f"The images of {dataset.name} have no {'folders' if group == FOLDER else 'groups'}: choose a pattern for "
            "the file name, such as '(.*)_', or no groups."
        )
    return np.array(names, dtype=object)


def folder_of(file: str) -> str:
    """Return the folder of a file without what stands for a split, "" at the top.

    Examples
    --------
    >>> folder_of("train/film 3/0001.jpg"), folder_of("valid/0002.jpg")
    ('film 3', '')
    """
    return "/".join(part for part in PurePosixPath(file).parts[:-1] if split_of(part) is None)


def _units(groups: np.ndarray) -> np.ndarray:
    """Return a number for each group and for each image without one, shape (N,)."""
    names, inverse = np.unique(groups.astype(str), return_inverse=True)
    alone = groups == ""
    return np.where(alone, len(names) + np.arange(len(groups)), inverse)


def _check_room(
    pool: np.ndarray, units: np.ndarray, names: list[str], ratios: np.ndarray, *, grouped: bool, tested: bool
) -> None:
    """Refuse parts that would stay empty."""
    n_units, noun = len(np.unique(units)), "group" if grouped else "image"
    if not n_units:
        raise UserError("Every image is of a group in the test split: choose other groups, or draw a test split anew.")
    if n_units < len(names):
        few = f"{sentences.word(n_units, 'is', 'are')} {sentences.count(n_units, noun)}"
        raise UserError(
            f"There {few}{' outside the test split' if tested else ''} to divide into {len(names)} parts: expected at "
            f"least one for each. Add images{', choose other groups' if grouped else ''} or fewer parts."
        )
    for name, ratio in zip(names, ratios.tolist(), strict=True):
        if not grouped and round(ratio * len(pool)) == 0:
            raise UserError(
                f"{100 * ratio:.3g} % of {len(pool):,} images leaves no {name} image: choose at "
                f"least {100 / len(pool):.2g} %, one image."
            )


def _strata(dataset: Dataset, pool: np.ndarray, plan: Plan) -> np.ndarray:
    """Return what is spread evenly over the parts, shape (images of the pool, S)."""
    if plan.by == RANDOM:
        return np.zeros((len(pool), 0), dtype=np.int8)
    task = tasks.get(dataset.task)
    strata = task.strata(dataset.targs[pool], dataset.names)
    if strata is None:
        raise UserError(
            f"{dataset.name} has nothing to stratify by ({task.title.lower()}, "
            f"{sentences.count(len(pool), 'image')}): divide it at random."
        )
    return strata.matrix


def _summed(matrix: np.ndarray, units: np.ndarray, n_units: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sum of ``matrix`` over the images of each unit, and how many these are."""
    sizes = np.bincount(units, minlength=n_units)
    if n_units == len(units):
        return matrix[np.argsort(units)], sizes
    order, starts = np.argsort(units, kind="stable"), np.cumsum(sizes) - sizes
    return np.add.reduceat(matrix[order], starts, axis=0, dtype=np.int64), sizes


def _sizes_off(names: list[str], ratios: np.ndarray, part: np.ndarray, sizes: np.ndarray) -> list[str]:
    """Say which split has far more or fewer images than asked for, because groups stay whole."""
    total, lines = int(sizes.sum()), []
    for split in dict.fromkeys(names):
        parts = np.flatnonzero([name == split for name in names])
        target, have = float(ratios[parts].sum()), int(sizes[np.isin(part, parts)].sum())
        if abs(have - target * total) > max(_OFF * target * total, 1) and sizes.max() > 1:
            lines.append(
                f"{100 * have / total:.1f} % of the images are {split} images, not {100 * target:.1f} %: groups stay "
                f"whole, and the largest has {int(sizes.max()):,} of {total:,} images."
            )
    return lines
