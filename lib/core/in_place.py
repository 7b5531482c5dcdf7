"""Pictures used where they are: the folders that are allowed, and whether a file is still the imported one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from lib.core import digests, given_paths, inside
from lib.core.errors import UserError, reason

#: Folders, apart as in PATH, below which a dataset may use pictures where they are.
VARIABLE = "MANYHOT_ROOTS"
#: Name of the file that keeps what `stamp` said of each picture at import.
STAMPS = "stamps.npy"


def allowed(default: Path | None) -> list[Path]:
    """Return the folders that ``MANYHOT_ROOTS`` names, else ``default``, which is None where nothing is allowed."""
    return list(_allowed(os.environ.get(VARIABLE, ""), default))


@lru_cache(maxsize=16)
def _allowed(variable: str, default: Path | None) -> tuple[Path, ...]:
    try:
        named = [given_paths.expanded(part) for part in variable.split(os.pathsep) if part]
    except UserError as error:
        raise UserError(f"The variable {VARIABLE} names what is no folder. {error}") from error
    return tuple(root.resolve() for root in named or ([default] if default else []))


def fitting(source: Path) -> list[Path] | None:
    """Return the folders that allow the pictures of ``source`` to be used where they are; None if they must be copied.

    They can stay in a folder below the user's home, or below what ``MANYHOT_ROOTS`` names; what is packed in a zip has
    to be taken out, and so has what is packed in Parquet files of a folder, see `lib.importing.unpack.is_packed`.

    Raises
    ------
    UserError
        If ``MANYHOT_ROOTS`` is set and ``source`` is a folder that lies below none of its folders.
    """
    if not source.is_dir():
        return None
    if os.environ.get(VARIABLE):
        check_root(source, allowed(None))
    roots = allowed(Path.home())
    below = any(source.resolve().is_relative_to(root) for root in roots)
    return roots if below else None


def check_readable(source: Path, own: Path | None = None) -> None:
    """Look whether a page, which others than this machine's user may see, may read ``source``.

    Parameters
    ----------
    source : pathlib.Path
    own : pathlib.Path, optional
        Folder of what was uploaded, which may always be read.

    Raises
    ------
    UserError
        If ``MANYHOT_ROOTS`` is set and it lies below none of its folders.
    """
    roots = allowed(None)
    if not roots:
        return
    place = Path(os.path.realpath(given_paths.expanded(source)))
    if any(place.is_relative_to(root) for root in (*roots, *([own.resolve()] if own else []))):
        return
    raise UserError(
        f"{source} may not be read from this page: expected a folder or file below {', '.join(map(str, roots))}, "
        f"which {VARIABLE} names. Move it there, or upload it."
    )


def check_readable_with_folder(source: Path) -> None:
    """Look whether a page may read ``source`` and, where it is a file, what that names beside itself.

    Raises
    ------
    UserError
        As `check_readable`; also of a link from elsewhere to a table, whose paths are relative to where the link is.
    """
    check_readable(source)
    if not source.is_dir():
        check_readable(source.parent)


def check_root(folder: Path, roots: Sequence[Path]) -> None:
    """Look whether the pictures of ``folder`` may be used where they are.

    Raises
    ------
    UserError
        If it is no folder, or lies below none of ``roots``.
    """
    if not folder.is_dir():
        raise UserError(f"{folder} is no folder: images can be used where they are only in a folder. Unpack it.")
    if not any(folder.resolve().is_relative_to(root) for root in roots):
        below = ", ".join(map(str, roots)) or "no folder at all"
        raise UserError(
            f"The images of {folder.resolve()} may not be used where they are: expected a folder below {below}. "
            f"Import a copy, or name the folder in the variable {VARIABLE}."
        )


def stamp(file: Path | int) -> tuple[int, int]:
    """Return the bytes of a file, given its path or descriptor, and when it was changed, in nanoseconds.

    That hardly stays when its content changes.
    """
    status = os.stat(file)  # noqa: PTH116, a descriptor has no Path
    return status.st_size, status.st_mtime_ns


def checked(root: Path, file: str, stamped: np.ndarray, expected: str) -> Path:
    """Return the picture ``file`` of the folder ``root`` if it is the one that was imported.

    Parameters
    ----------
    root : pathlib.Path
        Folder that the dataset was imported from.
    file : str
        Relative to it.
    stamped : ndarray of shape (2,)
        Its `stamp` at import. If it differs, or ``root`` lies below no folder that is allowed, the content decides:
        what a dataset from elsewhere says of a file's time could be guessed.
    expected : str
        Its hash at import, see `lib.core.digests`.

    Raises
    ------
    UserError
        If it is gone, has another content, leads out of ``root``, or ``MANYHOT_ROOTS`` is set and no longer holds
        ``root``.
    """
    roots = allowed(None)
    if roots and not any(root.is_relative_to(one) for one in roots):
        check_root(root, roots)
    try:
        path = inside.path(root, file)
        now = stamp(path)
        same = now == tuple(stamped.tolist()) and (bool(roots) or any(map(root.is_relative_to, allowed(Path.home()))))
        if not same and now[0] == int(stamped[0]):
            same = _digest_of(path, *now) == expected
    except OSError as error:
        raise UserError(
            f"The image {root / file} cannot be read where it was imported ({reason(error)}): put it back, or "
            "import the folder again."
        ) from error
    if not same:
        raise UserError(
            f"The image {root / file} has changed since it was imported: put the old one back, or import the folder "
            "again."
        )
    return path


@lru_cache(maxsize=2**16)
def _digest_of(path: Path, _size: int, _changed: int) -> str:
    """Return the digest of a file; a second call costs nothing until its `stamp` changes."""
    return digests.of_file(path)
