"""Lookup of pictures: which of a source's pictures a name in a table means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import TypeVar

from lib.core.splits import _first_word, _stem, key, split_in
from lib.importing import names
from lib.importing.names import PICTURE_FOLDERS

#: More pictures of one name are told apart by the folders that a table names, or not at all.
_MANY = 16

_UPLOADED = re.compile(r"[0-9a-f]{8}-(.+)")  # what Label Studio calls a file that was uploaded


class Lookup:
    """Pictures, to be found by the names that tables give them; every index is made when it is first needed.

    Parameters
    ----------
    pictures : list of str
        Paths relative to the root of the source, with ``/``.
    """

    def __init__(self, pictures: list[str]):
        self.pictures = pictures

    def folders_like(self, table: str) -> tuple[str, ...]:
        """Return the picture folders that share the first word of a table's name, as ``train.csv`` and ``train/``."""
        word = _first_word(PurePosixPath(table).stem)
        folders = sorted(self._folders)
        return tuple(folder for folder in folders if _first_word(folder.rsplit("/", 1)[-1]) == word)

    def find(self, name: str, beside: str = "", likely: tuple[str, ...] = (), split: str | None = None) -> str | None:
        """Return the picture that ``name`` means in a table lying in folder ``beside``, else None.

        Looked for beside the table, then from the root, then in the folders ``likely``, then in folders like
        ``images/``, then by the longest ending that name and picture share, if only one picture has it and no folder
        contradicts: neither the name's nor, of a table for ``split`` alone, that of another split. The ending may be
        missing. A table that lies among its pictures (in a sub-folder) means those only: ``a.jpg`` of ``train/`` is
        never the one of ``valid/``.
        """
        exact = name.strip().replace("\\", "/").removeprefix("./")
        if not exact:
            return None
        if (file := f"{beside}/{exact}".lstrip("/")) in self._pictures:
            return file
        path = key(names.plain_path(name))
        index = self._index
        for place in self._folders_to_look_in(beside, likely):
            if at_place := index.get(place + path if place else path.lstrip("/")):
                return at_place
        return self._by_ending(path, beside if beside and beside in self._folders else "", split)

    def find_number(self, name: str, beside: str = "", split: str | None = None) -> str | None:
        """Return the picture whose name is the same number as ``name`` with zeros in front, else None.

        All pictures beside it that are called by numbers have to have as many digits.
        """
        wanted = names.number(name.strip())
        file = None if wanted is None else self._numbers.get(wanted)
        among = beside in self._folders and beside != ""
        fits = file is not None and (not among or file.startswith(f"{beside}/")) and self._fits(file, (), "", split)
        return file if fits else None

    def _folders_to_look_in(self, beside: str, likely: tuple[str, ...]) -> list[str]:
        """Return in which folders a picture may be, each with its ``/``, likeliest first; "" is the root."""
        if (beside, likely) not in self._known_folders:
            inside = f"{key(beside)}/" if beside else ""
            folders = [inside]
            if not inside or beside not in self._folders:
                folders += ["", *(f"{key(folder)}/" for folder in likely)]
                folders += [f"{folder}{sub}/" for folder in (inside, "") for sub in self._picture_folders]
            self._known_folders[beside, likely] = list(dict.fromkeys(folders))
        return self._known_folders[beside, likely]

    def _by_ending(self, path: str, beside: str, split: str | None) -> str | None:
        """Return the picture with the longest ending of a path, in ``beside`` alone if that is not ""."""
        folder, _, bare = path.rpartition("/")
        if not bare:
            return None
        wanted = tuple(part for part in folder.split("/") if part not in ("", ".", "..")) if folder else ()
        if beside and (file := self._index.get(f"{key(beside)}/{bare}")) is not None:
            return file if self._fits(file, wanted, path, split) else None
        for spelled, index in self._spellings(bare):
            candidates = self._few(index, spelled, wanted)
            if beside:
                candidates = [file for file in candidates if file.startswith(f"{beside}/")]
            if candidates:  # those that come later spell the name less well
                return self._best([file for file in candidates if self._fits(file, wanted, path, split)], wanted)
        uploaded = _UPLOADED.fullmatch(bare) if "upload" in wanted else None
        return self._by_ending(f"{folder}/{uploaded[1]}", beside, split) if uploaded else None

    def _spellings(self, bare: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
        """Yield a name and the pictures among which it is looked up; the next ones are indexed only if it is needed."""
        yield bare, self._bare
        yield bare, self._bare_stems
        yield names.loose(bare), self._loose

    def _fits(self, file: str, wanted: tuple[str, ...], path: str, split: str | None) -> bool:
        if not wanted and split is None:
            return True
        there = _names_in(file.rpartition("/")[0])
        its_split = next(filter(None, map(split_in, reversed(there))), None) if split else None
        if its_split and its_split != split and "test" in (its_split, split):
            return False
        return not names.contradicts(wanted, there, names.is_elsewhere(path), self._folder_names)

    def _best(self, fitting: list[str], wanted: tuple[str, ...]) -> str | None:
        """Return the picture that shares most folders with a name, None if several do."""
        if len(fitting) > 1:
            shared = [names.shared_folders(wanted, _names_in(file.rpartition("/")[0])) for file in fitting]
            fitting = [file for file, count in zip(fitting, shared, strict=True) if count == max(shared)]
        return fitting[0] if len(fitting) == 1 else None

    def _few(self, index: dict[str, list[str]], name: str, wanted: tuple[str, ...]) -> list[str]:
        """Return the pictures of a name; of many those alone whose folders end as ``wanted`` does."""
        files = index.get(name, [])
        for depth in range(1, len(wanted) + 1):
            if len(files) <= _MANY:
                break
            ending = "/".join([*wanted[-depth:], name])
            files = self._endings(depth, index is self._bare_stems).get(ending, [])
        return files if len(files) <= _MANY else []

    def _endings(self, depth: int, stems: bool) -> dict[str, list[str]]:
        """Return the pictures by their last ``depth`` folders and name."""
        if (depth, stems) not in self._deeper:
            index: dict[str, list[str]] = {}
            for file in self.pictures:
                ending = "/".join(key(file).split("/")[-1 - depth :])
                index.setdefault(_stem(ending) if stems else ending, []).append(file)
            self._deeper[depth, stems] = index
        return self._deeper[depth, stems]

    @cached_property
    def _known_folders(self) -> dict[tuple[str, tuple[str, ...]], list[str]]:
        return {}

    @cached_property
    def _deeper(self) -> dict[tuple[int, bool], dict[str, list[str]]]:
        return {}

    @cached_property
    def _pictures(self) -> frozenset[str]:
        return frozenset(self.pictures)

    @cached_property
    def _folders(self) -> frozenset[str]:
        """Folders that hold pictures themselves."""
        return frozenset(file.rpartition("/")[0] or "." for file in self.pictures)

    @cached_property
    def _picture_folders(self) -> list[str]:
        return [name for name in PICTURE_FOLDERS if name in self._folder_names]

    @cached_property
    def _folder_names(self) -> frozenset[str]:
        return frozenset(key(part) for folder in self._folders for part in folder.split("/"))

    @cached_property
    def _index(self) -> dict[str, str | None]:
        """Picture by its full name with and without ending; None where that means several."""
        index = _unique((_stem(name), file) for name, file in zip(self._keys, self.pictures, strict=True))
        index |= _unique(zip(self._keys, self.pictures, strict=True))  # a full name always means its own file
        return index

    @cached_property
    def _keys(self) -> list[str]:
        return [key(file) for file in self.pictures]

    @cached_property
    def _bare(self) -> dict[str, list[str]]:
        return _lists((name.rpartition("/")[2], file) for name, file in zip(self._keys, self.pictures, strict=True))

    @cached_property
    def _bare_stems(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for name, files in self._bare.items():
            index.setdefault(_stem(name), []).extend(files)
        return index

    @cached_property
    def _loose(self) -> dict[str, list[str]]:
        """Pictures by their bare names with and without ending, spelled as `lib.importing.names.loose` does."""
        spelled = [(names.loose(file.rpartition("/")[2]), file) for file in self.pictures]
        return _lists([*spelled, *((_stem(name), file) for name, file in spelled)])

    @cached_property
    def _numbers(self) -> dict[int, str | None]:
        """Picture by the number it is called, where all such names beside each other have as many digits."""
        numbered = [(file, stem) for file in self.pictures if (stem := _stem(file.rpartition("/")[2])).isdecimal()]
        widths: dict[str, set[int]] = {}
        for file, stem in numbered:
            widths.setdefault(file.rpartition("/")[0], set()).add(len(stem))
        padded = [(number, file) for file, stem in numbered if (number := names.number(stem)) is not None]
        return _unique((number, file) for number, file in padded if len(widths[file.rpartition("/")[0]]) == 1)


_Name = TypeVar("_Name")


def _unique(pairs: Iterable[tuple[_Name, str]]) -> dict[_Name, str | None]:
    index: dict[_Name, str | None] = {}
    for name, file in pairs:
        index[name] = None if name in index else file
    return index


def _lists(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    index: dict[str, list[str]] = {}
    for name, file in pairs:
        index.setdefault(name, []).append(file)
    return index


@lru_cache(maxsize=2**12)
def _names_in(folder: str) -> tuple[str, ...]:
    return tuple(key(folder).split("/")) if folder else ()
