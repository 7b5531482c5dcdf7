"""Joins a table that labels the test images alone to the class folders of the training images beside them."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping

import numpy as np

from lib.core import sentences
from lib.core.splits import split_in
from lib.importing.choices import answer
from lib.importing.formats import folders
from lib.importing.parsed import Fix, Parsed, UnsureError
from lib.importing.tree import Tree

#: Name of the answer that reads the table alone.
CHOICE = "table-alone"
YES = "yes"

_NAMED = 4


def add_folders(parsed: Parsed, tree: Tree, sources: list[str], choices: Mapping[str, str]) -> None:
    """Add the training images in class folders to what a table says of images that are held back.

    Nothing is added unless the images of the table lie in folders of splits that are not for training, without folders
    of classes, and others that it does not name lie in folders of classes of the training split.

    Raises
    ------
    UnsureError
        If the labels of the table are not the names of the folders.
    """
    chosen = answer(choices, CHOICE, (YES,))
    if parsed.targs.ndim != 1 or parsed.boxes is not None or chosen == YES:
        return
    homes = {posixpath.dirname(file) for file in parsed.files}
    if not all(any(map(split_in, home.split("/"))) for home in homes):
        return
    placements = folders.places_of(tree)
    held_back = [placements[file][1] for file in parsed.files if file in placements and not placements[file][0]]
    if len(held_back) < len(parsed.files) or None in held_back or "train" in held_back:
        return
    named = {*parsed.files, *parsed.left_out}
    others = {
        file: (inside[0], str(split)) for file, (inside, split) in placements.items() if inside and file not in named
    }
    if not any(split == "train" for _, split in others.values()):
        return
    classes = sorted({label for label, _ in others.values()})
    file, count = ", ".join(sources), sentences.count(len(others), "image lies", "images lie")
    if not set(parsed.names) <= set(classes):
        shown = sentences.listed(classes, _NAMED, show=repr)
        question = (
            f"{file} labels images that are held back, as {sentences.listed(parsed.names, _NAMED, show=repr)}; {count} "
            f"in class folders called {shown}, which are other names."
        )
        alone = Fix("", question, CHOICE, YES, f"Read {file} alone, without the folders")
        raise UnsureError(f"{question} Call the folders as the table calls the classes, or read one alone.", [alone])
    place = {label: number for number, label in enumerate(classes)}
    of_table = np.array([place[label] for label in parsed.names], dtype=np.int64)[parsed.targs]  # (N,)
    of_folders = np.array([place[label] for label, _ in others.values()], dtype=np.int64)
    splits = parsed.splits or [str(split) for split in held_back]
    parsed.targs, parsed.names = np.concatenate([of_table, of_folders]), classes
    parsed.splits = [*splits, *(split for _, split in others.values())]
    parsed.files = [*parsed.files, *others]
    if parsed.groups is not None:
        parsed.groups = [*parsed.groups, *[""] * len(others)]
    parsed.ids = {}
    parsed.problems.add("folders-and-table", f"{file}: {len(held_back):,}, folders: {len(others):,}")
