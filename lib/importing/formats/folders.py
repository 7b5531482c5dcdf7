"""Reads images in one folder per class, with or without train/ and valid/ above."""

from __future__ import annotations

from collections import Counter

import numpy as np

from lib.core.splits import all_known, split_of
from lib.importing.formats import label_cells
from lib.importing.formats.source import Source
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import PICTURE_FOLDERS, Tree
from lib.tasks.wanted import Wanted

NAME = "one folder a class"
EXPECTED = "images in one folder per class, with or without train/ and valid/ above"
TASKS = ("single-label", "multi-label")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether pictures lie in class folders and no table has to explain them."""
    classes = {label for label, _ in _places(source.tree).values() if label is not None}
    if source.table is not None or not classes:
        return False
    # With a table nobody understands, folders such as train_images/ are hardly classes.
    return not source.tree.with_suffix(".csv", ".tsv") or (len(classes) > 1 and not any(map(_says_pictures, classes)))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture: the name of its folder."""
    places = _places(source.tree)
    label_of = {file: label for file, (label, _) in places.items() if label is not None}
    files, labels, fixes = list(label_of), list(label_of.values()), []
    if label_cells.SPELLING not in source.choices:
        fixes = label_cells.about_spelling("Names of folders", set(labels))
    elif source.choices[label_cells.SPELLING] == label_cells.ONE:
        best = label_cells.best_spelling(Counter(labels))
        labels = [best[label] for label in labels]
    names = sorted(set(labels))
    place = {name: label for label, name in enumerate(names)}
    targs = np.array([place[label] for label in labels], dtype=np.int64)  # (N,)
    given = all_known(places[file][1] for file in files)
    return Parsed(NAME, "single-label", names, files, targs, given, Problems(), fixes=fixes)


def _places(tree: Tree) -> dict[str, tuple[str | None, str | None]]:
    """Return class and split of every picture, None where its place says neither."""
    parts = {file: file.split("/")[:-1] for file in tree.pictures}
    while (shared := _shared_folder(list(parts.values()))) is not None:
        parts = {file: folders[1:] for file, folders in parts.items() if folders[0] == shared}
    in_splits = _are_splits(list(parts.values()))
    places = {}
    for file, folders in parts.items():
        split = split_of(folders[0]) if in_splits and folders else None
        rest = folders[1:] if split else [] if in_splits else folders
        places[file] = (rest[0] if rest else None, split)
    return places


def _are_splits(folders: list[list[str]]) -> bool:
    """Return whether the folders at the top are splits: all, or train/ and another with folders of classes in both.

    In the latter case what lies beside them, a preview or pictures nobody labeled yet, has neither class nor split.
    """
    splits = {split_of(parts[0]) if parts else None for parts in folders}
    if None not in splits:
        return bool(splits)
    with_classes = {split_of(parts[0]) for parts in folders if len(parts) > 1} - {None}
    return "train" in with_classes and len(with_classes) > 1


def _shared_folder(folders: list[list[str]]) -> str | None:
    """Return the folder above all others that is no class: every picture lies deeper in it."""
    tops = {parts[0] if parts else None for parts in folders}
    if len(tops) != 1 or None in tops or any(len(parts) < 2 for parts in folders):
        return None
    (top,) = tops
    return None if top is None or split_of(top) else top


def _says_pictures(folder: str) -> bool:
    lower = folder.lower()
    return split_of(lower) is not None or any(word in lower for word in (*PICTURE_FOLDERS, "train", "test", "valid"))
