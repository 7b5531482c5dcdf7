"""Uploads, zips of images and files of weights, kept while they arrive and until they are taken over."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypedDict

from lib.core import files, json_files
from lib.core.errors import UserError, reason
from lib.core.workspace import Workspace, slug
from lib.importing import archive

FOLDER = "uploads"
ID = re.compile(r"[0-9a-f]{32}")
#: Most GiB of one upload where this variable says no other number.
VARIABLE, DEFAULT_GIB = "MANYHOT_UPLOAD_GIB", 100.0
#: Bytes that uploads leave free on the disk, for the trainings that go on.
RESERVE = 2**30
#: So many uploads are kept at once, and so long after the last byte.
MOST, KEPT_S = 20, 3 * 24 * 3600
_HEAD, _PART = "upload.json", "part"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
#: What files of weights end with; everything else is a zip of images. And most bytes of one.
WEIGHTS, MOST_OF_WEIGHTS = (".safetensors", ".pth", ".pt"), 8 * 2**30


class _Head(TypedDict):
    name: str
    size: json_files.Count


class RefusedError(UserError):
    """An upload is refused; ``status`` is the HTTP status that says so, besides the sentence."""

    def __init__(self, message: str, status: int):
        super().__init__(message)
        self.status = status


def ending(name: str) -> str:
    """Return what the name of an uploaded file ends with: one of `WEIGHTS`, else ``.zip``.

    Examples
    --------
    >>> ending("Best.PTH"), ending("pets"), ending("a.pth.zip")
    ('.pth', '.zip', '.zip')
    """
    own = PurePosixPath(name.replace("\\", "/")).suffix.lower()
    return own if own in WEIGHTS else ".zip"


_NO_WEIGHTS = "no file of weights: choose a .safetensors or .pth file of a state_dict."
_EXPECTED = {".zip": "not a zip file: choose a zip of images.", **dict.fromkeys(WEIGHTS, _NO_WEIGHTS)}


def _may_begin(kind: str, first: bytes) -> bool:
    """Return whether a file that ends with ``kind`` may have these first bytes; of a few it cannot be told."""
    if len(first) < 4:
        return True
    if kind == ".safetensors":  # the header's length, then the header, which is JSON
        return len(first) < 9 or first[8:9] == b"{"
    # torch writes zips; before 2020 it wrote plain pickles, which begin with their protocol.
    return first[:4] in _ZIP or (kind in WEIGHTS and first[:1] == b"\x80")


@dataclass(frozen=True)
class Upload:
    """A file that arrives, or has arrived.

    Attributes
    ----------
    folder : pathlib.Path
        Its own folder in the workspace, named by its id.
    name : str
        What the file is called on the computer that it comes from; only ever shown.
    size : int
        Bytes that it will have.
    """

    folder: Path
    name: str
    size: int

    @property
    def ending(self) -> str:
        """What the file's name ends with: one of `WEIGHTS`, else ``.zip``."""
        return ending(self.name)

    @property
    def path(self) -> Path:
        """The complete file, named after the original so that the dataset is."""
        stem = PurePosixPath(self.name.replace("\\", "/")).stem
        return self.folder / (slug(stem, "pictures") + self.ending)

    @property
    def part(self) -> Path:
        """The file while bytes are missing."""
        return self.folder / _PART

    @property
    def offset(self) -> int:
        """How many bytes have arrived."""
        if self.path.exists():
            return self.size
        return self.part.stat().st_size if self.part.exists() else 0

    def check_room(self, n_bytes: int) -> None:
        """Check that ``n_bytes`` more fit on the disk.

        Raises
        ------
        RefusedError
            If they do not, or not with `RESERVE` left.
        """
        free = shutil.disk_usage(self.folder).free - RESERVE
        if n_bytes > free:
            raise _no_room(self.name, n_bytes, free)

    def append(self, data: bytes | bytearray) -> None:
        """Add bytes to the end.

        Raises
        ------
        RefusedError
            If there are more than the upload has, the first are none of such a file, or the disk is full. What fits on
            a full disk is kept.
        """
        at = self.offset
        if at + len(data) > self.size:
            raise RefusedError(f"{self.name!r} has more bytes than it should ({self.size:,}): upload it again.", 400)
        if not at and not _may_begin(self.ending, bytes(data[:9])):
            raise RefusedError(f"{self.name!r} is {_EXPECTED[self.ending]}", 415)
        try:
            with self.part.open("ab", buffering=0) as file:
                while data:
                    data = data[file.write(data) :]
        except OSError as error:
            raise RefusedError(
                f"{self.name!r} cannot be kept here ({reason(error)}): make room on the disk.", 507
            ) from error

    def finish(self) -> None:
        """Give the complete file its name, if every byte has arrived."""
        if self.part.exists() and self.part.stat().st_size == self.size:
            with self.part.open("rb+") as file:
                os.fsync(file.fileno())
            self.part.replace(self.path)

    def remove(self) -> None:
        """Remove what has arrived."""
        shutil.rmtree(self.folder, ignore_errors=True)


