"""Second sources beside a table of labels: Pascal VOC files that say the same, and files that name class numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.formats.lists import class_names
from lib.importing.parsed import Fix, Parsed
from lib.importing.tables.cells import read_cells
from lib.importing.tree import Tree
from lib.importing.untrusted import read_json

_LARGEST = 2**20  # bytes of a file that names classes
_MOST = 100_000  # names in it
_FILES = 50  # that are looked at
_DIGITS = 10  # of a number of a class
_NAMES = re.compile(r"class|label|categor|name|map|dict|legend|id2|2id|idx|species|breed|taxonomy", re.IGNORECASE)


def compare(parsed: Parsed, other: Parsed, choice: str) -> bool:
    """Note where another source says other labels, and ask; return whether it is the better one: it has more images.

    Parameters
    ----------
    parsed : Parsed
        What a table says.
    other : Parsed
        What other files say of the same pictures.
    choice : str
        Name of the answer that reads those instead.
    """
    mine, its = _labels(parsed), _labels(other)
    shared = [file for file in mine if file in its]
    if not shared or set(parsed.names).isdisjoint(other.names):
        return False
    different = [file for file in shared if mine[file] != its[file]]
    better = not different and set(its) > set(mine)
    for file in different:
        listed = (", ".join(sorted(labels)) or "nothing" for labels in (mine[file], its[file]))
        parsed.problems.add("sources-differ", "{}: {} ({})".format(file, " and ".join(listed), other.format))
    if different:
        count = sentences.count(len(different), "image")
        question = f"The table and the {other.format} files say different things of {count}; the table is read."
        parsed.fixes.append(Fix("sources-differ", question, choice, other.format, f"Read {other.format} instead"))
    return better


def _labels(parsed: Parsed) -> dict[str, frozenset[str]]:
    rows = parsed.targs.reshape(len(parsed.files), -1)
    if parsed.targs.ndim == 1:
        return {file: frozenset((parsed.names[int(row[0])],)) for file, row in zip(parsed.files, rows, strict=True)}
    labels = [frozenset(parsed.names[i] for i in np.flatnonzero(row > 0)) for row in rows]
    return dict(zip(parsed.files, labels, strict=True))


def name_numbers(parsed: Parsed, tree: Tree, used: Sequence[str]) -> None:
    """Give classes that are numbers the names that a small file beside the tables ``used`` has for all of them."""
    if not parsed.names or not all(name.isdecimal() and len(name) < _DIGITS for name in parsed.names):
        return
    keys = [str(int(name)) for name in parsed.names]
    of_text = class_names.for_keys(tree, keys)
    maps = [of_text] if of_text else []
    files = tree.with_suffix(".json", ".csv", ".tsv")[:_FILES]
    named_so = [file for file in files if _NAMES.search(PurePosixPath(file).stem) and file not in used]
    small = [file for file in named_so if tree.path(file).stat().st_size <= _LARGEST]
    maps += [(file, named) for file in small if (named := _map(tree, file))]
    for file, named in maps:
        words = [named.get(key, "") for key in keys]
        if all(words) and len(set(words)) == len(words) and not all(word.isdecimal() for word in words):
            parsed.problems.add("named-classes", f"{file}: {keys[0]} is {words[0]}")
            parsed.names = words
            parsed.sources.append(file)
            return


def _map(tree: Tree, file: str) -> dict[str, str]:
    """Return the names of numbers in a file, whichever of the two comes first; nothing if it holds anything else."""
    try:
        if file.endswith(".json"):
            content = read_json(tree, file, _LARGEST)
            pairs = list(content.items()) if isinstance(content, dict) else list(enumerate(_texts(content)))
        else:
            pairs = [(row[0], row[1]) for row in read_cells(tree, file)[1] if len(row) == 2]
    except UserError:  # whatever it is, it names no classes
        return {}
    pairs = [(one, other) for one, other in pairs[:_MOST] if isinstance(other, str | int)]
    for named in (pairs, [(other, one) for one, other in pairs]):
        if len(dict(named)) == len(named) and (numbers := _by_number(dict(named))):
            return numbers
    return {}


def _texts(content: Any) -> list[str]:
    return [one for one in content if isinstance(one, str)] if isinstance(content, list) else []


def _by_number(named: Mapping[Any, Any]) -> dict[str, str]:
    numbers = {str(key): name for key, name in named.items() if isinstance(name, str) and str(key).isdecimal()}
    short = all(len(number) < _DIGITS for number in numbers)
    return {str(int(number)): name for number, name in numbers.items()} if short and len(numbers) == len(named) else {}
