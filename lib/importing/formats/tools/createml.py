"""Reads Create ML JSON, as Apple's tools and Roboflow write it: the labels annotated in each picture."""

from __future__ import annotations

import re

from lib.core.errors import UserError
from lib.importing.formats.source import Source
from lib.importing.formats.tools import annotated_pictures
from lib.importing.formats.tools.annotated_pictures import AnnotatedPicture
from lib.importing.formats.tools.picture_names import PictureNames, split_by_names
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import a_list, a_text, an_object, describe, read_json, read_start
from lib.tasks.wanted import Wanted

NAME = "Create ML JSON"
EXPECTED = "a Create ML JSON, a list of images with annotations"
TASKS = ("multi-label", "single-label", "keypoints")  # it has no points, and says so
#: The largest file that is read, in bytes; while it is read it takes about ten times as much memory.
MAX_BYTES = 2**28

_HEAD = 2**16
_NAMES = ("image", "imagefilename", "imageFilename", "filename")
_LISTS = ("annotations", "annotation")
_IMAGE = re.compile(r'"(?:image|imagefilename|imageFilename|filename)"\s*:\s*"')
_LIST = re.compile(r'"annotations?"\s*:\s*\[')
_OTHERS = re.compile(r'"(?:data|result|completions|joints)"\s*:')  # Label Studio's tasks, and MPII's people


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a JSON file begins like a list of images with annotations."""
    return bool(list_files(source.tree))


def list_files(tree: Tree) -> list[str]:
    """Return the JSON files that begin like a list of images with annotations."""
    return [file for file in tree.with_suffix(".json") if _looks_like_it(read_start(tree, file, _HEAD))]


def _looks_like_it(head: str) -> bool:
    is_list = head.lstrip().startswith("[")
    return is_list and bool(_IMAGE.search(head) and _LIST.search(head)) and not _OTHERS.search(head)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return which labels are annotated in each picture, one row of 0 and 1 each."""
    tree, problems = source.tree, Problems()
    files, names = list_files(tree), PictureNames(source.tree)
    entries: list[AnnotatedPicture] = []
    for file in files:
        for n, entry in enumerate(a_list(read_json(tree, file, MAX_BYTES), file)):
            where = f"{file}, entry {n + 1:,}"
            one = an_object(entry, where)
            name = a_text(next((one[key] for key in _NAMES if key in one), None), f"{where}, image")
            labels = _labels(one, where)
            picture = names.find(name, file)
            if picture is None:
                problems.add("row-without-image", f"{where}: {describe(name)}")
            else:
                entries.append(AnnotatedPicture(where, picture, labels, split=split_by_names(file, picture)))
    rows = annotated_pictures.first_of_each(entries, problems)
    parsed = annotated_pictures.parsed(NAME, source, wanted, rows, problems)
    parsed.sources = files
    return parsed


def _labels(one: dict, where: str) -> list[str]:
    key = next((key for key in _LISTS if key in one), None)
    if key is None:
        raise UserError(f"{where}: expected annotations, found none. Export the data again.")
    labels = []
    for n, annotation in enumerate(a_list(one[key], f"{where}, {key}")):
        at = f"{where}, {key}[{n}]"
        labels.append(a_text(an_object(annotation, at).get("label"), f"{at}, label"))
    return labels
