"""The journal of edits, lines on disk that are only ever appended to: read, and which of them count.

A line is one edit, or that the last one was undone or done again. A line that a killed process left half is dropped;
any other that cannot be read is damage, and said. Nothing that a line holds is trusted: `lib.datasets.journal.replay`
checks it against the dataset. What is too long for a line lies in a table beside it, named by its own hash and written
first.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from lib.core import checksums, json_files, line_sums
from lib.core.errors import DamagedError, UserError, reason
from lib.datasets.journal import tables
from lib.datasets.journal.lines import Declared, End, Head, Line
from lib.datasets.journal.tables import FLOAT, INT, TEXT, DamageError, Table, column

FORMAT = 1
#: Names in a dataset's folder: the journal, and where it ends.
FILE, END = "edits.jsonl", "edits.end.json"
#: Kinds of entries. RESTORE goes back to the import; UNDO and REDO are about the edit before.
SET, EXCLUDE, INCLUDE, ASSIGN, DECLARE, RESTORE = "set", "exclude", "include", "assign", "declare", "import"
UNDO, REDO = "undo", "redo"
#: Characters of a note that are kept.
NOTE = 300

#: Columns of each kind's table.
COLUMNS: dict[str, dict[str, str]] = {
    SET: {"row": INT, "column": INT, "was": FLOAT, "now": FLOAT},
    EXCLUDE: {"row": INT},
    INCLUDE: {"row": INT},
    ASSIGN: {"row": INT, "split": TEXT, "group": TEXT},
}
#: What is said of a line without a checksum where this version has written one.
_BARE = "it has no checksum, unlike those before it: an earlier version has written it, or it was changed by hand"


@dataclass(frozen=True)
class Entry:
    """One line of a journal.

    Attributes
    ----------
    kind : str
    time : str
        When, in UTC, as ``2026-01-02T03:04:05Z``.
    note : str
        What was done, in words.
    revision : str
        Of the dataset after it.
    table : dict of str to ndarray
        Columns of `COLUMNS`; empty where ``file`` names the table.
    file : str
        Hash and name of the table that is a file, "" where there is none.
    declared : dict
        What a `DECLARE` says, see `lib.datasets.edits.edits.declare`.
    how : dict
        How splits were made; shown, and nothing more.
    chain : str
        Hash of the journal up to this line, "" before it is written.
    user : str
        Who did it, "" where nobody logs in.
    """

    kind: str
    time: str
    note: str
    revision: str
    table: Table = field(default_factory=dict)
    file: str = ""
    declared: Declared = field(default_factory=dict)
    how: Mapping[str, object] = field(default_factory=dict)
    chain: str = ""
    user: str = ""


def read(folder: Path, base: str) -> tuple[Entry, ...]:
    """Return the entries of the journal in a dataset's ``folder``, oldest first; a second call costs nothing.

    Raises
    ------
    UserError
        If it is damaged, or of another dataset than the one imported as revision ``base``.
    """
    path = folder / FILE
    with naming_damage(folder):
        end = checksums.stamp(path.with_name(END)) if path.with_name(END).exists() else None
        try:
            stamp = checksums.stamp(path)
        except FileNotFoundError:
            _check_end(path, 0)
            return ()
        return _read(path, base, stamp, end)


def read_until(folder: Path, base: str, chain: str) -> tuple[Entry, ...]:
    """Return the entries up to the one of hash ``chain``, none for "": those that a dataset was seen after.

    Raises
    ------
    UserError
        As `read`, or if there is no such entry.
    """
    entries = read(folder, base) if chain else ()
    for count in range(len(entries), 0, -1):
        if entries[count - 1].chain == chain:
            return entries[:count]
    if chain:
        raise UserError(f"The journal of edits {folder / FILE} was replaced meanwhile: look at the dataset again.")
    return ()


@contextlib.contextmanager
def naming_damage(folder: Path) -> Iterator[None]:
    """Turn `DamageError`, and what the disk says, into one sentence about the journal in ``folder``."""
    try:
        yield
    except (DamageError, OSError) as error:
        raise DamagedError(
            f"The journal of edits {folder / FILE} is damaged ({reason(error)}): restore it from a copy, or move it, "
            f"and {END} beside it, out of the folder to have the dataset as it was imported."
        ) from error


#: What was read last of a journal: the next look parses only what was added since, and shares the rest.
_last_read: dict[Path, tuple[Entry, ...]] = {}
_KEPT = 16


@lru_cache(maxsize=_KEPT)
def _read(path: Path, base: str, stamp: checksums.Stamp, _end: checksums.Stamp | None) -> tuple[Entry, ...]:
    with path.open("rb") as file:
        content = file.read(stamp.size)  # what is added meanwhile belongs to the next look
    complete = content[: content.rfind(b"\n") + 1]
    lines, rest = complete.splitlines(), content[len(complete) :].lstrip()
    if rest[:1] not in (b"", b"{"):  # not a line that a killed process left half
        raise DamageError(f"it ends in {rest[:20]!r}, which is no line of it")
    if not lines:
        _check_end(path, 0)
        return ()
    with _numbered(1):
        head = json_files.decode(lines[0], Head)
    if head["format"] != FORMAT or head["base"] != base:
        raise DamageError(f"line 1 is of {head['base']!r:.40}, format {head['format']}, not of {base}")
    known = _last_read.get(path, ())
    entries: list[Entry] = []
    written = _written(path)
    damaged = line_sums.Chain().first_damaged(complete, written["bytes"] if written else 0)
    chain = hashlib.sha256(lines[0])
    for number, line in enumerate(lines[1:], 2):
        chain.update(b"\n" + line)
        so_far = chain.hexdigest()
        with _numbered(number, entries[-1].time if entries else ""):
            if damaged is not None and damaged < number:
                raise ValueError("it is not what was written there" if line_sums.has_sum(lines[damaged]) else _BARE)
            if number - 2 < len(known) and known[number - 2].chain == so_far:  # the same line, behind the same ones
                entries.append(known[number - 2])
            else:
                entries.append(_entry(json_files.decode(line, Line), so_far))
    _check_end(path, len(complete))
    _last_read[path] = tuple(entries)
    while len(_last_read) > _KEPT:
        _last_read.pop(next(iter(_last_read)), None)
    return tuple(entries)


def _check_end(path: Path, length: int) -> None:
    """Look whether the lines that were written before are there; a journal of before says nothing of them.

    Raises
    ------
    DamageError
        If some are missing at the end.
    """
    written = _written(path)
    # An edit that came while this was read is behind what was read, and is there now: its line is written first.
    if written and length < written["bytes"] and (length := complete_bytes(path)) < written["bytes"]:
        raise DamageError(
            f"it has {length:,} of the {written['bytes']:,} bytes that were written by {written['time']}: its last "
            f"edits are missing; without {END} beside it, those that are left count"
        )


def _written(path: Path) -> End | None:
    """Return what is said of the journal's end, None of one of before; raises `DamageError` if that cannot be read."""
    try:
        return json_files.read(path.with_name(END), End)
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise DamageError(f"{END}, which says where it ends: {error}") from error


