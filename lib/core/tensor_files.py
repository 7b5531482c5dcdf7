"""Arrays in safetensors with a checksum in their metadata: packed, and read after a comparison."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

from lib.core import checksums, tensor_headers


def pack(arrays: dict[str, np.ndarray], name: str) -> bytes:
    """Return arrays as safetensors, with their checksum as the file that `checksums.name_of` calls ``name``."""
    return checksums.fill(save(arrays, checksums.slot(name)))


def read(path: Path, owner: str = "") -> Mapping[str, np.ndarray]:
    """Return the arrays in the file at ``path``; it is compared with its checksum once a process.

    Parameters
    ----------
    path : pathlib.Path
    owner : str
        Id of the run that it belongs to.

    Raises
    ------
    ValueError
        `lib.core.checksums.ChecksumError` if it is not what was written there.
    SafetensorError, OSError
        If it cannot be read.
    """
    if long := tensor_headers.long_header(path):
        raise SafetensorError(long)
    checksums.compare_once(path, checksums.name_of(path, owner))
    arrays: Mapping[str, np.ndarray] = load_file(path)
    return arrays
