"""Uploads, kept while they arrive and until they are taken over: limits, the quota of a visitor, expiry."""

from __future__ import annotations

import contextlib
import re
import shutil
import threading
from pathlib import Path
from typing import NotRequired, TypedDict

from lib.core import files, json_files, sentences, variables
from lib.core.errors import UserError, reason
from lib.core.workspace import Workspace
from lib.importing import archive
from lib.importing.arriving import HEAD, RESERVE, WEIGHTS, RefusedError, Upload, ending, no_room, silent_s

FOLDER = "uploads"
ID = re.compile(r"[0-9a-f]{32}")
#: Most GiB of one upload, and of all that a visitor has waiting, where this variable says no other number.
VARIABLE, DEFAULT_GIB = "MANYHOT_UPLOAD_GIB", 100.0
#: Most bytes of a file of weights.
MOST_OF_WEIGHTS = 8 * 2**30
#: Uploads that are kept at once, of one visitor and of all together.
MOST, MOST_OVERALL = 20, 100
#: Seconds that an upload is kept after its last byte, and one without a byte.
KEPT_S, EMPTY_S = 3 * 24 * 3600, 5 * 60
_beginning = threading.Lock()


class _Head(TypedDict):
    name: str
    size: json_files.Count
    owner: NotRequired[str]


def begin(workspace: Workspace, upload: str, name: str, size: int, *, owner: str = "", arriving: int = 0) -> Upload:
    """Return the upload with this id, begun now or before.

    Parameters
    ----------
    workspace : Workspace
    upload : str
        Its id.
    name : str
        What the file is called on the computer that it comes from.
    size : int
        Bytes that it has.
    owner : str
        Who brings it.
    arriving : int
        Bytes that others bring at this moment and that are no uploads.

    Raises
    ------
    RefusedError
        If it is too large for the limit, the visitor's quota or the disk, there are too many already, or the id is
        another file's.
    """
    _check_size(name, size)
    root, new_folders = workspace.root / FOLDER, []
    try:
        with _beginning:  # two that begin at once see each other
            new_folders = files.make_parents(root)
            prune(workspace)
            others = [one for one in kept(workspace) if one.folder.name != upload]
            new = find(workspace, upload) or Upload(root / upload, name, size, owner)
            if (new.name, new.size) != (name, size):
                raise RefusedError(f"{name!r} is not the file that was begun ({new.name!r}): begin anew.", 409)
            _check_quota(new, others)
            free = shutil.disk_usage(root).free - RESERVE - arriving - sum(one.to_come for one in others)
            if size - new.offset > free:
                raise no_room(name, size - new.offset, free)
            if not (new.folder / HEAD).exists():  # there may be a folder, of a server that was killed
                new.folder.mkdir(exist_ok=True)
                files.write_json(new.folder / HEAD, {"name": name, "size": size, "owner": owner})
    except RefusedError:
        files.remove_empty(new_folders)
        raise
    except (OSError, UserError) as error:
        why = reason(error) if isinstance(error, OSError) else "its folder cannot be made"
        raise RefusedError(f"{name!r} cannot be kept ({why}): make room on the disk of the workspace.", 507) from error
    return new


def _check_quota(new: Upload, others: list[Upload]) -> None:
    theirs = [one for one in others if one.owner == new.owner]
    if len(theirs) >= MOST:
        raise RefusedError(f"{MOST} uploads are waiting already: import or cancel one of them.", 429)
    if len(others) >= MOST_OVERALL:
        raise RefusedError("Too many uploads of all visitors are waiting already: try again later.", 429)
    waiting, quota = sum(one.offset + one.to_come for one in theirs), max_bytes()
    if waiting + new.size > quota:
        waits = f", and {sentences.size(waiting)} that you uploaded wait to be imported" if waiting else ""
        together, most = sentences.sizes(waiting + new.size, quota)
        raise RefusedError(
            f"{new.name!r} has {sentences.size(new.size)}{waits}, {together} together: expected at most {most}. "
            "Import or cancel one of them.",
            413,
        )


def _check_size(name: str, size: int) -> None:
    is_weights = ending(name) in WEIGHTS
    limit = max_bytes(weights=is_weights)
    if size > limit:
        instead = "give its path" if is_weights else f"import it by its path, or set {VARIABLE} to more"
        given, most = sentences.sizes(size, limit)
        raise RefusedError(
            f"{name!r} has {given}, more than the {most} that may be uploaded: copy it to this computer and {instead}.",
            413,
        )
    if size < 1:
        raise RefusedError(f"{name!r} is empty: choose {'another file' if is_weights else 'a zip of images'}.", 415)


def kept(workspace: Workspace) -> list[Upload]:
    """Return all uploads that arrive or have arrived."""
    root = workspace.root / FOLDER
    uploads = [find(workspace, folder.name) for folder in (root.iterdir() if root.is_dir() else ())]
    return [one for one in uploads if one is not None]


def reserved(workspace: Workspace, but: Upload | None = None) -> int:
    """Return how many bytes of uploads were announced and are still to come, ``but`` for one of them."""
    return sum(one.to_come for one in kept(workspace) if one != but)


def find(workspace: Workspace, upload: str) -> Upload | None:
    """Return the upload with this id, None if there is none (any more)."""
    if not isinstance(upload, str) or not ID.fullmatch(upload):
        return None
    folder = workspace.root / FOLDER / upload
    try:
        head = json_files.read(folder / HEAD, _Head)
    except (OSError, ValueError):
        return None
    return Upload(folder, head["name"], head["size"], head.get("owner", ""))


def discard(workspace: Workspace, path: Path) -> None:
    """Remove the upload whose file ``path`` is, once it was imported; any other file stays."""
    upload = find(workspace, path.parent.name)
    if upload is not None and upload.path == path:
        upload.remove()


def prune(workspace: Workspace) -> None:
    """Remove uploads of which nothing was heard for `KEPT_S` seconds; empty ones and leftovers sooner."""
    root = workspace.root / FOLDER
    for folder in root.iterdir() if root.is_dir() else ():
        if folder.is_dir() and silent_s(folder) > (KEPT_S if _has_bytes(folder) else EMPTY_S):
            shutil.rmtree(folder, ignore_errors=True)


def _has_bytes(folder: Path) -> bool:
    """Return whether anything but the description of an upload is in its folder."""
    with contextlib.suppress(FileNotFoundError):  # removed in this moment
        return any(path.stat().st_size for path in folder.iterdir() if path.name != HEAD)
    return False


def max_bytes(*, weights: bool = False) -> int:
    """Return how large an upload may be, and all together that a visitor has waiting.

    It is what the variable says, else `DEFAULT_GIB`; a file of weights may have `MOST_OF_WEIGHTS` at most.

    Raises
    ------
    UserError
        If the variable is no positive number.
    """
    most = MOST_OF_WEIGHTS if weights else archive.MAX_BYTES
    return min(variables.stated_bytes(VARIABLE, DEFAULT_GIB, "GiB"), most)
