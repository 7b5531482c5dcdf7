"""Unpacks zips from untrusted sources: checks names, sizes and links before a byte is written."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import struct
import threading
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.splits import key
from lib.importing.options import Progress, no_progress

MAX_FILES = 1_000_000
#: Total size that may come out, and how many times the zip's own size that may be once it is over a gigabyte.
MAX_BYTES = 200 * 2**30
MAX_RATIO = 100
RATIO_FROM_BYTES = 2**30
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
# How a zip ends, with the size of its list; the same for large ones; and an entry's lengths of name, extra and comment.
_END, _END64, _ENTRY = struct.Struct("<12xL6x"), struct.Struct("<40xQ8x"), struct.Struct("<28x3H12x")
_THREADS = 2  # more only wait for each other
_PART = 4096  # files handed to the threads at once
_OPENING = threading.Lock()  # zipfile counts its open entries without one; what it reads is locked by itself


def unpack(zip_path: Path, into: Path, progress: Progress = no_progress) -> None:
    """Unpack a zip into the folder ``into``, which exists; hidden files and ``__MACOSX`` are left out.

    ``progress`` is told how many of its files are out.

    Raises
    ------
    UserError
        If it is no zip or damaged, is encrypted, holds links, names outside the folder, two names that differ
        only in case, or comes out too large. Everything but damage is found before a byte is written.
    """
    with entries(zip_path, into) as (archive, members):
        pool = ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1), thread_name_prefix="unpack")
        try:
            left, done = iter(members.items()), 0
            while part := list(islice(left, _PART)):
                for _ in pool.map(lambda one: extract(archive, one[1], into / one[0]), part):
                    done += 1
                    progress(done, len(members), "Unpacking")
        finally:
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def entries(zip_path: Path, into: Path | None) -> Iterator[tuple[zipfile.ZipFile, dict[str, zipfile.ZipInfo]]]:
    """Yield an open zip and its files by their safe names, once all are known to be fit to be unpacked into ``into``.

    Without a folder nothing is unpacked, and no disk has to have room for it.

    Raises
    ------
    UserError
        As of `unpack`.
    """
    with contextlib.ExitStack() as stack:
        with _damage(zip_path.name):
            _check_list(zip_path)
            archive = stack.enter_context(zipfile.ZipFile(zip_path))
            members = _members(archive, zip_path.name)
            _check_sizes(archive, zip_path, into)
        yield archive, members


def extract(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one of `entries` into the file ``target``; damage is told as a `UserError`."""
    with _damage(Path(archive.filename or "").name):
        target.parent.mkdir(parents=True, exist_ok=True)
        with _OPENING:
            source = archive.open(member)
        try:
            with target.open("wb") as sink:
                shutil.copyfileobj(source, sink, 1 << 20)
        finally:
            with _OPENING:
                source.close()


def start(archive: zipfile.ZipFile, member: zipfile.ZipInfo, n_bytes: int) -> bytes:
    """Return the first bytes of one of `entries`, no more of it being unpacked; damage is told as a `UserError`."""
    with _damage(Path(archive.filename or "").name), archive.open(member) as source:
        return source.read(n_bytes)


@contextlib.contextmanager
def _damage(zip_name: str) -> Iterator[None]:
    """Turn what a damaged zip makes of reading it into a sentence."""
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        # zipfile follows a damaged offset to before the file's start; any other system error is none of the zip's.
        if isinstance(error, OSError) and error.errno != errno.EINVAL:
            raise
        raise UserError(
            f"{zip_name} cannot be unpacked ({_reason(error)}): expected a complete zip archive. "
            "Make or download it again."
        ) from error


def _members(archive: zipfile.ZipFile, zip_name: str) -> dict[str, zipfile.ZipInfo]:
    """Return the files to unpack by their safe names."""
    members: dict[str, zipfile.ZipInfo] = {}
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for member in archive.infolist():
        name = _name(member)
        _check_member(member, name, zip_name)
        parts = _parts(name)
        if member.is_dir() or name.endswith("/") or any(p.startswith(".") or p == "__MACOSX" for p in parts):
            continue
        folded = key(name)
        if folded in seen:
            raise UserError(
                f"{zip_name} holds both {seen[folded]!r} and {name!r}, which are one file on many systems: "
                "rename one of them."
            )
        seen[folded] = name
        folder = key("/".join(parts[:-1]))
        while folder and folder not in folders:  # what is above a folder seen before was seen with it
            folders.add(folder)
            folder = folder.rpartition("/")[0]
        members["/".join(parts)] = member
    for folded, name in seen.items():
        if folded in folders:
            raise UserError(f"{zip_name} holds {name!r} both as a file and as a folder: make the zip again.")
    return members


