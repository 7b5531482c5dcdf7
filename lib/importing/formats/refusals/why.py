"""Why a source cannot be read: what is the matter with it, what it holds, and the forms that can be read."""

from __future__ import annotations

from collections.abc import Sequence

from lib.core import sentences
from lib.importing.formats.refusals import causes, foreign_files
from lib.importing.formats.tools import unknown_annotations
from lib.importing.tables import pool
from lib.importing.tables.table import Table
from lib.importing.tree import Tree
from lib.tasks.wanted import Wanted


def no_pictures(tree: Tree) -> str:
    """Return why a source without any picture is refused: what its files are, if they are known."""
    known = causes.in_tables(tree) or foreign_files.explain(tree) or unknown_annotations.explain(tree)
    if known is not None:
        return f"{known} There is no image in {tree.root.name!r}: add the images as files such as .jpg or .png."
    contents = f"{len(tree.others):,} other files, such as {tree.others[0]!r}" if tree.others else "nothing"
    return (
        f"There is no image in {tree.root.name!r}: expected files such as .jpg or .png, found {contents}. "
        "Choose the folder or zip that holds the images."
    )


def cause(tree: Tree) -> str | None:
    """Return why the pictures of a source have no labels that are read, if that is known."""
    return (
        causes.pointers(tree)
        or causes.in_tables(tree)
        or unknown_annotations.explain(tree)
        or causes.in_lists(tree)
        or causes.masks(tree)
        or foreign_files.explain(tree)
    )


def one_folder(tree: Tree, names: Sequence[str]) -> str:
    """Return that all pictures lie in one folder, which is no class, and where else their classes may stand."""
    return (
        f"expected at least two classes, found only {names[0]!r}, the folder of all pictures: add a folder of another "
        f"class or a table of labels, or, where the names of pictures such as {tree.pictures[0].rpartition('/')[2]!r} "
        "say the class, give the pattern that finds it in them, such as '(.*)_'."
    )


def nothing_fits(tree: Tree, tables: Sequence[Table], wanted: Wanted, forms: Sequence[str]) -> str:
    """Return why no reader fits: the file that looks like annotations and its cause, else what is there.

    Parameters
    ----------
    tree : Tree
    tables : sequence of Table
        Those that name pictures.
    wanted : Wanted
    forms : sequence of str
        Names of the forms that could be read.
    """
    purpose = "" if wanted.open else f" as {wanted.task}"
    known = f"Forms that are read{purpose}: {', '.join(forms)}."
    if not tables and (known_cause := cause(tree)) is not None:
        return f"The data cannot be read{purpose}. {known_cause} {known}"
    if tables:
        columns = (
            sentences.listed([name for name in tables[0].facts if name != tables[0].file_column], 8, show=repr)
            or "only file names"
        )
        contents = f"{tables[0].sources[0]} with the columns {columns}"
    elif files := tree.with_suffix(*pool.SUFFIXES):
        header = sentences.listed(causes.head_of_table(tree, files[0])[0], 8, show=repr)
        contents = f"{files[0]}, of whose columns ({header}) none names the images"
    else:
        contents = f"{len(tree.pictures):,} images, such as {tree.pictures[0]!r}, and nothing that labels them"
    return (
        f"The data cannot be read{purpose}: expected labels, points or numbers of each image, found {contents}. "
        f"Convert the data to one of these forms. {known}"
    )
