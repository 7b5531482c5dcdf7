"""Columns that say the split or the group of a row: whether one does, and by what."""

from __future__ import annotations

from lib.core.splits import split_of
from lib.importing.tables import words
from lib.importing.tables.facts import Facts
from lib.importing.tables.split_cells import UNASSIGNED, flags, numbered

_FLAG, _WORDS, _CONTENT = "its name", "its name and its cells", "its cells name splits"
REASONS = (_FLAG, _WORDS, _CONTENT)
_CALLED_SPLIT = frozenset({"split", "subset", "partition", "datasplit", "datasetsplit", "splitid", "splitname"})
SHOWN = 5  # cells of a column in a question, which are the splits that it may name
_MOST_SPLITS = 12  # words for splits in one column


def split_reason(one: Facts) -> str:
    """Return why a column says the split of its rows, "" if it does not."""
    if one.empty:
        return ""
    if flags(one.name) is not None and one.family in (0, 2, 3, 4):
        return _FLAG
    called = words.is_split(one.words)
    if not called and len(one.cells) > _MOST_SPLITS:
        return ""
    named = [cell for cell in one.lower if split_of(cell)]
    share = one.share(bool(split_of(cell)) or cell in UNASSIGNED for cell in one.lower) if named else 0.0
    if called:
        if one.name.lower() == "split" or share >= 0.5 or numbered(one.name, one.lower):
            return _WORDS
        return ""
    several = len({split_of(cell) for cell in named}) > 1
    return _CONTENT if several and share == 1 and not words.label_rank(one.words) else ""


def may_split(one: Facts) -> bool:
    """Return whether a column is called as hardly anything but splits is, and has few different cells."""
    called = "".join(one.words) in _CALLED_SPLIT
    return called and 1 < len(one.cells) <= SHOWN and not one.unique


def may_group(one: Facts, *, always: bool) -> bool:
    """Return whether a column's cells can be names of groups: some repeat, and they are no measures."""
    if one.empty or one.family is not None:
        return False
    measured = one.is_number and not one.is_whole
    return always or (not measured and not one.unique and len(one.cells) > 1)
