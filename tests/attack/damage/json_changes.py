"""Changes of JSON files: of the whole, of fields that are known, and of addresses that are drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.attack.damage.changes import DEEP, DELETED, FREE, LONG, SAID, Change, Named, always, any_file

#: Values of fields of which an earlier version may have written that, or somebody may have meant it.
_MAY_BE = [
    ("dataset", "gone"),
    ("baseline", {"valid": {}}),
    ("names", ["<img src=x>"] * 3),
    ("extra", {"skeleton": [["x", "y"]]}),
    ("extra", {"flip_pairs": [["x", "y"]]}),
    ("defaults", {"nothing": 1}),
]
#: Fields with what somebody may find there instead.
CONFIG: dict[str, list[Any]] = {
    "task": ["nothing", None, 3],
    "kind": ["dance", None],
    "dataset": ["", "../../etc", 5, "gone"],
    "revision": [None, "x" * 4000],
    "size": [-3, 0, 2**70, 1e300, "64", None],
    "bs": [0, 2.5],
    "epochs": [-1, 10**9],
    "base_lr": [-1.0, 1e300, "fast"],
    "thresh": [7.0, -0.5, None],
    "arch": [[], "", "../x"],
    "head": ["tail"],
    "loss": ["gain"],
    "normalize": [1],
    "recipe": ["pancakes"],
    "seed": [-1],
    "augment": ["yes"],
    "unheard-of": [{"a": [1]}],
}
MANIFEST: dict[str, list[Any]] = {
    "metrics": [DELETED, None, [], {"valid": None}, {"valid": {"accuracy_multi": "good"}}, {"valid": {}}, {}],
    "baseline": [3, {"valid": {}}],
    "quick": [[1], {"valid": []}],
    "names": [DELETED, [], ["a"], None, [1, 2], ["<img src=x>"] * 3, ["a"] * 40],
    "splits": [DELETED, {}, {"valid": -1}, {"valid": 10**30}, {"moon": 3}, {"valid": 3, "test": 6}, []],
    "scale": [{"mean": "x"}, None, {"mean": []}],
    "value_range": [[3], "mine", [5, 1]],
    "normalize": [{"mean": [], "std": []}, {"mean": [0.5]}, 3],
    "path": [{}, {"parts": None}],
    "config": [None, {}],
    "seconds": ["long", -1.0],
    "kept": ["neither"],
    "epoch": [-4],
    "device": [7],
    "versions": [[]],
    "git": ["x"],
    "unheard-of": [None],
}
DATASET: dict[str, list[Any]] = {
    "format": [2, None, -1],
    "task": ["nothing", None, "regression", "single-label"],
    "names": [[], None, ["a"], ["a"] * 30, [1, 2, 3], "ab"],
    "revision": [DELETED, 5],
    "problems": [None, [{}], [{"kind": 3, "count": -1, "sentence": "", "examples": []}]],
    "source": [None, [], {"format": 5}, {"together": {"by": 4}}],
    "defaults": [{"size": "big"}, {"arch": None}, {"bs": -4}, {"size": 10**30}, {"nothing": 1}, {"epochs": -2}],
    "extra": [{"flip_pairs": [["a"]]}, {"skeleton": [["x", "y"]]}, {"flip_pairs": [["x", "y"]]}, {"skeleton": 5}],
    "root": ["/nowhere", 5],
    "value_range": [[3, 1], "x", [0, 0]],
    "images": [-1, "many"],
    "unheard-of": [[]],
}


PLAN: dict[str, list[Any]] = {
    "dataset": [DELETED, None, 5],
    "revision": [None, []],
    "task": ["nothing", None, 3],
    "space": [
        DELETED,
        None,
        {},
        [],
        {"moon": {"low": 0, "high": 1, "options": []}},
        {"base_lr": None},
        {"base_lr": {"low": 1, "high": 0, "options": []}},
        {"base_lr": {"low": 0.1, "high": 1e300, "options": []}},
        {"base_lr": {"low": float("nan"), "high": float("inf"), "options": []}},
        {"size": {"low": 0, "high": 0, "options": [64, "x", None, []]}},
        {"size": {"low": 0, "high": 0, "options": [64] * 99}},
        {"size": {"low": 32.5, "high": 64, "options": []}},
        {"arch": {"low": 0, "high": 0, "options": ["x" * 4000]}},
        {"seed": {"low": 1, "high": 3, "options": []}},
    ],
    "given": [None, [], {"moon": 1}, {"bs": []}, {"arch": {"a": 1}}],
    "trials": [0, -1, 2.5, 10**30, "many", None],
    "minutes": [0, -1, 1e300, float("nan"), "long"],
    "halving": [[], {"epochs": 0}, {"epochs": 1, "factor": 1}, {"epochs": 10**30, "factor": 3}, 5],
    "seed": [-1, 10**30, None],
    "seeds": [0, 10**6, None],
    "at_once": [0, 65, "x"],
    "where": [5, {"launcher": "moon"}, {"processes": 0}, {"job": "../../x"}],
    "user": [None, 5],
    "unheard-of": [1],
}
_TRIAL = {"run": "20260102-030405-abcd", "refused": "", "cut": "", "epoch": 0, "resumed": 0}
TRIALS: dict[str, list[Any]] = {
    "trials": [
        None,
        {},
        [None],
        [[]],
        *(
            [{**_TRIAL, **changed}]
            for changed in (
                {"run": "../../etc"},
                {"run": None},
                {"cut": "moon"},
                {"epoch": -1},
                {"epoch": 10**30},
                {"epoch": float("nan")},
                {"resumed": "x"},
                {"refused": 3},
            )
        ),
    ],
    "seeds": [None, "x", [5], ["../x"]],
    "paused": [None, "x", [5], ["../x"]],
    "begun": [None, "../x", 5],
    "seconds": [-1, "x", None, float("nan"), float("inf")],
    "end": ["moon", None, "died"],
    "message": [None, 5, []],
    "unheard-of": [{}],
}
LAUNCH: dict[str, list[Any]] = {
    "launcher": ["moon", None, 5, ""],
    "processes": [0, -1, 10**9, 1.5, None],
    "nodes": [0, 65, "x"],
    "cpus": [-1, 1e300, float("nan"), "x"],
    "gpus": [-1, 10**30, []],
    "job": [None, 5, "raysubmit_1", "../../x", "x" * 4000],
    "address": [None, 5, "x" * 4000],
    "unheard-of": [1],
}


def json_file(path: Path, rng: np.random.Generator, fields: dict[str, list[Any]], drawn: int) -> Iterator[Named]:
    """Yield changes of a whole JSON file, those of ``fields``, and so many of any place in it, drawn."""
    yield from any_file()
    for words, content in {
        "null": b"null",
        "a list": b"[]",
        "an object": b"{}",
        "a number": b"17",
        "a text": b'"x"',
        "deep": DEEP,
        "closed deep": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        "NaN": b"NaN",
        "a list of lists": json.dumps([[[]] * 1000] * 50).encode(),
        "a mark of the byte order": b"\xef\xbb\xbf{}",
        "half a surrogate pair": b'{"task": "\\ud800"}',
        "other letters": b'{"\xff": 1}',
    }.items():
        yield words, always(content)
    yield "in a list", lambda before: b"[" + before + b"]"
    yield "twice", lambda before: before + before
    yield "much space before", lambda before: b" " * 5_000_000 + before
    if not path.exists():
        return
    whole = json.loads(path.read_bytes())
    for field, values in fields.items():
        for value in values:
            shown = "left out" if value is DELETED else json.dumps(value)[:40]
            yield f"{field}: {shown}", _put((field,), value), FREE if (field, value) in _MAY_BE else SAID
    addresses = list(_addresses(whole))
    for number in rng.permutation(len(addresses))[:drawn].tolist():
        values = [None, [], {}, "x", -1, True, 1e308, float("nan"), [[1]], LONG, 10**40]
        value = values[rng.integers(len(values))]
        steps = addresses[number]
        shown = ".".join(map(str, steps))
        expected = FREE if _alike(_at(whole, steps), value) else SAID
        yield f"drawn, {shown}: {json.dumps(value)[:20]}", _put(steps, value), expected


def _addresses(value: Any, steps: tuple = ()) -> Iterator[tuple]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in entries:
        yield (*steps, key)
        yield from _addresses(one, (*steps, key))


def _at(value: Any, steps: tuple) -> Any:
    for step in steps:
        value = value[step]
    return value


def _alike(was: Any, value: Any) -> bool:
    """Return whether a value may be another one of the same type, or is in place of one that may be left out."""
    kinds = [float if type(one) is int else type(one) for one in (was, value)]
    return kinds[0] is kinds[1] or None in (was, value)


def _put(steps: tuple, new: Any) -> Change:
    """Return the change of what is at a place; a file that has no such place stays as it is."""

    def change(before: bytes) -> bytes:
        whole = json.loads(before)
        try:
            here = _at(whole, steps[:-1])
            if new is DELETED:
                del here[steps[-1]]
            else:
                here[steps[-1]] = new
        except (KeyError, IndexError):
            return before
        return json.dumps(whole).encode()

    return change
