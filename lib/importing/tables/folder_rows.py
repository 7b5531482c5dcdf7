"""Rows that name a folder of pictures: each of its pictures has what the row says."""

from __future__ import annotations

import re
from functools import cached_property

import pandas as pd

from lib.core.splits import key
from lib.importing.tree import Tree

#: Folders of one person, who may have several studies: they are the group then.
_PERSON = re.compile(r"(patient|subject|person|participant|volunteer|case|pid)[-_ ]?\w{0,40}\d", re.IGNORECASE)


class Folders:
    """The folders of a tree that hold pictures, by the names that tables give them."""

    def __init__(self, tree: Tree):
        self._tree = tree

    def pictures_of(self, name: str) -> list[str]:
        """Return the pictures of the folder that ``name`` means: the rest of one path has to be all of the other."""
        parts = _parts(name)
        if not parts:
            return []
        folder = self._by_ending.get(parts)
        if folder is None:  # the name begins above the root
            folder = next((path for i in range(1, len(parts)) if (path := self._whole.get(parts[i:]))), None)
        return self._inside.get(folder, []) if folder else []

    @cached_property
    def _inside(self) -> dict[str, list[str]]:
        inside: dict[str, list[str]] = {}
        for picture in self._tree.pictures:
            folder = picture.rpartition("/")[0]
            if folder:
                inside.setdefault(folder, []).append(picture)
        return inside

    @cached_property
    def _whole(self) -> dict[tuple[str, ...], str]:
        return {_parts(folder): folder for folder in self._inside}

    @cached_property
    def _by_ending(self) -> dict[tuple[str, ...], str | None]:
        """Folder by every ending of its path; None where several end like that."""
        endings: dict[tuple[str, ...], str | None] = {}
        for folder in self._inside:
            parts = _parts(folder)
            for start in range(1, len(parts)):
                endings[parts[start:]] = None if parts[start:] in endings else folder
        return endings | dict(self._whole)


def folder_column(cells: pd.DataFrame, folders: Folders) -> int | None:
    """Return the column that names folders of pictures in most of its cells, None if none does."""
    sample = cells.iloc[:: max(1, len(cells) // 500)]
    for column in cells:
        different = sample[column].unique()
        if len(different) > 1 and sum(bool(folders.pictures_of(cell)) for cell in different) >= len(different) / 2:
            return column
    return None


def group_of(folder: str) -> str:
    """Return the person whose folder lies in a path, else the path.

    Examples
    --------
    >>> group_of("train/patient00012/study1"), group_of("train/scan7/")
    ('train/patient00012', 'train/scan7')
    """
    parts = folder.replace("\\", "/").strip("/").split("/")
    person = next((i for i, part in enumerate(parts) if _PERSON.fullmatch(part)), len(parts) - 1)
    return "/".join(parts[: person + 1])


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in key(name.strip().replace("\\", "/")).split("/") if part not in ("", "."))
