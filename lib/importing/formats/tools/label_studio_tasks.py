"""Tasks of a Label Studio export: the annotation that counts, and the image it belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from lib.core.errors import UserError
from lib.core.splits import key
from lib.importing.problems import Problems
from lib.importing.tree import Tree, is_picture
from lib.importing.untrusted import read_json, read_start

#: The largest export that is read, in bytes; while it is read it takes about ten times as much memory.
MAX_BYTES = 256 * 2**20

_HEAD = 2**16
_MAX_DEPTH = 64  # folders in a path; each is tried
_ANNOTATIONS = ("annotations", "completions")  # the second until version 1.0
_PREFIX = re.compile(r"[0-9a-f]{8}-(?=.)")  # of every uploaded file
_DROPPED = re.compile(r"[^-\w.]")  # what an upload loses of its name, spaces apart


@dataclass(frozen=True)
class AnnotatedTask:
    """One picture and what its annotation says of it.

    Attributes
    ----------
    where : str
        File and task, for messages.
    picture : str
    results : list of dict
        With text under ``type`` and ``from_name`` and a dict under ``value``.
    """

    where: str
    picture: str
    results: list[dict[str, Any]] = field(default_factory=list)


def export_files(tree: Tree) -> list[str]:
    """Return the JSON files that look like exports, the newest first: their names end with the date."""
    return [file for file in reversed(tree.with_suffix(".json")) if _looks_like_tasks(read_start(tree, file, _HEAD))]


def _looks_like_tasks(head: str) -> bool:
    if not head.lstrip().startswith("["):
        return False
    return any(f'"{name}"' in head for name in _ANNOTATIONS) or _is_min(head)


def _is_min(head: str) -> bool:
    return '"annotation_id"' in head and '"annotator"' in head


def annotated_tasks(tree: Tree, files: list[str], problems: Problems) -> tuple[list[AnnotatedTask], set[str]]:
    """Return one annotation of each picture, and the pictures that have none of use.

    Skipped (canceled) annotations, drafts and predictions do not count. Of several, one that is marked as ground
    truth counts, else the one that was changed last.

    Raises
    ------
    UserError
        If a file is no export of tasks.
    """
    pictures_by_name = _PicturesByName(tree)
    counted: dict[str, AnnotatedTask] = {}
    left_out: set[str] = set()
    for file in files:
        for where, task in _tasks(tree, file):
            names = [value for value in task["data"].values() if isinstance(value, str)]
            picture = pictures_by_name.find(names)
            if picture is None:
                problems.add("row-without-image", f"{where}: {_named_files(names)}")
                continue
            if picture in counted:
                problems.add("duplicate-row", f"{where}: {picture} (first in {counted[picture].where})")
                continue
            annotation = _counted_annotation(task, where, problems)
            if annotation is None:
                problems.add("not-annotated", f"{where}: {picture}")
                left_out.add(picture)
                continue
            results = [one for one in annotation["result"] if _is_result(one)]
            counted[picture] = AnnotatedTask(where, picture, results)
    return list(counted.values()), left_out - set(counted)


def _tasks(tree: Tree, file: str) -> Iterator[tuple[str, dict]]:
    tasks = read_json(tree, file, MAX_BYTES)
    for number, task in enumerate(tasks, 1):
        if not isinstance(task, dict) or not isinstance(task.get("data"), dict) or _annotations(task) is None:
            hint = "this looks like JSON-MIN, " if isinstance(task, dict) and "annotation_id" in task else ""
            raise UserError(
                f"{file}, entry {number}: expected a task with data and annotations, {hint}which cannot be read. "
                "Export the project from Label Studio as JSON."
            )
        name = task.get("id")
        yield f"{file}, task {name if isinstance(name, int | str) else number}"[:200], task


def _annotations(task: dict) -> list | None:
    annotations = next((task[name] for name in _ANNOTATIONS if name in task), None)
    return annotations if isinstance(annotations, list) else None


def _counted_annotation(task: dict, where: str, problems: Problems) -> dict | None:
    able = [
        one
        for one in _annotations(task) or []
        if isinstance(one, dict)
        and isinstance(one.get("result"), list)
        and not (one.get("was_cancelled") or one.get("skipped"))
    ]
    if len(able) > 1:
        problems.add("several-annotations", f"{where}: {len(able)}")
    return max(enumerate(able), key=_weight)[1] if able else None


def _weight(numbered: tuple[int, dict]) -> tuple[bool, str, int]:
    place, one = numbered
    return one.get("ground_truth") is True, str(one.get("updated_at") or one.get("created_at") or ""), place


def _is_result(one: Any) -> bool:
    return (
        isinstance(one, dict)
        and isinstance(one.get("type"), str)
        and isinstance(one.get("from_name"), str)
        and isinstance(one.get("value"), dict)
    )


def _named_files(names: list[str]) -> str:
    return next((name for name in names if is_picture(path_of(name))), "no image")[:200]


def path_of(name: str) -> str:
    """Return the path of a picture in an address, without what a browser adds.

    Examples
    --------
    >>> path_of("/data/local-files/?d=birds/a%20b.jpg"), path_of("s3://bucket/birds/1.jpg?X-Amz-Date=2")
    ('birds/a b.jpg', 'birds/1.jpg')
    """
    try:
        split = urlsplit(name)
    except ValueError:  # no address, for instance a bracket alone
        return name
    local = parse_qs(split.query).get("d") if split.path.rstrip("/").endswith("local-files") else None
    if local:
        return local[0].lstrip("/")
    if split.scheme or name.startswith("/"):
        return unquote(split.path).lstrip("/")
    return name  # a plain name may hold %, ? and #


class _PicturesByName:
    """Finds pictures by what Label Studio calls them."""

    def __init__(self, tree: Tree):
        self._tree = tree
        self._uploaded: dict[str, str | None] = {}
        for file in tree.pictures:
            name = _as_uploaded(PurePosixPath(file).name)
            self._uploaded[name] = None if name in self._uploaded else file

    def find(self, names: list[str]) -> str | None:
        """Return the first picture that one of a task's values names."""
        paths = [path_of(name) for name in names if len(name) < 4096]
        ordered = sorted(paths, key=lambda path: not is_picture(path))
        return next((picture for path in ordered if (picture := self._one(path))), None)

    def _one(self, path: str) -> str | None:
        parts = [part for part in path.replace("\\", "/").split("/") if part]
        if not 0 < len(parts) <= _MAX_DEPTH:
            return None
        for first in range(len(parts)):  # the folder that was brought is somewhere in the path
            if picture := self._tree.find("/".join(parts[first:])):
                return picture
        bare = _PREFIX.sub("", parts[-1], count=1)
        return (self._tree.find(bare) if bare != parts[-1] else None) or self._uploaded.get(_as_uploaded(bare))


def _as_uploaded(name: str) -> str:
    """Return a file's name as an upload to Label Studio changes it: ``my cat (1).jpg`` is ``my_cat_1.jpg`` there."""
    return key(_DROPPED.sub("", name.strip().replace(" ", "_")))
