"""One uploaded file, a zip of images or a file of weights, while it arrives and after."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from lib.core import ages, sentences, temporary, tensor_headers
from lib.core.errors import UserError, reason
from lib.core.workspace import slug

#: Bytes that uploads leave free on the disk, for the trainings that go on.
RESERVE = 2**30
#: Seconds after the last byte for which the bytes to come have their place on the disk and in the quota.
RESERVED_S = 10 * 60
#: What files of weights end with; everything else is a zip of images.
WEIGHTS = (".safetensors", ".pth", ".pt")
#: What describes an upload in its folder, and the file while bytes are missing.
HEAD, PART = "upload.json", "part"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


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
    owner : str
        Who brings it, as quotas know visitors.
    """

    folder: Path
    name: str
    size: int
    owner: str = ""

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
        return self.folder / PART

    @property
    def offset(self) -> int:
        """How many bytes have arrived."""
        if self.path.exists():
            return self.size
        return self.part.stat().st_size if self.part.exists() else 0

    @property
    def to_come(self) -> int:
        """How many bytes were announced, have not arrived, and are still expected."""
        return self.size - self.offset if silent_s(self.folder) < RESERVED_S else 0

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep every other server from bringing bytes of it meanwhile.

        Raises
        ------
        RefusedError
            If another one does, or the upload is gone.
        """
        try:
            handle = temporary.lock(self.folder)
        except BlockingIOError as error:
            raise RefusedError("This upload goes on in another connection.", 409) from error
        except OSError as error:
            raise RefusedError("This upload is not kept any more: begin anew.", 404) from error
        try:
            yield
        finally:
            if handle is not None:
                os.close(handle)

    def check_room(self, n_bytes: int, reserved: int) -> None:
        """Check that ``n_bytes`` more fit on the disk, besides the ``reserved`` that others will bring.

        Raises
        ------
        RefusedError
            If they do not, or not with `RESERVE` left.
        """
        free = shutil.disk_usage(self.folder).free - RESERVE - reserved
        if n_bytes > free:
            raise no_room(self.name, n_bytes, free)

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
        if not at and self.ending == ".safetensors" and (long := tensor_headers.long_length(data, self.size)):
            raise RefusedError(f"{self.name!r} is no file of weights: {long}.", 415)
        try:
            with self.part.open("ab", buffering=0) as file:
                while data:
                    data = data[file.write(data) :]
        except OSError as error:
            raise self._not_kept(error) from error

    def finish(self) -> None:
        """Give the complete file its name, if every byte has arrived.

        Raises
        ------
        RefusedError
            If the disk does not take it.
        """
        try:
            if self.part.exists() and self.part.stat().st_size == self.size:
                self._sync()
                self.part.replace(self.path)
        except OSError as error:
            raise self._not_kept(error) from error

    def _sync(self) -> None:
        """Have all that arrived on disk; where it cannot be, remove it.

        A system says once that it has lost bytes, and takes the file for whole when it is asked again.
        """
        try:
            with self.part.open("rb+") as file:
                os.fsync(file.fileno())
        except OSError as error:
            self.part.unlink(missing_ok=True)
            raise RefusedError(
                f"{self.name!r} cannot be kept here ({reason(error)}), and what had arrived may have gaps and was "
                "removed: make room on the disk and begin anew.",
                507,
            ) from error

    def _not_kept(self, error: OSError) -> RefusedError:
        return RefusedError(f"{self.name!r} cannot be kept here ({reason(error)}): make room on the disk.", 507)

    def remove(self) -> None:
        """Remove what has arrived."""
        shutil.rmtree(self.folder, ignore_errors=True)


def silent_s(folder: Path) -> float:
    """Return for how many seconds nothing came of the upload in ``folder``; those since 1970 where it is gone."""
    ages_s = []
    with contextlib.suppress(FileNotFoundError):  # removed in this moment
        for path in (folder, *folder.iterdir()):
            try:
                ages_s.append(ages.since(path.stat().st_mtime))
            except OSError:  # renamed or removed in this moment: somebody is at it
                ages_s.append(0.0)
    return min(ages_s, default=time.time())


def no_room(name: str, needed: int, free: int) -> RefusedError:
    """Return why a file finds no place on the disk."""
    wanted, left = sentences.sizes(needed, free)
    return RefusedError(
        f"{name!r} needs {wanted} but only {left} may be filled on the disk of the workspace: make room there, or "
        "choose another workspace.",
        507,
    )
