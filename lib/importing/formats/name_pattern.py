"""Reads the class from each file name by a pattern that the user gives: ``great_pyrenees_17.jpg``."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np

from lib.core import patterns
from lib.core.errors import UserError
from lib.importing.formats.source import Source
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.tasks.wanted import Wanted

NAME = "class in the file name"
EXPECTED = "images whose file names contain the class (give the pattern that finds it, such as '(.*)_')"
TASKS = ("single-label", "multi-label")
#: The answer that is the pattern: what its first parentheses match in the file name is the class.
PATTERN_CHOICE = "label-pattern"


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether there is a pattern."""
    return source.table is None and bool(source.choices.get(PATTERN_CHOICE))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture whose name the pattern matches.

    Raises
    ------
    UserError
        If it is no regular expression with parentheses, takes too long, or matches no name.
    """
    pattern, problems = source.choices[PATTERN_CHOICE], Problems()
    texts = patterns.captures(pattern, source.tree.pictures, kind="label", noun="class")
    labels = {file: label for file, label in zip(source.tree.pictures, texts, strict=True) if label}
    if not labels:
        raise UserError(
            f"The label pattern {pattern!r} matches none of the file names, such as "
            f"{PurePosixPath(source.tree.pictures[0]).name!r}: correct the pattern."
        )
    for file in source.tree.pictures:
        if file not in labels:
            problems.add("missing-value", f"{file}: does not match {pattern!r}")
    names = sorted(set(labels.values()))
    place = {name: i for i, name in enumerate(names)}
    targs = np.array([place[label] for label in labels.values()], dtype=np.int64)  # (N,)
    left_out = set(source.tree.pictures) - set(labels)
    return Parsed(NAME, "single-label", names, list(labels), targs, None, problems, left_out=left_out)
