"""Class names of a Hugging Face dataset, from its card or its info files.

A ``ClassLabel`` column holds numbers; their names stand in the front matter of ``README.md`` (``dataset_info``), in
``dataset_infos.json`` or ``dataset_info.json``, or in the schema of a Parquet file. A column is named here by its path:
``label``, or ``objects.category`` for what stands inside ``objects``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from lib.importing.tree import Tree

#: The files that may say it; the last one that names a column wins.
CARD, INFOS, INFO = "README.md", "dataset_infos.json", "dataset_info.json"
FILES = (CARD, INFOS, INFO)

_MAX_BYTES = 16 * 2**20
_MAX_DEPTH = 8
_INNER = ("feature", "sequence", "list", "struct", "dtype")
_KIND_KEYS = ("_type", "id", "length", "decode", "names_file", "num_classes")

Names = dict[str, list[str]]


def class_names(tree: Tree) -> Names:
    """Return the names of the classes of each column that has some, by what stands at the root of ``tree``."""
    names: Names = {}
    for file in FILES:
        if file in tree.others:
            names |= of_text(file, _text(tree.path(file)))
    return names


def of_text(file: str, text: str) -> Names:
    r"""Return the class names of each column that a dataset card or an info file says; none if it is unreadable.

    Examples
    --------
    >>> of_text("README.md", "---\ndataset_info:\n  features:\n  - name: label\n    dtype:\n      class_label:\n"
    ...         "        names:\n          '0': cat\n          '1': dog\n---\n# Pets\n")
    {'label': ['cat', 'dog']}
    """
    try:
        read = _front_matter(text) if file == CARD else json.loads(text)
        infos = _infos(read, file)
        return {path: names for info in infos for path, names in _class_labels(info.get("features"))}
    except (ValueError, RecursionError, yaml.YAMLError):
        return {}


def of_features(features: Any) -> Names:
    """Return the class names of each column of a ``features`` object, as a Parquet schema holds it.

    Examples
    --------
    >>> of_features({"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}, "image": {"_type": "Image"}})
    {'label': ['cat', 'dog']}
    """
    try:
        return dict(_class_labels(features))
    except RecursionError:
        return {}


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_MAX_BYTES).decode("utf-8", errors="replace")


def _front_matter(text: str) -> Any:
    lines = text.lstrip("\N{ZERO WIDTH NO-BREAK SPACE}").splitlines()
    if not lines or lines[0].strip() != "---":
        return None
    end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
    matter = "\n".join(lines[1:end])
    # A few lines of references to references stand for billions of values; no card needs any.
    if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(matter)):
        return None
    return yaml.safe_load(matter)


def _infos(read: Any, file: str) -> list[dict]:
    """Return the objects that hold ``features``: one a configuration."""
    if file == CARD:
        read = read.get("dataset_info") if isinstance(read, dict) else None
        infos = read if isinstance(read, list) else [read]
    elif isinstance(read, dict) and "features" not in read:
        infos = list(read.values())
    else:
        infos = [read]
    return [info for info in infos if isinstance(info, dict)]


def _class_labels(features: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, list[str]]]:
    """Yield path and names of every ClassLabel in either spelling, that of JSON and that of the card."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(features, list):
        for item in features:
            if isinstance(item, dict) and isinstance(item.get("name"), str):  # the card: a list of named columns
                nested = {key: value for key, value in item.items() if key != "name"}
                yield from _class_labels(nested, f"{path}.{item['name']}".lstrip("."), depth + 1)
            else:  # JSON: a list of what is in the brackets
                yield from _class_labels(item, path, depth + 1)
    elif isinstance(features, dict):
        class_label = features.get("class_label")
        label = features
        if isinstance(class_label, dict):
            label = class_label
        if label is not features or features.get("_type") == "ClassLabel":
            names = _names(label.get("names"))
            if names and path:
                yield path, names
            return
        inside = [features[key] for key in _INNER if isinstance(features.get(key), (dict, list))]
        if path and inside:
            for value in inside:
                yield from _class_labels(value, path, depth + 1)
            return
        for key, value in features.items():
            if key not in _KIND_KEYS and isinstance(value, (dict, list)):
                yield from _class_labels(value, f"{path}.{key}".lstrip("."), depth + 1)


def _names(names: Any) -> list[str]:
    if isinstance(names, dict):
        try:
            names = [names[key] for key in sorted(names, key=int)]
        except (TypeError, ValueError):
            return []
    good = isinstance(names, list) and all(isinstance(name, (str, int, float)) for name in names)
    return [str(name) for name in names] if good else []
