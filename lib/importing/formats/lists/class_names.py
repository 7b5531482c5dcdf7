"""Names of classes that stand in a file of their own, for lists that give numbers or WordNet ids only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from lib.importing.tree import Tree, nearest_first
from lib.importing.untrusted import read_text

#: The largest list of names that is read, in bytes, and its most names.
MAX_BYTES, MAX_NAMES = 2**20, 100_000
_STEMS = {
    "classes", "class_names", "classnames", "class_list", "label_names", "labels", "names", "obj", "categories",
    "synset_words", "synset", "synsets", "wnids", "words",
}  # fmt: skip
_SUFFIXES = (".txt", ".names")


def files(tree: Tree) -> list[str]:
    """Return the lists of names in a source, the one nearest to its root first."""
    named = [file for file in tree.with_suffix(*_SUFFIXES) if PurePosixPath(file).stem.lower() in _STEMS]
    small = [file for file in named if tree.path(file).stat().st_size <= MAX_BYTES]
    return nearest_first(small)


def for_keys(tree: Tree, keys: Sequence[str]) -> tuple[str, dict[str, str]] | None:
    """Return the file that names every one of ``keys``, numbers or ids, and their names; None if none does, or unsure.

    A line may be a key and a name, in either order, or a name alone: these are counted from 0, or from 1 where no 0 is
    among the keys and as many names are there as the highest of them says.
    """
    for file in files(tree):
        lines = [line.strip() for line in read_text(tree, file, MAX_BYTES).splitlines() if line.strip()][:MAX_NAMES]
        for names in (_by_key(lines), _by_key([_swapped(line) for line in lines]), _by_place(lines, keys)):
            if names and set(keys) <= set(names) and len(set(names.values())) == len(names):
                return file, names
    return None


def _by_key(lines: Sequence[str]) -> dict[str, str]:
    """Return names after the first word of each line, {} where these are no keys; 007 and 7 are one number."""
    parts = [line.replace("\t", " ").replace(",", " ", 1 if _starts_with_number(line) else 0) for line in lines]
    pairs = [part.split(None, 1) for part in parts]
    if not pairs or any(len(pair) != 2 for pair in pairs):
        return {}
    keys = [_key(pair[0].rstrip(":")) for pair in pairs]
    return {key: pair[1].strip() for key, pair in zip(keys, pairs, strict=True)} if len(set(keys)) == len(keys) else {}


def _starts_with_number(line: str) -> bool:
    return line.partition(",")[0].strip().isdecimal()


def _key(word: str) -> str:
    return str(int(word)) if word.isdecimal() and len(word) < 10 else word


def _swapped(line: str) -> str:
    name, _, key = line.replace(",", " ").rpartition(" ")
    return f"{key} {name.strip()}"


def _by_place(lines: Sequence[str], keys: Sequence[str]) -> dict[str, str]:
    numbered = all(line.replace(",", " ").replace(":", " ").split()[0].isdecimal() for line in lines)
    if numbered or not all(key.isdecimal() and len(key) < 10 for key in keys):
        return {}  # its own numbers say something else
    numbers = sorted(map(int, keys))
    if numbers[0] == 0 or len(lines) == numbers[-1] + 1:
        first = 0
    elif len(lines) == numbers[-1]:
        first = 1
    else:
        return {}
    return {str(number): name for number, name in enumerate(lines, first)}
