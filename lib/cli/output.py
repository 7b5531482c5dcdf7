"""Files that commands write."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lib.core import files
from lib.core.errors import UserError, reason


def write(contents: Mapping[Path, bytes]) -> None:
    """Write files that other users may read as they may others, all whole or none; a device is written to.

    Raises
    ------
    UserError
        If one cannot be written.
    """
    try:
        devices = {path: content for path, content in contents.items() if path.exists() and not path.is_file()}
        for path, content in devices.items():
            path.write_bytes(content)
        resolved = {path.resolve(): content for path, content in contents.items() if path not in devices}
        with files.replacing_all(resolved) as partials:
            for path, content in resolved.items():
                partials[path].write_bytes(content)
    except OSError as error:
        names = " and ".join(map(str, contents))
        raise UserError(f"{names} cannot be written ({reason(error)}): make room, or choose another place.") from error
