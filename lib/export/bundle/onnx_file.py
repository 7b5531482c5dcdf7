"""Whether a file is ONNX, seen from its outermost fields: a bundle's is handed on, but never run here."""

from __future__ import annotations

import mmap
from pathlib import Path

#: Fields of ONNX's ModelProto by number: the format's version, the graph, and the operators' versions.
_VERSION, _GRAPH, _OPERATORS = 1, 7, 8
#: How protobuf says what follows: a number, 8 bytes, so many bytes, 4 bytes.
_NUMBER, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5


def check(path: Path) -> None:
    """Look whether the file at ``path`` is made of the fields of an ONNX model to its last byte.

    Raises
    ------
    ValueError
        If it is not.
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        if not path.stat().st_size:
            raise ValueError("expected an ONNX model, found an empty file")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            seen = _fields(content)
    if not {_VERSION, _GRAPH, _OPERATORS} <= seen:
        raise ValueError("expected an ONNX model, found something else")


def _fields(content: mmap.mmap) -> set[int]:
    at, seen = 0, set()
    while at < len(content):
        key, at = _varint(content, at)
        field, kind = key >> 3, key & 7
        if kind == _NUMBER:
            _, at = _varint(content, at)
        elif kind == _BYTES:
            length, at = _varint(content, at)
            at += length
        elif kind in (_EIGHT, _FOUR):
            at += 8 if kind == _EIGHT else 4
        else:
            raise ValueError("expected an ONNX model, found something else")
        seen.add(field)
    if at != len(content):
        raise ValueError("expected a complete ONNX model, found one that is cut off")
    return seen


def _varint(content: mmap.mmap, at: int) -> tuple[int, int]:
    """Return the number at a place, seven bits a byte, and the place behind it."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(content):
            break
        byte = content[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
    raise ValueError("expected an ONNX model, found something else")
