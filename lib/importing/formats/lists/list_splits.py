"""Splits that text lists say: each by its name, and which one a picture of several lists is in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import numpy as np

from lib.core.splits import all_known, split_of, split_of_folders
from lib.importing.formats.lists.text_lists import TextList
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems

#: Which split holds a picture that several lists name: rather the one that is held back.
_STRICT = ("test", "valid", "train")


def words(stem: str) -> list[str]:
    """Return the words of a name.

    Examples
    --------
    >>> words("list_98pt_rect_attr_train"), words("trainval")
    (['list', 'pt', 'rect', 'attr', 'train'], ['trainval'])
    """
    return re.findall("[a-z]+", stem.lower())


def split_of_list(file: str) -> str | None:
    """Return the split that a list's name says, else that of its folder; a list of train and valid says train.

    Examples
    --------
    >>> split_of_list("lists/val_list.txt"), split_of_list("trainval.txt"), split_of_list("test/all.txt")
    ('valid', 'train', 'test')
    >>> split_of_list("all.txt") is None
    True
    """
    path = PurePosixPath(file)
    named = ["train" if word == "trainval" else split_of(word) for word in words(path.stem)]
    return next(filter(None, named), None) or split_of(path.parent.name)


def splits(texts: Iterable[TextList], problems: Problems) -> dict[str, str]:
    """Return the split of each picture that lists of splits name; one in two is held back, and noted."""
    split: dict[str, str] = {}
    for one in sorted(texts, key=lambda one: "trainval" in words(one.stem)):  # what it says more exactly comes first
        if (named := split_of_list(one.file)) is None:
            continue
        for row in one.rows:
            if row.picture is None:
                continue
            before = split.setdefault(row.picture, named)
            if before != named and "trainval" not in words(one.stem):
                split[row.picture] = min(before, named, key=_STRICT.index)
                problems.add(
                    "several-splits",
                    f"{one.file}, line {row.number:,}: {row.picture} (in {before} too; kept in {split[row.picture]})",
                )
    return split


def keep_split(parsed: Parsed, split: Mapping[str, str]) -> None:
    """Give each row the split of its picture; a picture that no list names, where others are named, is left out.

    Without any list, the folders of the pictures say it, if all do.
    """
    if not split:
        parsed.splits = all_known(map(split_of_folders, parsed.files))
        return
    known = np.array([file in split for file in parsed.files], dtype=bool)
    for row in np.flatnonzero(~known):
        parsed.problems.add("without-split", parsed.files[row])
        parsed.left_out.add(parsed.files[row])
    parsed.keep(known)
    given = [split[file] for file in parsed.files]
    # Nothing but a test part, alone, is divided as if nothing were said.
    parsed.splits = given if set(given) != {"test"} else None