@contextlib.contextmanager
def _numbered(line: int, before: str = "") -> Iterator[None]:
    """Say which line cannot be used, and when the one ``before`` it was written."""
    try:
        yield
    except ValueError as error:
        after = f" (the one before it is of {before})" if before else ""
        raise DamageError(f"line {line}: {error}{after}") from error


def _entry(line: Line, chain: str) -> Entry:
    kind, file = line["kind"], line.get("file", "")
    if file and kind not in COLUMNS:
        raise ValueError(f"file: expected none with {kind!r}, found {file!r}")
    columns = {} if file else COLUMNS.get(kind, {})
    cells = line.get("table", {})
    if lacking := [name for name in columns if name not in cells]:
        raise ValueError(f"table.{lacking[0]}: expected a value, found none")
    table = {name: column(name, cells[name], what) for name, what in columns.items()}
    if len({len(column) for column in table.values()}) > 1:
        raise ValueError("table: expected columns of one length, found others")
    declared, how = line.get("declared", {}), line.get("how", {})
    about = (line["time"], line["note"][:NOTE], line["revision"])
    return Entry(kind, *about, table, file, declared, how, chain, line.get("user", ""))


def table(folder: Path, entry: Entry) -> Table:
    """Return the table of an entry, from its file where it has one.

    Raises
    ------
    DamageError
        If the file is gone or is not what was written.
    """
    return tables.read(folder, entry.file, COLUMNS[entry.kind]) if entry.file else entry.table


def complete_bytes(path: Path) -> int:
    """Return the length of the complete lines of a journal in bytes."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            while end:  # from the end in blocks: a line ends where the last newline is
                start = max(0, end - 65536)
                file.seek(start)
                place = file.read(end - start).rfind(b"\n")
                if place >= 0:
                    return start + place + 1
                end = start
    except FileNotFoundError:
        pass
    return 0


def effective(entries: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """Return the edits that count, oldest first, and those that can be done again, the next one last.

    Raises
    ------
    DamageError
        If more is undone than was done.
    """
    done: list[Entry] = []
    undone: list[Entry] = []
    steps: dict[str, Callable[[], None]] = {
        UNDO: lambda: undone.append(done.pop()),
        REDO: lambda: done.append(undone.pop()),
    }
    for number, entry in enumerate(entries, 2):
        if entry.kind in steps:
            try:
                steps[entry.kind]()
            except IndexError:
                raise DamageError(f"line {number}: nothing is left to {entry.kind}") from None
        else:
            done.append(entry)
            undone.clear()
    return done, undone


def standing(done: Sequence[Entry]) -> Sequence[Entry]:
    """Return those of the edits that count, see `effective`, from the last going back to the import on."""
    return done[max((place for place, entry in enumerate(done) if entry.kind == RESTORE), default=0) :]
