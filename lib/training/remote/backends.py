"""Where objects lie: a folder, S3, or what pyarrow and fsspec know beside those; raw bytes by key, nothing checked."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from lib.core import files, temporary

#: Bytes that are copied at once.
PART = 1 << 20
#: S3's own checksums go as trailers, which many servers that speak S3 do not take; what is stored here has its own.
_CHECKSUMS = ("AWS_REQUEST_CHECKSUM_CALCULATION", "when_required")
_ENDPOINTS, _REGIONS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), ("AWS_REGION", "AWS_DEFAULT_REGION")
_CONNECT_SECONDS, _ANSWER_SECONDS = 10, 60


class Backend(Protocol):
    """Objects by key. Whatever goes wrong is an OSError or a ValueError, FileNotFoundError where there is no object."""

    def open(self, key: str) -> BinaryIO:
        """Return an object to be read."""
        ...

    def write(self, key: str, content: BinaryIO) -> None:
        """Make or replace an object: a reader sees the old one or the new one."""
        ...

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Yield the keys below a prefix, which ends in no slash, with their bytes."""
        ...

    def remove_all(self, prefix: str) -> None:
        """Remove the objects below a prefix; there may be none."""
        ...


class FolderBackend:
    """Objects as files of a folder that all machines see, or for tests."""

    def __init__(self, root: Path):
        self._root = root

    def open(self, key: str) -> BinaryIO:
        return (self._root / key).open("rb")

    def write(self, key: str, content: BinaryIO) -> None:
        path = self._root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with files.replacing(path, is_shared=True) as partial, partial.open("wb") as file:
            shutil.copyfileobj(content, file, PART)

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        for path in (self._root / prefix).rglob("*"):
            if path.is_file() and not temporary.FILE.fullmatch(path.name):
                yield path.relative_to(self._root).as_posix(), path.stat().st_size

    def remove_all(self, prefix: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._root / prefix)


class ArrowBackend:
    """Objects of a file system of pyarrow, which speaks S3 by itself."""

    def __init__(self, system: object, root: str):
        from pyarrow import fs

        assert isinstance(system, fs.FileSystem)
        self._system, self._root, self._is_flat = system, root.strip("/"), isinstance(system, fs.S3FileSystem)

    def _path(self, key: str) -> str:
        return f"{self._root}/{key}"

    def open(self, key: str) -> BinaryIO:
        stream: BinaryIO = self._system.open_input_stream(self._path(key), compression=None)
        return stream

    def write(self, key: str, content: BinaryIO) -> None:
        if not self._is_flat:
            self._system.create_dir(self._path(key).rpartition("/")[0], recursive=True)
        # What a failure leaves half is under a name that its size and checksum do not fit: nobody takes it.
        with self._system.open_output_stream(self._path(key), compression=None) as stream:
            while part := content.read(PART):
                stream.write(part)

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        from pyarrow import fs

        selector = fs.FileSelector(self._path(prefix), allow_not_found=True, recursive=True)
        for info in self._system.get_file_info(selector):
            if info.type == fs.FileType.File:
                yield info.path.lstrip("/").removeprefix(f"{self._root}/"), info.size

    def remove_all(self, prefix: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._system.delete_dir(self._path(prefix))


def of(url: str) -> Backend:
    """Return where the objects of ``url`` lie; raises ValueError where nobody knows such URLs, OSError as they do."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderBackend(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return ArrowBackend(_s3(parts.netloc), parts.netloc + parts.path)
    return ArrowBackend(*_other(url))


def _s3(bucket: str) -> object:
    """Return pyarrow's S3, which finds credentials as Amazon's own tools do."""
    os.environ.setdefault(*_CHECKSUMS)
    from pyarrow import fs

    endpoint = next(filter(None, map(os.environ.get, _ENDPOINTS)), None)
    region = next(filter(None, map(os.environ.get, _REGIONS)), None)
    if endpoint is None:
        return fs.S3FileSystem(region=region or fs.resolve_s3_region(bucket), **_times())
    scheme, _, host = endpoint.rpartition("://")
    return fs.S3FileSystem(
        region=region or "us-east-1", endpoint_override=host.rstrip("/"), scheme=scheme or "https", **_times()
    )


def _times() -> dict[str, object]:
    from pyarrow import fs

    retries = fs.AwsStandardS3RetryStrategy(max_attempts=2)  # the rest is ours, which says so
    waits = {"connect_timeout": _CONNECT_SECONDS, "request_timeout": _ANSWER_SECONDS}
    return {"allow_delayed_open": True, "retry_strategy": retries, **waits}


def _other(url: str) -> tuple[object, str]:
    """Return a file system that pyarrow or fsspec knows, and the path in it."""
    import fsspec
    from pyarrow import fs

    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        raise ValueError(f"it needs a package that is not installed: {error.name or 'see fsspec'}") from error
    except TypeError as error:
        raise ValueError("it needs more than its name") from error
    return fs.PyFileSystem(fs.FSSpecHandler(system)), path