def _name(member: zipfile.ZipInfo) -> str:
    name = member.filename
    # macOS writes UTF-8 without saying so; zipfile then reads cp437.
    if not member.flag_bits & _UTF8_FLAG and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = member.filename
    return name.replace("\\", "/")  # some Windows programs write their own separator


def _check_member(member: zipfile.ZipInfo, name: str, zip_name: str) -> None:
    if _leads_outside(name):
        raise UserError(f"{zip_name} holds {name!r}, a name outside its own folder: make the zip again without it.")
    if not _can_be_written(name):
        raise UserError(f"{zip_name} holds the file name {name[:60]!r}..., which cannot be written: rename it.")
    kind = stat.S_IFMT(member.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UserError(f"{zip_name} holds {name!r}, a link or device: zip the images themselves.")
    if member.flag_bits & _ENCRYPTED_FLAG:
        raise UserError(f"{zip_name} is encrypted ({name!r} needs a password): make a zip without a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise UserError(f"{zip_name} packs {name!r} by a method other than deflate: make the zip again, uncompressed.")


def has_at_most(zip_path: Path, most: int) -> bool:
    """Return whether a file is a zip that lists at most ``most`` entries, as its last bytes say; raises OSError."""
    with zip_path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END.size - 0xFFFF))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + _END.size:
        return False
    (n_bytes,) = _END.unpack_from(tail, at)
    return bool(n_bytes <= most * (_ENTRY.size + 2000))


def is_safe(name: str) -> bool:
    """Return whether a file of this name can be unpacked.

    Examples
    --------
    >>> is_safe("train/a.jpg"), is_safe("../a.jpg"), is_safe("C:a.jpg")
    (True, False, False)
    """
    return not _leads_outside(name) and _can_be_written(name)


def _parts(name: str) -> list[str]:
    """Return folders and name as `pathlib` sees them, but for an absolute path's root, several times as fast."""
    return [part for part in name.split("/") if part not in ("", ".")]


def _leads_outside(name: str) -> bool:
    parts = _parts(name)
    return name.startswith("/") or ".." in parts or bool(re.match(r"[A-Za-z]:", name)) or not parts


def _can_be_written(name: str) -> bool:
    parts = _parts(name)
    return all(len(part.encode(errors="replace")) <= 255 for part in parts) and len(name) <= 2000 and name.isprintable()


def _check_list(zip_path: Path) -> None:
    """Check how many entries are listed before zipfile reads the list, at 20 µs and a kilobyte of memory an entry."""
    with zip_path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END.size - 0xFFFF))
        start, tail = file.tell(), file.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) < at + _END.size:
            return  # no zip, as zipfile is going to say
        end, (n_bytes,) = start + at, _END.unpack_from(tail, at)
        if tail[max(0, at - 20) :].startswith(b"PK\x06\x07") and end >= 76:  # zip64: its own end comes before
            end -= 76
            file.seek(end)
            (n_bytes,) = _END64.unpack(file.read(_END64.size))
        if n_bytes <= _ENTRY.size * MAX_FILES or n_bytes > end:
            return
        file.seek(end - n_bytes)
        for _ in range(MAX_FILES + 1):
            head = file.read(_ENTRY.size)
            if len(head) < _ENTRY.size or not head.startswith(b"PK\x01\x02") or file.tell() >= end:
                return
            file.seek(sum(_ENTRY.unpack(head)), os.SEEK_CUR)
    raise _too_many(zip_path.name)


def _too_many(zip_name: str) -> UserError:
    return UserError(f"{zip_name} holds more than {MAX_FILES:,} files: split it up.")


def _check_sizes(archive: zipfile.ZipFile, zip_path: Path, into: Path | None) -> None:
    # Against bombs: zipfile gives no more bytes than an entry declares, so the declared sizes are a true upper limit.
    total, count = sum(member.file_size for member in archive.infolist()), len(archive.infolist())
    if count > MAX_FILES:
        raise _too_many(zip_path.name)
    # Measured against the whole file, so that entries which share the same packed bytes count as well.
    if total > MAX_BYTES or (total > RATIO_FROM_BYTES and total > MAX_RATIO * zip_path.stat().st_size):
        raise UserError(
            f"{zip_path.name} would unpack to {sentences.size(total)}, far more than images of its size do: unpack it "
            "yourself and import the folder if you trust it."
        )
    free = total if into is None else shutil.disk_usage(into).free
    if total > free:
        wanted, left = sentences.sizes(total, free)
        raise UserError(
            f"{zip_path.name} unpacks to {wanted} but only {left} are free on the disk: make room or choose another "
            "workspace."
        )


def _reason(error: BaseException) -> str:
    return "it is not a zip file" if "not a zip file" in str(error) else "it is damaged or cut off"
