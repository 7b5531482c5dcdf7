"""Asks whether folders are classes: masks beside pictures, folders in folders, a file beside them that labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.splits import _stem, key, split_in
from lib.importing import names
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tree import Tree, nearest_first
from lib.importing.untrusted import read_start

CHOICE = "class-folder"
OUTER, INNER, BOTH = "outer", "inner", "both"
ANSWERS = (OUTER, INNER, BOTH)

#: Words of folders that hold views of one thing, not things of one class.
_VIEWS = frozenset(("left", "right", "rgb", "ir", "thermal", "nir", "stereo", "before", "after", "input", "target"))
_UNLABELED = re.compile(r"(?:un|not[_\- ]?)(?:labell?ed|annotated|sorted|classified)(?:[_\- ](?:data|images|set))?")
_RUNNING = re.compile(r"[a-z]{0,8}(?:[_\- ]?\d{1,9}){1,3}")
_PAIRS = 3  # pictures of equal names that are no accident
_DEEP = 0.9
_FILES, _PICTURES, _SIZE = 20, 200, 2**20
_LABELING = (".json", ".jsonl", ".xml", ".csv", ".tsv", ".txt", ".yaml", ".yml")


def questions(tree: Tree, folders_of: Mapping[str, tuple[str, ...]]) -> list[Fix]:
    """Return what is to be asked of folders that are read as classes, outermost first of each picture.

    Raises
    ------
    UserError
        If they are no classes.
    UnsureError
        If they may be none, or the classes may be the folders in them.
    """
    inside: dict[str, set[str]] = {}
    for file, folders in folders_of.items():
        inside.setdefault(folders[0], set()).add(_stem(key(file.rpartition("/")[2])))
    _refuse_masks(inside)
    _ask_levels(folders_of)
    _ask_file(tree, folders_of)
    return _about_pairs(inside)


def _refuse_masks(inside: Mapping[str, set[str]]) -> None:
    explaining = [folder for folder in inside if names.says_annotations(folder)]
    pictures = [folder for folder in inside if names.says_pictures(folder)]
    views = [folder for folder in inside if key(folder) in _VIEWS]
    if (explaining and (pictures or len(inside) == 1)) or len(views) == len(inside) > 1 or (views and explaining):
        listed = sentences.listed([f"{folder}/" for folder in inside], 4)
        raise UserError(
            f"The folders {listed} hold images and their masks or other views of the same things, not classes: "
            "expected one folder per class. Import the images with a table of their labels."
        )


def unlabeled(folders: Iterable[str]) -> set[str]:
    """Return the folders whose names say that nobody labeled the pictures in them, beside two others or more.

    Examples
    --------
    >>> unlabeled(["cat", "dog", "Unlabeled"]), unlabeled(["cat", "unlabeled"])
    ({'Unlabeled'}, set())
    """
    folders = set(folders)
    named = {folder for folder in folders if _UNLABELED.fullmatch(key(folder))}
    return named if len(folders - named) > 1 else set()


def _ask_levels(folders_of: Mapping[str, tuple[str, ...]]) -> None:
    inner = {folders[:2] for folders in folders_of.values() if len(folders) > 1}
    outer = {folders[0] for folders in folders_of.values()}
    deep = sum(len(folders) > 1 for folders in folders_of.values())
    says_class = {two for two in inner if not names.says_pictures(two[1]) and not split_in(two[1])}
    several = {above for above, _ in says_class}
    around = {above for above in several if names.says_pictures(above) and sum(two[0] == above for two in inner) > 1}
    beside = bool(around) and around == {folders[0] for folders in folders_of.values() if len(folders) > 1}
    if (deep < _DEEP * len(folders_of) or (len(outer) > 1 and len(several) < 2)) and not (beside and len(outer) > 1):
        return
    if len(says_class) < 2:
        return
    shown = sentences.listed(["/".join(two) for two in sorted(says_class)], 4)
    question = f"Images lie in folders inside of folders ({shown}): expected one folder per class. Say which is it."
    raise UnsureError(
        question,
        [
            Fix("", question, CHOICE, OUTER, f"The outer folders, such as {min(outer)}"),
            Fix("", question, CHOICE, INNER, f"The inner folders, such as {min(says_class)[1]}"),
            Fix("", question, CHOICE, BOTH, "Both, as labels of one image"),
        ],
    )


def _ask_file(tree: Tree, folders_of: Mapping[str, tuple[str, ...]]) -> None:
    """Ask if a file beside the folders names several of the pictures and says more than a split."""
    stems = {_stem(file.rpartition("/")[2]) for file in list(folders_of)[:: max(1, len(folders_of) // _PICTURES)]}
    bare = {file.rpartition("/")[2] for file in list(folders_of)[:: max(1, len(folders_of) // _PICTURES)]}
    _ask_sidecars(tree, folders_of)
    files = nearest_first(tree.with_suffix(*_LABELING))
    for file in files[:_FILES]:
        own = file.rpartition("/")[2]
        if split_in(_stem(own)) or _stem(own) in stems:
            continue
        text = read_start(tree, file, _SIZE)
        named = [name for name in bare if name in text]
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if len(named) < min(2, len(bare)) or all(line.rpartition("/")[2] in bare for line in lines):
            continue
        question = (
            f"{file} names images, such as {min(named)}, in a form that is not read: it may label them. The folders "
            "would be their classes. Say whether they are, or export the labels in another form."
        )
        raise UnsureError(question, [Fix("", question, CHOICE, OUTER, f"The folders are the classes, not {file}")])


def _ask_sidecars(tree: Tree, folders_of: Mapping[str, tuple[str, ...]]) -> None:
    """Ask if most pictures have a file of their own, called after them or alone beside them, that nobody read."""
    files = tree.with_suffix(".json", ".xml")
    if not files:
        return
    stems = {_stem(file) for file in folders_of}
    alone = Counter(file.rpartition("/")[0] for file in folders_of)
    own = [file for file in files if _stem(file) in stems or file in stems or alone[file.rpartition("/")[0]] == 1]
    if len(own) < max(2, len(folders_of) / 2):
        return
    question = (
        f"Images have files of their own beside them, such as {own[0]}, in a form that is not read: they may label "
        "the images. The folders would be their classes. Say whether they are, or export the labels in another form."
    )
    raise UnsureError(question, [Fix("", question, CHOICE, OUTER, "The folders are the classes")])


def _about_pairs(inside: Mapping[str, set[str]]) -> list[Fix]:
    """Ask if every folder has pictures of the same names: then they may be pairs and no classes."""
    first = next(iter(inside.values()), set())
    masks = [(mask, other) for mask in inside if names.says_annotations(mask) for other in inside if other != mask]
    masks = [two for two in masks if len(inside[two[0]] & inside[two[1]]) >= max(_PAIRS, len(inside[two[0]]) / 2)]
    if masks:
        first, inside = inside[masks[0][0]] & inside[masks[0][1]], {folder: inside[folder] for folder in masks[0]}
    elif len(inside) < 2 or len(first) < _PAIRS or any(files != first for files in inside.values()):
        return []
    listed = sentences.listed([f"{folder}/" for folder in inside], 4)
    question = (
        f"The folders {listed} hold images of the same names, such as {min(first)}: they may be images and their "
        "masks, or pairs, and no classes."
    )
    fix = Fix("", question, CHOICE, OUTER, "The folders are the classes")
    if masks or not all(map(_RUNNING.fullmatch, first)):
        raise UnsureError(question, [fix])
    return [fix]
