"""Reads a YOLO data.yaml: class names, keypoints, and the images of each split.

Paths in such files are seldom those of the machine that reads them (``../train/images``, ``/content/data/images``):
the longest end of a path that is there is meant. Nothing outside the source is ever opened.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from lib.core.errors import UserError
from lib.core.splits import split_of, split_of_folders
from lib.importing.problems import Problems
from lib.importing.tree import Tree, nearest_first
from lib.importing.untrusted import describe, read_start, read_text

#: Largest sizes in bytes of a configuration and of a list of pictures, and most names and points.
MAX_CONFIG, MAX_LIST, MAX_NAMES = 2**20, 2**27, 100_000
_MAX_POINTS = 10_000
#: Lists of classes, one a line, of exports without data.yaml (labelImg and Label Studio, CVAT and darknet, Roboflow).
_NAME_FILES = ("classes.txt", "obj.names", "_darknet.labels")
#: How YAML writes nothing.
_NOTHING = ("", "~", "null", "Null", "NULL")
_NAMES = re.compile(r"^(names|nc)\s*:", re.MULTILINE)
_PART = re.compile(r"^(train|val|valid|test)\s*:", re.MULTILINE)


@dataclass
class Config:
    """A configuration, its types checked.

    ``parts`` are the places of train, valid and test as written. ``points`` are names, or empty where there are only
    boxes; each has ``dims`` numbers, and ``flip_pairs`` are swapped by a mirror.
    """

    file: str
    names: dict[int, str]
    folder: str = ""
    parts: dict[str, list[str]] = field(default_factory=dict)
    points: list[str] = field(default_factory=list)
    dims: int = 0
    flip_pairs: list[tuple[str, str]] = field(default_factory=list)


def find_config(tree: Tree) -> str | None:
    """Return the configuration of a source: the one named data.yaml, else the first that has its entries."""
    configs = [file for file in tree.with_suffix(".yaml", ".yml") if _is_config(read_start(tree, file, MAX_CONFIG))]
    order = nearest_first(configs)
    return next((file for file in order if posixpath.basename(file) == "data.yaml"), order[0] if order else None)


def find_names(tree: Tree) -> list[str]:
    """Return the lists of classes in a source, the one nearest to its root first."""
    return nearest_first(file for file in tree.others if posixpath.basename(file) in _NAME_FILES)


def from_names(tree: Tree, file: str) -> Config:
    """Return the configuration that a list of classes stands for."""
    lines = read_text(tree, file, MAX_CONFIG).splitlines()
    return Config(file, {label: name.strip() for label, name in enumerate(lines) if name.strip()})


def has_points(tree: Tree, file: str) -> bool:
    """Return whether a configuration says how many points there are."""
    return re.search(r"^kpt_shape\s*:", read_start(tree, file, MAX_CONFIG), re.MULTILINE) is not None


def _is_config(text: str) -> bool:
    return _NAMES.search(text) is not None and _PART.search(text) is not None


def load(tree: Tree, file: str) -> Config:
    """Return what a configuration says.

    Raises
    ------
    UserError
        If it is no YAML or an entry has not the form that YOLO gives it.
    """
    text = read_text(tree, file, MAX_CONFIG)
    try:
        # The loader that makes nothing but texts, lists and mappings: safe, and a class called "no" stays one.
        data = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1:,}" if error.problem_mark else ""
        raise UserError(f"{file}{line}: expected YAML ({error.problem}). Correct the line.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UserError(f"{file}: expected YAML, found something else. Export the data again.") from error
    if not isinstance(data, dict):
        raise UserError(f"{file}: expected entries such as names: and train:, found {describe(data)}. Correct it.")
    data = {key: None if value in _NOTHING else value for key, value in data.items() if isinstance(key, str)}
    config = Config(file, _names(file, data), _text(file, data, "path"))
    for key, value in data.items():
        if key in ("train", "val", "valid", "test") and (split := split_of(key)) is not None:
            config.parts.setdefault(split, []).extend(_folders_written(file, key, value))
    if data.get("kpt_shape") is not None:
        _read_points(config, data)
    return config


def _names(file: str, data: dict) -> dict[int, str]:
    given, count = data.get("names"), data.get("nc")
    if count is not None and not (isinstance(count, str) and count.isdecimal() and len(count) < 7):
        raise UserError(f"{file}, nc: expected the number of classes, found {describe(count)}. Correct it.")
    if given is None and count is not None and int(count) <= MAX_NAMES:
        return {label: f"class_{label}" for label in range(int(count))}
    if isinstance(given, list):
        given = {str(label): name for label, name in enumerate(given)}
    if not isinstance(given, dict) or not given or len(given) > MAX_NAMES:
        raise UserError(f"{file}, names: expected a list of classes, found {describe(given)}. Name the classes.")
    names = {}
    for key, name in given.items():
        if not (isinstance(key, str) and key.isdecimal() and len(key) < 10):
            raise UserError(f"{file}, names: expected a number before each class, found {describe(key)}. Correct it.")
        if not isinstance(name, str) or not name.strip():
            raise UserError(f"{file}, names, class {key}: expected a name, found {describe(name)}. Name the class.")
        names[int(key)] = name.strip()
    if count is not None and int(count) != len(names):
        raise UserError(
            f"{file}: expected as many names as nc says, found {len(names):,} names and nc {count}. "
            "Correct the one that is wrong."
        )
    return names


def _text(file: str, data: dict, key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str | None):
        raise UserError(f"{file}, {key}: expected a folder, found {describe(value)}. Correct it.")
    return (value or "").strip()


def _folders_written(file: str, key: str, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [] if value is None else [value]
    if not all(isinstance(one, str) for one in values):
        raise UserError(f"{file}, {key}: expected a folder or a list of them, found {describe(value)}. Correct it.")
    return [one.strip() for one in values if one.strip() and one not in _NOTHING]


def _read_points(config: Config, data: dict) -> None:
    shape = data["kpt_shape"]
    numbers = [int(one) for one in shape if isinstance(one, str) and one.isdecimal() and len(one) < 6] if shape else []
    if not isinstance(shape, list) or len(numbers) != len(shape) or len(shape) != 2 or numbers[1] not in (2, 3):
        raise UserError(
            f"{config.file}, kpt_shape: expected the number of points and 2 or 3, such as [17, 3], "
            f"found {_listing(shape)}. Correct it."
        )
    count, config.dims = numbers
    if not 0 < count <= _MAX_POINTS:
        raise UserError(f"{config.file}, kpt_shape: expected 1 to {_MAX_POINTS:,} points, found {count:,}. Correct it.")
    config.points = _point_names(data.get("kpt_names"), count)
    flip = data.get("flip_idx")
    if not flip:
        return
    swapped = [int(one) for one in flip if isinstance(one, str) and one.isdecimal() and len(one) < 6]
    if not isinstance(flip, list) or sorted(swapped) != list(range(count)) or len(flip) != count:
        raise UserError(
            f"{config.file}, flip_idx: expected each number from 0 to {count - 1:,} once, found {describe(flip)}. "
            "Correct or remove it."
        )
    if any(swapped[other] != k for k, other in enumerate(swapped)):
        raise UserError(
            f"{config.file}, flip_idx: expected pairs of points that change places, found a point whose partner "
            "has another one. Correct or remove it."
        )
    config.flip_pairs = [(config.points[k], config.points[other]) for k, other in enumerate(swapped) if k < other]


def _listing(value: Any) -> str:
    return f"[{', '.join(map(describe, value[:4]))}]" if isinstance(value, list) else describe(value)


def _point_names(given: Any, count: int) -> list[str]:
    """Return the names given for the points, of the first class where each has its own, else their numbers."""
    if isinstance(given, dict):
        given = next(iter(given.values()), None)
    texts = [one.strip() for one in given if isinstance(one, str) and one.strip()] if isinstance(given, list) else []
    return texts if len(set(texts)) == count == len(given) else [str(k) for k in range(count)]


def by_folder(tree: Tree) -> dict[str, str | None]:
    """Return every picture, with the split that a folder above it is called after, where each has one."""
    splits = {file: split_of_folders(file) for file in tree.pictures}
    return splits if all(splits.values()) else dict.fromkeys(splits)


def pictures(tree: Tree, config: Config, problems: Problems) -> tuple[dict[str, str], list[str]]:
    """Return the split of each picture that the configuration names, and the lists that were read for it.

    Raises
    ------
    UserError
        If nothing that it names is there.
    """
    splits: dict[str, str] = {}
    lists: list[str] = []
    folders = {"/".join(file.split("/")[:depth]) for file in tree.pictures for depth in range(1, file.count("/") + 1)}
    gone = []
    for split, written_folders in config.parts.items():
        for place in written_folders:
            resolved = _resolve(config, place, folders, set(tree.others))
            if resolved is None:
                gone.append(f"{config.file}, {split}: {describe(place)}")
                continue
            if resolved in folders or not resolved:
                inside = [file for file in tree.pictures if not resolved or file.startswith(f"{resolved}/")]
            else:
                lists.append(resolved)
                inside = list(_listed(tree, resolved, problems))
            for file in inside:
                if splits.setdefault(file, split) != split:
                    problems.add("duplicate-row", f"{config.file}, {split}: {file} (first in {splits[file]})")
    if gone and not splits:
        raise UserError(
            f"{gone[0]} is not there: expected a folder of images or a .txt list in the data. Correct the path."
        )
    for one in gone:
        problems.add("missing-split", one)
    return splits, lists


def _resolve(config: Config, place: str, folders: set[str], others: set[str]) -> str | None:
    """Return the folder, "" for the root, or the .txt list that a place means, None if it is not there."""
    there = posixpath.dirname(config.file)
    place, folder = place.replace("\\", "/"), config.folder.replace("\\", "/")
    joined = posixpath.join(folder, place)
    for full in (posixpath.join(there, joined), posixpath.join(there, place)):
        full = posixpath.normpath(full)
        if full in folders or _is_list(full, others):
            return full
        if full == ".":
            return ""
    parts = [part for part in joined.split("/") if part not in ("", ".", "..")]
    for start in range(len(parts)):
        for base in dict.fromkeys((there, "")):
            end = posixpath.join(base, *parts[start:])
            if end in folders or _is_list(end, others):
                return end
    return None


def _is_list(file: str, others: set[str]) -> bool:
    return file.lower().endswith(".txt") and file in others


def _listed(tree: Tree, file: str, problems: Problems) -> Iterator[str]:
    """Yield the pictures that a list names, one a line."""
    every = set(tree.pictures)
    for n, line in enumerate(read_text(tree, file, MAX_LIST).splitlines(), 1):
        name = line.strip().replace("\\", "/")
        if not name:
            continue
        parts = [part for part in name.split("/") if part not in ("", ".", "..")]
        ends = ("/".join(parts[start:]) for start in range(len(parts)))
        beside = posixpath.dirname(file)
        exact = posixpath.normpath(posixpath.join(beside, name))
        picture = exact if exact in every else next((end for end in ends if end in every), None)
        picture = picture or tree.find(name, beside)
        if picture is None:
            problems.add("row-without-image", f"{file}, line {n:,}: {describe(name)}")
        else:
            yield picture
