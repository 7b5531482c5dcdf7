"""What kind of file a weights file is, told from a few of its bytes and without torch."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from lib.core import tensor_headers
from lib.core.errors import UserError

SAFETENSORS = ".safetensors"
ENDINGS = (SAFETENSORS, ".pth", ".pt")
#: How a pickle begins, and the member that only a TorchScript archive has.
_PICKLE, _SCRIPT = b"\x80", "/constants.pkl"
_LENGTH = tensor_headers.LENGTH
#: How the end of a zip begins, where the size of its list stands, and how far before the file's end it may be.
_END, _END_AND_COMMENT = b"PK\x05\x06", 22 + 65535
#: Bytes that the list of what is in a zip may have: of a network of 30,000 tensors it has 3 MB.
_MOST_LIST = 8 * 2**20


def check(path: Path) -> None:
    """Check as far as takes no time that ``path`` is a weights file: that it is there, whole, and of a known kind.

    Raises
    ------
    UserError
        If it is not.
    """
    if path.suffix.lower() not in ENDINGS:
        raise UserError(f"The weights file {path} has the ending {path.suffix!r}: expected .safetensors, .pth or .pt.")
    if not path.is_file():
        raise UserError(f"There is no weights file {path}: check the path.")
    if why := problem(path):
        raise unreadable(path, why)


def unreadable(path: Path, why: str, *, lasting: bool = False) -> UserError:
    """Return the sentence about a weights file that cannot be read."""
    return UserError(
        f"The weights file {path} cannot be read ({why}): expected tensors only, as safetensors or as a .pth file of a "
        "state_dict.",
        lasting=lasting,
    )


def problem(path: Path) -> str:
    """Return why a file holds no weights, "" if it may.

    Examples
    --------
    >>> problem(Path("nowhere.pth"))
    'there is no such file'
    """
    try:
        with path.open("rb") as file:
            start = file.read(_LENGTH)
        if not start:
            return "it is empty"
        if path.suffix.lower() == SAFETENSORS:
            long = tensor_headers.long_header(path)
            return long or ("" if _is_safetensors(path) else "it is no safetensors file, or damaged")
    except FileNotFoundError:
        return "there is no such file"
    except OSError as error:
        return error.strerror or "it cannot be opened"
    members = _members(path)
    if any(name.endswith(_SCRIPT) for name in members):
        return "it is a TorchScript program, which is never run"
    return "" if members or start.startswith(_PICKLE) else "it is no PyTorch file, or damaged"


def _is_safetensors(path: Path) -> bool:
    """Say whether the header can be read and the file is as long as that says."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH), "little")
        if length > path.stat().st_size - _LENGTH:
            return False
        try:
            header = json.loads(file.read(length))
            ends = [part["data_offsets"][1] for name, part in header.items() if name != "__metadata__"]
            return path.stat().st_size == _LENGTH + length + max(ends, default=0)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            return False


def _members(path: Path) -> list[str]:
    """Return the names in a zip archive; none if it is none, is cut off, or lists more than any network has."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _END_AND_COMMENT))
            end = file.read()
        place = end.rfind(_END)
        if place < 0 or int.from_bytes(end[place + 12 : place + 16], "little") > _MOST_LIST:
            return []
        with zipfile.ZipFile(path) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return []
