"""Files that commands write."""

from __future__ import annotations

import os
from pathlib import Path

from lib.core import files
from lib.core.errors import UserError, reason


def write(path: Path, content: bytes) -> None:
    """Write a file that other users may read as they may others, whole or not at all; a device is written to.

    Raises
    ------
    UserError
        If it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(content)
            return
        with files.replacing(path.resolve()) as temporary:
            temporary.write_bytes(content)
            mask = os.umask(0)
            os.umask(mask)
            temporary.chmod(0o666 & ~mask)
    except OSError as error:
        raise UserError(
            f"The file {path} cannot be written ({reason(error)}): choose another place with --output."
        ) from error
