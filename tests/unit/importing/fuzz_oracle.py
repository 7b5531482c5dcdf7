"""Compares what was read of a random table with its truth, picture by picture, and says whether it was asked about."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.parsed import Parsed, UnsureError
from lib.importing.tables.roles import TARGETS
from lib.importing.tree import Tree
from tests.unit.importing.random_tables import RandomTable
from tests.unit.importing.random_targets import SIZE

RIGHT, ASKED, REFUSED, WRONG = "right", "asked", "refused", "wrong"


def outcome(table: RandomTable, folder: Path) -> tuple[str, str]:
    """Return what became of a table, and what was said or was different."""
    try:
        parsed = formats.parse(Tree(folder))
        if parsed.check is not None:
            parsed.check(parsed, np.full((len(parsed.files), 2), SIZE))
    except UnsureError as error:
        return ASKED, str(error)
    except UserError as error:
        return REFUSED, str(error)
    unlike = differences(table, parsed)
    if not unlike:
        return RIGHT, ""
    silent = [text for text, words in unlike if not _asked(parsed, words)]
    return (WRONG, "; ".join(silent)) if silent else (ASKED, "; ".join(text for text, _ in unlike))


def differences(table: RandomTable, parsed: Parsed) -> list[tuple[str, set[str]]]:
    """Return each difference between truth and reading, with the columns of which a question has to name one."""
    target = table.target
    read = {column.name for column in parsed.columns if column.role in (*TARGETS, "point", "visible")}
    true = {name for name, kind in table.kinds.items() if kind in (*TARGETS, "point", "visible")}
    unlike = read ^ true or true
    result: list[tuple[str, set[str]]] = []
    if parsed.task != target.task:
        result.append((f"task {parsed.task}, not {target.task}", unlike))
    elif set(parsed.names) != target.names:
        result.append((f"names {sorted(parsed.names)}, not {sorted(target.names)}", unlike))
    elif sorted(parsed.files) != sorted(target.truth):
        lost = set(target.truth) - set(parsed.files)
        result.append((f"{len(lost)} pictures lost, {len(parsed.files)} read", unlike))
    else:
        for row, picture in enumerate(parsed.files):
            if (text := _unlike(table, parsed, row)) is not None:
                result.append((f"{picture}: {text}", unlike))
                break
    named = {name for name, kind in table.kinds.items() if kind == "split"}
    taken = {column.name for column in parsed.columns if column.role == "split"}
    mine = None if parsed.splits is None else dict(zip(parsed.files, parsed.splits, strict=True))
    if mine != (table.splits if table.splits is None else {p: table.splits[p] for p in parsed.files}):
        result.append((f"splits by {taken}, not {named}", named | taken))
    if table.groups is not None and _parts(parsed.files, parsed.groups) != _parts(
        parsed.files, [table.groups[p] for p in parsed.files]
    ):
        named = {name for name, kind in table.kinds.items() if kind == "group"}
        result.append((f"groups not by {named}", named))
    return result


def _unlike(table: RandomTable, parsed: Parsed, row: int) -> str | None:
    """Return in what a row differs from its picture's truth, None if in nothing."""
    target, picture = table.target, parsed.files[row]
    truth, targs = target.truth[picture], parsed.targs[row]
    if target.task == "single-label":
        label = parsed.names[int(targs)]
        return None if truth == {label} else f"{label}, not {set(truth)}"
    if target.task == "multi-label":
        labels = {parsed.names[i] for i in np.flatnonzero(targs == 1)}
        unknown = {parsed.names[i] for i in np.flatnonzero(targs == -1)}
        same = labels == truth and unknown == target.unknown.get(picture, frozenset())
        return None if same else f"{labels} ({unknown} unknown), not {set(truth)}"
    if target.task == "regression":
        values = dict(zip(parsed.names, targs.tolist(), strict=True))
        same = all(np.isclose(values[name], value, rtol=1e-5, atol=1e-6) for name, value in truth.items())
        return None if same else f"{values}, not {truth}"
    places = dict(zip(parsed.names, targs.tolist(), strict=True))
    for name, place in truth.items():
        there = np.isfinite(places[name]).all()
        if there != (place is not None) or (place is not None and not np.allclose(places[name], place, atol=0.01)):
            return f"{name} at {places[name]}, not {place}"
    return None


def _parts(files: list[str], groups: list[str] | None) -> set[frozenset[str]]:
    """Return the pictures of each group."""
    parts: dict[str, set[str]] = {}
    for file, group in zip(files, groups or [], strict=bool(groups)):
        parts.setdefault(group, set()).add(file)
    return set(map(frozenset, parts.values()))


def _asked(parsed: Parsed, words: set[str]) -> bool:
    """Return whether a question names one of the columns that were read otherwise."""
    return any(repr(word) in fix.question or fix.choice == f"column {word}" for fix in parsed.fixes for word in words)
