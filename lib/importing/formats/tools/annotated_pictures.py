"""What an annotation tool says of each picture, and the rows of labels or keypoints that come of it.

A reader of a tool's files makes an `AnnotatedPicture` of each; `parsed` follows the rules of COCO from there: labels
are what is tagged or drawn anywhere in a picture, and a picture without any shows none of them. Points are read where
at least as many pictures have points as have nothing but labels, or where they are wanted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import answer
from lib.importing.formats.points import marks
from lib.importing.formats.points.annotated import label_matrix, points_of_objects
from lib.importing.formats.points.marks import Mark, Thing
from lib.importing.formats.points.placed import check_undeclared
from lib.importing.formats.source import Source, note_no_label
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.tasks.wanted import Wanted

#: What becomes of pictures of no known split where others have one.
UNASSIGNED, TRAIN, LEAVE_OUT = "unassigned", "train", "leave-out"


@dataclass
class AnnotatedPicture:
    """What a file says of one picture.

    Attributes
    ----------
    where : str
        File and place, for messages.
    picture : str
        Its name in the tree.
    labels : list of str
        Tags of the picture and labels of what is drawn in it, points apart.
    things : list of Thing
        With points that have names.
    marks : list of Mark
        Points that belong to no skeleton.
    boxes : dict
        Box around the marks of a group, by the group's name.
    size : tuple of float, optional
        (width, height) in pixels when it was annotated.
    split : str, optional
    """

    where: str
    picture: str
    labels: list[str] = field(default_factory=list)
    things: list[Thing] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    boxes: dict[str, np.ndarray] = field(default_factory=dict)
    size: tuple[float, float] | None = None
    split: str | None = None

    @property
    def has_points(self) -> bool:
        """Whether any point is set."""
        return bool(self.things or self.marks)

    def join(self, other: AnnotatedPicture) -> None:
        """Add what another entry says of the same picture."""
        self.labels += other.labels
        self.things += other.things
        self.marks += other.marks
        self.boxes |= other.boxes
        self.size, self.split = self.size or other.size, self.split or other.split


@dataclass
class Declared:
    """What files declare beforehand.

    Attributes
    ----------
    labels : list of str
        Labels in their order, some perhaps several times; those in no picture are noted.
    points : dict of str to list of str
        Names of the points of each kind of thing.
    lines : dict of str to list of pairs of names
        Lines of its skeleton.
    """

    labels: list[str] = field(default_factory=list)
    points: dict[str, list[str]] = field(default_factory=dict)
    lines: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def first_of_each(entries: Iterable[AnnotatedPicture], problems: Problems) -> list[AnnotatedPicture]:
    """Return the first entry of each picture; the others are noted."""
    kept: dict[str, AnnotatedPicture] = {}
    for one in entries:
        if kept.setdefault(one.picture, one) is not one:
            problems.add("duplicate-row", f"{one.where}: {one.picture} (first in {kept[one.picture].where})")
    return list(kept.values())


def united(entries: Iterable[AnnotatedPicture]) -> list[AnnotatedPicture]:
    """Return one entry a picture, with all that its entries say."""
    kept: dict[str, AnnotatedPicture] = {}
    for one in entries:
        if kept.setdefault(one.picture, one) is not one:
            kept[one.picture].join(one)
    return list(kept.values())


def parsed(
    name: str,
    source: Source,
    wanted: Wanted,
    entries: list[AnnotatedPicture],
    problems: Problems,
    declared: Declared | None = None,
    *,
    where_said: str = "the JSON",
    one_each: bool = False,
) -> Parsed:
    """Return the rows of a source.

    Parameters
    ----------
    name : str
        Of the form.
    source : Source
    wanted : Wanted
    entries : list of AnnotatedPicture
        One a picture.
    problems : Problems
    declared : Declared, optional
    where_said : str
        What the files are called in messages about sizes.
    one_each : bool
        Whether the form's labels exclude each other, as those of a drop-down list do.

    Raises
    ------
    UserError
        If it says nothing of what is wanted.
    """
    declared = declared or Declared()
    with_points = sum(one.has_points for one in entries)
    only_labels = sum(bool(one.labels) and not one.has_points for one in entries)
    if wanted.points and not with_points:
        raise UserError(_nothing(name, entries, "points", "Choose multi-label"))
    if reads_points(wanted, with_points, only_labels):
        rows = _with_points(name, source, entries, problems, declared, where_said)
    else:
        rows = _with_labels(name, wanted, entries, problems, declared, one_each)
    add_splits(rows, {one.picture: one.split for one in entries}, source.choices)
    return rows


def reads_points(wanted: Wanted, with_points: int, only_labels: int) -> bool:
    """Return whether points are read where so many pictures have some, and so many have labels and no point."""
    return wanted.points or (wanted.open and with_points > 0 and with_points >= only_labels)


def _nothing(name: str, entries: list[AnnotatedPicture], expected: str, otherwise: str) -> str:
    where = entries[0].where if entries else name
    return (
        f"{where}: expected {expected}, found none in {sentences.count(len(entries), 'annotated image')} ({name}). "
        f"{otherwise}, or annotate {expected} and export again."
    )


# --- labels ----------------------------------------------------------------------------------------------------


def _with_labels(
    name: str, wanted: Wanted, entries: list[AnnotatedPicture], problems: Problems, declared: Declared, one_each: bool
) -> Parsed:
    labels_of = {one.picture: _labels(one) for one in entries}
    used = {label for labels in labels_of.values() for label in labels}
    if entries and not used:
        raise UserError(_nothing(name, entries, "labels", "Choose another task"))
    names = list(dict.fromkeys([*declared.labels, *sorted(used - set(declared.labels))]))
    place = {label: column for column, label in enumerate(names)}
    single = one_each and (wanted.open or wanted.one_label) and max(map(len, labels_of.values()), default=0) <= 1
    left_out: set[str] = set()
    if single:
        for one in entries:
            if not labels_of[one.picture]:
                problems.add("not-annotated", f"{one.where}: {one.picture}")
        left_out = {file for file, labels in labels_of.items() if not labels}
        labels_of = {file: labels for file, labels in labels_of.items() if labels}
    kept, targs = label_matrix(names, [{place[label] for label in one} for one in labels_of.values()], problems)
    files = list(labels_of)
    if single:
        classes = np.nonzero(targs)[1].astype(np.int64)  # (N,): each row has one
        return Parsed(name, "single-label", kept, files, classes, None, problems, left_out=left_out)
    return Parsed(name, "multi-label", kept, files, targs, None, problems, check=note_no_label)


def _labels(one: AnnotatedPicture) -> set[str]:
    return {
        label
        for label in (*one.labels, *(thing.kind for thing in one.things), *(mark.label for mark in one.marks))
        if label
    }


# --- points ----------------------------------------------------------------------------------------------------


def _with_points(
    name: str, source: Source, entries: list[AnnotatedPicture], problems: Problems, declared: Declared, where_said: str
) -> Parsed:
    loose = {one.picture: (one.where, one.marks, one.boxes) for one in entries if one.marks}
    gathered, spoiled, fixes = marks.gather(loose, source.choices, problems)
    things_of = {
        one.picture: [*one.things, *gathered.get(one.picture, [])] for one in entries if one.picture not in spoiled
    }
    kind, others = marks.choose_kind(things_of, source.choices)
    things_of = {file: [thing for thing in things if thing.kind == kind] for file, things in things_of.items()}
    names = marks.names_of(things_of, declared.points.get(kind, []), declared.labels)
    instances = marks.instances(names, things_of)
    chosen = points_of_objects(names, instances, source.choices, problems)
    rows = Parsed(name, "keypoints", chosen.names, chosen.files, chosen.targs, None, problems)
    rows.boxes, rows.left_out = chosen.boxes, chosen.left_out | spoiled
    rows.fixes = [*fixes, *others, *chosen.fixes]
    there = set(chosen.names)
    lines = [[a, b] for a, b in declared.lines.get(kind, []) if {a, b} <= there]
    rows.extra = {"skeleton": lines} if lines else {}
    rows.check = partial(check_undeclared, source.tree, {one.picture: one.size for one in entries}, where_said)
    return rows


# --- splits ----------------------------------------------------------------------------------------------------


def add_splits(rows: Parsed, split_of_picture: Mapping[str, str | None], choices: Mapping[str, str]) -> None:
    """Keep the given splits; a picture of none is taught, as it was not held out, or left out if the user says so."""
    splits = [split_of_picture[file] for file in rows.files]
    known = {split for split in splits if split}
    if not known or set(splits) == {"test"}:  # nothing but a test part, alone, is divided as if nothing were said
        return
    rows.splits = [split or TRAIN for split in splits]
    unknown = [file for file, split in zip(rows.files, splits, strict=True) if not split]
    if not unknown:
        return
    if answer(choices, UNASSIGNED, (TRAIN, LEAVE_OUT)) == LEAVE_OUT:
        rows.left_out |= set(unknown)
        rows.keep(np.array([bool(split) for split in splits]))
        return
    question = (
        f"{sentences.count(len(unknown), 'image is', 'images are')} in no known split, such as {unknown[0]}, while "
        "others are: they are used for training."
    )
    rows.fixes.append(Fix("", question, UNASSIGNED, LEAVE_OUT, "Leave them out"))
