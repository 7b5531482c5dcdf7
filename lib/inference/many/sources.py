"""Where many pictures come from: folders, zips, tables of paths and single files, listed in one order."""

from __future__ import annotations

import contextlib
import csv
import io
import shutil
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lib.core import formulas, inside, sentences, temporary
from lib.core.errors import UserError, reason
from lib.importing import archive
from lib.importing.tree import Tree, is_picture

#: What the column of a table may be called that has the paths.
COLUMNS = ("file", "path", "image", "filename", "file_name", "image_path", "filepath")
#: The largest table that is read, in bytes.
MOST_BYTES = 256 * 2**20
_ZIP, _TABLE = ".zip", ".csv"


@dataclass(frozen=True)
class Entry:
    """A picture that is to be answered.

    Attributes
    ----------
    name : str
        What it is called in the output.
    path : pathlib.Path
        Where it is; of a zip, where it is unpacked to.
    size, changed : int
        Bytes, and what differs once it was changed: when that was in ns, or a zip's checksum of it.
    error : str
        Why it cannot be asked about, "" where it may.
    times : int
        How often it was named.
    member : zipfile.ZipInfo, optional
        What of a zip it is.
    archive : zipfile.ZipFile, optional
        That zip, open.
    """

    name: str
    path: Path
    size: int = 0
    changed: int = 0
    error: str = ""
    times: int = 1
    member: zipfile.ZipInfo | None = None
    archive: zipfile.ZipFile | None = None


@contextlib.contextmanager
def listed(paths: Sequence[Path], root: Path | None = None) -> Iterator[list[Entry]]:
    """Yield what is at ``paths``, each name once, by name: the same in whatever order things are named or found.

    Names are relative to the folder or zip, or as in the table; with several paths they begin with theirs.

    Parameters
    ----------
    paths : sequence of pathlib.Path
        Folders, zips, tables of paths (.csv) and pictures.
    root : pathlib.Path, optional
        The folder that paths in tables are relative to and stay in; by default the table's own.

    Raises
    ------
    UserError
        If there is no such file, a zip or table cannot be read, or there is no picture.
    """
    with contextlib.ExitStack() as stack:
        named: dict[str, Entry] = {}
        for path in paths:
            prefix = f"{path.as_posix()}/" if len(paths) > 1 else ""
            for entry in _of_path(path, root, stack):
                alone = not path.is_dir() and entry.path == path
                name = path.as_posix() if alone and prefix else prefix + entry.name
                name = _written(name)
                before = named.get(name)
                named[name] = replace(entry, name=name, times=entry.times + (before.times if before else 0))
        if not named:
            raise UserError(
                f"There is no picture in {', '.join(map(str, paths))}: expected files such as .jpg or .png. Name "
                "another folder, zip or table."
            )
        yield [named[name] for name in sorted(named)]


def _of_path(path: Path, root: Path | None, stack: contextlib.ExitStack) -> Iterator[Entry]:
    if path.is_dir():
        return of_folder(path)
    if not path.is_file():
        raise UserError(f"There is no picture, folder, zip or table {path}: check the path.")
    if path.suffix.lower() == _TABLE:
        return _of_table(path, root or path.parent)
    if path.suffix.lower() == _ZIP:
        return of_zip(path, stack)
    return iter([_of_file(path, path.name)])


def of_folder(folder: Path) -> Iterator[Entry]:
    """Yield the visible pictures below ``folder``; links that lead out of it are left out."""
    tree = Tree(folder)
    base = folder.resolve()
    for file in tree.pictures:
        path = tree.path(file)
        yield _of_file(path, _written(path.relative_to(base).as_posix()))
    for words in tree.unreadable:
        name, _, why = words.rpartition(": ")
        yield Entry(_written(name), folder / name, error=f"it cannot be read ({why})")


def _written(name: str) -> str:
    """Return a file's name as it is written where it is no text, as of bytes that are not UTF-8."""
    return name.encode("utf-8", "backslashreplace").decode()


def _of_file(path: Path, name: str) -> Entry:
    try:
        status = path.stat()
    except OSError as error:
        return Entry(name, path, error=f"it cannot be read ({reason(error)})")
    return Entry(name, path, status.st_size, status.st_mtime_ns)


def of_zip(path: Path, stack: contextlib.ExitStack) -> Iterator[Entry]:
    """Yield a zip's pictures, of which `unpacked` unpacks some at a time into a folder that goes with ``stack``."""
    scratch = stack.enter_context(temporary.temporary(None, temporary.UNPACKED))
    stack.callback(shutil.rmtree, scratch, ignore_errors=True)
    packed, members = stack.enter_context(archive.entries(path, scratch))
    for name, member in members.items():
        if is_picture(name):
            target = inside.path(scratch, name)
            yield Entry(name, target, member.file_size, member.CRC, member=member, archive=packed)


@contextlib.contextmanager
def unpacked(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Yield ``entries`` with their files in place, those of zips until the block ends; what is damaged has an error."""
    ready = []
    try:
        for entry in entries:
            if entry.member is not None and entry.archive is not None:
                try:
                    archive.extract(entry.archive, entry.member, entry.path)
                except UserError:
                    ready.append(replace(entry, error="it is damaged in its zip"))
                    continue
            ready.append(entry)
        yield ready
    finally:
        for entry in entries:
            if entry.member is not None:
                entry.path.unlink(missing_ok=True)


def _of_table(path: Path, root: Path) -> Iterator[Entry]:
    """Yield what a table names; each path is relative to ``root``, or absolute and below it."""
    cells = _cells(path)
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell] = counts.get(cell, 0) + 1
    base = root.resolve()
    for cell, times in counts.items():
        yield replace(_of_cell(cell, base), times=times)


def _of_cell(cell: str, base: Path) -> Entry:
    name = cell
    if Path(cell).is_absolute():
        with contextlib.suppress(ValueError):
            name = Path(cell).relative_to(base).as_posix()
    try:
        path = inside.path(base, name)
    except UserError as error:
        return Entry(cell, base, error=str(error).rstrip("."))
    if not path.is_file():
        return Entry(cell, path, error="there is no such file")
    return _of_file(path, cell)


def _cells(path: Path) -> list[str]:
    """Return the paths in a table: its column of `COLUMNS`, or its only column, whose head may be missing then."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError(f"{path} is larger than {sentences.size(MOST_BYTES)}, the most that is read: split it up.")
        text = path.read_text(encoding="utf-8-sig")
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if any(row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            f"The table {path} cannot be read ({reason(error)}): expected CSV in UTF-8 with a column {COLUMNS[0]!r}."
        ) from error
    if not rows:
        raise UserError(f"The table {path} is empty: expected a column {COLUMNS[0]!r} with paths of pictures.")
    heads = [cell.strip().lower() for cell in rows[0]]
    at = next((heads.index(name) for name in COLUMNS if name in heads), None)
    if at is None and max(map(len, rows)) > 1:
        raise UserError(
            f"The table {path} has no column {COLUMNS[0]!r}, found {', '.join(map(repr, rows[0][:5]))}: call the one "
            f"with the paths one of {', '.join(COLUMNS)}."
        )
    listed = rows if at is None else rows[1:]
    return [formulas.plain(row[at or 0]) for row in listed if len(row) > (at or 0) and row[at or 0]]
