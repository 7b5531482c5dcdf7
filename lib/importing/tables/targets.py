"""Guesses which columns of a table are its targets, and asks where two may be meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set

from lib.core import sentences
from lib.core.splits import split_words
from lib.importing.columns import CHOICE
from lib.importing.parsed import Fix
from lib.importing.tables import words
from lib.importing.tables.cells import LISTED
from lib.importing.tables.doubts import SIDE, Doubts
from lib.importing.tables.facts import Facts
from lib.importing.tables.header import is_given
from lib.importing.tables.roles import TARGETS, Structure
from lib.tasks.wanted import Wanted

_NAMED = 6  # columns in one question
_OFFERED = 3
_FEW = 10  # rows of which it means nothing that they are all different
_MOST_KINDS = 20  # different words in a column that may as well be labels
_BESIDE = "beside the targets"
_ID = frozenset({"id", "ids", "uuid", "guid", "index", "idx", "timestamp"})


class Targets:
    """The columns that have no role yet, by what they may be as targets; `choose` gives them their roles.

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
        classes = {name for name in numeric if _label(self.left[name]) == 2}
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
        if one.is_word_flag and not _label(one):
            return 1
        if _labels(one):
            return 2
        about = words.is_about(one.words)
        if one.is_number:
            return 4 if about else 3
        return 6 if about or not _repeats(one) or one.is_number_list else 5

    def choose(self) -> None:
        """Give the targets their roles, and every other column that of being ignored."""
        mine = {name: self.roles.role[name] for name in self.chosen_roles if self.roles.role.get(name) in TARGETS}
        if not self._as_wanted():
            self._open()
        if mine:
            self._as_chosen(mine)
        if not self.roles.question:
            chosen = {*self.roles.of("x"), *self.roles.of("y")}
            self.roles.points = {name: pair for name, pair in self.roles.points.items() if chosen.issuperset(pair)}
        for name, one in self.structure.left.items():
            why = "it is empty" if one.empty else _why_ignored(one)
            self.roles.give([name], "ignore", why)
            if one.empty and name.startswith("column "):
                self.roles.quiet.add(name)

    def _as_chosen(self, mine: Mapping[str, str]) -> None:
        """Let the columns be targets that the user said to be, and of the others those that go with them."""
        self.roles.question, self.roles.answers, self.roles.fixes = "", [], []
        kinds = {"x" if role == "y" else role for role in mine.values()}
        for name in [name for role in TARGETS for name in self.roles.of(role) if name not in mine]:
            role = "x" if self.roles.role[name] == "y" else self.roles.role[name]
            if role not in kinds or role == "labels":
                del self.roles.role[name]
        if "01" in kinds:
            left = self.structure.left
            self.roles.give((name for name in self.flags if name in left), "01", "its cells are 0 and 1, as others")
        if "x" in kinds:
            self._give_points()

    def _as_wanted(self) -> bool:
        """Choose what the user wants a target to be, as far as the table has it; return whether it has."""
        wanted = self.wanted
        if wanted.points and self.points:
            self._give_points()
        elif wanted.points or wanted.plain_numbers:
            self._give_numbers(anything=True)
        elif wanted.several_labels:
            self._several_labels()
        elif wanted.one_label:
            self._one_label()
        return not wanted.open

    def _several_labels(self) -> None:
        slips = [
            name
            for name, one in self.left.items()
            if one.others <= len(one.cells) / 2 and name not in self.flags and not _label(one)
        ]
        if len(self.flags) + len(slips) + len(self.word_flags) > 1 and not (self.sure and len(self.flags) < 2):
            self._give_flags([*self.flags, *self.word_flags, *slips])
        elif self.sure:
            self._labels()
        elif self.flags:
            self._give_flags(self.flags)
        else:
            self._any_labels()

    def _one_label(self) -> None:
        if self.sure:
            self._labels()
        elif len(self.flags) + len(self.word_flags) > 1:
            self._give_flags(self.flags + self.word_flags)
        else:
            self._any_labels()

    def _any_labels(self) -> None:
        texts = self.texts + self.word_flags
        some = texts or (list(self.left) if len(self.left) == 1 else [])
        if len(some) > 1:
            self._ask(some, "each may hold the labels")
        else:
            self.roles.give(some, "labels", "text that repeats" if texts else "the only column")

    def _open(self) -> None:
        flags = self.flags + (self.word_flags if self.flags or len(self.word_flags) > 1 else [])
        constant = all(len(self.left[name].cells) == 1 and not self.left[name].is_marks for name in self.flags)
        if flags and not self.sure and self.numbers and constant:
            self.numbers, flags = [name for name in self.left if name in self.numbers + flags], []
        if self.points:
            self._points_and(flags)
        elif self.sure and flags:
            self._labels_and(flags)
        elif self.sure:
            self._labels()
        elif flags:
            self._flags_and(flags)
        else:
            self._text_or_numbers()

    def _points_and(self, flags: list[str]) -> None:
        names = sentences.listed(list(self.roles.points), _OFFERED, show=repr)
        if len(self.roles.points) == 1 and (self.sure or self.numbers):
            others = self.sure or self.numbers
            self._ask([*others], f"the table has a point ({names}) as well")
            for name in others:
                self._answer(name, "ignore", f"Read the point, without {name!r}")
            self._give_points()
            return
        corners = all(words.is_box(self.facts[name].words, loose=False) for name in self.points)
        if corners and not self.sure and (others := [*self.numbers, *self.texts, *flags]):
            self._ask(others, f"the table has corners of boxes ({names}) as well")
            self._answer(self.points[0], "x", "Read the corners as points")
            return
        self._give_points()
        for name in self.sure[:_OFFERED]:
            text = f"The table has points ({names}), which are read, and column {name!r}, which is not used."
            self.roles.offer(name, "labels", text, f"Read the labels of {name!r}, not the points")
            self.roles.offer(name, "group", text, f"Read the points, and keep each {name!r} in one split")
        if len(flags) > 1:
            text = f"The table has points ({names}), which are read, and 0/1 columns, such as {flags[0]!r}, not used."
            self.roles.offer(flags[0], "01", text, "Read the 0/1 columns, not the points")

    def _labels_and(self, flags: list[str]) -> None:
        alike = [name for name in self.sure if self._names_of(name, flags)]
        if alike and len(flags) > 1:
            self._give_flags(flags)
            self.roles.give(alike, "labels", "its cells name the 0/1 columns: both are compared")
        elif self.roles.of("box") and any(_label(self.left[name]) == 2 for name in self.sure):
            self._labels()  # what else is said of an object, such as whether it is hidden
        elif len(flags) > 2 or (len(flags) > 1 and not any(_label(self.left[name]) == 2 for name in self.sure)):
            self._ask([*self.sure, *flags], "some hold labels, some 0 and 1")
        else:
            self._labels()
            self._offer(flags, "01")

    def _labels(self) -> None:
        first = max(_label(self.left[name]) for name in self.sure)
        top = self._without_doubles([name for name in self.sure if _label(self.left[name]) == first])
        others = [*self.texts, *self.word_flags, *self.numbers]
        if others and all(map(is_given, top)):
            self._ask([*top, *others], "without names nothing tells which is to be learned")
            return
        stems = {_stem(self.left[name]) for name in top}
        if len(top) > 1 and (len(stems) > 1 or any(map(words.names_annotator, stems))):
            self._ask(top, "each may hold the labels")
            return
        several = len(top) > 1
        self.roles.give(top, "labels", "its name, one of several columns of labels" if several else "its name")
        others = self._without_doubles([*top, *(name for name in self.sure if name not in top)])
        self._offer([name for name in others if name not in top], "labels")
        self._offer([name for name in self.numbers if words.is_value(self.left[name].words)], "number")

    def _without_doubles(self, names: list[str]) -> list[str]:
        """Return columns without those that say in other words, or numbers, what another says."""
        kept: list[str] = []
        for name in sorted(names, key=lambda name: (self.left[name].is_number, names.index(name))):
            others = [other for other in kept if _stem(self.left[other]) != _stem(self.left[name])]
            if not any(self.structure.same(name, other) and self.structure.same(other, name) for other in others):
                kept.append(name)
        return [name for name in names if name in kept]

    def _flags_and(self, flags: list[str]) -> None:
        values = [name for name in self.numbers if words.is_value(self.left[name].words)]
        others = self.numbers + self.texts
        if sum(words.names_annotator(self.left[name].words) for name in flags) > 1:
            self._ask(flags, "each may be the answer of another annotator")
            return
        if len(flags) == 1 and not others and self.described:
            if words.is_about(self.left[flags[0]].words) or SIDE & set(self.left[flags[0]].words):
                self._ask([*flags, *self.described], "each describes an image")
                return
            self._offer(self.described, "number")
        if len(flags) == 1 and not others:
            kinds = [name for name in self.rest if 1 < len(self.left[name].cells) <= _MOST_KINDS]
            kinds = [name for name in kinds if _repeats(self.left[name])]
            if kinds and split_words(" ".join(self.left[flags[0]].words)):
                self._ask([*flags, *kinds], "one may say how the images are to be used")
                return
            self._offer(kinds, "labels")
        if len(flags) == 1 and self.numbers and not self.texts and SIDE & set(self.left[flags[0]].words):
            self._give_numbers()
            self._offer(flags, "01")
        elif values or (len(flags) == 1 and others) or len(self.numbers) > len(flags):
            self._ask([*flags, *others], "some are 0 and 1, some are not")
        else:
            self._give_flags(flags)
            self._offer(others, "")
            self.doubts.about_flags(self.roles.of("01"))

    def _text_or_numbers(self) -> None:
        texts = self.word_flags + self.texts
        if texts and self.numbers:
            self._ask(texts + self.numbers, "some are text, some are numbers")
        elif len(texts) > 1:
            self._ask(texts, "each may hold the labels")
        elif texts:
            self.roles.give(texts, "labels", "text that repeats")
            self._offer(self.described, "number")
        elif self._may_be_classes():
            self._ask(self.numbers, "whole numbers that repeat, without a name, may be classes, splits or groups")
            for name in self.numbers:
                self._answer(name, "labels", f"Read {name!r} (labels)")
        elif self.numbers or self.described:
            self._give_numbers()
            if not self.numbers:
                few = [name for name in self.rest if len(self.left[name].cells) <= _MOST_KINDS]
                self._offer([name for name in few if _repeats(self.left[name])], "labels")
        elif len(self.left) == 1 and self._may_be_labels(*self.left.values()):
            self.roles.give(self.left, "labels", "the only column")

    def _may_be_labels(self, only: Facts) -> bool:
        """Return whether the only column that is left may hold labels: no prose, no numbers, no origin of boxes."""
        of_boxes = bool(self.roles.of("box")) and words.is_about(only.words)
        return not (_is_prose(only) or only.is_number_list or of_boxes)

    def _may_be_classes(self) -> bool:
        """Return whether some of the numbers have no name and are whole and repeat, as those of classes."""
        return any(is_given(name) and self.left[name].is_whole and not self.left[name].unique for name in self.numbers)

    def _give_points(self) -> None:
        left = self.structure.left
        for point, (x, y) in self.roles.points.items():
            for name, axis in ((x, "x"), (y, "y")):
                if name in left:
                    self.roles.give([name], axis, f"point {point!r}, by its name")

    def _give_flags(self, flags: list[str]) -> None:
        named = [name for name in self.empty if not name.startswith("column ")]
        empty = [name for name in named if not words.is_about(self.facts[name].words)]
        chosen = {*flags, *empty}
        self.roles.give((name for name in self.facts if name in chosen), "01", "its cells are 0 and 1")

    def _give_numbers(self, *, anything: bool = False) -> None:
        some = [name for name in self.numbers + self.described if not _ID & set(self.facts[name].words)]
        if anything:
            some += [name for name in self.flags if self.facts[name].is_number]
            some += [name for name in self.points if self.facts[name].is_number]
            some = some or [name for name in self.sure if self.facts[name].is_number]
        if not some and len(self.left) == 1:
            some = self.numbers + self.described
        if not anything:
            self.doubts.about_numbers(some, [name for name in some if name in self.described])
        chosen = set(some)
        self.roles.give((name for name in self.facts if name in chosen), "number", "its cells are numbers")

    def _names_of(self, name: str, flags: list[str]) -> bool:
        """Return whether most cells of a column name some of the 0/1 columns."""
        one, called = self.left[name], [flag.casefold().replace("_", " ") for flag in flags]
        cells = [cell.casefold().replace("_", " ") for cell in one.lower]
        return one.share(any(flag in cell for flag in called) or cell in ("[]", "{}") for cell in cells) >= 0.5

    def _offer(self, names: list[str], role: str) -> None:
        """Ask about columns that may be what is to be learned, and are not used."""
        for name in names[:_OFFERED]:
            text = f"Column {name!r}, which may be what is to be learned, is not used."
            own = role or self._role_of(name)
            self.roles.offer(name, own, text, f"Read {name!r} ({_TITLES[own]})")

    def _role_of(self, name: str) -> str:
        if name in self.flags or name in self.word_flags:
            return "01"
        return "number" if name in self.numbers or name in self.described else "labels"

    def _ask(self, names: list[str], reason: str) -> None:
        listed = sentences.listed(names, _NAMED, show=repr)
        self.roles.question = (
            f"What is to be learned from the columns {listed} is not sure: {reason}. Say what a column holds"
        )
        for name in names[:_NAMED]:
            own = self._role_of(name)
            self._answer(name, own, f"Read {name!r} ({_TITLES[own]})")

    def _answer(self, name: str, role: str, title: str) -> None:
        self.roles.answers.append(Fix("", self.roles.question + ".", CHOICE + name, role, title))

    def _almost(self, sure: Collection[str]) -> list[str]:
        """Return the columns of 0 and 1 that have a slip, for the reader to name it."""
        near = [
            name
            for name, one in self.left.items()
            if {"0", "1"} <= {cell.removesuffix(".0") for cell in one.lower}
            and not words.is_about(one.words)
            and not words.is_count(one.words)
            and not _label(one)
        ]
        slips = [name for name in near if self.left[name].flag_share >= 0.9 and self.left[name].others <= 3]
        if not sure:
            return slips if len(slips) > 1 else []
        few = [name for name in near if self.left[name].flag_share >= 0.5 and self.left[name].others == 1]
        return slips + few


