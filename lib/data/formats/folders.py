"""Reads pictures that lie in one folder a class, below train/ and valid/ or not."""

from __future__ import annotations

import numpy as np

from lib.data.formats.source import Source
from lib.data.parsed import Parsed, Problems
from lib.data.tree import PICTURE_FOLDERS, Tree, split_of

NAME = "one folder a class"
EXPECTED = "pictures in one folder a class, with or without train/ and valid/ above"
TASKS = ("single-label", "multi-label")


def matches(source: Source, task: str | None) -> bool:
    """Return whether pictures lie in class folders and no table has to explain them."""
    classes = {label for label, _ in _places(source.tree).values() if label is not None}
    if source.table is not None or not classes:
        return False
    # With a table nobody understands, folders such as train_images/ are hardly classes.
    return not source.tree.with_suffix(".csv", ".tsv") or (len(classes) > 1 and not any(map(_says_pictures, classes)))


def read(source: Source, task: str | None) -> Parsed:
    """Return the class of each picture: the name of its folder."""
    places = _places(source.tree)
    files = [file for file, (label, _) in places.items() if label is not None]
    names = sorted({places[file][0] for file in files})
    targs = np.array([names.index(places[file][0]) for file in files], dtype=np.int64)  # (N,)
    splits = [places[file][1] for file in files]
    return Parsed(NAME, "single-label", names, files, targs, splits if all(splits) else None, Problems())


def _places(tree: Tree) -> dict[str, tuple[str | None, str | None]]:
    """Return class and split of every picture, None where its place says neither."""
    parts = {file: file.split("/")[:-1] for file in tree.pictures}
    while (shared := _shared_folder(list(parts.values()))) is not None:
        parts = {file: folders[1:] for file, folders in parts.items() if folders[0] == shared}
    splits = [split_of(folders[0]) for folders in parts.values() if folders]
    in_splits = bool(splits) and all(splits) and len(splits) == len(parts)
    places = {}
    for file, folders in parts.items():
        split = split_of(folders[0]) if in_splits else None
        rest = folders[1:] if in_splits else folders
        places[file] = (rest[0] if rest else None, split)
    return places


def _shared_folder(folders: list[list[str]]) -> str | None:
    """Return the folder above all others that is no class: every picture lies deeper in it."""
    tops = {parts[0] if parts else None for parts in folders}
    if len(tops) != 1 or None in tops or any(len(parts) < 2 for parts in folders):
        return None
    (top,) = tops
    return None if split_of(top) else top


def _says_pictures(folder: str) -> bool:
    lower = folder.lower()
    return split_of(lower) is not None or any(word in lower for word in (*PICTURE_FOLDERS, "train", "test", "valid"))
