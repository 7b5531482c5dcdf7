"""How a zip that nobody trusts is unpacked."""

from __future__ import annotations

import errno
import re
import shutil
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from lib.data.tree import key
from lib.errors import UserError

MAX_FILES = 1_000_000
#: Total size that may come out, and how many times the zip's own size that may be once it is over a gigabyte.
MAX_BYTES = 200 * 2**30
MAX_RATIO = 100
RATIO_FROM_BYTES = 2**30
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1


def unpack(zip_path: Path, into: Path) -> None:
    """Unpack a zip into the folder ``into``, which exists; hidden files and ``__MACOSX`` are left out.

    Raises
    ------
    UserError
        If it is no zip or damaged, is encrypted, holds links, names outside the folder, two names that differ
        only in case, or comes out too large. Everything but damage is found before a byte is written.
    """
    try:
        with zipfile.ZipFile(zip_path) as archive:
            members = _members(archive, zip_path.name)
            _check_sizes(archive, zip_path, into)
            for member, name in members:
                target = into.joinpath(*PurePosixPath(name).parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, target.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        # zipfile follows a damaged offset to before the file's start; any other system error is none of the zip's.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise UserError(
            f"{zip_path.name} cannot be unpacked ({_reason(error)}): expected a complete zip archive. "
            "Make or download it again."
        ) from error


def _members(archive: zipfile.ZipFile, zip_name: str) -> list[tuple[zipfile.ZipInfo, str]]:
    """Return the files to unpack with their safe names."""
    members, seen, folders = [], {}, set()
    for member in archive.infolist():
        name = _name(member)
        _check_member(member, name, zip_name)
        parts = PurePosixPath(name).parts
        if member.is_dir() or name.endswith("/") or any(p.startswith(".") or p == "__MACOSX" for p in parts):
            continue
        folded = key(name)
        if folded in seen:
            raise UserError(
                f"{zip_name} holds both {seen[folded]!r} and {name!r}, which are one file on many systems: "
                "rename one of them."
            )
        seen[folded] = name
        folders.update(key(str(parent)) for parent in PurePosixPath(name).parents)
        members.append((member, name))
    for folded, name in seen.items():
        if folded in folders:
            raise UserError(f"{zip_name} holds {name!r} both as a file and as a folder: make the zip again.")
    return members


def _name(member: zipfile.ZipInfo) -> str:
    name = member.filename
    if not member.flag_bits & _UTF8_FLAG:  # macOS writes UTF-8 without saying so; zipfile then reads cp437
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.filename
    return name.replace("\\", "/")  # some Windows programs write their own separator


def _check_member(member: zipfile.ZipInfo, name: str, zip_name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name) or not path.parts:
        raise UserError(f"{zip_name} holds {name!r}, a name outside its own folder: make the zip again without it.")
    if any(len(part.encode()) > 255 for part in path.parts) or len(name) > 2000 or not name.isprintable():
        raise UserError(f"{zip_name} holds the file name {name[:60]!r}..., which cannot be written: rename it.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UserError(f"{zip_name} holds {name!r}, a link or device: zip the pictures themselves.")
    if member.flag_bits & _ENCRYPTED_FLAG:
        raise UserError(f"{zip_name} is encrypted ({name!r} needs a password): make a zip without a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(f"{zip_name} packs {name!r} by a method other than deflate: make the zip again, uncompressed.")


def _check_sizes(archive: zipfile.ZipFile, zip_path: Path, into: Path) -> None:
    # zipfile never gives more bytes than an entry declares, so the declared sizes are a true upper limit.
    total, count = sum(member.file_size for member in archive.infolist()), len(archive.infolist())
    if count > MAX_FILES:
        raise UserError(f"{zip_path.name} holds {count:,} files, more than {MAX_FILES:,}: split it up.")
    # Measured against the whole file, so that entries which share the same packed bytes count as well.
    if total > MAX_BYTES or (total > RATIO_FROM_BYTES and total > MAX_RATIO * zip_path.stat().st_size):
        raise UserError(
            f"{zip_path.name} would unpack to {total / 2**30:,.1f} GiB, far more than pictures of its size do: "
            "unpack it yourself and import the folder if you trust it."
        )
    free = shutil.disk_usage(into).free
    if total > free:
        raise UserError(
            f"{zip_path.name} unpacks to {total / 2**30:,.1f} GiB but only {free / 2**30:,.1f} GiB are free "
            "on the disk: make room or choose another workspace."
        )


def _reason(error: BaseException) -> str:
    return "it is not a zip file" if "not a zip file" in str(error) else "it is damaged or cut off"
