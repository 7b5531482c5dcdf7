"""Paths that people write, in a field of a page, an option or a variable."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from lib.core.errors import UserError

#: What the system says of a path that cannot be one, whatever is on the disk.
_NO_PATH = {errno.ENAMETOOLONG: "too long to be one", errno.ELOOP: "a link that leads to itself"}
#: Letters of a path that are shown.
_SHOWN = 100


def expanded(written: str | os.PathLike[str]) -> Path:
    """Return the path that somebody wrote, with ``~`` as their home; what is called ``~name`` by nobody stays so.

    Raises
    ------
    UserError
        If no file can have it: a character of it is in no path, it is too long, or a link in it leads to itself.
    """
    path = Path(os.path.expanduser(written))  # noqa: PTH111 - `Path`'s raises where there is no such home
    try:
        path.stat()
    except ValueError:  # also of half a letter, which no name has
        odd = "one with the number 0" if "\0" in str(path) else "half of one"
        why = f"expected letters that a file's name can have, found {odd}"
    except OSError as error:
        if error.errno not in _NO_PATH:
            return path
        why = f"expected a path, found what is {_NO_PATH[error.errno]}"
    else:
        return path
    shown = str(path).replace("\0", "\ufffd")
    shown = shown if len(shown) <= _SHOWN else f"{shown[: _SHOWN - 1]}…"
    raise UserError(f"The path {shown} cannot be used ({why}): check it.")
