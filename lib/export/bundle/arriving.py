"""A bundle as it arrives, a folder or a zip: whether it is one at all, and what of it is unpacked."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TypedDict

from lib.core import checksums, inside, json_files
from lib.core.errors import UserError, is_full, reason
from lib.export.bundle import contents
from lib.importing import archive

#: Endings of files that are pickles: what is in them runs when they are opened.
_PICKLES = (".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin", ".joblib", ".dill")
#: Files that a bundle may have, at most.
_MOST_FILES = 200
#: Bytes of a manifest in which it says what it is, and how: it is the first that is written.
_START, _KIND = 4096, re.compile(rf'"kind":\s*"{contents.KIND}"'.encode())
#: Bytes that are copied at once.
_PART = 1 << 20
#: What to do with a bundle that cannot be used.
AGAIN = "Export the run again, or get the bundle again."


class _Named(TypedDict):
    """A manifest, where only the names of its files matter."""

    files: dict[str, str]


def is_bundle(source: Path) -> bool:
    """Return whether a folder or zip says that it is a bundle, at the start of its manifest; nothing is written.

    Cheap enough for a page that asks whenever it is drawn. A zip that cannot be unpacked is none: why not is told by
    whoever imports it.
    """
    with contextlib.suppress(OSError, ValueError, UserError):
        path = source / contents.MANIFEST if source.is_dir() else source
        if path.is_file():
            return _says_so(source, checksums.stamp(path))
    return False


@lru_cache(maxsize=64)
def _says_so(source: Path, _stamp: checksums.Stamp) -> bool:
    if source.is_dir():
        with (source / contents.MANIFEST).open("rb") as file:
            return bool(_KIND.search(file.read(_START)))
    if not archive.has_at_most(source, _MOST_FILES):
        return False
    with archive.entries(source, None) as (zipped, members):
        named = [one for name, one in members.items() if re.fullmatch(rf"([^/]+/)?{contents.MANIFEST}", name)]
        return len(named) == 1 and bool(_KIND.search(archive.start(zipped, named[0], _START)))


def unpacked(source: Path, into: Path, name: str) -> Path:
    """Unpack the manifest of a zip and the files that it names, and return the folder they are in.

    No more comes out of a file than its size says, which is looked at first.
    """
    with archive.entries(source, into) as (zipped, members):
        check_files(sorted(members), name)
        tops = {"/".join(member.split("/", 1)[:-1]) for member in members}
        top = tops.pop() if len(tops) == 1 else ""
        folder = into / top
        folder.mkdir(exist_ok=True)
        inner = {member.removeprefix(f"{top}/"): entry for member, entry in members.items()}

        def extract(names: Iterable[str]) -> None:
            wanted = [one for one in names if one in inner]
            for one in wanted:
                try:
                    check_size(one, inner[one].file_size)
                except ValueError as error:
                    raise UserError(f"The bundle {name} cannot be used ({one}: {error}). {AGAIN}") from error
            for one in wanted:
                archive.extract(zipped, inner[one], folder / one)

        extract([contents.MANIFEST])
        try:
            extract(_named_in(folder))
        except (OSError, ValueError) as error:
            if is_full(error):  # no fault of the bundle's, whose own are told when all of it is read
                raise
    return folder


def _named_in(folder: Path) -> list[str]:
    """Return the files that a manifest names; none where it cannot be read, which is told when all of it is read."""
    with contextlib.suppress(OSError, ValueError):
        return list(json_files.read(folder / contents.MANIFEST, _Named)["files"])
    return []


def copied(source: Path, into: Path, name: str) -> Path:
    """Copy the manifest of a folder and the files that it names, and return ``into``: what is used is what was checked.

    A folder belongs to whoever brings it, who may write to it at any moment.
    """

    def copy(one: str) -> None:
        try:
            _copy(own_file(source, one), into / one, one)
        except (OSError, ValueError) as error:
            if is_full(error):  # no fault of the bundle's
                raise
            raise UserError(f"The bundle {name} cannot be used ({one}: {reason(error)}). {AGAIN}") from error

    if (source / contents.MANIFEST).is_file():  # else it may be any folder, with any number of files
        check_files(sorted(files_in(source)), name)
        copy(contents.MANIFEST)
        for one in _named_in(into):
            copy(one)
    return into


def _copy(path: Path, target: Path, name: str) -> None:
    """Copy a file that is not too large, and no more of it than was measured, should it grow."""
    with path.open("rb") as file:
        left = os.fstat(file.fileno()).st_size
        check_size(name, left)
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as sink:
            while left > 0 and (part := file.read(min(left, _PART))):
                left -= sink.write(part)


def own_file(folder: Path, name: str) -> Path:
    """Return where a file of a bundle is; raises ValueError where its name or a link leads elsewhere."""
    try:
        return inside.path(folder, name)
    except UserError as error:
        raise ValueError("expected a file of the bundle, found a name or a link that leads elsewhere") from error


def files_in(folder: Path) -> list[str]:
    """Return the files below a bundle's folder, one more than it may have at most; hidden ones are none of it."""
    return list(itertools.islice(_visible(folder), _MOST_FILES + 1))


def _visible(folder: Path) -> Iterator[str]:
    for path, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]  # not looked into: they may hold anything
        yield from (Path(path, name).relative_to(folder).as_posix() for name in names if not name.startswith("."))


def check_files(files: list[str], name: str) -> None:
    """Look whether a bundle has a pickle among its files, or too many; raises UserError."""
    for file in files:
        if PurePosixPath(file).suffix.lower() in _PICKLES:
            raise UserError(
                f"The bundle {name} has {file!r} in it, a pickle by its ending, which could run code: nothing of it "
                f"was read. {AGAIN}"
            )
    if len(files) > _MOST_FILES:
        raise UserError(
            f"The bundle {name} has more than {_MOST_FILES} files, as no bundle has: choose the folder or zip that was "
            "exported."
        )


def check_size(name: str, size: int) -> None:
    """Look whether the file of a bundle called so may have ``size`` bytes; raises ValueError."""
    most = contents.MOST_BYTES if name in (contents.MODEL, contents.ONNX) else contents.MOST_TEXT
    if size > most:
        raise ValueError(f"expected {most:,} bytes at most, found {size:,}")
