"""Pictures that are brought to be predicted: kept file by file as they arrive, until the model is asked about them."""

from __future__ import annotations

import contextlib
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from lib.core import files, inside, json_files, pictures, sentences
from lib.core.errors import reason
from lib.core.picture_files import UnreadableImageError
from lib.core.workspace import Workspace
from lib.importing import uploads
from lib.importing.arriving import RESERVE, RefusedError, silent_s
from lib.inference import ask
from lib.inference.ask import Picture

FOLDER = "drops"
ID = re.compile(r"[0-9a-f]{32}")
#: Pictures of one drop, and the bytes that one of them and all together may have.
MOST, MOST_BYTES, MOST_TOGETHER = 500, 50 * 2**20, ask.MOST_BYTES
#: Drops that are kept at once, of one visitor and of all together.
MOST_DROPS, MOST_OVERALL = 10, 50
#: Seconds that a drop is kept after its last byte; one without a picture as an upload without a byte.
KEPT_S = 3600
_PART, _FACTS, _OWNER = ".part", ".json", "owner"


class _Facts(TypedDict):
    """What is kept beside a picture."""

    name: str
    digest: str
    n_bytes: json_files.Count
    is_deep: bool


@dataclass(frozen=True)
class Arriving:
    """A file of a drop while it arrives.

    Attributes
    ----------
    path : pathlib.Path
        Where it will be; until it is complete it is beside that.
    name : str
        What it is called where it comes from; only ever shown.
    size : int
        Bytes that it will have.
    """

    path: Path
    name: str
    size: int

    @property
    def part(self) -> Path:
        """The file while bytes are missing."""
        return self.path.with_suffix(_PART)

    def append(self, data: bytes | bytearray) -> None:
        """Add bytes to the end.

        Raises
        ------
        RefusedError
            If there are more than the file has, or the disk is full.
        """
        try:
            with self.part.open("ab") as file:
                if file.tell() + len(data) > self.size:
                    raise RefusedError("it has more bytes than it should", 400)
                file.write(data)
        except OSError as error:
            raise RefusedError(f"it cannot be kept here ({reason(error)}): make room on the disk", 507) from error

    def finish(self) -> str:
        """Keep the complete file if it is a picture; return what is to be said of it, mostly nothing.

        Raises
        ------
        RefusedError
            If bytes are missing, it is no picture, or the disk is full.
        """
        try:
            return self._finished()
        except OSError as error:
            raise RefusedError(f"it cannot be kept here ({reason(error)}): make room on the disk", 507) from error

    def _finished(self) -> str:
        if self.part.stat().st_size != self.size:
            raise RefusedError("it did not arrive completely: bring it again", 400)
        try:
            count, is_deep = pictures.count(self.part), pictures.is_deep(self.part)
        except UnreadableImageError as error:
            raise RefusedError(str(error), 415) from error
        picture = Picture.of(self.part, self.name, is_deep=is_deep)
        facts = {"name": self.name, "digest": picture.digest, "n_bytes": picture.n_bytes, "is_deep": is_deep}
        files.write_json(self.path.with_suffix(_FACTS), facts)
        self.part.replace(self.path)
        return f"the first of its {count:,} frames or pages is predicted" if count > 1 else ""

    def forget(self) -> None:
        """Remove what has arrived."""
        self.part.unlink(missing_ok=True)


def begin(
    workspace: Workspace, drop: str, number: int, name: str, size: int, *, owner: str = "", reserved: int = 0
) -> Arriving:
    """Return file ``number`` of the drop with this id, begun anew.

    Parameters
    ----------
    workspace : Workspace
    drop : str
    number : int
    name : str
        What the file is called where it comes from.
    size : int
        Bytes that it has.
    owner : str
        Who brings it.
    reserved : int
        Bytes that arrive at this moment, besides uploads.

    Raises
    ------
    RefusedError
        If it is too large or empty, or there is no room for it; the reason is said without the file's name.
    """
    if number >= MOST:
        raise RefusedError(f"only {MOST} images are taken at once", 413)
    if size > MOST_BYTES:
        given, most = sentences.sizes(size, MOST_BYTES)
        raise RefusedError(f"it has {given}, at most {most} are taken", 413)
    if size < 1:
        raise RefusedError("the file is empty", 415)
    folder = workspace.root / FOLDER / drop
    try:
        if not folder.is_dir():
            _check_number(workspace, owner)
            folder.mkdir(parents=True, exist_ok=True)
            (folder / _OWNER).write_text(owner, encoding="utf-8")
        free = shutil.disk_usage(folder).free - RESERVE - reserved - uploads.reserved(workspace)
        if _n_bytes(folder) + size > MOST_TOGETHER:
            raise RefusedError(
                f"all together have more than {sentences.size(MOST_TOGETHER)}: bring them in several parts", 413
            )
    except OSError as error:
        raise RefusedError(f"it cannot be kept here ({reason(error)}): make room on the disk", 507) from error
    if size > free:
        raise RefusedError("the disk of the workspace is full: make room there", 507)
    arriving = Arriving(folder / str(number), name, size)
    arriving.forget()
    return arriving


def _check_number(workspace: Workspace, owner: str) -> None:
    """Check that ``owner`` may bring another drop.

    Raises
    ------
    RefusedError
        If there are too many.
    """
    prune(workspace)
    root = workspace.root / FOLDER
    owners = [_owner(folder) for folder in (root.iterdir() if root.is_dir() else ())]
    if owners.count(owner) >= MOST_DROPS or len(owners) >= MOST_OVERALL:
        raise RefusedError(f"{MOST_DROPS} drops are arriving already: wait for one of them", 429)


def _owner(folder: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        return (folder / _OWNER).read_text(encoding="utf-8")
    return ""


def _n_bytes(folder: Path) -> int:
    n_bytes = 0
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # complete in this moment, or removed
            n_bytes += path.stat().st_size
    return n_bytes


def pictures_of(workspace: Workspace, drop: str) -> tuple[Picture, ...]:
    """Return the pictures of a drop that have arrived, in order; none where there is no such drop (any more)."""
    if not ID.fullmatch(drop):
        return ()
    folder, arrived = workspace.root / FOLDER / drop, []
    for path in folder.glob(f"*{_FACTS}"):
        with contextlib.suppress(OSError, ValueError):  # removed in this moment
            facts = json_files.read(path, _Facts)
            arrived.append((int(path.stem), Picture(path=inside.path(folder, path.stem), **facts)))
    return tuple(picture for _, picture in sorted(arrived, key=lambda one: one[0]))


def remove(workspace: Workspace, drop: str) -> None:
    """Remove a drop, once it was asked about or nobody wants it."""
    if ID.fullmatch(drop):
        shutil.rmtree(workspace.root / FOLDER / drop, ignore_errors=True)


def prune(workspace: Workspace) -> None:
    """Remove drops of which nothing was heard for `KEPT_S` seconds, sooner where not one picture has arrived."""
    root = workspace.root / FOLDER
    for folder in root.iterdir() if root.is_dir() else ():
        kept_s = KEPT_S if any(folder.glob(f"*{_FACTS}")) else uploads.EMPTY_S
        if silent_s(folder) > kept_s:
            shutil.rmtree(folder, ignore_errors=True)
