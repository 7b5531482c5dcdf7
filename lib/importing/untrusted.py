"""Reads text, JSON, XML and numbers from untrusted files, with limits on size and checks of types."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.tree import Tree, suffix

#: No picture has as many pixels on a side.
MAX_COORDINATE = 1e9

_MIB = 2**20
#: Most bytes of one file that is read as a whole, by its ending; a reader may say less. COCO's own
#: instances_train2017.json has 448 MiB, a CVAT file of 100,000 pictures with boxes about 60.
MAX_BYTES = {".json": 512 * _MIB, ".xml": 128 * _MIB, ".txt": 128 * _MIB, ".yaml": _MIB, ".yml": _MIB}


def read_bytes(tree: Tree, file: str, limit: int | None = None) -> bytes:
    """Return what is in a file.

    Parameters
    ----------
    tree : Tree
    file : str
        One of the tree's files.
    limit : int, optional
        Largest size in bytes; by default that of `MAX_BYTES`.

    Raises
    ------
    UserError
        If the file is larger.
    """
    path = tree.path(file)
    most = MAX_BYTES[suffix(file)] if limit is None else limit
    if path.stat().st_size > most:
        raise UserError(
            f"{file} is larger than {sentences.size(most)}, the most that is read of such a file: split it or remove "
            "it."
        )
    return path.read_bytes()


def read_text(tree: Tree, file: str, limit: int | None = None) -> str:
    """Return a file's text; bytes that are no UTF-8 become the replacement character. As `read_bytes` otherwise."""
    return read_bytes(tree, file, limit).decode("utf-8-sig", errors="replace")


def read_start(tree: Tree, file: str, size: int) -> str:
    """Return the first ``size`` bytes of a file as text."""
    with tree.path(file).open("rb") as opened:
        return opened.read(size).decode("utf-8-sig", errors="replace")


def read_json(
    tree: Tree, file: str, limit: int | None = None, hook: Callable[[dict[str, Any]], Any] | None = None
) -> Any:
    """Return what a JSON file holds, see `parse_json`.

    Raises
    ------
    UserError
        If it is larger than ``limit`` bytes, by default those of `MAX_BYTES`, or no JSON.
    """
    try:
        return parse_json(read_text(tree, file, limit), hook)
    except json.JSONDecodeError as error:
        raise UserError(
            f"{file}, line {error.lineno:,}, column {error.colno:,}: expected complete JSON ({error.msg}). Export or "
            "download it again."
        ) from error
    except ValueError as error:
        raise UserError(f"{file} is not readable as JSON ({error}): export or download it again.") from error


def parse_json(text: str, hook: Callable[[dict[str, Any]], Any] | None = None) -> Any:
    """Return what JSON says; ``hook`` is called with every object in it and returns what takes its place.

    Raises
    ------
    ValueError
        If it is none, is nested too deeply or has a number of thousands of digits, in a few words.
    """
    try:
        return json.loads(text, object_hook=hook)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def to_number(value: Any) -> float | None:
    """Return a number or a number's text as a float, None for anything else; NaN is a number, infinity is none.

    Examples
    --------
    >>> to_number("1e2"), to_number(3), to_number(True), to_number("12px"), to_number("inf")
    (100.0, 3.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isinf(number) else number


def describe(value: object) -> str:
    """Return a value of a stranger's file in a few words, whatever it is.

    Examples
    --------
    >>> describe(None), describe({"a": 1}), describe("x" * 99)
    ('nothing', 'an object', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'")
    """
    if isinstance(value, str):
        return repr(value) if len(value) <= 40 else repr(f"{value[:40]}...")
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else f"a list of {len(value):,}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**18:
        return "a huge number"
    return "nothing" if value is None else str(value).lower()


# --- values of a stranger's file, by type ----------------------------------------------------------------------


def an_object(value: Any, where: str) -> dict[str, Any]:
    """Return a JSON object.

    Raises
    ------
    UserError
        If it is something else; ``where`` says the file and place.
    """
    if not isinstance(value, dict):
        raise _other_type(where, "an object", value)
    return value


def a_list(value: Any, where: str) -> list[Any]:
    """Return a JSON list, see `an_object`."""
    if not isinstance(value, list):
        raise _other_type(where, "a list", value)
    return value


def a_text(value: Any, where: str) -> str:
    """Return a text that says something, or a whole number as text, see `an_object`."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_COORDINATE:
        return str(value)
    if not isinstance(value, str) or not value.strip():
        raise _other_type(where, "a text", value)
    return value.strip()


def a_coordinate(value: Any, where: str) -> float:
    """Return a number, or a number's text, that may be a place in a picture, see `an_object`."""
    number = to_number(value)
    if number is None or not abs(number) < MAX_COORDINATE:
        raise _other_type(where, "a number of pixels", value)
    return number


def a_size(width: Any, height: Any) -> tuple[float, float] | None:
    """Return (width, height) of a picture, None where they are no such."""
    across, down = to_number(width), to_number(height)
    if across is None or down is None or not (0 < across < MAX_COORDINATE and 0 < down < MAX_COORDINATE):
        return None
    return across, down


def _other_type(where: str, expected: str, value: Any) -> UserError:
    return UserError(f"{where}: expected {expected}, found {describe(value)}. Export the annotations again.")


# --- XML -------------------------------------------------------------------------------------------------------

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_FIRST_TAG = re.compile(r"<([A-Za-z_][\w.-]*)")


def read_xml(tree: Tree, file: str, limit: int) -> Element:
    """Return the root of an XML file; outside references and expanding entities are refused.

    Raises
    ------
    UserError
        If it is larger than ``limit`` bytes or no such XML.
    """
    try:
        return parse_xml(read_bytes(tree, file, limit))
    except ValueError as error:
        raise UserError(f"{file} is not readable as XML ({error}): export or download it again.") from error


def parse_xml(content: bytes) -> Element:
    """Return the root of XML, of whatever encoding it declares.

    Raises
    ------
    ValueError
        If it is no XML, or refers to something outside or to entities, in a few words.
    """
    try:
        return defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError) as error:
        raise ValueError(str(error)) from error


_ROOTS: WeakKeyDictionary[Tree, dict[str, list[str]]] = WeakKeyDictionary()
_HEAD = 2**13  # bytes in which the first element begins


def xml_files(tree: Tree, root: str) -> dict[str, str]:
    """Return the start of each XML file whose first element is called ``root``; each file is looked at once."""
    if tree not in _ROOTS:
        roots: dict[str, list[str]] = {}
        for file in tree.with_suffix(".xml"):
            roots.setdefault(root_tag(read_start(tree, file, _HEAD)), []).append(file)
        _ROOTS[tree] = roots
    return {file: read_start(tree, file, _HEAD) for file in _ROOTS[tree].get(root, [])}


def root_tag(head: str) -> str:
    """Return the name of the first element in the first bytes of an XML file, "" where there is none.

    Examples
    --------
    >>> root_tag("<?xml version='1.0'?><!-- <b> --><a x='1'>"), root_tag("{}")
    ('a', '')
    """
    if not head.lstrip().startswith("<"):
        return ""
    match = _FIRST_TAG.search(_COMMENT.sub("", head) if "<!--" in head else head)
    return match[1] if match else ""
