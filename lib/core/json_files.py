"""JSON from disk, read into the type that it should have; what does not fit is said with its place in it.

The sentence around that, which file and what to do, is the caller's.
"""

from __future__ import annotations

import copy
import json
import math
import re
import stat
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import msgspec
import numpy as np

from lib.core import checksums

T = TypeVar("T")
#: How many there are, or which one; what numpy can hold.
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
#: A step of a place in JSON as msgspec says it: ``.names``, ``[3]`` or, for any key of a mapping, ``[...]``.
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]|\[(\.\.\.)\]")
#: Bytes that a file of JSON in a workspace may have: none that is written there comes near.
MOST_BYTES = 64_000_000
#: Characters that are said of a value.
_SHOWN = 40


def read(path: Path, kind: type[T], owner: str = "") -> T:
    """Return what the file at ``path`` holds, its checksum compared.

    Raises
    ------
    ValueError
        As `decode`; `lib.core.checksums.ChecksumError` if it is not what `lib.core.files.write_json` wrote there.
    OSError
        If it cannot be read.
    """
    return decode(content(path, owner), kind)


def read_or_none(path: Path, kind: type[T]) -> T | None:
    """Return what `read` does; None if there is no such file, or something else in it."""
    try:
        return read(path, kind)
    except (OSError, ValueError):
        return None


def content(path: Path, owner: str = "") -> bytes:
    """Return the JSON in the file at ``path`` without its checksum, which is compared; raises as `read`."""
    status = path.stat()
    if stat.S_ISFIFO(status.st_mode):  # which nobody may ever write to
        raise ValueError("it is a pipe, no file")
    if status.st_size > MOST_BYTES:
        raise ValueError(f"expected {MOST_BYTES:,} bytes at most, found {status.st_size:,}")
    return checksums.opened(path.read_bytes(), checksums.name_of(path, owner))


def decode(content: bytes, kind: type[T]) -> T:
    """Return JSON as ``kind``; fields that it does not know are left out, as other versions write them.

    Parameters
    ----------
    content : bytes
        UTF-8. NaN and infinite numbers, which are never written, are refused.
    kind : type
        What msgspec knows: a dataclass, a TypedDict, ``dict[str, int]`` and so on.

    Raises
    ------
    ValueError
        If it is no JSON, or other JSON: where in it, what was expected and what was found.

    Examples
    --------
    >>> decode(b'{"loss": 1}', dict[str, float])
    {'loss': 1.0}
    """
    try:
        decoded: T = _decoder(cast(Hashable, kind)).decode(content)
    except msgspec.ValidationError as error:
        convert(_parsed(content), kind)  # says more, but takes integers of any size
        raise ValueError(_sentence(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Half of a surrogate pair is JSON for Python, which has written it; of all else Python says line and column.
        return convert(_parsed(content), kind)
    return decoded


def encode(value: Any) -> bytes:
    """Return what msgspec knows, a dataclass say, as JSON that `decode` reads; bytes become base64.

    Examples
    --------
    >>> encode({"a": b"abc"})
    b'{"a": "YWJj"}'
    """

    def plain(number: Any) -> Any:
        if isinstance(number, np.generic):
            return number.item()
        raise TypeError(f"{type(number).__name__} is no JSON")

    # By json, as names of files hold halves of surrogate pairs, which msgspec refuses.
    return json.dumps(msgspec.to_builtins(value, enc_hook=plain), allow_nan=False).encode()


def convert(value: Any, kind: type[T], name: str = "") -> T:
    """Return ``value``, plain JSON, as ``kind``; raises as `decode`, where ``name`` is the value's own place.

    Examples
    --------
    >>> convert(["a", 3], list[str], "names")
    Traceback (most recent call last):
    ...
    ValueError: names[1]: expected str, found 3
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        steps, content = _place(value, kind, error)
        raise ValueError(_sentence(error, name + steps, content)) from error


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def _parsed(content: bytes) -> Any:
    def refuse(word: str) -> float:
        raise ValueError(f"{word[:_SHOWN]} is no number that can be kept")

    def finite(word: str) -> float:
        return number if math.isfinite(number := float(word)) else refuse(word)

    try:
        return json.loads(content.decode(), parse_constant=refuse, parse_float=finite)
    except ValueError as error:
        raise ValueError(f"no JSON: {error}") from error
    except RecursionError as error:
        raise ValueError("no JSON: nested too deep") from error


def _sentence(error: msgspec.ValidationError, place: str = "", content: str = "") -> str:
    """Return place, expected and found; what is not given as msgspec says it."""
    reason, _, path = str(error).replace("`", "").partition(" - at ")
    place = (place or path.removeprefix("$")).removeprefix(".")
    if reason.startswith("Object missing required field "):
        missing = reason.rpartition(" ")[2]
        return f"{f'{place}.{missing}' if place else missing}: expected a value, found none"
    expected, _, kind = reason.partition(", got ")
    content = content or kind
    words = f"{expected[:1].lower()}{expected[1:200]}{f', found {content}' if content else ''}"
    return f"{place}: {words}" if place else words


def _place(value: Any, kind: type, error: msgspec.ValidationError) -> tuple[str, str]:
    """Return the steps to what ``error`` is about, with the keys that msgspec leaves out, and what is there."""
    here = value = copy.deepcopy(value)
    steps = ""
    for field, index, _ in _STEP.findall(str(error).rpartition(" - at ")[2]):
        key = int(index) if index else field or _culprit(value, here, kind, str(error))
        steps += f".{field}" if field else f"[{json.dumps(key, ensure_ascii=False)}]"
        here = here[key]
    text = json.dumps(here, ensure_ascii=False)
    return steps, text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _culprit(value: Any, mapping: dict[str, Any], kind: type, refusal: str) -> str:
    """Return the first key of ``mapping``, a part of ``value``, with this ``refusal``; others are removed."""
    entries = list(mapping.items())
    while len(entries) > 1:
        half = len(entries) // 2
        mapping.clear()
        mapping.update(entries[:half])
        try:
            msgspec.convert(value, kind)
            is_there = False
        except msgspec.ValidationError as error:
            is_there = str(error) == refusal
        entries = entries[:half] if is_there else entries[half:]
    mapping.clear()
    mapping.update(entries)
    return entries[0][0]
