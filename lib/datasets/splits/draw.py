"""The draw of a valid split at import, random, stratified or by group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from lib.core import patterns, sentences
from lib.core.errors import UserError
from lib.core.splits import SPLITS
from lib.datasets.splits import stratify

DEFAULT_VALID = 0.2


def choose(
    files: Sequence[str],
    given: Sequence[str] | None,
    *,
    valid: float | None = None,
    seed: int = 42,
    group: str | None = None,
    given_groups: Sequence[str] | None = None,
    strata: np.ndarray | None = None,
) -> tuple[list[str], list[str], list[int]]:
    """Return the split and the group of every image.

    Splits that the source gives are kept; where it gives no training or no validation images, a random part of
    what is there (test images excepted) is held back for validation.

    Parameters
    ----------
    files : sequence of str
        Relative path of each image.
    given : sequence of str, or None
        train, valid or test for each image, where the source says so.
    valid : float, optional
        Fraction of validation images, between 0 and 1; draws them anew, leaving test images alone.
        Without it 0.2 is drawn where the source gives none.
    seed : int
        Equal seed, equal draw.
    group : str, optional
        Regular expression; what its first parentheses match in the file name is the image's group, for
        instance the person shown. No group is divided between splits.
    given_groups : sequence of str, optional
        Group of each image where the source says so, "" for an image of its own; ``group`` has the last word.
    strata : ndarray of shape (N, S), optional
        What is spread evenly where images are drawn, see `lib.tasks.strata.Strata.matrix`; without it chance decides.

    Returns
    -------
    splits : list of str
    groups : list of str
        "" everywhere without ``group``.
    moved : list of int
        Rows whose given split changed so that their group stays whole.

    Raises
    ------
    UserError
        If ``valid`` or ``group`` cannot be used, or nothing is left to train on or to validate with.
    """
    if valid is not None and not 0 < valid < 1:
        raise UserError(f"The validation fraction is {valid:g}: expected a number between 0 and 1, such as 0.2.")
    if seed < 0:
        raise UserError(f"The seed is {seed}: expected 0 or more, such as 42.")
    groups = groups_of(files, group) if group else list(given_groups or [""] * len(files))
    # An image without a group is alone: a name of its own that no file can have.
    units = [name or f"\0{row}" for row, name in enumerate(groups)]
    grouped = any(groups)
    splits = list(given) if given is not None else ["train"] * len(files)
    moved: list[int] = []
    if grouped and given is not None:
        splits = _whole_groups(splits, units)
        moved = [row for row, (old, new) in enumerate(zip(given, splits, strict=True)) if old != new]
    if valid is not None or "train" not in splits or "valid" not in splits:
        pool = np.array([row for row, split in enumerate(splits) if split != "test"], dtype=np.int64)
        held_back = set(_draw(pool, units, valid, seed, grouped, strata).tolist())
        for row in pool.tolist():
            splits[row] = "valid" if row in held_back else "train"
    return splits, groups, moved


def groups_of(files: Sequence[str], pattern: str) -> list[str]:
    """Return what the first parentheses of ``pattern`` match in each file name (without its folder).

    Raises
    ------
    UserError
        If the pattern is no regular expression, has no parentheses, takes too long, or a name does not match.

    Examples
    --------
    >>> groups_of(["faces/Ann_Lee_01.jpg", "faces/Bo_7.jpg"], "(.*)_")
    ['Ann_Lee', 'Bo']
    """
    groups = []
    for file, group in zip(files, patterns.captures(pattern, files, kind="group", noun="group"), strict=True):
        if group is None:
            raise UserError(
                f"The group pattern {pattern!r} does not match the file name {PurePosixPath(file).name!r}: every name "
                "has to have a group."
            )
        groups.append(group)
    return groups


def _whole_groups(splits: list[str], groups: list[str]) -> list[str]:
    """Put every group into the split where most of its images are; of equal ones the first of `SPLITS`."""
    counts = Counter(zip(groups, splits, strict=True))
    home = {name: max(SPLITS, key=lambda split: counts[name, split]) for name in dict.fromkeys(groups)}
    return [home[name] for name in groups]


def _draw(
    pool: np.ndarray,
    groups: list[str],
    valid: float | None,
    seed: int,
    grouped: bool,
    strata: np.ndarray | None,
) -> np.ndarray:
    """Return the rows of ``pool`` to validate with: about the fraction ``valid`` of them, whole groups at a time."""
    units: dict[object, list[int]] = {}
    for row in pool.tolist():
        units.setdefault(groups[row] if grouped else row, []).append(row)
    if len(units) < 2:
        noun = "group" if grouped else "image"
        raise UserError(
            f"There {'is' if units else 'are'} {sentences.count(1, noun) if units else f'no {noun}s'} "
            f"to train and validate with: expected at least 2. Add {noun}s{' or another pattern' if grouped else ''}."
        )
    members = list(units.values())
    fraction = DEFAULT_VALID if valid is None else valid
    target = fraction * len(pool)
    if valid is not None and not grouped and not 0 < round(target) < len(pool):
        raise UserError(
            f"The validation fraction {valid:g} of {len(pool):,} images leaves none to "
            f"{'train on' if round(target) else 'validate with'}: choose another fraction or add images."
        )
    rng = np.random.default_rng(seed)
    if strata is None:
        return _nearest(members, target, rng)
    counts = np.stack([strata[rows].sum(axis=0, dtype=np.int64) for rows in members]) if grouped else strata[pool]
    sizes = np.array([len(rows) for rows in members])
    parts = stratify.deal(counts, sizes, np.array([1 - fraction, fraction]), rng)
    return np.array(sorted(row for unit in np.flatnonzero(parts == 1) for row in members[unit]), dtype=np.int64)


def _nearest(members: list[list[int]], target: float, rng: np.random.Generator) -> np.ndarray:
    """Take units in random order as long as that comes nearer to ``target`` rows; at least one, never all."""
    rows: list[int] = []
    n_units = 0
    for unit in rng.permutation(len(members)).tolist():
        size = len(members[unit])
        if n_units < len(members) - 1 and abs(len(rows) + size - target) < abs(len(rows) - target):
            rows += members[unit]
            n_units += 1
    smallest: list[int] = min(members, key=len)
    return np.array(sorted(rows or smallest), dtype=np.int64)
