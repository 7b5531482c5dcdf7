"""What is written into the journal of edits: one line at a time, under the lock of its dataset."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lib.core import files, line_sums, locks
from lib.core.errors import UserError, is_full, reason
from lib.datasets.journal import journal, tables
from lib.datasets.journal.journal import Entry
from lib.datasets.journal.lines import End

#: In a dataset's folder, and how long one waits for it.
LOCK, _SECONDS = ".edits.lock", 30.0


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock under which a dataset is edited, one edit at a time.

    Raises
    ------
    UserError
        If the dataset is gone, its folder cannot be written to, or somebody holds the lock for half a minute.
    """
    with contextlib.ExitStack() as stack:
        _enter(stack, folder)
        yield


def _enter(stack: contextlib.ExitStack, folder: Path) -> None:
    try:
        stack.enter_context(locks.held(folder / LOCK, _SECONDS))
    except TimeoutError as error:
        raise UserError(
            f"The dataset in {folder} is being edited by another process for {_SECONDS:.0f} seconds: try again."
        ) from error
    except FileNotFoundError as error:
        raise gone(folder) from error
    except OSError as error:
        raise _unwritable(folder, error) from error


def gone(folder: Path) -> UserError:
    """Return what is said where a dataset was deleted meanwhile."""
    return UserError(f"There is no dataset {folder.name!r} any more: choose another.")


def add(folder: Path, base: str, entry: Entry) -> None:
    """Write an entry behind the others, forced to disk; call it under `locked`. All of it is there, or nothing.

    Raises
    ------
    UserError
        If it cannot be written.
    """
    try:
        line: dict[str, Any] = {
            "kind": entry.kind,
            "time": entry.time,
            "note": entry.note[: journal.NOTE],
            "revision": entry.revision,
        }
        optional = {"declared": entry.declared, "how": entry.how, "user": entry.user}
        line |= {name: value for name, value in optional.items() if value}
        if entry.kind in journal.COLUMNS:
            line |= tables.to_line(folder, entry.table)
        _append(folder / journal.FILE, {"format": journal.FORMAT, "base": base}, line)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> UserError:
    then = "make room on its disk" if is_full(error) else "allow writing there"
    return UserError(f"The edit cannot be kept in {folder} ({reason(error)}) and was not made: {then}.")


def _append(path: Path, head: dict[str, Any], line: dict[str, Any]) -> None:
    is_new = not path.exists()
    before = journal.complete_bytes(path)
    sums, data = line_sums.Chain(), b""
    if before:
        sums.skip(path.read_bytes()[:before])
    for one in [line] if before else [head, line]:
        text = json.dumps(one, ensure_ascii=False, allow_nan=False)
        data += sums.add(text.encode(errors="backslashreplace"))  # half a surrogate pair, as JSON escapes it
    end = End(bytes=before + len(data), time=line["time"])
    with path.open("ab", buffering=0) as file:  # what a buffer still has would be written when the file is closed
        file.truncate(before)  # a line that somebody began and did not end
        try:
            while data:  # a disk that is nearly full takes a part
                data = data[file.write(data) :]
            os.fsync(file.fileno())
        except BaseException:
            file.truncate(before)
            raise
    if is_new:
        files.sync_folder(path.parent)
    # After the line: a journal may be longer than is said, as it is when somebody is killed here, but never shorter.
    with contextlib.suppress(OSError):  # no room any more: the edit is kept, and where the journal ended before is true
        files.write_json(path.with_name(journal.END), end)