def begin(workspace: Workspace, upload: str, name: str, size: int) -> Upload:
    """Return the upload with this id, begun now or before.

    Raises
    ------
    RefusedError
        If it is too large for the limit or the disk, there are too many already, or the id is another file's.
    """
    is_weights = ending(name) in WEIGHTS
    limit = max_bytes(weights=is_weights)
    if size > limit:
        instead = "give its path" if is_weights else f"import it by its path, or set {VARIABLE} to more"
        raise RefusedError(
            f"{name!r} has {size / 2**30:,.1f} GiB, more than the {limit / 2**30:,.1f} GiB that may be uploaded: copy "
            f"it to this computer and {instead}.",
            413,
        )
    if size < 1:
        raise RefusedError(f"{name!r} is empty: choose {'another file' if is_weights else 'a zip of images'}.", 415)
    begun = find(workspace, upload)
    if begun is not None:
        if (begun.name, begun.size) != (name, size):
            raise RefusedError(f"{name!r} is not the file that was begun ({begun.name!r}): begin anew.", 409)
        begun.check_room(begun.size - begun.offset)
        return begun
    prune(workspace)
    root = workspace.root / FOLDER
    if root.is_dir() and len(list(root.iterdir())) >= MOST:
        raise RefusedError(f"{MOST} uploads are waiting already: import or cancel one of them.", 429)
    made_folders = files.make_parents(root)
    free = shutil.disk_usage(root).free - RESERVE
    if size > free:
        files.remove_empty(made_folders)
        raise _no_room(name, size, free)
    new = Upload(root / upload, name, size)
    try:
        new.folder.mkdir(exist_ok=True)
        files.write_json(new.folder / _HEAD, {"name": name, "size": size})
    except OSError as error:
        new.remove()
        raise RefusedError(
            f"{name!r} cannot be kept in {root} ({reason(error)}): make room on its disk.", 507
        ) from error
    return new


def find(workspace: Workspace, upload: str) -> Upload | None:
    """Return the upload with this id, None if there is none (any more)."""
    if not isinstance(upload, str) or not ID.fullmatch(upload):
        return None
    folder = workspace.root / FOLDER / upload
    try:
        head = json_files.read(folder / _HEAD, _Head)
    except (OSError, ValueError):
        return None
    return Upload(folder, head["name"], head["size"])


def discard(workspace: Workspace, path: Path) -> None:
    """Remove the upload whose file ``path`` is, once it was imported; any other file stays."""
    upload = find(workspace, path.parent.name)
    if upload is not None and upload.path == path:
        upload.remove()


def prune(workspace: Workspace) -> None:
    """Remove uploads of which nothing was heard for `KEPT_S` seconds, and leftovers that are none."""
    root = workspace.root / FOLDER
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.is_dir() and time.time() - _newest(folder) > KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)


def _newest(folder: Path) -> float:
    times = [0.0]
    for path in (folder, *folder.iterdir()):
        try:
            times.append(path.stat().st_mtime)
        except OSError:  # renamed or removed in this moment: somebody is at it
            times.append(time.time())
    return max(times)


def max_bytes(*, weights: bool = False) -> int:
    """Return how large an upload may be: what the variable says, else `DEFAULT_GIB`; weights have `MOST_OF_WEIGHTS`.

    Raises
    ------
    UserError
        If the variable is no positive number.
    """
    text = os.environ.get(VARIABLE, "")
    try:
        gib = float(text) if text else DEFAULT_GIB
        if not gib > 0:
            raise ValueError(text)
        return int(min(gib * 2**30, MOST_OF_WEIGHTS if weights else archive.MAX_BYTES))
    except (ValueError, OverflowError) as error:
        raise UserError(f"{VARIABLE}: expected a positive number of GiB, found {text[:40]!r}.") from error


def _no_room(name: str, needed: int, free: int) -> RefusedError:
    return RefusedError(
        f"{name!r} needs {needed / 2**30:,.1f} GiB but only {max(free, 0) / 2**30:,.1f} GiB may be filled on the disk "
        "of the workspace: make room there, or choose another workspace.",
        507,
    )