_TITLES = {"labels": "labels", "01": "0 and 1", "number": "numbers to predict"}


def _stem(one: Facts) -> tuple[str, ...]:
    """Return the words of a column's name without numbers, which those of several columns of labels share."""
    return tuple(word for word in one.words if not word.isdigit())


def _label(one: Facts) -> int:
    """Return how surely a column holds labels; without a name, classes 0 and 1, or lists of labels."""
    if is_given(one.name) and (set(one.cells) == {"0", "1"} or any(LISTED in cell for cell in one.cells)):
        return 2
    return words.label_rank(one.words)


def _labels(one: Facts) -> bool:
    """Return whether a column is called after labels and holds neither measures nor a number a row."""
    numbers_rows = words.is_number_of_label(one.words) and one.unique and one.filled >= _FEW
    return _label(one) > 0 and (not one.is_number or one.is_whole) and not numbers_rows


def _repeats(one: Facts) -> bool:
    """Return whether texts can be labels: they are not all different, unless there are hardly any."""
    return not one.unique or one.filled < _FEW


def _is_prose(one: Facts) -> bool:
    return one.unique and one.filled >= _FEW


def _why_ignored(one: Facts) -> str:
    if words.is_about(one.words):
        return "its name describes the image or its making"
    if one.unique and one.filled > 1:
        return "no two cells are equal"
    return _BESIDE
