"""Files of a source folder; the picture that a name in a table means is looked up by `lib.importing.lookup`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from lib.core.errors import reason
from lib.core.picture_files import EXTENSIONS
from lib.core.splits import split_of
from lib.importing.lookup import Lookup


def is_picture(name: str) -> bool:
    """Return whether ``name`` ends like a picture's."""
    return suffix(name) in EXTENSIONS


def suffix(name: str) -> str:
    """Return the ending of a name in lower case, as `pathlib` does in a tenth of the time.

    Examples
    --------
    >>> suffix("a.b/photo.JPG"), suffix("a.b/photo"), suffix(".jpg")
    ('.jpg', '', '')
    """
    stem, dot, end = name[name.rfind("/") + 1 :].rpartition(".")
    return f".{end}".lower() if dot and stem.strip(".") and end else ""


def nearest_first(files: Iterable[str]) -> list[str]:
    """Return files by how deep they lie, those of one depth by name."""
    return sorted(files, key=lambda file: (file.count("/"), file))


class Tree:
    """The visible files below a folder.

    Hidden files and folders, links to folders and links that lead outside are left out. A single folder
    around everything, as archives have, is stepped into.

    Parameters
    ----------
    root : pathlib.Path

    Attributes
    ----------
    root : pathlib.Path
        The folder, or the one inside that holds everything.
    pictures, others : list of str
        Paths relative to ``root``, with ``/``, sorted.
    unreadable : list of str
        Folders that cannot be read and links that lead to nothing, each with the system's reason.
    """

    def __init__(self, root: Path):
        self.root = root.resolve()
        self.unreadable: list[str] = []
        files = self._walk()
        while (inner := _wrapper(files)) is not None:
            self.root = self.root / inner
            files = [file.removeprefix(inner + "/") for file in files]
        self.pictures: list[str] = []
        self.others: list[str] = []
        for file in files:
            (self.pictures if is_picture(file) else self.others).append(file)

    def _walk(self) -> list[str]:
        names, folders = [], [("", os.fspath(self.root))]
        while folders:  # scandir knows each file's kind without asking for it: 100,000 files take a second less
            inside, place = folders.pop()
            try:
                with os.scandir(place) as opened:
                    entries = list(opened)
            except OSError as error:
                self.unreadable.append(f"{inside or './'}: {reason(error)}")
                continue
            for entry in entries:
                if not _visible(entry.name):
                    continue
                name = f"{inside}{entry.name}"
                try:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append((f"{name}/", entry.path))
                    elif entry.is_file():
                        if not entry.is_symlink() or self._inside(entry.path):
                            names.append(name)
                    elif entry.is_symlink():
                        entry.stat()  # of a link to nowhere it says so
                except OSError as error:
                    self.unreadable.append(f"{name}: {reason(error)}")
        self.unreadable.sort()
        return sorted(names)

    def _inside(self, path: str) -> bool:
        return Path(path).resolve().is_relative_to(self.root)

    def path(self, file: str) -> Path:
        """Return the full path of one of the files."""
        return self.root / file

    def with_suffix(self, *suffixes: str) -> list[str]:
        """Return the other files whose names end with one of ``suffixes`` (lower case)."""
        if self._sorted_others[0] is not self.others:
            index: dict[str, list[str]] = {}
            for file in self.others:
                index.setdefault(suffix(file), []).append(file)
            self._sorted_others = self.others, index
        with_each = [self._sorted_others[1].get(one, []) for one in dict.fromkeys(suffixes)]
        return sorted(file for files in with_each for file in files)

    def folders_like(self, table: str) -> tuple[str, ...]:
        """Return the picture folders that share the first word of a table's name, see `Lookup.folders_like`."""
        return self._lookup.folders_like(table)

    def find(self, name: str, beside: str = "", likely: tuple[str, ...] = (), split: str | None = None) -> str | None:
        """Return the picture that ``name`` means in a table lying in folder ``beside``, see `Lookup.find`."""
        return self._lookup.find(name, beside, likely, split)

    def find_number(self, name: str, beside: str = "", split: str | None = None) -> str | None:
        """Return the picture whose name is the same number as ``name``, see `Lookup.find_number`."""
        return self._lookup.find_number(name, beside, split)

    @cached_property
    def _lookup(self) -> Lookup:
        return Lookup(self.pictures)

    @cached_property
    def _sorted_others(self) -> tuple[list[str], dict[str, list[str]]]:
        """The list ``others`` and, by their endings, what was in it."""
        return [], {}


def _visible(name: str) -> bool:
    return not name.startswith(".") and name != "__MACOSX"


def _wrapper(files: list[str]) -> str | None:
    """Return the one folder around all ``files``, unless its name means a split or a class."""
    tops = {file.split("/", 1)[0] for file in files}
    if len(tops) != 1 or any("/" not in file for file in files):
        return None
    (top,) = tops
    inside_pictures_only = all(file.count("/") == 1 and is_picture(file) for file in files)
    return None if inside_pictures_only or split_of(top) else top
