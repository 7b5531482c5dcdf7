"""Finds the pictures that a plain JSON file tells of: an object of picture and value, or a list of records."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lib.core.errors import UserError
from lib.importing.formats.tools.picture_names import PictureNames, split_by_names, split_of_words
from lib.importing.problems import Problems
from lib.importing.tree import Tree, suffix
from lib.importing.untrusted import a_text, describe, parse_json, read_json, read_start, read_text

#: The largest file that is read, in bytes; while it is read it takes about ten times as much memory.
MAX_BYTES = 2**28
#: The key of what an object of picture and value says.
ALONE = "value"

#: Endings of files with a record a line, and of all that are read.
LINES = (".jsonl", ".ndjson")
SUFFIXES = (".json", *LINES)

_HEAD = 2**16
_MAP = re.compile(r"map|dict|legend|id2|2id|idx|class_names|classes|categories", re.IGNORECASE)
_SAMPLE = 50
_KEYS = 200  # of a record
#: Keys of records that name the picture, the likeliest first.
_FILES = (
    "file", "filename", "file_name", "image", "image_name", "image_path", "imagepath", "img", "img_path", "path",
    "fname", "picture", "photo", "name", "image_id", "id", "url", "image_url",
)  # fmt: skip
_SPLITS = ("split", "set", "subset", "data set", "dataset", "usage", "phase", "partition", "fold")
_GROUPS = ("group", "group_name")
#: Vertex AI's labels of a record, of which the one that ends so is its split.
_VERTEX, _ML_USE = "dataItemResourceLabels", "/ml_use"


@dataclass(frozen=True)
class Record:
    """What a file says of a picture, by key; of an object of picture and value under the key `ALONE`."""

    where: str
    picture: str
    values: dict[str, Any]
    split: str | None
    group: str


@dataclass(frozen=True)
class _Form:
    """Where the entries of a file are: at a place such as ", data", and the key that names the picture, if any.

    ``objects`` where every entry is an object, or null.
    """

    place: str
    entries: list[tuple[str, Any]]
    key: str | None
    objects: bool = True


def looks_like_records(tree: Tree, file: str, names: PictureNames) -> bool:
    """Return whether most of the first entries of a JSON file name a picture.

    A damaged file that mentions one of the first pictures is taken for such, for `records` to say what is wrong.
    """
    head = read_start(tree, file, _HEAD)
    if head.lstrip()[:1] not in ("{", "["):
        return False
    try:
        return _form(_load(tree, file), file, names) is not None
    except UserError:
        return any(f'"{picture.rpartition("/")[2]}"' in head for picture in tree.pictures[:_SAMPLE])


def records(tree: Tree, file: str, names: PictureNames, problems: Problems) -> list[Record]:
    """Return what a file says of each picture that is there.

    Raises
    ------
    UserError
        If it cannot be read, or an entry is no object.
    """
    form = _form(_load(tree, file), file, names)
    if form is None:
        raise UserError(f"{file}: expected image: label, or records that name an image. Correct the file.")
    return [
        record for at, entry in form.entries if (record := _record(file, form, at, entry, names, problems)) is not None
    ]


def _load(tree: Tree, file: str) -> Any:
    if suffix(file) not in LINES:
        return read_json(tree, file, MAX_BYTES)
    entries = []
    for number, line in enumerate(read_text(tree, file, MAX_BYTES).splitlines(), 1):
        try:
            entries += [parse_json(line)] if line.strip() else []
        except ValueError as error:
            raise UserError(
                f"{file}, line {number:,}: expected a JSON object, found {describe(line)}. Export it again."
            ) from error
    return entries


def _record(file: str, form: _Form, at: str, entry: Any, names: PictureNames, problems: Problems) -> Record | None:
    where = f"{file}{form.place}, {at[:100]}"
    if form.key is None:
        name, values = at, {} if entry is None else dict(entry) if form.objects else {ALONE: entry}
    else:
        if not isinstance(entry, dict):
            raise UserError(f"{where}: expected an object, found {describe(entry)}. Correct the entry.")
        name = a_text(entry.get(form.key), f"{where}, {form.key[:40]}")
        values = {key: value for key, value in entry.items() if key != form.key}
    picture = names.find(name, file)
    if picture is None:
        problems.add("row-without-image", f"{where}: {describe(name)}")
        return None
    resource = values.pop(_VERTEX, None)
    uses = [use for name, use in resource.items() if name.endswith(_ML_USE)] if isinstance(resource, dict) else []
    given = next((use for use in uses if isinstance(use, str)), "")
    split, group = given or _pop(values, _SPLITS), _pop(values, _GROUPS)
    return Record(
        where, picture, values, (split_of_words(split) if split else None) or split_by_names(file, picture), group
    )


def _pop(values: dict[str, Any], keys: tuple[str, ...]) -> str:
    """Take the first text under one of ``keys`` out; "" where there is none."""
    for key in list(values):
        if key.lower() in keys and isinstance(values[key], str):
            return values.pop(key).strip()
    return ""


def _form(data: Any, file: str, names: PictureNames) -> _Form | None:
    """Return the form of a file's contents, which may lie one level below; None where nothing names pictures."""
    inside = list(data.items())[:_SAMPLE] if isinstance(data, dict) else []
    below = [(f", {key[:40]}", value) for key, value in inside]
    for place, value in [("", data), *below]:
        # Numbers of entries or of classes, not names of pictures.
        numbered = isinstance(value, dict) and all(map(str.isdecimal, value)) and (place != "" or _is_map(value, file))
        if isinstance(value, dict) and not numbered and _most_name_pictures(list(value)[:_SAMPLE], file, names):
            objects = all(entry is None or isinstance(entry, dict) for entry in value.values())
            return _Form(place, list(value.items()), None, objects)
        if isinstance(value, list) and (key := _name_key(value[:_SAMPLE], file, names)) is not None:
            return _Form(place, [(f"entry {n:,}", entry) for n, entry in enumerate(value, 1)], key)
    return None


def _is_map(value: dict[str, Any], called: str) -> bool:
    """Return whether an object says what numbers stand for: "0" in it is a class, not 0.jpg."""
    return bool(_MAP.search(called)) and all(isinstance(word, str) for word in value.values())


def _name_key(entries: list[Any], file: str, names: PictureNames) -> str | None:
    objects = [entry for entry in entries if isinstance(entry, dict)]
    keys = list(dict.fromkeys(key for entry in objects for key in entry))[:_KEYS]
    rank = {key: _FILES.index(key.lower()) if key.lower() in _FILES else len(_FILES) for key in keys}
    for key in sorted(keys, key=lambda one: rank[one]):
        texts = [entry[key] for entry in objects if isinstance(entry.get(key), str)]
        if 2 * len(texts) >= len(entries) and _most_name_pictures(texts, file, names):
            return key
    return None


def _most_name_pictures(texts: Iterable[str], file: str, names: PictureNames) -> bool:
    there = [names.find(text, file) is not None for text in texts]
    return bool(there) and 2 * sum(there) >= len(there)
