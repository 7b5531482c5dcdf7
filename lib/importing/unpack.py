"""Unpacks a source before it is read: zips, images inside Parquet files; leaves ignored files out."""

from __future__ import annotations

import fnmatch
import shutil
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from lib.core.errors import UserError
from lib.importing import archive, cropping
from lib.importing.formats.tabular import hf_rows
from lib.importing.hugging_face import features, parquet
from lib.importing.options import Progress, no_progress
from lib.importing.tree import Tree

#: The answer that says which files to leave out: patterns such as ``sample/*``, apart by ";".
IGNORE_CHOICE = "ignore"


def plain_tree(folder: Path, choices: Mapping[str, str] | None = None) -> Tree | None:
    """Return the files of a folder without those to be ignored; None if its pictures have to be unpacked first."""
    tree = without_ignored(Tree(folder), choices or {})
    return None if image_parquets(tree) else tree


def is_packed(source: Path, choices: Mapping[str, str] | None = None) -> bool:
    """Return whether pictures are inside other files or to be cut out of others: none can be used where it is."""
    return not source.is_dir() or cropping.is_chosen(choices or {}) or plain_tree(source, choices) is None


def unpacked_tree(
    source: Path, scratch: Path, choices: Mapping[str, str] | None = None, progress: Progress | None = None
) -> Tree:
    """Return the files of a source whose pictures are packed, now in ``scratch``.

    Parameters
    ----------
    source : pathlib.Path
        A zip, a Parquet file, or a folder with Parquet files.
    scratch : pathlib.Path
        An empty folder; it has to live as long as the returned tree.
    choices : mapping, optional
        ``ignore`` says what to leave out, ``image-column`` is for `lib.importing.hugging_face.parquet.unpack`.
    progress : callable, optional
        Told how many files are out.

    Raises
    ------
    UserError
        If something cannot be unpacked.
    """
    choices = choices or {}
    inner = scratch / "files" / source.name  # the name that messages show
    if source.is_dir():
        tree = Tree(source)
    elif parquet.is_parquet(source):
        inner.mkdir(parents=True)
        parquet.unpack({source.name: source}, inner, choices, progress)
        return Tree(inner)
    else:
        inner.mkdir(parents=True)
        archive.unpack(source, inner, progress or no_progress)
        tree = Tree(inner)
    tree = without_ignored(tree, choices)
    files = {file: tree.path(file) for file in image_parquets(tree)}
    if not files:
        return tree
    out = scratch / "pictures" / source.name
    out.mkdir(parents=True)
    parquet.unpack(files, out, choices, progress)
    for file in (features.CARD, features.INFOS):
        if file in tree.others:
            shutil.copyfile(tree.path(file), out / file)
    return Tree(out)


def image_parquets(tree: Tree) -> list[str]:
    """Return the Parquet files of a tree that hold its pictures; none where pictures lie beside them.

    A few pictures, as a dataset's card shows them, do not count.

    Raises
    ------
    UserError
        If a Parquet file cannot be read and there are no pictures without it.
    """
    files = [file for file in tree.with_suffix(parquet.SUFFIX) if PurePosixPath(file).name not in hf_rows.NAMES]
    if not files or (tree.pictures and hf_rows.files(tree)):
        return []
    try:
        with_pictures = [file for file in files if parquet.image_columns(file, tree.path(file))]
    except UserError:
        if tree.pictures:
            return []
        raise
    held = sum(parquet.count(file, tree.path(file)) for file in with_pictures)
    return with_pictures if len(tree.pictures) < held else []


def without_ignored(tree: Tree, choices: Mapping[str, str]) -> Tree:
    """Return a tree without the files that ``choices`` say to leave out."""
    for pattern in filter(None, map(str.strip, choices.get(IGNORE_CHOICE, "").split(";"))):
        tree.pictures = [file for file in tree.pictures if not fnmatch.fnmatchcase(file, pattern)]
        tree.others = [file for file in tree.others if not fnmatch.fnmatchcase(file, pattern)]
    return tree
