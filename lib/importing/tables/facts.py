"""What the cells of a column are: how many are filled, how they differ, numbers, words for yes and no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd

from lib.importing.tables import number_lists
from lib.importing.tables.cells import LISTED
from lib.importing.tables.words import words

#: Cells, in lower case, that say that nobody knows.
MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "?"})
_LONGEST = max(map(len, MISSING))
#: Cells of a 0/1 column, in lower case, as most tables write them.
NUMERIC_FLAGS = {"1": 1, "0": 0, "-1": -1, "1.0": 1, "0.0": 0, "-1.0": -1, "true": 1, "false": 0}
#: Marks for present; nothing stands for absent.
MARKS = frozenset({"x", "\N{CHECK MARK}", "\N{HEAVY CHECK MARK}", "[x]"})
_PAIRS = (("yes", "no"), ("y", "n"), ("t", "f"), ("present", "absent"), ("positive", "negative"), ("pos", "neg"))
#: Everything that a cell of a 0/1 column may be, in lower case.
FLAGS = {**NUMERIC_FLAGS, **dict.fromkeys(MARKS, 1), **{word: 1 - i for pair in _PAIRS for i, word in enumerate(pair)}}
_FAMILIES = (frozenset(NUMERIC_FLAGS), MARKS, *map(frozenset, _PAIRS))
_VALUES = 5  # shown of a column
_SHOWN = 60  # letters of each
_FEW = 8  # different cells that many columns of one table may have alike


@dataclass(frozen=True, eq=False)
class Facts:
    """The different cells of one column.

    Attributes
    ----------
    name : str
    cells : ndarray of str, shape (D,)
        The different cells that say something, in the order in which they come.
    counts : ndarray of int, shape (D,)
        How often each is there.
    rows : int
        Cells of the column, empty ones too.
    """

    name: str
    cells: np.ndarray
    counts: np.ndarray
    rows: int

    @classmethod
    def of(cls, name: str, column: pd.Series) -> Facts:
        """Return those of a column of stripped text."""
        codes, different = pd.factorize(column)
        counts = np.bincount(codes, minlength=len(different))
        filled = np.array([len(cell) > _LONGEST or cell.lower() not in MISSING for cell in different], dtype=bool)
        return cls(name, np.asarray(different, dtype=object)[filled], counts[filled], len(column))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of the name."""
        return words(self.name)

    @property
    def filled(self) -> int:
        """Cells that say something."""
        return int(self.counts.sum())

    @property
    def empty(self) -> bool:
        """Whether no cell says anything."""
        return not len(self.cells)

    @property
    def unique(self) -> bool:
        """Whether no two filled cells are equal."""
        return len(self.cells) == self.filled

    @property
    def values(self) -> tuple[str, ...]:
        """The first few different cells."""
        shown = [cell.strip(LISTED).replace(LISTED, ", ") for cell in self.cells[:_VALUES].tolist()]
        return tuple(cell if len(cell) <= _SHOWN else cell[:_SHOWN] + "…" for cell in shown)

    @cached_property
    def lower(self) -> list[str]:
        """The different cells in lower case."""
        return [cell.lower() for cell in self.cells]

    @cached_property
    def numbers(self) -> np.ndarray:
        """The number of each different cell, NaN where it is none or infinite."""
        return _numbers_of_few(tuple(self.cells)) if len(self.cells) <= _FEW else _numbers(self.cells)

    @cached_property
    def is_number(self) -> bool:
        """Whether it holds numbers, gaps and a tenth of slips allowed."""
        return bool(self.filled) and self.share(~np.isnan(self.numbers)) >= 0.9

    @cached_property
    def is_whole(self) -> bool:
        """Whether it holds whole numbers only."""
        return self.is_number and not np.isnan(self.numbers).any() and bool((self.numbers % 1 == 0).all())

    @cached_property
    def family(self) -> int | None:
        """Number of the words for yes and no that all cells are of: 0 digits, true and false; 1 marks; None: other."""
        different = set(self.lower)
        return next((i for i, family in enumerate(_FAMILIES) if different and different <= family), None)

    @property
    def is_numeric_flag(self) -> bool:
        """Whether all cells are 0 and 1, or true and false."""
        return self.family == 0

    @property
    def is_marks(self) -> bool:
        """Whether all cells are a mark or empty, and some are empty."""
        return self.family == 1 and self.filled < self.rows

    @property
    def is_word_flag(self) -> bool:
        """Whether all cells are two words for yes and no."""
        return self.family is not None and self.family > 1

    @cached_property
    def is_number_list(self) -> bool:
        """Whether nearly all cells are lists of numbers, such as corners or outlines."""
        return number_lists.are_lists(self.cells)

    @cached_property
    def flag_share(self) -> float:
        """Which part of the filled cells are 0 and 1, or true and false."""
        return self.share(cell in NUMERIC_FLAGS for cell in self.lower)

    @property
    def others(self) -> int:
        """How many different cells are neither 0 nor 1."""
        return sum(cell not in NUMERIC_FLAGS for cell in self.lower)

    def share(self, good: Iterable[bool]) -> float:
        """Return which part of the filled cells are among those different ones that are ``good``."""
        return float(self.counts[np.fromiter(good, dtype=bool, count=len(self.cells))].sum() / max(1, self.filled))


def _numbers(cells: np.ndarray) -> np.ndarray:
    numbers = pd.to_numeric(pd.Series(cells, dtype=object), errors="coerce").to_numpy(dtype=np.float64)
    return np.where(np.isfinite(numbers), numbers, np.nan)


@lru_cache(maxsize=2**10)
def _numbers_of_few(cells: tuple[str, ...]) -> np.ndarray:
    numbers = _numbers(np.array(cells, dtype=object))
    numbers.flags.writeable = False  # other columns get the same
    return numbers
