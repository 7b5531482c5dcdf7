"""Fold: the part of a dataset that one training of a label audit is held to, and the errors planted for it."""

from __future__ import annotations

from dataclasses import dataclass

#: How many folds there may be, and the largest share of cells that may be changed on purpose.
FEWEST, MOST, MOST_DOSE = 2, 20, 0.2


@dataclass(frozen=True)
class Fold:
    """One of the equal parts into which all images are divided; a training validates with it and learns the others.

    Attributes
    ----------
    count : int
        K, how many parts there are.
    index : int
        Which of them this one is, from 0.
    seed : int
        Of the division, and of what is planted.
    dose : float
        Share of the cells that are secretly changed in what the worker sees, 0 for none; the dataset on disk is
        never touched.
    """

    count: int
    index: int = 0
    seed: int = 0
    dose: float = 0.0

    def check(self) -> None:
        """Look whether there can be such a fold; raises ValueError with where, expected, found."""
        for what, value, low, high in (
            ("count", self.count, FEWEST, MOST),
            ("index", self.index, 0, self.count - 1),
            ("seed", self.seed, 0, 2**31 - 1),
            ("dose", self.dose, 0, MOST_DOSE),
        ):
            if not low <= value <= high:
                raise ValueError(f"fold.{what}: expected {low:g} to {high:.10g}, found {str(value)[:40]}")
