"""Guesses what each column of a table holds: its structure first, then which columns are the targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from lib.core import sentences
from lib.importing.columns import CHOICE, OF
from lib.importing.parsed import Fix
from lib.importing.tables import split_columns, words
from lib.importing.tables.facts import NUMERIC_FLAGS, Facts
from lib.importing.tables.point_columns import pairs_among, point_and_axis
from lib.tasks.wanted import Wanted

#: Which roles make which targets.
TARGETS = ("labels", "01", "number", "x", "y")
#: Roles of columns beside which another one need not be the target.
_TOLD = (*TARGETS, "point", "box")
_ROW_NUMBERS = ("", "id", "index", "unnamed: 0", "row")
#: A column of the first name is that of a label if it holds 0 and 1 only; one of the second is what it says.
_GROUPS = ("group", "group_name")
_TAXONOMY = frozenset({"genus", "species", "phylum"})
_CORNERS = ({"x1", "y1", "x2", "y2"}, {"x", "y", "w", "h"}, {"x", "y", "width", "height"})


@dataclass
class Roles:
    """The roles of a table's columns.

    Attributes
    ----------
    role, why : dict of str to str
        Of each column, by name.
    points : dict of str to (str, str)
        The x and the y column of each point.
    visible : dict of str to str
        The column that says whether a point is visible, by point.
    quiet : set of str
        Ignored columns that nobody misses, such as row numbers.
    fixes : list of Fix
        Other roles that may be meant.
    question : str
        What has to be answered before the table can be used, "" if nothing has.
    answers : list of Fix
        To that question.
    """

    role: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    points: dict[str, tuple[str, str]] = field(default_factory=dict)
    visible: dict[str, str] = field(default_factory=dict)
    quiet: set[str] = field(default_factory=set)
    fixes: list[Fix] = field(default_factory=list)
    question: str = ""
    answers: list[Fix] = field(default_factory=list)

    def give(self, names: Iterable[str], role: str, why: str) -> None:
        """Give columns a role."""
        for name in names:
            self.role[name], self.why[name] = role, why

    def of(self, role: str) -> list[str]:
        """Return the columns of a role."""
        return [name for name, one in self.role.items() if one == role]

    def offer(
        self, name: str, role: str, question: str, title: str, *, safe: bool = False, blocks: bool = False
    ) -> None:
        """Note that another role of a column may be meant; ``safe`` and ``blocks`` as of a `Fix`."""
        self.fixes.append(Fix("", question, CHOICE + name, role, title, safe=safe, blocks=blocks))


class Structure:
    """Finds the columns that are no targets: splits, groups, boxes, who said how sure what is; and pairs of points.

    Parameters
    ----------
    cells : pandas.DataFrame
        All cells, stripped, a column a name.
    facts : mapping of str to Facts
        Of each column.
    roles : Roles
        Has the columns already of which the user said what they hold, and the one that names pictures.
    repeats : bool
        Whether several rows name one picture.
    wanted : Wanted
    """

    def __init__(self, cells: pd.DataFrame, facts: Mapping[str, Facts], roles: Roles, *, repeats: bool, wanted: Wanted):
        self.cells, self.facts, self.roles, self.repeats, self.wanted = cells, facts, roles, repeats, wanted

    @property
    def left(self) -> dict[str, Facts]:
        """The columns without a role."""
        return {name: one for name, one in self.facts.items() if name not in self.roles.role}

    def find(self) -> None:
        """Give each of them its role."""
        for name, one in self.left.items():
            if is_row_number(name, one):
                self.roles.give([name], "ignore", "row numbers" if one.filled else "it is empty")
                self.roles.quiet.add(name)
        self._splits()
        self._groups()
        self._folds()
        self._boxes()
        self._points()

    def same(self, one: str, other: str) -> bool:
        """Return whether each cell of one column has always the same beside it in another."""
        both = self.cells[[one, other]].drop_duplicates()
        return len(both) == both[one].nunique()

    def _splits(self) -> None:
        if self.roles.of("split"):
            return
        why = {name: reason for name, one in self.left.items() if (reason := split_columns.split_reason(one))}
        if why:
            name = min(why, key=lambda name: list(split_columns.REASONS).index(why[name]))
            self.roles.give([name], "split", why[name])
            return
        for name, one in self.left.items():
            if split_columns.may_split(one) and any(words.label_rank(other.words) for other in self.left.values()):
                self._ask_split(name, one)

    def _ask_split(self, name: str, one: Facts) -> None:
        """Ask about a column that is called after splits, and whose cells nobody understands."""
        self.roles.give([name], "group", "it may divide the data, in words that are not known")
        listed = sentences.listed(list(one.values), split_columns.SHOWN, show=repr)
        text = (
            f"Column {name!r} seems to say which part of the data an image is in ({listed}), in words that are not "
            "known: expected train, valid or test. What it calls alike is kept in one split."
        )
        self.roles.offer(name, "group", text, f"Keep what {name!r} calls alike in one split", safe=True, blocks=True)
        self.roles.offer(name, "ignore", text, f"Divide the images without regard to {name!r}", blocks=True)

    def _groups(self) -> None:
        if self.roles.of("group"):
            return
        left = self.left
        named = {name for name in left if words.is_group(left[name].words) or name.lower() in _GROUPS}
        if any(_TAXONOMY & set(one.words) for one in left.values()):  # that family is no household
            named -= {name for name in named if left[name].words[-1] == "family"}
        sure = next((name for name in left if name.lower() == _GROUPS[1]), None)
        if sure is not None and len(left) > 1:
            self.roles.give([sure], "group", "its name")
            named.discard(sure)
            return
        several = [
            name
            for name in left
            if name in named and split_columns.may_group(left[name], always=name.lower() == _GROUPS[0])
        ]
        file = next(iter(self.roles.of("file")), None)
        if self.repeats and file is not None:  # else it tells of objects
            several = [name for name in several if self.same(file, name)]
        others = [name for name in left if name not in named and not left[name].empty]
        if not several or not (others or any(role in _TOLD for role in self.roles.role.values())):
            return
        coarsest = min(several, key=lambda name: len(left[name].cells))
        self.roles.give([coarsest], "group", "its name, and its cells repeat")
        for name in several:
            if name == coarsest:
                continue
            self.roles.give([name], "ignore", f"{coarsest!r} is the group")
            if not self.same(name, coarsest):
                self.roles.offer(
                    name,
                    "group",
                    f"Column {coarsest!r} says which images belong together; {name!r} may say so as well, and does "
                    "not divide them alike.",
                    f"Keep each {name!r} in one split instead",
                )

    def _folds(self) -> None:
        """Let each fold of a cross-validation be a group, which no split divides, unless there are other groups."""
        for name, one in self.left.items():
            if not words.is_fold(one.words) or not (one.is_whole or one.empty):
                continue
            if one.empty or len(one.cells) < 2 or self.roles.of("group"):
                self.roles.give([name], "ignore", "it numbers folds")
                continue
            self.roles.give([name], "group", "it numbers folds, of which none is divided")
            text = f"Column {name!r} numbers folds; each is kept in one split, as images of a group are."
            self.roles.offer(name, "ignore", text, "Divide the images without regard to folds")

    def _boxes(self) -> None:
        left = {name: one for name, one in self.left.items() if one.is_number}
        labeled = any(words.label_rank(one.words) for one in self.left.values())
        if not labeled and not self.repeats:
            return
        sure = [name for name, one in left.items() if words.is_box(one.words, loose=False)]
        joined = {"".join(one.words): name for name, one in left.items()}
        loose = next((wanted for wanted in _CORNERS if wanted <= set(joined)), None)
        if len(sure) >= 4:
            self.roles.give(sure, "box", "its name, beside a class")
        elif loose is not None and (self.repeats or self._spans([joined[name] for name in sorted(loose)], loose)):
            self.roles.give([joined[name] for name in loose], "box", "its name, beside a class")

    def _spans(self, names: list[str], loose: set[str]) -> bool:
        """Return whether the second corner is always below and to the right of the first."""
        if "x1" not in loose:
            return True
        numbers = self.cells[names].apply(pd.to_numeric, errors="coerce")
        x1, x2, y1, y2 = (numbers[name] for name in names)
        return bool(((x1 < x2) & (y1 < y2)).all())

    def _points(self) -> None:
        left = {name: one for name, one in self.left.items() if one.is_number or one.empty}
        points = pairs_among(list(left))
        sides = {name for pair in points.values() for name in pair}
        if self.wanted.labels or not any(left[name].is_number for name in sides):
            return
        if not self.wanted.points and all(left[name].empty or left[name].flag_share >= 0.9 for name in sides):
            return  # labels called x and y
        self.roles.points = points
        for name in self.roles.of("visible"):  # as the user said
            self._visible(name, points, self.roles.why[name])
        for name, one in self.left.items():
            if name in sides:
                continue
            if words.is_sure(one.words) and one.is_number:
                self.roles.give([name], "ignore", "it says how sure a point is")
            elif words.is_seen(one.words) and not one.empty and set(one.lower) <= {*NUMERIC_FLAGS, "2", "2.0"}:
                self._visible(name, points)
            elif self.repeats and len(points) == 1 and words.is_point(one.words):
                self.roles.give([name], "point", "its name, and several rows name one image")
            elif self.repeats and words.is_annotator(one.words):
                self.roles.give([name], "annotator", "its name, and several rows name one image")

    def _visible(self, name: str, points: Mapping[str, tuple[str, str]], why: str = "") -> None:
        longest = sorted(points, key=len, reverse=True)
        point = next((point for point in longest if point.lower() in name.lower()), None)
        if len(points) == 1:
            point = longest[0]
        if point is None or point in self.roles.visible:
            self.roles.give([name], "ignore", "its name is not that of a point")
            return
        self.roles.visible[point] = name
        self.roles.give([name], "visible", why or f"whether {point!r} is visible, by its name")


def chosen_points(
    chosen_roles: Mapping[str, str], guessed: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """Return the pairs of columns that the user said, and those that were guessed of other columns."""
    axes: dict[str, dict[str, str]] = {}
    for column, text in chosen_roles.items():
        axis, _, point = text.partition(OF)
        if axis in ("x", "y"):
            named = point_and_axis(column)
            own = point.strip() or (named[0] if named and named[1] == axis else "point")
            axes.setdefault(own, {})[axis] = column
    mine = {point: (pair["x"], pair["y"]) for point, pair in axes.items() if set(pair) == {"x", "y"}}
    return {**{point: pair for point, pair in guessed.items() if not set(pair) & set(chosen_roles)}, **mine}


def is_row_number(name: str, one: Facts) -> bool:
    """Return whether a column numbers the rows, or is empty and has no name."""
    plain = "" if name.startswith("column ") else name.lower()
    if plain not in _ROW_NUMBERS:
        return False
    if not one.empty and name.startswith("column ") and one.is_number and one.numbers.min() not in (0, 1):
        return False  # in a table without a header it may be what is to be predicted
    return one.empty or (one.is_whole and one.unique and one.filled == one.rows)
