"""Reads images in one folder per class, with or without train/ and valid/ above."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from weakref import WeakKeyDictionary

import numpy as np

from lib.core.splits import all_known, split_in
from lib.importing import names as picture_names
from lib.importing.choices import answer
from lib.importing.formats import class_folders, mask_files
from lib.importing.formats.source import Source, note_no_label
from lib.importing.formats.tabular import label_cells
from lib.importing.parsed import Fix, Parsed
from lib.importing.split_folders import split_folders
from lib.importing.tree import Tree
from lib.tasks.wanted import Wanted

NAME = "one folder a class"
EXPECTED = "images in one folder per class, with or without train/ and valid/ above"
TASKS = ("single-label", "multi-label")
#: The answer that says which of two levels of folders are the classes, or that folders are classes at all.
CHOICE = class_folders.CHOICE
#: Folders of a picture that say its class, outermost first, and its split; None where its place says none.
_Place = tuple[tuple[str, ...], str | None]


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether pictures lie in class folders and no table has to explain them."""
    classes = {folders[0] for folders, _ in places_of(source.tree).values() if folders}
    if source.table is not None or not classes or all(map(split_in, classes)):
        return False
    # With a table nobody understands, folders such as train_images/ are hardly classes.
    return not source.tree.with_suffix(".csv", ".tsv") or (len(classes) > 1 and not any(map(_says_pictures, classes)))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture: the name of its folder.

    Raises
    ------
    UserError
        If the folders are pictures and their masks, or the like.
    UnsureError
        If folders lie in folders, so that either may be the classes, or a file beside them may label the pictures.
    """
    placements = places_of(source.tree)
    level = answer(source.choices, CHOICE, class_folders.ANSWERS)
    fixes = []
    folders_of = {file: folders for file, (folders, _) in placements.items() if folders}
    for mask in mask_files.without_masks(folders_of, source.choices):
        del folders_of[mask]
    if level is None:
        aside = class_folders.unlabeled(folders[0] for folders in folders_of.values())
        folders_of = {file: folders for file, folders in folders_of.items() if folders[0] not in aside}
        fixes = class_folders.questions(source.tree, folders_of)
        if aside:
            question = f"The images of {', '.join(sorted(aside))}/ are left out: by the name, nobody labeled them."
            fixes.append(Fix("image-without-row", question, CHOICE, class_folders.OUTER, "It is a class"))
    labels_of = _labels(folders_of, level)
    if label_cells.SPELLING not in source.choices:
        fixes += label_cells.about_spelling(
            "Names of folders", {label for each in labels_of.values() for label in each}
        )
    elif source.choices[label_cells.SPELLING] == label_cells.ONE:
        best = label_cells.best_spelling(Counter(label for each in labels_of.values() for label in each))
        labels_of = {file: tuple(best[label] for label in each) for file, each in labels_of.items()}
    files = list(labels_of)
    given = all_known(placements[file][1] for file in files)
    parsed = _parsed(files, list(labels_of.values()), level == class_folders.BOTH, wanted)
    parsed.splits, parsed.fixes = given, fixes
    return parsed


def _labels(folders_of: Mapping[str, tuple[str, ...]], level: str | None) -> dict[str, tuple[str, ...]]:
    """Return the labels of each picture: of its outer folder, its inner one, or both."""
    if level == class_folders.BOTH:
        return {file: tuple(dict.fromkeys(folders[:2])) for file, folders in folders_of.items()}
    if level != class_folders.INNER:
        return {file: folders[:1] for file, folders in folders_of.items()}
    outer: dict[str, set[str]] = {}
    for folders in folders_of.values():
        outer.setdefault(folders[:2][-1], set()).add(folders[0])
    alone = {inner for inner, above in outer.items() if len(above) == 1}
    return {
        file: (folders[:2][-1] if folders[:2][-1] in alone else "/".join(folders[:2]),)
        for file, folders in folders_of.items()
    }


def _parsed(files: list[str], labels: Sequence[tuple[str, ...]], several: bool, wanted: Wanted) -> Parsed:
    names = sorted({label for each in labels for label in each})
    place = {name: label for label, name in enumerate(names)}
    if not several:
        targs = np.array([place[each[0]] for each in labels], dtype=np.int64)  # (N,)
        return Parsed(NAME, "single-label", names, files, targs)
    targs = np.zeros((len(files), len(names)), dtype=np.int8)  # (N, C)
    for row, each in enumerate(labels):
        targs[row, [place[label] for label in each]] = 1
    return Parsed(NAME, "multi-label", names, files, targs, check=note_no_label)


def places_of(tree: Tree) -> dict[str, _Place]:
    """Return the folders and the split of every picture, where its place says them; it is looked at once a tree."""
    known = _KNOWN.get(tree)
    if known is None or known[0] is not tree.pictures:
        known = _KNOWN[tree] = tree.pictures, _places_of(tree)
    return known[1]


_KNOWN: WeakKeyDictionary[Tree, tuple[list[str], dict[str, _Place]]] = WeakKeyDictionary()


def _places_of(tree: Tree) -> dict[str, _Place]:
    parts = {file: file.split("/")[:-1] for file in tree.pictures}
    parts = _without_shared(parts)
    splits = _splits({folders[0] if folders else None for folders in parts.values()}, list(parts.values()))
    placements: dict[str, _Place] = {}
    for split in set(splits.values()):  # each split on its own: seg_train/seg_train/ is no class
        tops = {top for top, named in splits.items() if named == split}
        inside = {file: folders[1:] for file, folders in parts.items() if folders and folders[0] in tops}
        for file, folders in _without_shared(inside, split).items():
            placements[file] = tuple(folders), split
    for file, folders in parts.items():
        placements.setdefault(file, (() if splits else tuple(folders), None))
    return {file: placements[file] for file in tree.pictures}


def _splits(tops: set[str | None], folders: Sequence[list[str]]) -> dict[str, str]:
    """Return the splits that folders at the top are: all, or train/ and another with folders of classes in both.

    In the latter case what lies beside them, a preview or pictures nobody labeled yet, has neither class nor split.
    """
    named = [top for top in tops if top is not None]
    whole = {top: split for top in named if (split := split_in(top))}
    if None not in tops and len(whole) == len(named):
        return whole
    splits = split_folders(named)
    with_classes = {parts[0] for parts in folders if len(parts) > 1}
    deep = {split for top, split in splits.items() if top in with_classes}
    return splits if "train" in deep and len(deep) > 1 else {}


def _without_shared(parts: Mapping[str, list[str]], split: str | None = None) -> dict[str, list[str]]:
    """Return folders without those that lie around all others and are no class: every picture lies deeper in them."""
    parts = dict(parts)
    while parts:
        tops = {folders[0] if folders else None for folders in parts.values()}
        (top, *others) = tops
        shallow = any(len(folders) < 2 for folders in parts.values())
        if others or top is None or shallow or (split_in(top) and split_in(top) != split):
            break
        parts = {file: folders[1:] for file, folders in parts.items()}
    return parts


def _says_pictures(folder: str) -> bool:
    lower = folder.lower()
    return split_in(lower) is not None or any(word in lower for word in picture_names.PICTURE_FOLDERS)
