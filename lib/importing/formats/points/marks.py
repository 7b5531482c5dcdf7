"""Gathers points that annotators set one by one, under labels, into things with named points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import answer, refusal
from lib.importing.formats.points.annotated import Instance, check_cells
from lib.importing.parsed import Fix, UnsureError
from lib.importing.problems import Problems
from lib.importing.untrusted import describe

#: What is asked where several kinds of things have points, and where a picture has several points of one name.
KIND, REPEATED, NUMBER = "category", "repeated", "number"
#: Most names of points.
MAX_POINTS = 10_000
_UNNAMED = "point"
_LOOSE = "points without a skeleton"

#: A point: x, y and its visibility as in `lib.importing.formats.points.annotated.Instance`.
Point = tuple[float, float, int]


def no_box() -> np.ndarray:
    """Return the box of a thing of which nobody drew any."""
    return np.full((2, 2), np.nan)


@dataclass(frozen=True)
class Mark:
    """One or several points that were set under one label, in one ``group`` of marks; "" where they have none."""

    label: str
    points: list[Point]
    group: str = ""


@dataclass(frozen=True)
class Thing:
    """One thing in a picture: a kind such as person, "" where nothing is said, and its points by name.

    ``box`` are two opposite corners of it, NaN where nobody gave any.
    """

    kind: str
    points: dict[str, Point]
    box: np.ndarray = field(default_factory=no_box)


#: Where a picture is told of, its marks and the boxes of their groups.
_Loose = tuple[str, list[Mark], dict[str, np.ndarray]]


def gather(
    loose: Mapping[str, _Loose], choices: Mapping[str, str], problems: Problems
) -> tuple[dict[str, list[Thing]], set[str], list[Fix]]:
    """Return the things that the marks of each picture make, the pictures left out, and what to ask.

    Marks of different labels are one thing; so are those of each group where there are groups. Where all marks have
    the same label and several points, each is a thing.

    Raises
    ------
    UserError
        If most pictures have several points of one name.
    """
    choice = answer(choices, REPEATED, (NUMBER,))
    joined = {file: _joined(marks_here, choice == NUMBER) for file, (_, marks_here, _) in loose.items()}
    usual = _usual_counts(joined.values())
    outlines = len(usual) == 1 and all(count > 1 for count in usual.values()) and "" not in usual
    things: dict[str, list[Thing]] = {}
    spoiled: set[str] = set()
    repeated: list[str] = []
    for file, marks_here in joined.items():
        where, _, boxes = loose[file]
        wrong = next((one for one in marks_here if len(one.points) != usual[one.label]), None)
        if wrong is not None:
            points = sentences.count(len(wrong.points), "point")
            problems.add(
                "other-points", f"{where}: {points} of {describe(wrong.label)}, most have {usual[wrong.label]}"
            )
            spoiled.add(file)
        elif (things_here := _things(marks_here, usual, boxes, outlines)) is None:
            repeated.append(file)
        else:
            things[file] = things_here
    return things, spoiled | set(repeated), _about_repeated(repeated, len(loose), joined, problems)


def _joined(marks_here: list[Mark], all_labels: bool) -> list[Mark]:
    """Join the marks of a picture that have no label, or with ``all_labels`` those of each label, in their order."""
    kept: dict[tuple[str, str, int], Mark] = {}
    for number, one in enumerate(marks_here):
        key = (one.group, one.label, -1 if all_labels or not one.label else number)
        kept[key] = replace(one, points=kept[key].points + one.points) if key in kept else one
    return list(kept.values())


def _usual_counts(all_marks: Iterable[list[Mark]]) -> dict[str, int]:
    counts: dict[str, Counter[int]] = {}
    for marks_here in all_marks:
        for one in marks_here:
            counts.setdefault(one.label, Counter())[len(one.points)] += 1
    return {label: count.most_common(1)[0][0] for label, count in counts.items()}


def _things(
    marks_here: list[Mark], usual: Mapping[str, int], boxes: Mapping[str, np.ndarray], outlines: bool
) -> list[Thing] | None:
    """Return the things of a picture, None where a name is on several points of one."""
    groups: dict[str, dict[str, Point]] = {}
    for number, one in enumerate(marks_here):
        group = str(number) if outlines and not one.group else one.group
        points = groups.setdefault(group, {})
        named = dict(zip(_names(one.label, usual[one.label]), one.points, strict=True))
        if points.keys() & named.keys():
            return None
        points |= named
    return [Thing("", points, boxes.get(group, no_box())) for group, points in groups.items()]


def _names(label: str, count: int) -> list[str]:
    return [label] if label and count == 1 else [f"{label or _UNNAMED} {k}" for k in range(1, count + 1)]


def _about_repeated(repeated: list[str], of: int, joined: Mapping[str, list[Mark]], problems: Problems) -> list[Fix]:
    if not repeated:
        return []
    first = repeated[0]
    count = Counter(one.label for one in joined[first]).most_common(1)[0]
    words = f"{first} has {count[1]:,} points called {describe(count[0])}"
    question = f"{words}, and {len(repeated):,} of {of:,} images have such: are they to be numbered as they come?"
    fix = Fix("several-instances", question, REPEATED, NUMBER, "Number points of the same name")
    if 2 * len(repeated) > of:
        raise UnsureError(
            f"{words}, and so do most images: expected one point of each name, or groups. Number them as they come "
            f"({REPEATED}={NUMBER}), or name them differently.",
            [fix],
        )
    for file in repeated:
        problems.add("several-instances", f"{file}: several points of one name")
    return [fix]


def choose_kind(things_of: Mapping[str, list[Thing]], choices: Mapping[str, str]) -> tuple[str, list[Fix]]:
    """Return the kind of things whose points are read, the most frequent unless the user chose, and what to ask.

    Raises
    ------
    UserError
        If the user chose one that is not there.
    """
    counts = Counter(thing.kind for things in things_of.values() for thing in things)
    kinds = [kind for kind, _ in counts.most_common()]
    asked = choices.get(KIND)
    called = {kind or _LOOSE: kind for kind in kinds}
    if asked is not None and asked not in called:
        raise refusal(KIND, asked, f"something with points, one of {sentences.listed(list(called), 8, show=repr)}")
    if not kinds:
        return "", []
    kind = called[asked] if asked is not None else kinds[0]
    question = f"Several kinds of things have points of their own; those of {kind or _LOOSE!r} are read."
    others = [one for one in called if called[one] != kind]
    return kind, [Fix("", question, KIND, one, f"Read the points of {one}") for one in others[:8]]


def names_of(things_of: Mapping[str, list[Thing]], declared: list[str], order: list[str]) -> list[str]:
    """Return the names of points: those declared, then others, numbers by size, ``order`` first, then as they come.

    Raises
    ------
    UserError
        If there are more than `MAX_POINTS`.
    """
    used = dict.fromkeys(name for things in things_of.values() for thing in things for name in thing.points)
    rank = {name: place for place, name in enumerate(order)}
    known = set(declared)
    more = [name for name in used if name not in known]
    if all(name.isdecimal() and len(name) < 20 for name in more):
        more.sort(key=lambda name: (int(name), name))
    else:
        more.sort(key=lambda name: rank.get(name, len(rank)))
    names = [*dict.fromkeys(declared), *more]
    if len(names) > MAX_POINTS:
        raise UserError(
            f"The data has {len(names):,} names of points, such as {describe(names[-1])}: expected at most "
            f"{MAX_POINTS:,}. Give the same point the same name in every image."
        )
    return names


def instances(names: list[str], things_of: Mapping[str, list[Thing]]) -> dict[str, list[Instance]]:
    """Return the things of each picture as arrays of all ``names``; a thing without a known point is none."""
    check_cells(sum(map(len, things_of.values())), 2 * len(names), "points")
    place = {name: k for k, name in enumerate(names)}
    return {
        file: [_instance(place, thing) for thing in things if _is_known(thing)] for file, things in things_of.items()
    }


def _is_known(thing: Thing) -> bool:
    return any(np.isfinite(point[:2]).all() for point in thing.points.values())


def _instance(place: Mapping[str, int], thing: Thing) -> Instance:
    points = np.full((len(place), 2), np.nan, dtype=np.float32)  # (K, 2)
    seen = np.zeros(len(place), dtype=np.int64)
    for name, (x, y, visibility) in thing.points.items():
        points[place[name]] = x, y
        seen[place[name]] = visibility
    points[np.isnan(points).any(axis=1)] = np.nan
    given = np.isfinite(thing.box).all()
    corners = thing.box if given else np.stack([np.nanmin(points, axis=0), np.nanmax(points, axis=0)])
    return Instance(float(np.prod(np.abs(corners[1] - corners[0]))), points, thing.box, seen)
