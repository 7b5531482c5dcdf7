"""Objects of a shared store: put and fetched whole, with checksums, under names that are checked; errors in words."""

from __future__ import annotations

import io
import os
import re
import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, TypedDict, TypeVar
from urllib.parse import urlsplit

import xxhash

from lib.core import checksums, files, json_files
from lib.core.errors import DamagedError, UserError
from lib.core.json_files import Count
from lib.training.launchers import launched
from lib.training.remote import backends
from lib.training.remote.backends import PART

T = TypeVar("T")
VARIABLE = launched.SHARE
#: Bytes of one object, and of one that is read into memory; objects below one prefix that are listed.
MOST_BYTES, MOST_IN_MEMORY, MOST_LISTED = 2**40, 256_000_000, 2_000_000
#: Seconds between attempts, doubled each time.
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 30.0
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9][A-Za-z0-9._-]{0,127}){0,7}")
_URL = re.compile(r"[a-z][a-z0-9+.-]{0,20}://[^\s?#@\x00-\x1f]{0,500}")
#: What S3 says of a request, in pyarrow's words, and what that means.
_AWS = re.compile(r"AWS Error ([A-Z_]{1,60})")
_REFUSED = {"ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "INVALID_CLIENT_TOKEN_ID"}
#: What to do where an object is not what was put.
ANEW = "resume the run, or start it again, which sends anew what is no good"
_SEALED = b'{"checksum": "'


class ShareError(UserError):
    """The store does not do what it was asked for; ``passing`` is whether it may at another time."""

    def __init__(self, message: str, *, passing: bool = True):
        super().__init__(message)
        self.passing = passing


class MissingError(ShareError):
    """There is no such object."""


class Stored(TypedDict):
    """A file that was put: its bytes and its checksum, by which it is found."""

    size: Count
    checksum: str


class Share:
    """The objects below one URL.

    Parameters
    ----------
    url : str
        Without credentials, which the environment has.

    Raises
    ------
    UserError
        If it is no URL, or one of a kind that nothing here knows.
    """

    def __init__(self, url: str):
        parts = urlsplit(url)
        if "@" in url:
            raise UserError(
                f"The variable {VARIABLE} has credentials in it: expected a URL without, such as s3://bucket/folder. "
                "Give them as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in the file of Amazon's tools."
            )
        if parts.scheme == "file" and parts.netloc:
            raise UserError(
                f"The variable {VARIABLE} names the machine {parts.netloc[:80]!r} before its folder: expected three "
                "slashes, as file:///a/folder/that/all/see."
            )
        # A name that the machine has, not the bucket's, would go anywhere.
        if not _URL.fullmatch(url) or ".." in parts.path.split("/") or not (parts.netloc or parts.path.strip("/")):
            raise UserError(
                f"The variable {VARIABLE} is {url.partition('?')[0][:80]!r}: expected a URL such as s3://bucket/folder "
                "or file:///a/folder/that/all/see, without a question mark."
            )
        self.url = url.rstrip("/")
        try:
            self._backend = backends.of(self.url)
        except ValueError as error:
            raise UserError(f"The store {self.url} cannot be used ({error}): choose s3:// or file://.") from error
        except OSError as error:
            raise self._error(error, "") from error

    def put(self, key: str, content: bytes) -> None:
        """Make or replace the object ``key``; a reader sees the old one or the new one.

        Raises
        ------
        ShareError
            If it cannot be written.
        """
        self._write(key, io.BytesIO(content))

    def put_file(self, key: str, file: BinaryIO) -> None:
        """Make or replace the object ``key`` of an open file, from where it is read on; raises as `put`."""
        self._write(key, file)

    def _write(self, key: str, file: BinaryIO) -> None:
        _check_key(key)
        try:
            self._backend.write(key, file)
        except (OSError, ValueError) as error:
            raise self._error(error, key) from error

    def get(self, key: str, most: int = MOST_IN_MEMORY) -> bytes:
        """Return the object ``key``.

        Raises
        ------
        ShareError
            If it cannot be read, has more than ``most`` bytes, or is not there (`MissingError`).
        """
        _check_key(key)
        try:
            with self._backend.open(key) as file:
                content = file.read(most + 1)
        except (OSError, ValueError) as error:
            raise self._error(error, key) from error
        if len(content) > most:
            raise damaged(self, key, f"expected {most:,} bytes at most, found more")
        return content

    def fetch(self, key: str, target: Path, expected: Stored) -> None:
        """Write the object ``key`` to ``target``, whole or not at all.

        Raises
        ------
        ShareError
            If it cannot be read.
        DamagedError
            If it is not what was put there.
        OSError
            If it cannot be written here.
        """
        _check_key(key)
        hashed, size = xxhash.xxh3_64(), 0
        try:
            source = self._backend.open(key)
        except (OSError, ValueError) as error:
            raise self._error(error, key) from error
        with source, files.replacing(target, is_shared=True) as partial, partial.open("wb") as file:
            while part := self._part(source, key):
                size += len(part)
                if size > expected["size"]:
                    break
                hashed.update(part)
                file.write(part)
            if size != expected["size"] or hashed.hexdigest() != expected["checksum"]:
                raise damaged(self, key, f"expected {expected['size']:,} bytes that fit their checksum, found others")

    def _part(self, source: BinaryIO, key: str) -> bytes:
        try:
            return source.read(PART)
        except (OSError, ValueError) as error:
            raise self._error(error, key) from error

    def sizes(self, prefix: str, most: int = MOST_LISTED) -> dict[str, int]:
        """Return the bytes of every object below ``prefix`` by its key; keys that nobody here makes are left out.

        Raises
        ------
        ShareError
            If they cannot be listed, or are more than ``most``.
        """
        _check_key(prefix)
        listed: dict[str, int] = {}
        try:
            for key, size in self._backend.sizes(prefix):
                if len(listed) == most:
                    raise ShareError(f"The store {self.url} has more than {most:,} objects below {prefix}: move some.")
                if _KEY.fullmatch(key):
                    listed[key] = size
        except (OSError, ValueError) as error:
            raise self._error(error, prefix) from error
        return listed

    def remove_all(self, prefix: str) -> None:
        """Remove all objects below ``prefix``; raises `ShareError` if some cannot be."""
        _check_key(prefix)
        try:
            self._backend.remove_all(prefix)
        except (OSError, ValueError) as error:
            if self.sizes(prefix):  # else all are gone, and only what a folder would be could not be made again
                raise self._error(error, prefix) from error

    def put_json(self, key: str, value: Mapping[str, Any]) -> None:
        """Make or replace the object ``key`` of JSON with a checksum, which no other takes the place of."""
        self.put(key, checksums.sealed(json_files.encode(value), key))

    def get_json(self, key: str, kind: type[T], most: int = json_files.MOST_BYTES) -> T:
        """Return the object ``key`` that `put_json` wrote, as ``kind``; raises as `get`, DamagedError if it is none."""
        content = self.get(key, most)
        try:
            if not content.startswith(_SEALED):
                raise checksums.unreadable()
            return json_files.decode(checksums.opened(content, key), kind)
        except ValueError as error:
            raise damaged(self, key, str(error)) from error

    def _error(self, error: Exception, key: str) -> ShareError:
        """Return what is said of an error, of which nothing else is shown: what it holds is not known."""
        where = f"{self.url}/{key}" if key else self.url
        if isinstance(error, FileNotFoundError) and key:
            return MissingError(f"There is no object {where}: {ANEW}.")
        code = found[1] if (found := _AWS.search(str(error))) else ""
        if code in _REFUSED or isinstance(error, PermissionError):
            return ShareError(
                f"The store at {where} refuses (expected credentials that may read and write there): check "
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the rights of this account.",
                passing=False,
            )
        if code == "NO_SUCH_BUCKET":
            return ShareError(f"There is no bucket for {where}: make it, or correct {VARIABLE}.", passing=False)
        said = code.replace("_", " ").lower() or type(error).__name__
        if isinstance(error, OSError) and error.errno and not code:
            said = os.strerror(error.errno).lower()
        return ShareError(
            f"The store at {where} cannot be used now ({said}): check {VARIABLE}, AWS_ENDPOINT_URL and the network."
        )


@lru_cache(maxsize=8)
def at(url: str) -> Share:
    """Return the `Share` at ``url``, the same one at each call."""
    return Share(url)


def _check_key(key: str) -> None:
    """Look whether a key is one that may be asked for; raises `DamagedError`, as only what was read can make others."""
    if not _KEY.fullmatch(key) or ".." in key.split("/"):
        raise DamagedError(f"The object {key[:80]!r} cannot be asked for: expected letters, digits, '.', '_' and '-'.")


def damaged(share: Share, key: str, why: str) -> DamagedError:
    """Return what is said of an object that is not what was put."""
    return DamagedError(f"The object {share.url}/{key} is damaged ({why}): {ANEW}.")


def measured(file: BinaryIO) -> Stored:
    """Return bytes and checksum of an open file, from where it is read on; then it is there again."""
    start, hashed, size = file.tell(), xxhash.xxh3_64(), 0
    while part := file.read(PART):
        hashed.update(part)
        size += len(part)
    file.seek(start)
    return {"size": size, "checksum": hashed.hexdigest()}


def persistently(
    act: Callable[[], T], tell: Callable[[str], None], *, give_up: Callable[[], bool] = lambda: False
) -> T:
    """Do ``act`` until the store answers, waiting longer each time; what is wrong is told once, and when it is over.

    Parameters
    ----------
    act : callable
    tell : callable
        Gets sentences.
    give_up : callable
        Whether to raise now what went wrong; asked at least every second.

    Raises
    ------
    ShareError
        If it will not pass, or ``give_up`` says so.
    """
    wait, told = _FIRST_WAIT, ""
    while True:
        try:
            done = act()
        except MissingError:
            raise
        except ShareError as error:
            if not error.passing or give_up():
                raise
            if not told:
                told = str(error)
                tell(f"{told} Trying again.")
            until = time.monotonic() + wait
            while (left := until - time.monotonic()) > 0 and not give_up():
                time.sleep(min(left, 1.0))
            wait = min(2 * wait, _LONGEST_WAIT)
        else:
            if told:
                tell("The store answers again.")
            return done
