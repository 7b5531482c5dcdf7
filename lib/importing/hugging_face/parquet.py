"""Unpacks images from the Parquet files of Hugging Face ``datasets`` into an ImageFolder.

A column of pictures is a struct of ``bytes`` and ``path``. Each Parquet file becomes a folder of its own name with the
pictures, whose bytes stay as they are, and ``metadata.jsonl`` with the other columns: an image folder, which
`lib.importing.formats.tabular.hf_imagefolder` reads. What the class numbers mean goes into ``dataset_info.json`` beside
them.

Everything is taken for a stranger's: sizes are limited, names of files are made safe, nothing is unpickled.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from lib.core import parquet_footers, sentences
from lib.core.errors import UserError
from lib.core.splits import split_of
from lib.importing import archive
from lib.importing.hugging_face.features import INFO, Names, of_features
from lib.importing.hugging_face.image_columns import bytes_of, chosen_column, holds_bytes
from lib.importing.safe_names import safe_name

SUFFIX = ".parquet"
MAX_PICTURE = 256 * 2**20  # bytes of one picture

_BATCH_BYTES = 64 * 2**20
_MAX_BATCH = 16  # rows; few, as one picture that all of them share is small on disk and large in memory
_SUSPICIOUS = 64 * 2**20  # bytes of one column from which on it may not be packed a hundred times smaller
_ROOM = 2**28  # bytes that have to stay free on the disk

Progress = Callable[[int, int, str], None]


def is_parquet(path: Path) -> bool:
    """Return whether a file is Parquet, by its name or its first bytes."""
    if path.suffix.lower() == SUFFIX:
        return True
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def is_unpacked(metadata: str) -> bool:
    """Return whether a ``metadata.jsonl`` of this name was written by `unpack`: it lies in a Parquet file's folder."""
    return PurePosixPath(metadata).parent.suffix.lower() == SUFFIX


def columns(name: str, path: Path) -> list[str]:
    """Return the names of the columns of a Parquet file."""
    with _opened(name, path) as file:
        return file.schema_arrow.names


def count(name: str, path: Path) -> int:
    """Return the number of rows of a Parquet file."""
    with _opened(name, path) as file:
        return file.metadata.num_rows


def image_columns(name: str, path: Path) -> list[str]:
    """Return the columns of a Parquet file that hold pictures: the bytes themselves.

    Raises
    ------
    UserError
        If it cannot be read.
    """
    with _opened(name, path) as file:
        return [field.name for field in file.schema_arrow if bytes_of(field) is not None]


def class_names(name: str, path: Path) -> Names:
    """Return the names of the class numbers of each column, as the schema says."""
    return of_features(_features(name, path))


def rows(name: str, path: Path) -> Iterator[dict[str, Any]]:
    """Yield the rows of a Parquet file without any bytes."""
    with _opened(name, path) as file:
        wanted = [field.name for field in file.schema_arrow if not holds_bytes(field.type)]
        yield from (row for batch in _batches(name, file, path, wanted) for row in batch.to_pylist())


def unpack(
    files: Mapping[str, Path], into: Path, choices: Mapping[str, str] | None = None, progress: Progress | None = None
) -> None:
    """Write the pictures and rows of Parquet files into the folder ``into``, which exists.

    Parameters
    ----------
    files : mapping
        Name, as messages show it, to the file.
    into : pathlib.Path
    choices : mapping, optional
        ``image-column`` says which column holds the pictures where several may.
    progress : callable, optional
        Told how many pictures are written.

    Raises
    ------
    UserError
        If one cannot be read, they are no parts of one dataset, or more would come out than is sensible.
    """
    _check_one_dataset(list(files), {name: columns(name, path) for name, path in files.items()})
    total, done, written = sum(count(name, path) for name, path in files.items()), 0, 0
    if total > archive.MAX_FILES:
        raise UserError(
            f"{next(iter(files))} and the like hold {total:,} images, more than {archive.MAX_FILES:,}: leave some "
            "of the files out."
        )
    features: dict[str, Any] = {}
    packed = sum(path.stat().st_size for path in files.values())
    for name, path in files.items():
        features |= _features(name, path)
        folder = into.joinpath(*PurePosixPath(name).parts)
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "metadata.jsonl").open("w", encoding="utf-8") as metadata:
            for row, data in _unpacked(name, path, folder, choices or {}):
                written += data
                _check_size(name, written, packed, into, done)
                metadata.write(json.dumps(row, ensure_ascii=True, default=str) + "\n")
                done += 1
                if progress:
                    progress(done, total, "Unpacking the images")
    # At the top, so that there is never a single folder, which would be stepped into with the split it is named after.
    (into / INFO).write_text(json.dumps({"features": features}), encoding="utf-8")


