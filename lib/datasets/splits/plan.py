"""Plan: how a dataset is split anew; Division: the splits that result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.datasets.splits.draw import DEFAULT_VALID

RANDOM, STRATIFIED = "random", "stratified"
#: Where groups come from, besides a pattern: nowhere, the dataset itself, the folder of the original name.
ALONE, GIVEN, FOLDER = "none", "given", "folder"
TRAIN, VALID, TEST = "train", "valid", "test"


@dataclass(frozen=True)
class Plan:
    """What is asked for.

    Attributes
    ----------
    by : str
        `RANDOM`, or `STRATIFIED`: every split gets its fair share of each label, class, range of a number, or point.
    group : str
        `ALONE`, `GIVEN`, `FOLDER`, or a regular expression whose first parentheses match the group in the file name.
        No group is divided.
    valid : float
        Share of the validation images, between 0 and 1, of the images that are divided. Not used with ``folds``.
    test : float, optional
        Share of the test images. None leaves the test split alone, 0 makes none.
    folds : int, optional
        K: the images that are not tested with are divided into K equal parts.
    fold : int
        Which of them validates, from 1; the others train. The parts depend on everything but this.
    seed : int
        Equal seed, equal division.
    """

    by: str = STRATIFIED
    group: str = ALONE
    valid: float = DEFAULT_VALID
    test: float | None = None
    folds: int | None = None
    fold: int = 1
    seed: int = 42

    def to_json(self) -> dict[str, Any]:
        """Return what is asked for without what does not count."""
        unused = ("fold", "folds") if self.folds is None else ("valid",)
        return {name: value for name, value in asdict(self).items() if value is not None and name not in unused}

    def words(self) -> str:
        """Return what is asked for in words.

        Examples
        --------
        >>> Plan(group="(.*)_", test=0.1).words()
        "Split: stratified, groups '(.*)_' whole, 20 % valid, 10 % test, seed 42"
        >>> Plan(by=RANDOM, folds=5, fold=2).words()
        'Split: random, fold 2 of 5 validates, test split as it was, seed 42'
        """
        groups = {ALONE: [], GIVEN: ["its groups whole"], FOLDER: ["folders whole"]}
        valid = (
            f"{100 * self.valid:.3g} % valid" if self.folds is None else f"fold {self.fold} of {self.folds} validates"
        )
        test = "test split as it was" if self.test is None else f"{100 * self.test:.3g} % test"
        parts = [self.by, *groups.get(self.group, [f"groups '{self.group}' whole"]), valid, test, f"seed {self.seed}"]
        return "Split: " + ", ".join(parts)


def check(plan: Plan) -> None:
    """Refuse a plan that cannot be, whatever the dataset.

    Raises
    ------
    UserError
    """
    if plan.by not in (RANDOM, STRATIFIED):
        raise UserError(f"There is no division {plan.by!r}: choose {RANDOM} or {STRATIFIED}.")
    if plan.seed < 0:
        raise UserError(f"The seed is {plan.seed}: expected 0 or more, such as 42.")
    if plan.folds is None and not 0 < plan.valid < 1:
        raise UserError(f"The validation fraction is {plan.valid:g}: expected a number between 0 and 1, such as 0.2.")
    if plan.test is not None and not 0 <= plan.test < 1:
        raise UserError(f"The test fraction is {plan.test:g}: expected 0 (no test split) to below 1, such as 0.1.")
    if plan.folds is None and plan.test is not None and plan.valid + plan.test >= 1:
        raise UserError(
            f"The fractions {plan.valid:g} for valid and {plan.test:g} for test leave no train images: "
            "choose smaller ones, such as 0.2 and 0.1."
        )
    if plan.folds is not None and plan.folds < 2:
        raise UserError(f"There cannot be {plan.folds} folds: expected 2 or more, such as 5.")
    if plan.folds is not None and not 1 <= plan.fold <= plan.folds:
        raise UserError(f"There is no fold {plan.fold} of {plan.folds}: choose 1 to {plan.folds}.")


def parts(plan: Plan) -> tuple[list[str], np.ndarray]:
    """Return the split of every part that is dealt out, and its share of the images."""
    test = plan.test or 0.0
    if plan.folds is None:
        names, ratios = [TRAIN, VALID], [1 - plan.valid - test, plan.valid]
    else:
        names = [VALID if fold == plan.fold else TRAIN for fold in range(1, plan.folds + 1)]
        ratios = [(1 - test) / plan.folds] * plan.folds
    return (names, np.array(ratios)) if not test else ([*names, TEST], np.array([*ratios, test]))


@dataclass(frozen=True)
class Division:
    """A dataset divided anew, not yet written.

    Attributes
    ----------
    splits : ndarray of str, shape (N,)
        An excluded image has the split of its group, or `EXCLUDED`, which leaves its place alone.
    groups : ndarray of str, shape (N,), optional
        Where the plan gives the images other groups than they have.
    units : int
        Groups, and images without one, that were dealt out.
    notes : list of str
        What is good to know, in sentences; names in them are not escaped.
    """

    splits: np.ndarray
    groups: np.ndarray | None
    units: int
    notes: list[str]

    def visible_splits(self, dataset: Dataset) -> np.ndarray:
        """Return the splits as they will be seen: excluded images are in none."""
        return np.where(_are_excluded(dataset), EXCLUDED, self.splits)


def _are_excluded(dataset: Dataset) -> np.ndarray:
    return dataset.items["split"].to_numpy(dtype=str) == EXCLUDED
