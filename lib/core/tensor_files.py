"""Safetensors with a checksum in their metadata: written, and compared when a process first reads them."""

from __future__ import annotations

import json
import mmap
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from lib.core import checksums, tensor_headers, times
from lib.core.checksums import DIGITS, KEY, Stamp
from lib.core.tensor_headers import LENGTH, MOST_HEADER

#: Any key of a name's length whose value is like a seal: the key itself may be damaged.
_PLACE = re.compile(rb'"([^"]{%d})":"(?=[^"]{%d} )' % (len(KEY), DIGITS))
_EMPTY = b"0" * DIGITS
_ODD = "it holds numbers of a type that numpy has not"
_METADATA = "__metadata__"
#: What `mapped` reads, by the names of safetensors.
_TYPES = {"U8": np.uint8, "I32": np.int32, "I64": np.int64, "F16": np.float16, "F32": np.float32, "F64": np.float64}
_compared: dict[Path, Stamp] = {}
_lock = threading.Lock()


def slot(name: str) -> dict[str, str]:
    """Return the metadata in which `fill` puts the checksum; ``name`` is as `lib.core.checksums.name_of` says."""
    return {KEY: f"{_EMPTY.decode()} {times.utc()} {name}"}


def fill(content: bytes) -> bytes:
    """Return safetensors that were packed with a `slot` with their checksum in it."""
    place = _needed(content)
    view = memoryview(content)
    return b"".join((view[:place], checksums.of(view).encode(), view[place + DIGITS :]))


def fill_file(path: Path) -> None:
    """Put the checksum into the `slot` of safetensors that were just written to ``path``."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        place = _needed(content)
        with memoryview(content) as view:
            content[place : place + DIGITS] = checksums.of(view).encode()


def pack(arrays: dict[str, np.ndarray], name: str) -> bytes:
    """Return arrays as safetensors with their checksum, as the file that `checksums.name_of` calls ``name``."""
    return fill(save(arrays, slot(name)))


def read(path: Path, owner: str = "") -> Mapping[str, np.ndarray]:
    """Return the arrays in the file at ``path``, having compared it; raises as `compare`, and SafetensorError."""
    if long := tensor_headers.long_header(path):
        raise SafetensorError(long)
    compare(path, owner)
    try:
        arrays: Mapping[str, np.ndarray] = load_file(path)
    except (TypeError, KeyError, AttributeError) as error:
        raise SafetensorError(_ODD) from error
    if any(array.dtype.kind not in "biuf" for array in arrays.values()):  # numpy has more where ml_dtypes is loaded
        raise SafetensorError(_ODD)
    return arrays


def mapped(path: Path, owner: str = "") -> dict[str, np.ndarray]:
    """Return the arrays in the file at ``path`` as they lie on disk, read-only, having compared it: to copy parts of.

    Whoever keeps them is ended by the system where somebody makes the file shorter. Raises as `compare`, and
    ValueError where the header is not that of safetensors.
    """
    if long := tensor_headers.long_header(path):
        raise ValueError(long)
    compare(path, owner)
    content = np.memmap(path, dtype=np.uint8, mode="r")
    start = LENGTH + int.from_bytes(content[:LENGTH].tobytes(), "little")
    try:
        head = json.loads(content[LENGTH:start].tobytes())
        return {name: _viewed(content[start:], facts) for name, facts in head.items() if name != _METADATA}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(_ODD) from error
    except RecursionError as error:
        raise ValueError("its header is nested too deeply") from error


def _viewed(content: np.ndarray, facts: dict[str, Any]) -> np.ndarray:
    """Return the array that an entry of a header is about, of the bytes behind that."""
    dtype, shape, (first, end) = _TYPES[facts["dtype"]], facts["shape"], facts["data_offsets"]
    if not 0 <= first <= end <= len(content) or min(shape, default=0) < 0:
        raise ValueError("its header names bytes that it does not have")
    array: np.ndarray = content[first:end].view(dtype).reshape(shape)
    return array


def compare(path: Path, owner: str = "", *, name: str = "") -> None:
    """Compare safetensors with their checksum, unless this process has compared this very file before.

    Those of earlier versions have none and pass.

    Parameters
    ----------
    path : pathlib.Path
    owner : str
        Id of the run that they belong to.
    name : str
        What the file was called when it was written, if not as now.

    Raises
    ------
    ValueError
        `lib.core.checksums.ChecksumError` if they are not what was written.
    OSError
        If they cannot be read.
    """
    stamp = checksums.stamp(path)
    with _lock:
        if _compared.get(path) == stamp:
            return
    if stamp.size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            _compare(content, checksums.name_of(path.with_name(name or path.name), owner))
    with _lock:
        _compared[path] = stamp


def _compare(content: mmap.mmap, name: str) -> None:
    place = _place(content)
    if place is None:
        return
    seal = content[place : content.find(b'"', place)]
    with memoryview(content) as view, view[:place] as before, view[place + DIGITS :] as behind:
        checksums.check_seal(seal, name, lambda: checksums.of(before, _EMPTY, behind))


def _needed(content: bytes | mmap.mmap) -> int:
    place = _place(content)
    if place is None:
        raise ValueError("expected metadata with a slot for the checksum")
    return place


def _place(content: bytes | mmap.mmap) -> int | None:
    """Return where in safetensors the digits of the checksum are, None where there is none."""
    length = min(int.from_bytes(content[:LENGTH], "little"), MOST_HEADER)
    matches = (
        match
        for match in _PLACE.finditer(content, LENGTH, LENGTH + length)
        if checksums.is_like(match[1], KEY.encode())
    )
    return next((match.end() for match in matches), None)
