"""The picture that a name in an annotation file means, and the split that folders and files tell."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from pathlib import PurePosixPath

from lib.core.splits import split_of
from lib.importing.tree import Tree


class PictureNames:
    """Finds pictures by what annotation files of a tree call them."""

    def __init__(self, tree: Tree):
        self._tree = tree
        self._likely_of: dict[str, tuple[str, ...]] = {}

    def find(self, name: str, file: str, subset: str = "") -> str | None:
        """Return the picture that ``name`` means in ``file``, None if there is none.

        Folders that are called like ``subset`` or a part of the file's name, as instances_train2017.json and
        train2017/, are likelier than others.
        """
        beside = posixpath.dirname(file)
        if ".." in PurePosixPath(name).parts:  # from the file's folder; what leads outside is looked up by its name
            name, beside = posixpath.normpath(posixpath.join(beside, name)), ""
        if file not in self._likely_of:
            self._likely_of[file] = likely_folders(file, self._folders)
        likely = self._likely_of[file]
        if subset:
            same = tuple(one for one in self._folders if posixpath.basename(one).lower() == subset.lower())
            likely = (*same, *likely)
        return self._tree.find(name, beside, likely)

    @cached_property
    def _folders(self) -> list[str]:
        """Folders that hold pictures, and those above."""
        direct = {posixpath.dirname(file) for file in self._tree.pictures}
        above = {"/".join(folder.split("/")[:depth]) for folder in direct for depth in range(1, folder.count("/") + 1)}
        return sorted((direct | above) - {""})


def likely_folders(file: str, folders: list[str]) -> tuple[str, ...]:
    """Return the folders that are called like a part of the file's name, then those of the same split."""
    words = re.split(r"[_\-. ]", PurePosixPath(file).stem.lower())
    split = split_of_words(PurePosixPath(file).stem)
    same = [folder for folder in folders if posixpath.basename(folder).lower() in words]
    alike = [folder for folder in folders if split and split_of_words(posixpath.basename(folder)) == split]
    return tuple(dict.fromkeys(same + alike))


def split_by_names(file: str, picture: str) -> str | None:
    """Return the split that an annotation file's name says, else its folder's, else the picture's folder's."""
    return split_of_words(PurePosixPath(file).stem) or split_by_folders(file) or split_by_folders(picture)


def split_by_folders(path: str) -> str | None:
    """Return the split that a folder of ``path`` says, the innermost first."""
    return next(filter(None, map(split_of_words, PurePosixPath(path).parts[-2::-1])), None)


def split_of_words(name: str) -> str | None:
    """Return the split of the first such word in a name, as instances_val2017; more words than a folder may be.

    Examples
    --------
    >>> split_of_words("instances_val2017"), split_of_words("test-dev2017"), split_of_words("latest")
    ('valid', 'test', None)
    """
    return next(filter(None, map(split_of, re.findall("[a-z]+", name.lower()))), None)
