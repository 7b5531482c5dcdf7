"""Readers of dataset formats, one module each, tried in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from lib import tasks
from lib.core.errors import UserError
from lib.importing.formats import (
    biwi,
    coco,
    deeplabcut,
    folders,
    hf_imagefolder,
    label_studio,
    labels_csv,
    name_pattern,
    numbers_csv,
    onehot_csv,
    points_csv,
    pts,
    voc,
    yolo,
)
from lib.importing.formats.source import Reader, Source, candidates, note_no_label
from lib.importing.parsed import Parsed, UnsureError
from lib.importing.tables import pool
from lib.importing.tables.cells import read_cells
from lib.importing.tables.columns import Column, said
from lib.importing.tables.table import Table
from lib.importing.tree import Tree
from lib.tasks.wanted import Wanted

#: Readers of forms that have a file of their own, such as ``data.yaml``: they come before any table and are given none.
SIGNED: tuple[Reader, ...] = (
    name_pattern,
    biwi,
    coco,
    deeplabcut,
    hf_imagefolder,
    label_studio,
    pts,
    yolo,
)
#: The others; the first that fits is used. A new form is a new file and one more name here or above.
PLAIN: tuple[Reader, ...] = (onehot_csv, points_csv, labels_csv, numbers_csv, voc, folders)


def parse(
    tree: Tree,
    task: str | None = None,
    choices: Mapping[str, str] | None = None,
    columns: Mapping[str, str] | None = None,
) -> Parsed:
    """Return what a source says, no picture opened yet.

    Parameters
    ----------
    tree : Tree
    task : str, optional
        How to read it where more than one reading makes sense.
    choices : mapping, optional
        Answers to what readers ask, see `lib.importing.parsed.Fix`.
    columns : mapping, optional
        Roles of a table's columns as the user said them, see `lib.importing.tables.columns.ROLES`.

    Raises
    ------
    UserError
        If no form fits, or it cannot be read as ``task``.
    """
    if not tree.pictures:
        raise UserError(_no_pictures(tree))
    _check_text("The file name", [*tree.pictures, *tree.others], "Rename it")
    wanted, answers = Wanted(task), choices or {}
    roles = said(answers, columns or {})
    alone = Source(tree, None, answers, roles)
    # Who says what the columns of a table hold means that table, whatever lies beside it.
    signed = next((one for one in candidates(SIGNED, wanted) if not roles and one.matches(alone, wanted)), None)
    if signed is not None:
        return _read(signed, alone, wanted)
    tables = pool.load(tree, roles, wanted)
    if roles and not tables:
        pool.check_said(roles, [])
    for source in [Source(tree, one, answers, roles) for one in tables] or [alone]:
        if source.table is not None and (question := source.table.question()) is not None:
            raise question
        reader = next((reader for reader in candidates(PLAIN, wanted) if reader.matches(source, wanted)), None)
        if reader is not None:
            return _read(reader, source, wanted)
    if wanted.open and tables and (question := tables[0].unclear()) is not None:
        raise question
    raise UserError(_nothing_fits(tree, tables, wanted))


def _read(reader: Reader, source: Source, wanted: Wanted) -> Parsed:
    try:
        parsed = _convert(reader.read(source, wanted), wanted)
    except UnsureError as error:
        error.columns = error.columns or _columns(source)
        raise
    if source.table is not None:
        parsed.fixes += source.table.roles.fixes
    parsed.columns = _columns(source)
    _check_text(f"A name in the data ({parsed.format})", [*parsed.names, *(parsed.groups or [])], "Correct it")
    parsed.choices = source.choices
    _note_unused(source.tree, source, parsed)
    return parsed


def _columns(source: Source) -> list[Column]:
    return [] if source.table is None else source.table.described()


def _check_text(what: str, names: list[str], advice: str) -> None:
    """Refuse what no file can hold: bytes of a name that are no UTF-8, and halves of characters in JSON."""
    try:
        "".join(names).encode()  # of 100,000 names at once
    except UnicodeEncodeError:
        wrong = next(name for name in names if not _is_text(name))
        raise UserError(f"{what} is {wrong!r}: expected text, found bytes that are none (UTF-8). {advice}.") from None


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _convert(parsed: Parsed, wanted: Wanted) -> Parsed:
    """Make what was read what is wanted, where a reader gives another task."""
    if wanted.task is None or parsed.task == wanted.task:
        return parsed
    check = _check_for(parsed, wanted)
    parsed.targs, parsed.names = tasks.get(wanted.task).targets_from(
        tasks.get(parsed.task), parsed.targs, parsed.names, parsed.files
    )
    parsed.task, parsed.check = wanted.task, check
    parsed.extra = {}  # it tells of the names of the other reading
    return parsed


def _check_for(parsed: Parsed, wanted: Wanted) -> Callable[[Parsed, np.ndarray], None] | None:
    """Return the check of the other reading, before the targets are converted; without one nothing is checked."""
    if wanted.several_labels:
        return note_no_label
    return _check_as_points(parsed) if wanted.plain_numbers else None


def _check_as_points(parsed: Parsed) -> Callable[[Parsed, np.ndarray], None]:
    """Return a check for points that were made numbers: that of their reader, which may turn and scale them."""
    return partial(_as_points, parsed.check, parsed.names)


def _as_points(
    check: Callable[[Parsed, np.ndarray], None] | None, points: list[str], parsed: Parsed, sizes: np.ndarray
) -> None:
    known = np.isfinite(parsed.targs).all(axis=1)  # a number, unlike a point, is never missing
    for row in np.flatnonzero(~known):
        name = parsed.names[int(np.isnan(parsed.targs[row]).argmax())]
        parsed.problems.add("missing-value", f"{parsed.files[row]}: {name} is not known")
    parsed.keep(known)
    numbers, parsed.names = parsed.names, points
    parsed.targs = parsed.targs.reshape(len(parsed.targs), len(points), 2)
    try:
        if check is not None and len(parsed.files):
            check(parsed, sizes[known])
    finally:
        parsed.names, parsed.targs = numbers, parsed.targs.reshape(len(parsed.targs), len(numbers))


def _note_unused(tree: Tree, source: Source, parsed: Parsed) -> None:
    used, listed = set(parsed.files), set(source.table.pictures) if source.table else parsed.left_out
    for file in tree.pictures:
        if file not in used and file not in listed:  # a row that was left out has been noted already
            parsed.problems.add("image-without-row", file)
    suffixes = (".xml", ".txt") if source.table is None else ()
    sources = source.table.sources if source.table else tree.with_suffix(*suffixes) if parsed.format == voc.NAME else []
    for file in sorted(set(tree.others) - set(sources) - set(parsed.sources)):
        parsed.problems.add("unused-file", file)


def _no_pictures(tree: Tree) -> str:
    contents = f"{len(tree.others):,} other files, such as {tree.others[0]!r}" if tree.others else "nothing"
    return (
        f"There is no picture in {tree.root.name!r}: expected files such as .jpg or .png, found {contents}. "
        "Choose the folder or zip that holds the pictures."
    )


def _nothing_fits(tree: Tree, tables: list[Table], wanted: Wanted) -> str:
    purpose = "" if wanted.open else f" as {wanted.task}"
    forms = "; ".join(reader.EXPECTED for reader in candidates(PLAIN, wanted))
    if signed := [reader.NAME for reader in candidates(SIGNED, wanted)]:
        forms += f"; or an export of another tool ({', '.join(signed)})"
    if tables:
        columns = (
            ", ".join(repr(name) for name in tables[0].facts if tables[0].roles.role[name] != "file")
            or "only file names"
        )
        contents = f"{tables[0].sources[0]} with the columns {columns}"
    elif files := tree.with_suffix(*pool.SUFFIXES):
        header = ", ".join(repr(name) for name in read_cells(tree, files[0])[0][:8])
        contents = f"{files[0]}, of whose columns ({header}) none names the pictures"
    else:
        contents = f"{len(tree.pictures):,} pictures, such as {tree.pictures[0]!r}, and nothing that labels them"
    return (
        f"The data cannot be read{purpose}. Supported formats: {forms}. Found {contents}. "
        "Convert the data to one of these formats."
    )
