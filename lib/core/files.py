"""Writing to disk so that nothing is half written: atomic files, folders that appear whole, syncing."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lib.core import checksums, temporary
from lib.core.errors import UserError, reason
from lib.core.workspace import VARIABLE

#: Files from which on a folder is written back together with its disk.
MANY_FILES = 200


def write_atomic(path: Path, content: bytes | str) -> None:
    """Write ``content`` to ``path`` so that a reader sees the old file or the new one, never a part.

    A temporary file beside it is written, synced and renamed over it.
    """
    with replacing(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


@contextlib.contextmanager
def replacing(path: Path, *, keep: Path | None = None, is_shared: bool = False) -> Iterator[Path]:
    """Make an empty file beside ``path`` to write to, which takes its place when the block ends well.

    Parameters
    ----------
    path : pathlib.Path
    keep : pathlib.Path, optional
        Where the file that was at ``path`` is moved, in the same folder; without it, it is gone.
    is_shared : bool
        Whether it is given away: others may then read it as they may read this user's other files.
    """
    with temporary.temporary_file(path) as partial:
        yield partial
        if is_shared:
            share(partial)
        _sync(partial)
        if keep and path.exists():
            path.replace(keep)
        partial.replace(path)
    sync_folder(path.parent)


@contextlib.contextmanager
def replacing_all(paths: Iterable[Path]) -> Iterator[dict[Path, Path]]:
    """Do what `replacing` does for several files that are given away: all are on the disk before the first moves."""
    with contextlib.ExitStack() as stack:
        partials = {path: stack.enter_context(temporary.temporary_file(path)) for path in paths}
        yield partials
        for partial in partials.values():
            share(partial)
            _sync(partial)
        for path, partial in partials.items():
            partial.replace(path)
    for folder in {path.parent for path in partials}:
        sync_folder(folder)


def share(path: Path) -> None:
    """Let others read what was made as a temporary file or folder as they may read this user's other ones."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod((0o777 if path.is_dir() else 0o666) & ~mask)


def write_json(path: Path, value: Mapping[str, Any], owner: str = "") -> None:
    """Write an object as indented JSON, atomically, with its checksum, which `lib.core.json_files.read` compares.

    Parameters
    ----------
    path : pathlib.Path
    value : mapping
        NaN in it is refused because other readers cannot read it.
    owner : str
        A run's id, if the file is no other's.
    """
    text = json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    write_atomic(path, checksums.sealed(text.encode(), checksums.name_of(path, owner)))


@contextlib.contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Build a folder beside ``target`` and rename it into place at the end, all or nothing.

    Yields
    ------
    pathlib.Path
        The temporary folder to fill. If the block raises, it is removed, and so are parents made for it.

    Raises
    ------
    FileExistsError
        If ``target`` exists when the block ends.
    """
    new_parents = make_parents(target.parent)
    with contextlib.ExitStack() as stack:
        try:
            building = stack.enter_context(temporary.temporary(target.parent, f"{temporary.NEW}{target.name}."))
        except OSError as error:
            remove_empty(new_parents)
            raise UserError(
                f"The workspace folder {target.parent} cannot be written to ({reason(error)}): choose another "
                f"(variable {VARIABLE}), or make room on its disk.",
                flags="--workspace DIR",
            ) from error
        try:
            yield building
            sync_tree(building)
            building.chmod(0o755)
            # A rename refuses a target folder that is not empty, which is how two imports at once are told apart.
            building.rename(target)
            sync_folder(target.parent)
        except BaseException as error:
            shutil.rmtree(building, ignore_errors=True)
            remove_empty(new_parents)
            if isinstance(error, OSError) and target.exists():
                raise FileExistsError(f"{target} exists already") from error
            raise


def make_parents(folder: Path) -> list[Path]:
    """Make ``folder`` with its parents and return those that did not exist, deepest first."""
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        remove_empty(missing)
        raise UserError(
            f"The workspace folder {folder} cannot be made ({reason(error)}): choose another "
            f"(variable {VARIABLE}), or make room on its disk.",
            flags="--workspace DIR",
        ) from error
    return missing


def remove_empty(folders: list[Path]) -> None:
    """Remove those of ``folders`` that are empty, in order; the others stay."""
    for folder in folders:
        with contextlib.suppress(OSError):  # not empty any more: somebody else uses it
            folder.rmdir()


def sync_tree(folder: Path) -> None:
    """Force every file below ``folder``, and the names of all, to disk.

    Many files are written by one call for their whole disk where the system has it: it takes a second where file by
    file takes ten.
    """
    paths = [path for path in (folder, *folder.rglob("*")) if path.is_file() or os.name != "nt"]
    if len(paths) > MANY_FILES and _sync_disk(folder):
        return
    for path in paths:
        _sync(path)


def _sync_disk(folder: Path) -> bool:
    """Write back the disk of ``folder``; return False where the system cannot or says that it failed."""
    if not sys.platform.startswith("linux"):
        return False
    handle = os.open(folder, os.O_RDONLY)
    try:
        return bool(ctypes.CDLL(None, use_errno=True).syncfs(handle) == 0)
    except AttributeError:  # a C library without it
        return False
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Force the names in ``folder`` to disk."""
    if os.name != "nt":  # folders cannot be opened there
        _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def as_before(folder: Path, names: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Put files back as they were, unless what is yielded is called; that needs no room on a disk that is full now.

    Raises
    ------
    OSError
        If there is no room to begin with; nothing has changed then.
    """
    copies = {name: folder / f".{name}.before" for name in names if (folder / name).exists()}
    is_kept: list[bool] = []
    try:
        for name, copy in copies.items():
            shutil.copy2(folder / name, copy)
    except OSError:
        for copy in copies.values():
            copy.unlink(missing_ok=True)
        raise
    try:
        yield lambda: is_kept.append(True)
    finally:
        for name in names:
            if is_kept:
                (folder / f".{name}.before").unlink(missing_ok=True)
            elif name in copies:
                copies[name].replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
