"""Asks about columns that are read as targets like others and may be something else, one click away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from lib.core import sentences
from lib.importing.tables import words
from lib.importing.tables.facts import Facts
from lib.importing.tables.roles import Roles

#: Flags that tell of a person or a picture more often than they are to be predicted.
SIDE = frozenset({"male", "female", "is", "has", "flipped", "mirrored", "augmented", "sex", "gender"})
_ASKED = 3  # columns, each with a question of its own
_NAMED = 6  # columns in one question
_MOST_CLASSES = 20  # whole numbers that may be classes
_SPELLINGS = (
    {"0", "1", "-1"},
    {"0.0", "1.0", "-1.0"},
    {"true", "false"},
    {"yes", "no"},
    {"y", "n"},
    {"t", "f"},
)


class Doubts:
    """Asks what is not sure of columns that have a role already.

    Parameters
    ----------
    facts : mapping of str to Facts
        Of each column.
    roles : Roles
        Is given the questions.
    """

    def __init__(self, facts: Mapping[str, Facts], roles: Roles):
        self._facts, self._roles = facts, roles

    def about_flags(self, names: Sequence[str]) -> None:
        """Ask about 0/1 columns that say rather something of the picture, or may be the two classes."""
        if len(names) == 1:
            self._may_be_two_classes(names[0])
            return
        called = {name: words.label_rank(self._facts[name].words) == 2 for name in names}
        aside = [name for name in names if not called[name] and self._is_aside(name)]
        spelled = {name: _spelling(self._facts[name]) for name in names if not self._facts[name].empty}
        usual = Counter(spelled.values()).most_common(1)[0][0]
        odd = [name for name, spelling in spelled.items() if spelling != usual and not called[name]]
        empty = [name for name in names if self._facts[name].empty]
        if len(called) > sum(called.values()) + len(aside):
            for name in [name for name in names if called[name]][:_ASKED]:
                text = f"Column {name!r}, which may be what is to be learned, is read as a label like the others."
                self._roles.offer(name, "labels", text, f"Read {name!r} (labels)")
            self._may_go(aside, "holds 0 and 1, and is read as a label like the others.")
        self._may_go([name for name in odd if name not in aside], "is written otherwise than the other 0/1 columns.")
        self._may_go(empty, "is empty, and is read as a label that nobody knows.")

    def about_numbers(self, names: Sequence[str], described: Sequence[str]) -> None:
        """Ask about numbers to predict that may be classes, and whether all of several are to be predicted.

        ``described`` are those whose names say that they describe a picture.
        """
        for name in [name for name in names if _may_be_classes(self._facts[name])][:_ASKED]:
            count = len(self._facts[name].cells)
            text = f"Column {name!r} holds {count} whole numbers that repeat: they are read as numbers, not as classes."
            self._roles.offer(name, "labels", text, f"Read {name!r} (labels)")
        if len(names) < 2 or len(names) == len(described):
            return
        listed = sentences.listed(list(names), _NAMED, show=repr)
        text = f"The columns {listed} hold numbers, and all of them are read as what is to be predicted."
        for name in [*described, *(name for name in reversed(names) if name not in described)][:_ASKED]:
            self._roles.offer(name, "ignore", text, f"Leave {name!r} out")

    def _may_be_two_classes(self, name: str) -> None:
        if self._facts[name].is_numeric_flag and len(self._facts[name].cells) == 2:
            first, second = self._facts[name].values
            text = f"Column {name!r} holds {first} and {second}, and is read as one label that is there or is not."
            self._roles.offer(name, "labels", text, f"Read {first} and {second} as two classes")

    def _is_aside(self, name: str) -> bool:
        of = self._facts[name].words
        return words.is_about(of) or bool(SIDE & set(of))

    def _may_go(self, names: Sequence[str], why: str) -> None:
        for name in names[:_ASKED]:
            self._roles.offer(name, "ignore", f"Column {name!r} {why}", f"Leave {name!r} out")


def _spelling(one: Facts) -> int:
    """Return the number of the words for yes and no that a column uses."""
    return next((i for i, spelling in enumerate(_SPELLINGS) if spelling.issuperset(one.lower)), len(_SPELLINGS))


def _may_be_classes(one: Facts) -> bool:
    return one.is_whole and len(one.cells) <= _MOST_CLASSES and 2 * len(one.cells) <= one.filled
