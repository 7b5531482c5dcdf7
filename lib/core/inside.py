"""A name inside a folder that may come from elsewhere: whatever it is, the file that is opened lies in the folder."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from pathlib import Path, PurePath

from lib.core.errors import UserError, reason

#: A name without any folder in it, on every system; most are.
_PLAIN = re.compile(r"[^/\\:\0]+")
_NO_PARTS = {"", ".", ".."}
#: Characters of a name that are shown.
_SHOWN = 100


def path(folder: Path, name: str) -> Path:
    """Return where the file ``name`` of ``folder`` is, or should be, if it lies there.

    Costs a question to the disk, and no more than that of a name without folders.

    Parameters
    ----------
    folder : pathlib.Path
        Links in it or above it are its owner's.
    name : str
        Relative to the folder.

    Raises
    ------
    UserError
        If the name leads out of the folder, by itself or by a link, or means something else than a file. A file that is
        not there is nobody's mistake yet.
    """
    if not (_PLAIN.fullmatch(name) and name not in _NO_PARTS) and not _stays(name):
        raise _leads_out(folder, name)
    place = folder / name
    try:
        mode = _mode(folder, name)
        if stat.S_ISLNK(mode):
            real = Path(os.path.realpath(place, strict=True))
            if not real.is_relative_to(os.path.realpath(folder)):
                raise _leads_out(folder, name)
            mode = real.stat().st_mode
    except FileNotFoundError:
        return place
    except (OSError, ValueError) as error:  # also a link to itself, and a folder with a zero byte in it
        raise UserError(
            f"The file {name[:_SHOWN]!r} of {folder} cannot be looked at ({reason(error)}): put the file itself there."
        ) from error
    if not stat.S_ISREG(mode):
        raise UserError(f"{name[:_SHOWN]!r} in {folder} is no file: put the file itself there.")
    return place


def _mode(folder: Path, name: str) -> int:
    """Return how the file ``name`` is, that of the first link on the way to it where there is one."""
    at, mode = os.fspath(folder), 0
    for part in name.split("/"):
        at = f"{at}/{part}"
        mode = os.lstat(at).st_mode
        if stat.S_ISLNK(mode):
            break
    return mode


def _stays(name: str) -> bool:
    """Return whether a name of several parts leads down only, as this system reads it."""
    named = PurePath(name)
    is_relative = not (named.drive or named.root or "\0" in name)
    return is_relative and bool(named.parts) and _NO_PARTS.isdisjoint(name.replace(os.sep, "/").split("/"))


def _leads_out(folder: Path, name: str) -> UserError:
    return UserError(
        f"{name[:_SHOWN]!r} leads out of {folder}, whose file it should be: expected a name of a file there. Put the "
        "file itself there, or import again."
    )


def check_links(folder: Path, roots: Sequence[Path] = ()) -> None:
    """Look whether every entry of ``folder`` is in it, and no link to elsewhere, before anything there is opened.

    Parameters
    ----------
    folder : pathlib.Path
    roots : sequence of pathlib.Path
        Other folders, resolved, that a link may lead to.

    Raises
    ------
    UserError
        With the name of the first that leads out.
    """
    with os.scandir(folder) as entries:
        links = sorted(entry.name for entry in entries if entry.is_symlink())
    own = (Path(os.path.realpath(folder)), *roots)
    for name in links:
        real = Path(os.path.realpath(folder / name))
        if not any(real.is_relative_to(root) for root in own):
            raise _leads_out(folder, name)
