"""Says where the pictures are that a table names, if they are not in what was brought."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.importing import names
from lib.importing.tree import Tree, is_picture
from lib.importing.untrusted import read_start

SUFFIXES = (".csv", ".tsv")
_HEAD = 2**16  # bytes in which a file names a picture, if it does at all
_BETWEEN = re.compile(r"[,;\t\r\n|]")


def cells_of(tree: Tree, file: str) -> list[str]:
    """Return what may be cells at the beginning of a text file, whatever its form."""
    return [cell.strip().strip('"') for cell in _BETWEEN.split(read_start(tree, file, _HEAD))]


def without_pictures(tree: Tree) -> str | None:
    """Return the sentence of the first table that names pictures elsewhere, of a source that has none."""
    for file in tree.with_suffix(*SUFFIXES):
        named = [cell for cell in cells_of(tree, file) if is_picture(names.plain_path(cell))]
        if (refusal := sentence(file, named)) is not None:
            return refusal
    return None


def sentence(file: str, named: Sequence[str]) -> str | None:
    """Return the sentence about names of pictures in another folder, or on the web; None of others.

    Nothing is looked up there: a stranger's table says where.

    Examples
    --------
    >>> sentence("a.csv", ["/data/x/1.jpg", "/data/x/2.jpg"])[:58]
    "a.csv names images in the folder /data/x, such as '/data/x"
    """
    if named and all(map(names.is_address, named)):
        return (
            f"{file} names images on the web, such as {named[0]!r}: expected the images themselves. "
            "Download them into the table's folder and import that."
        )
    away = [path for path in map(names.plain_path, named) if names.is_elsewhere(path)]
    if len(away) <= len(named) / 2:
        return None
    folder = _shared(away)
    return (
        f"{file} names images in the folder {folder}, such as {away[0]!r}, which are not in what was chosen. "
        f"Put the table into {folder} and import that folder."
    )


def _shared(paths: Sequence[str]) -> str:
    """Return the folder that all paths have in common."""
    parts = [path.split("/")[:-1] for path in paths]
    shared = parts[0]
    for one in parts:
        while shared != one[: len(shared)]:
            shared = shared[:-1]
    return "/".join(shared) or "/"
