"""Kinds of columns that may be targets: called after labels, text that repeats, prose, what describes a picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

from lib.importing.tables import words
from lib.importing.tables.cells import LISTED
from lib.importing.tables.doubts import Doubts
from lib.importing.tables.facts import Facts
from lib.importing.tables.header import is_given
from lib.importing.tables.roles import Structure
from lib.tasks.wanted import Wanted

_FEW = 10  # rows of which it means nothing that they are all different
_BESIDE = "beside the targets"


def stem(one: Facts) -> tuple[str, ...]:
    """Return the words of a column's name without numbers, which those of several columns of labels share."""
    return tuple(word for word in one.words if not word.isdigit())


def rank_as_label(one: Facts) -> int:
    """Return how surely a column holds labels; without a name, classes 0 and 1, or lists of labels."""
    if is_given(one.name) and (set(one.cells) == {"0", "1"} or any(LISTED in cell for cell in one.cells)):
        return 2
    return words.label_rank(one.words)


def is_called_label(one: Facts) -> bool:
    """Return whether a column is called after labels and holds neither measures nor a number a row."""
    numbers_rows = words.is_number_of_label(one.words) and one.unique and one.filled >= _FEW
    return rank_as_label(one) > 0 and (not one.is_number or one.is_whole) and not numbers_rows


def repeats(one: Facts) -> bool:
    """Return whether texts can be labels: they are not all different, unless there are hardly any."""
    return not one.unique or one.filled < _FEW


def is_prose(one: Facts) -> bool:
    """Return whether all texts are different, and not because there are hardly any."""
    return one.unique and one.filled >= _FEW


def why_ignored(one: Facts) -> str:
    """Return why a column that nothing asks for is no target."""
    if words.is_about(one.words):
        return "its name describes the image or its making"
    if one.unique and one.filled > 1:
        return "no two cells are equal"
    return _BESIDE


class Kinds:
    """The columns that have no role yet, sorted by what they may be as targets.

    Attributes
    ----------
    flags, word_flags : list of str
        Columns of 0 and 1, and of two words for yes and no.
    sure, texts : list of str
        Columns that are called after labels, and other columns of text that repeats.
    numbers, described : list of str
        Columns of numbers, and those whose name describes how a picture was made.
    rest : list of str
        Text that no label is.
    """

    def __init__(self, structure: Structure, chosen_roles: Mapping[str, str], wanted: Wanted):
        self.structure, self.roles, self.chosen_roles, self.wanted = structure, structure.roles, chosen_roles, wanted
        self.facts = structure.facts
        self.doubts = Doubts(self.facts, self.roles)
        self.points = [name for pair in self.roles.points.values() for name in pair]
        points = set(self.points)
        left = {name: one for name, one in structure.left.items() if name not in points}
        self.empty = [name for name, one in left.items() if one.empty]
        self.left = {name: one for name, one in left.items() if not one.empty}
        numeric = {name for name, one in self.left.items() if one.is_numeric_flag or one.is_marks}
        numeric |= set(self._almost(numeric))
        classes = {name for name in numeric if rank_as_label(self.left[name]) == 2}
        if len(numeric) == 1 and not wanted.several_labels:
            numeric -= classes
        kinds = {name: self._kind(name, one, numeric) for name, one in self.left.items()}
        self.flags, self.word_flags, self.sure, self.numbers, self.described, self.texts, self.rest = (
            [name for name, kind in kinds.items() if kind == number] for number in range(7)
        )

    def _kind(self, name: str, one: Facts, numeric: Set[str]) -> int:
        """Return which of the seven lists of columns one belongs to, in the order of this class's attributes."""
        if name in numeric:
            return 0
        if one.is_word_flag and not rank_as_label(one):
            return 1
        if is_called_label(one):
            return 2
        about = words.is_about(one.words)
        if one.is_number:
            return 4 if about else 3
        return 6 if about or not repeats(one) or one.is_number_list else 5

    def _almost(self, sure: Collection[str]) -> list[str]:
        """Return the columns of 0 and 1 that have a slip, for the reader to name it."""
        near = [
            name
            for name, one in self.left.items()
            if {"0", "1"} <= {cell.removesuffix(".0") for cell in one.lower}
            and not words.is_about(one.words)
            and not words.is_count(one.words)
            and not rank_as_label(one)
        ]
        slips = [name for name in near if self.left[name].flag_share >= 0.9 and self.left[name].others <= 3]
        if not sure:
            return slips if len(slips) > 1 else []
        few = [name for name in near if self.left[name].flag_share >= 0.5 and self.left[name].others == 1]
        return slips + few
