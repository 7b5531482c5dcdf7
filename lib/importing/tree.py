"""Files of a source folder, and the image that a name in a table refers to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath

from lib.core.pictures import EXTENSIONS
from lib.core.splits import _first_word, _stem, key, split_of

#: Folders that say "pictures" and not what is on them.
PICTURE_FOLDERS = ("images", "image", "imgs", "img", "jpegimages", "pictures", "photos", "data")


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
        self.pictures = [file for file in files if is_picture(file)]
        self.others = [file for file in files if not is_picture(file)]

    def _walk(self) -> list[str]:
        names, folders = [], [("", os.fspath(self.root))]
        while folders:  # scandir knows each file's kind without asking for it: 100,000 files take a second less
            inside, place = folders.pop()
            try:
                with os.scandir(place) as opened:
                    entries = list(opened)
            except OSError as error:
                self.unreadable.append(f"{inside or './'}: {error.strerror}")
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
                    self.unreadable.append(f"{name}: {error.strerror}")
        self.unreadable.sort()
        return sorted(names)

    def _inside(self, path: str) -> bool:
        return Path(path).resolve().is_relative_to(self.root)

    def path(self, file: str) -> Path:
        """Return the full path of one of the files."""
        return self.root / file

    def with_suffix(self, *suffixes: str) -> list[str]:
        """Return the other files whose names end with one of ``suffixes`` (lower case)."""
        return [file for file in self.others if suffix(file) in suffixes]

    def folders_like(self, table: str) -> tuple[str, ...]:
        """Return the picture folders that share the first word of a table's name, as ``train.csv`` and ``train/``."""
        word = _first_word(PurePosixPath(table).stem)
        return tuple(folder for folder in self._folders_with_pictures if _first_word(folder.rsplit("/", 1)[-1]) == word)

    def find(self, name: str, beside: str = "", likely: tuple[str, ...] = ()) -> str | None:
        """Return the picture that ``name`` means in a table lying in folder ``beside``, else None.

        Looked for beside the table, then from the root, then in the folders ``likely``, then in folders like
        ``images/``, then by its bare name if only one picture has it. The ending may be missing. A table that
        lies among its pictures (in a sub-folder) means those only: ``a.jpg`` of ``train/`` is never the one of
        ``valid/``.
        """
        exact = name.strip().replace("\\", "/").removeprefix("./")
        if not exact:
            return None
        if (file := f"{beside}/{exact}".lstrip("/")) in self._pictures:
            return file
        return next(
            (picture for place in self._places(key(exact), beside, likely) if (picture := self._index.get(place))), None
        )

    def _places(self, wanted: str, beside: str, likely: tuple[str, ...]) -> Iterator[str]:
        """Yield where a picture may be, likeliest first; one by one, as most are found at once."""
        bare = wanted.rsplit("/", 1)[-1]
        inside = key(beside)
        if beside and beside in self._folders_with_pictures:
            yield from (f"{inside}/{wanted}", f"{inside}/{bare}")
            return
        if beside:
            yield f"{inside}/{wanted}"
        yield wanted.lstrip("/")
        for folder in likely:
            yield f"{key(folder)}/{wanted}".lstrip("/")
        for folder in (inside, "") if beside else ("",):
            for sub in PICTURE_FOLDERS:
                yield f"{folder}/{sub}/{wanted}".lstrip("/")
        yield f"*/{bare}"

    @cached_property
    def _pictures(self) -> frozenset[str]:
        return frozenset(self.pictures)

    @cached_property
    def _folders_with_pictures(self) -> list[str]:
        return sorted({file.rpartition("/")[0] or "." for file in self.pictures})

    @cached_property
    def _index(self) -> dict[str, str | None]:
        """Picture by every spelling that means it; None where a spelling means several."""
        index: dict[str, str | None] = {}
        for file in self.pictures:
            full = key(file)
            bare = f"*/{full.rsplit('/', 1)[-1]}"
            for spelling in {full, bare, _stem(full), _stem(bare)}:
                index[spelling] = None if spelling in index else file
        for file in self.pictures:  # a full name always means its own file, whatever stems it resembles
            index[key(file)] = file
        return index


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
