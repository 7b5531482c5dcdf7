"""How do things annotated one by one in a picture (boxes, people with points) become the targets of the picture?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lib.data.parsed import Fix, Problems, UnsureError
from lib.errors import UserError

#: Most cells of a table of labels or points; a stranger's file may claim any number of classes.
MAX_CELLS = 2**30
#: What `import_dataset` is asked for pictures that show several things with points.
SEVERAL = "several"
_LARGEST, _LEAVE = "largest", "leave-out"


def no_value(found: object) -> str:
    """Return a value of a stranger's file in a few words, whatever it is.

    Examples
    --------
    >>> no_value(None), no_value({"a": 1}), no_value("x" * 99)
    ('nothing', 'an object', "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'")
    """
    if isinstance(found, str):
        return repr(found) if len(found) <= 40 else repr(f"{found[:40]}...")
    if isinstance(found, dict | list):
        return "an object" if isinstance(found, dict) else f"a list of {len(found):,}"
    if isinstance(found, int) and not isinstance(found, bool) and abs(found) >= 10**18:
        return "a huge number"
    return "nothing" if found is None else str(found).lower()


def tags(
    names: list[str], shown: list[set[int]], problems: Problems, absent: list[set[int] | None] | None = None
) -> tuple[list[str], np.ndarray]:
    """Return the labels that some picture shows and one row of 0 and 1 for each picture.

    Parameters
    ----------
    names : list of str
        All labels; those that no picture shows are left out and noted in ``problems``.
    shown : list of set of int
        Labels of each picture, by their place in ``names``.
    absent : list of (set of int or None), optional
        Labels that were looked for in a picture and not found: the others are unknown there. None: all were.

    Returns
    -------
    names : list of str
        Of length C.
    targs : ndarray of int8, shape (N, C)
    """
    used = sorted(set().union(*shown))
    place = {label: column for column, label in enumerate(used)}
    _check_cells(len(shown), len(used), "labels")
    targs = np.zeros((len(shown), len(used)), dtype=np.int8)
    for row, labels in enumerate(shown):
        if absent is not None and absent[row] is not None:
            targs[row] = -1
            targs[row, [place[label] for label in absent[row] if label in place]] = 0
        targs[row, [place[label] for label in labels]] = 1
    _note_unused(names, place, problems)
    return [names[label] for label in used], targs


@dataclass(frozen=True)
class Instance:
    """One thing with points in a picture: its size, to find the largest, and its points, shape (K, 2)."""

    size: float
    points: np.ndarray


@dataclass
class Chosen:
    """What `one_each` returns: a picture and its points a row, and what became of the others."""

    names: list[str]
    files: list[str]
    targs: np.ndarray
    left_out: set[str] = field(default_factory=set)
    fixes: list[Fix] = field(default_factory=list)


def one_each(
    names: list[str], found: Mapping[str, list[Instance]], choices: Mapping[str, str], problems: Problems
) -> Chosen:
    """Return the points of the one thing in each picture.

    A picture without any is left out and noted, and one with several too, unless the user chose the largest.

    Parameters
    ----------
    names : list of str
        Of the K points; those that are set nowhere are left out and noted.
    found : mapping
        What each picture shows.
    choices : mapping
        The user's, see `lib.data.parsed.Fix`.
    problems : Problems

    Raises
    ------
    UserError
        If every picture shows several.
    """
    choice = choices.get(SEVERAL, _LEAVE)
    if choice not in (_LEAVE, _LARGEST):
        raise UserError(f"The choice {SEVERAL} is {no_value(choice)}: expected {_LARGEST} or {_LEAVE}.")
    several = [file for file, things in found.items() if len(things) > 1]
    kept = {file: things for file, things in found.items() if things}
    fixes = []
    if several and choice == _LEAVE:
        most = max(several, key=lambda file: len(found[file]))
        fixes.append(_largest(f"{len(several):,} of {len(kept):,} pictures show several things with points", most))
        if len(several) == len(kept):
            raise UnsureError(
                f"{most} shows {len(found[most]):,} things with points, and so does every picture more than one: "
                f"expected one in each. Choose the largest of each ({SEVERAL}={_LARGEST}) or cut the pictures apart.",
                fixes,
            )
        for file in several:
            problems.add("several-instances", f"{file}: {len(found[file]):,}")
            del kept[file]
    for file in (file for file, things in found.items() if not things):
        problems.add("no-point", file)
    _check_cells(len(kept), 2 * len(names), "points")
    points = [max(things, key=lambda thing: thing.size).points for things in kept.values()]
    targs = np.array(points, dtype=np.float32).reshape(len(kept), len(names), 2)  # (N, K, 2)
    seen = ~np.isnan(targs).all(axis=(0, 2)) if len(targs) else np.ones(len(names), dtype=bool)  # (K,)
    _note_unused(names, dict.fromkeys(np.flatnonzero(seen).tolist(), 0), problems)
    names = [name for name, there in zip(names, seen, strict=True) if there]
    return Chosen(names, list(kept), targs[:, seen], set(found) - set(kept), fixes)


def _largest(noticed: str, example: str) -> Fix:
    question = f"{noticed}, such as {example}: are the points of the largest one meant?"
    return Fix("several-instances", question, SEVERAL, _LARGEST, "Use the largest of each picture")


def _note_unused(names: list[str], used: Mapping[int, int], problems: Problems) -> None:
    for place, name in enumerate(names):
        if place not in used:
            problems.add("unused-name", name)


def _check_cells(rows: int, columns: int, what: str) -> None:
    if rows * columns > MAX_CELLS:
        raise UserError(
            f"The data has {columns:,} {what} for {rows:,} pictures: expected at most {MAX_CELLS:,} cells. "
            f"Leave {what} out."
        )
