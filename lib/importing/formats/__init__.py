"""Readers of dataset formats, one module each, tried in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.columns import Column, chosen_roles
from lib.importing.formats import folders, name_pattern
from lib.importing.formats.beside import given_splits, partial_tables, second_sources, unlabeled
from lib.importing.formats.lists import class_lists, json_labels, point_lists, text_tables
from lib.importing.formats.published import biwi, cub, mpii, pts
from lib.importing.formats.refusals import causes, why
from lib.importing.formats.source import Reader, Source, candidates, note_no_label
from lib.importing.formats.tabular import hf_imagefolder
from lib.importing.formats.tabular.flat import FLAT
from lib.importing.formats.tools import (
    coco,
    createml,
    cvat,
    deeplabcut,
    dlib_xml,
    label_studio,
    labelme,
    supervisely,
    via,
    voc,
    yolo,
)
from lib.importing.parsed import Parsed, UnsureError
from lib.importing.tables import elsewhere, pool
from lib.importing.tables.pool import Pool
from lib.importing.tables.settle import settle
from lib.importing.tables.table import Table
from lib.importing.tree import Tree
from lib.tasks.wanted import Wanted

#: Readers of forms that have a file of their own, such as ``data.yaml``: they come before any table and are given none.
SIGNED: tuple[Reader, ...] = (
    name_pattern,
    biwi,
    coco,
    cub,
    deeplabcut,
    cvat,
    dlib_xml,
    labelme,
    supervisely,
    via,
    createml,
    mpii,
    hf_imagefolder,
    label_studio,
    pts,
    yolo,
)
#: The others; the first that fits is used. A new form is a new file and one more name here or above.
PLAIN: tuple[Reader, ...] = (
    *FLAT,
    voc,
    json_labels,
    text_tables,
    point_lists,
    class_lists,
    folders,
)

#: Those that read lists of splits themselves.
_WITH_LISTS: tuple[Reader, ...] = (voc, text_tables, point_lists, class_lists)


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
        Roles of a table's columns as the user said them, see `lib.importing.columns.ROLES`.

    Raises
    ------
    UserError
        If no form fits, or it cannot be read as ``task``.
    """
    if not tree.pictures:
        raise UserError(elsewhere.without_pictures(tree) or why.no_pictures(tree))
    _check_text("The file name", [*tree.pictures, *tree.others], "Rename it")
    wanted, answers = Wanted(task), choices or {}
    roles = chosen_roles(answers, columns or {})
    alone = Source(tree, None, answers, roles)
    # Who says what the columns of a table hold means that table, whatever lies beside it.
    signed = next((one for one in candidates(SIGNED, wanted) if not roles and one.matches(alone, wanted)), None)
    if signed is not None:
        return _read(signed, alone, wanted)
    if answers.get(pool.CHOICE) == voc.NAME and voc.matches(alone, wanted):
        return _read(voc, alone, wanted)
    tables = _tables(tree, roles, wanted, answers)
    if roles and not tables.tables:
        pool.check_names(roles, [])
    cause = causes.pixels(tree, tables.tables[0]) if tables.tables else causes.studies(tree)
    if cause is not None:
        raise UserError(cause)
    for table in (*tables.tables, *([] if tables.tables else [None])):
        source = alone if table is None else Source(tree, settle(table, answers), answers, roles)
        reader = next((reader for reader in candidates(PLAIN, wanted) if reader.matches(source, wanted)), None)
        if reader is not None:
            parsed = _read(reader, source, wanted, tables)
            unfit = reader is folders and tasks.get(parsed.task).check(parsed.names, parsed.targs) is not None
            if unfit and why.cause(tree) is not None:
                break  # a folder of pictures, not a class
            if unfit and wanted.open:
                raise UserError(why.one_folder(tree, parsed.names), flags="--choice label-pattern='(.*)_'")
            second = _second(parsed, source, alone, wanted)
            return parsed if second is None else second
    unread = [*tables.tables, *tables.splits]
    if wanted.open and unread and (question := unread[0].unclear()) is not None:
        raise question
    away = None if tables.tables else elsewhere.without_pictures(tree)
    names = [reader.NAME for reader in candidates([*PLAIN, *SIGNED], wanted)]
    raise UserError(away or why.nothing_fits(tree, tables.tables, wanted, names))


def _tables(tree: Tree, roles: Mapping[str, str], wanted: Wanted, answers: Mapping[str, str]) -> Pool:
    """Return the tables of a source; if none can be used, say what they hold in place of names of pictures."""
    try:
        return pool.load(tree, roles, wanted, answers)
    except UnsureError:
        raise
    except UserError as error:
        if (cause := causes.in_tables(tree)) is not None:
            raise UserError(cause) from error
        raise


def _read(reader: Reader, source: Source, wanted: Wanted, tables: Pool | None = None) -> Parsed:
    try:
        parsed = _convert(reader.read(source, wanted), wanted)
    except UnsureError as error:
        error.columns = error.columns or _columns(source)
        raise
    if source.table is not None:
        parsed.fixes += source.table.roles.fixes
    parsed.columns = _columns(source)
    if tables is not None:
        if source.table is not None:
            parsed.fixes += tables.questions(source.table)
            _take_groups(parsed, tables, source.table)
            for kind, example in tables.about(source.table):
                parsed.problems.add(kind, example)
            if Wanted(parsed.task).labels:
                second_sources.name_numbers(parsed, source.tree, source.table.sources)
                partial_tables.add_folders(parsed, source.tree, source.table.sources, source.choices)
        parsed.sources += tables.templates
        if reader not in _WITH_LISTS:
            given_splits.give(parsed, source.tree, tables.splits, source.choices)
    _check_text(f"A name in the data ({parsed.format})", [*parsed.names, *(parsed.groups or [])], "Correct it")
    parsed.choices = source.choices
    _note_unused(source.tree, source, parsed)
    return parsed


def _take_groups(parsed: Parsed, tables: Pool, table: Table) -> None:
    """Take the groups of a second table, where the table that is read has none."""
    where, groups = ("", {}) if parsed.groups is not None else tables.groups(table)
    named = [groups.get(file, "") for file in parsed.files]
    if any(named):
        parsed.groups = named
        parsed.problems.add("group-column", f"{where}: {sentences.count(len({*named} - {''}), 'group')}")


def _second(parsed: Parsed, source: Source, alone: Source, wanted: Wanted) -> Parsed | None:
    """Compare a table of labels with what lies beside it; return that where it says the same of more images."""
    if source.table is None or not Wanted(parsed.task).labels:
        return None
    if voc.matches(alone, wanted) and pool.CHOICE not in source.choices:
        other = _read(voc, alone, wanted)
        if second_sources.compare(parsed, other, pool.CHOICE):
            files = ", ".join(source.table.sources)
            other.problems.add("other-table", f"{files} ({other.format} says the same of more images)")
            return other
    return None


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
    unused = [file for file in tree.pictures if file not in used]
    without_row = [file for file in unused if file not in listed]  # a row that was left out has been noted already
    in_bad_rows = [file for file in unused if file in listed] if source.table else []
    unlabeled.take(parsed, without_row, in_bad_rows, source.choices)
    suffixes = (".xml", ".txt") if source.table is None else ()
    sources = source.table.sources if source.table else tree.with_suffix(*suffixes) if parsed.format == voc.NAME else []
    for file in sorted(set(tree.others) - set(sources) - set(parsed.sources)):
        parsed.problems.add("unused-file", file)