def _unpacked(name: str, path: Path, folder: Path, choices: Mapping[str, str]) -> Iterator[tuple[dict[str, Any], int]]:
    """Write the pictures of one file; yield what else stands in each row, and the bytes written."""
    with _opened(name, path) as file:
        column = chosen_column(name, file.schema_arrow, choices)
        others = [field.name for field in file.schema_arrow if not holds_bytes(field.type) and field.name != column]
        taken = {"metadata.jsonl"}
        number = 0
        for batch in _batches(name, file, path, [column, *others]):
            pictures = batch.column(batch.schema.get_field_index(column))
            for index, row in enumerate(batch.select(others).to_pylist()):
                data, given_name = _picture(pictures[index])
                row.pop("file_name", None)
                number += 1
                if data is None:  # a row without picture, or one that lies elsewhere: told as such by the reader
                    yield {"file_name": given_name or "(none)", **row}, 0
                    continue
                if len(data) > MAX_PICTURE:
                    size, most = sentences.sizes(len(data), MAX_PICTURE)
                    raise UserError(
                        f"{name}, row {number}: an image of {size}, expected at most {most}. Remove the row."
                    )
                file_name = safe_name(given_name, data, number, taken)
                (folder / file_name).write_bytes(data)
                yield {"file_name": file_name, **row}, len(data)


def _opened(name: str, path: Path) -> pq.ParquetFile:
    try:
        with path.open("rb") as file:
            long = parquet_footers.long(file)
        if long:
            raise UserError(f"{name} cannot be read ({long}): save it with fewer columns and without metadata.")
        # Buffered: else the pictures of a whole row group, often all of them, are in memory at once.
        return pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
    except (pa.ArrowException, ValueError, OSError) as error:
        with path.open("rb") as file:
            pointer = file.read(40).startswith(b"version https://git-lfs")
        if pointer:
            raise UserError(
                f"{name} is only a pointer to the file (Git LFS): expected the Parquet file itself. Run `git lfs pull` "
                "in its folder, or download it."
            ) from error
        raise _unreadable(name) from error


def _unreadable(name: str) -> UserError:
    return UserError(
        f"{name} cannot be read: expected a complete Parquet file, found one that is damaged or cut off. "
        "Download it again."
    )


def _batches(name: str, file: pq.ParquetFile, path: Path, wanted: list[str]) -> Iterator[pa.RecordBatch]:
    """Yield the rows in pieces of some megabytes."""
    count = file.metadata.num_rows
    groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
    size = sum(max(0, group.total_byte_size) for group in groups)
    _check_claim(name, size, path)
    for chunk in (group.column(i) for group in groups for i in range(group.num_columns)):
        unpacked = chunk.total_uncompressed_size
        if unpacked > _SUSPICIOUS and unpacked > archive.MAX_RATIO * chunk.total_compressed_size:
            raise _bomb(name, unpacked)
    each = max(1, size // max(1, count))
    try:
        yield from file.iter_batches(
            batch_size=int(min(_MAX_BATCH, max(1, _BATCH_BYTES // each))), columns=wanted, use_threads=False
        )
    except (pa.ArrowException, ValueError, OSError) as error:
        raise _unreadable(name) from error


def _check_claim(name: str, size: int, path: Path) -> None:
    if size > archive.MAX_BYTES or (size > archive.RATIO_FROM_BYTES and size > archive.MAX_RATIO * path.stat().st_size):
        raise _bomb(name, size)


def _check_size(name: str, written: int, packed: int, into: Path, done: int) -> None:
    if written > archive.MAX_BYTES or (written > archive.RATIO_FROM_BYTES and written > archive.MAX_RATIO * packed):
        raise _bomb(name, written)
    if done % 256 == 0 and shutil.disk_usage(into).free < _ROOM:
        raise UserError(
            f"The images of {name} do not fit on the disk of {into.parent}, {sentences.size(written)} are unpacked so "
            "far: make room or choose another workspace."
        )


def _bomb(name: str, size: int) -> UserError:
    return UserError(
        f"{name} would unpack to {sentences.size(size)} or more, far more than images of its size do: leave it out."
    )


def _features(name: str, path: Path) -> dict[str, Any]:
    """Return the ``features`` that the library wrote into the schema, by column; empty if it did not."""
    with _opened(name, path) as file:
        text = (file.schema_arrow.metadata or {}).get(b"huggingface", b"{}")
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    info = read.get("info") if isinstance(read, dict) else None
    features = info.get("features") if isinstance(info, dict) else None
    return features if isinstance(features, dict) else {}


def _picture(value: pa.Scalar) -> tuple[bytes | None, str]:
    """Return the bytes of a cell, None if there are none, and the name that it says, "" if it says none."""
    read = value.as_py()
    if isinstance(read, dict):
        path = read.get("path")
        return read.get("bytes") or None, path if isinstance(path, str) else ""
    return read or None, ""


def _check_one_dataset(names: list[str], columns: dict[str, list[str]]) -> None:
    """Refuse files of several datasets ("configurations"): other columns, or one name in two folders."""
    first = names[0]
    for name in names[1:]:
        if set(columns[name]) != set(columns[first]):
            raise UserError(
                f"{first} and {name} have different columns ({', '.join(columns[first][:5])} and "
                f"{', '.join(columns[name][:5])}): expected the files of one dataset. Give the folder of one of them."
            )
    folders: dict[tuple[str, ...], str] = {}
    for name in names:
        path = PurePosixPath(name)
        folders.setdefault(tuple(part for part in path.parts[:-1] if not split_of(part)), name)
    if len(folders) > 1:
        one, other = list(folders.values())[:2]
        raise UserError(
            f"{one} and {other} look like two versions of a dataset: expected the files of one. Give the folder of one "
            "of them."
        )
