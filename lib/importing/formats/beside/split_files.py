"""Reads files that say splits in a form of their own: a JSON object of lists, or numbers of pictures as in CUB-200."""

from __future__ import annotations

import posixpath
from typing import Any

from lib.core.errors import UserError
from lib.core.splits import split_in, split_of
from lib.importing.tree import Tree
from lib.importing.untrusted import read_json, read_start, read_text

_LARGEST = 2**26  # bytes of such a file
_FILES = 20  # JSON files that are looked at
_START = 4096
_IMAGES, _SPLIT = "images.txt", "train_test_split.txt"


def read(tree: Tree) -> dict[str, dict[str, str]]:
    """Return the split of each picture, by the file that says so."""
    jsons = tree.with_suffix(".json")[:_FILES]
    files = {file: _of_json(tree, file) or _of_named_json(tree, file) for file in jsons}
    others = set(tree.others)
    for file in tree.with_suffix(".txt"):
        images = posixpath.join(posixpath.dirname(file), _IMAGES)
        if posixpath.basename(file) == _SPLIT and images in others:
            files[file] = _of_numbers(tree, images, file)
    return {file: splits for file, splits in files.items() if splits}


def _of_json(tree: Tree, file: str) -> dict[str, str]:
    """Return the splits of an object whose keys are splits and whose values are lists of pictures."""
    if not any(f'"{word}"' in read_start(tree, file, _START) for word in ("train", "training", "test", "Train")):
        return {}
    try:
        content: Any = read_json(tree, file, _LARGEST)
    except UserError:  # whatever it is, it says no splits
        return {}
    if not isinstance(content, dict) or not all(split_of(key) and isinstance(content[key], list) for key in content):
        return {}
    splits: dict[str, str] = {}
    beside = posixpath.dirname(file)
    for key, listed in content.items():
        for name in listed:
            picture, split = tree.find(name, beside) if isinstance(name, str) else None, split_of(key)
            if picture is not None and split is not None:
                splits[picture] = split if splits.get(picture) != "test" else "test"
    return splits


def _of_named_json(tree: Tree, file: str) -> dict[str, str]:
    """Return the splits of a list of pictures, or of an object of such lists, in a file called ``train`` or so."""
    split = split_in(posixpath.basename(file).removesuffix(".json"))
    start = read_start(tree, file, _START).lstrip()[:1]
    if split is None or start not in ("[", "{"):
        return {}
    try:
        content: Any = read_json(tree, file, _LARGEST)
    except UserError:  # whatever it is, it says no splits
        return {}
    lists = list(content.values()) if isinstance(content, dict) else [content]
    if not all(isinstance(listed, list) and all(isinstance(name, str) for name in listed) for listed in lists):
        return {}
    beside = posixpath.dirname(file)
    pictures = [tree.find(name, beside) for listed in lists for name in listed]
    return {picture: split for picture in pictures if picture is not None} if len(pictures) > 1 else {}


def _of_numbers(tree: Tree, images: str, file: str) -> dict[str, str]:
    """Return the splits of a list of numbers and 1 (training) or 0 (testing), whose pictures another list names."""
    named = dict(
        pair for line in read_text(tree, images, _LARGEST).splitlines() if len(pair := line.split(None, 1)) == 2
    )
    splits: dict[str, str] = {}
    beside = posixpath.dirname(file)
    for line in read_text(tree, file, _LARGEST).splitlines():
        number, _, training = line.strip().partition(" ")
        name = named.get(number, "").strip()
        picture = name and (tree.find(posixpath.join("images", name), beside) or tree.find(name, beside))
        if picture and training.strip() in ("0", "1"):
            splits[picture] = "train" if training.strip() == "1" else "test"
    return splits
