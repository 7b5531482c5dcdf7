"""Changes of files of lines, a run's events and a data set's journal, and of what was reviewed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from tests.attack.damage.changes import DEEP, DELETED, FREE, LONG, SAID, SEALED, Change, Named, always, any_file

#: Lines that another version may have written, or that say nothing wrong.
_MAY_BE = ("an unknown event", "a long line", "a start with zero batches", "failed, with a foreign retry")


def _any_lines(expected: str) -> Iterator[Named]:
    """Yield changes of any file, of which complete lines alone cannot tell those that leave no line."""
    for words, change, *_ in any_file():
        yield words, change, expected if words in ("empty", "cut in the middle") else SAID


def event_lines(rng: np.random.Generator) -> Iterator[Named]:
    yield from _any_lines(FREE)
    foreign: dict[str, bytes] = {
        "null": b"null",
        "a number": b"3",
        "no JSON": b"{event: finished}",
        "no name": b'{"time": 1}',
        "deep": DEEP,
        "an unknown event": b'{"event": "moon", "seconds": 1}',
        "an event of another type": b'{"event": 5}',
        "a batch without a loss": b'{"event": "batch", "seconds": 1, "step": 1, "lr": 0.1, "mom": 0.9}',
        "a batch with NaN": b'{"event": "batch", "seconds": 1, "step": 1, "loss": NaN, "lr": 0.1, "mom": 0.9}',
        "a batch before the last": b'{"event": "batch", "seconds": -5, "step": 1, "loss": 1, "lr": 0.1, "mom": 0.9}',
        "a huge step": b'{"event": "batch", "seconds": 1, "step": 999999999999999999999, "loss": 1, "lr": 1, "mom": 1}',
        "an epoch without metrics": b'{"event": "epoch", "phase": "frozen", "epoch": 1, "step": 4}',
        "an epoch with other metrics": b'{"event": "epoch", "phase": "unfrozen", "epoch": 9, "step": 12, '
        b'"train_loss": 1, "valid_loss": 1, "metrics": {"moon": 1}}',
        "an epoch of no phase": b'{"event": "epoch", "phase": "lunch", "epoch": 9, "step": 12, "train_loss": 1, '
        b'"valid_loss": 1, "metrics": {}}',
        "an epoch with a foreign preview": b'{"event": "epoch", "phase": "unfrozen", "epoch": 4, "step": 12, '
        b'"train_loss": 1, "valid_loss": 1, "metrics": {}, "preview": [1, [2], [[3]]]}',
        "a start with foreign rows": b'{"event": "started", "preview": [0, 1, 2, 3, 99999]}',
        "a start with zero batches": b'{"event": "started", "n_batches": 0, "n_steps": 5}',
        "a start with a text for a number": b'{"event": "started", "n_train": "many"}',
        "a fit of no phase": b'{"event": "fit", "phase": 3, "epochs": 1, "step": 0}',
        "a fit too far": b'{"event": "fit", "phase": "unfrozen", "epochs": 1, "step": 99999}',
        "resumed too far": b'{"event": "resumed", "step": 100000, "epochs": 100000}',
        "a device of no size": b'{"event": "device", "step": 3, "memory": -1, "use": 3, "seconds": 1}',
        "suggestions as text": b'{"event": "suggestions", "suggestions": {"valley": "fast"}}',
        "suggestions below zero": b'{"event": "suggestions", "suggestions": {"valley": -1}}',
        "failed, with a foreign retry": b'{"event": "failed", "message": "x", "retry": {"moon": 3, "bs": 4}}',
        "failed, with a message of another type": b'{"event": "failed", "message": 3}',
        "a note of another type": b'{"event": "note", "note": []}',
        "a long line": b'{"event": "note", "note": "' + b"n" * 2_000_000 + b'"}',
        "bytes": bytes(range(128, 256)).replace(b"\n", b""),
    }
    for words, line in foreign.items():
        expected = FREE if words in _MAY_BE else SAID
        yield f"at the end {words}", lambda before, line=line: before + line + b"\n", expected
    for words in rng.permutation(sorted(foreign))[:6].tolist():
        where = int(rng.integers(1, 8))

        def insert(before: bytes, line: bytes = foreign[words], where: int = where) -> bytes:
            lines = before.splitlines(keepends=True)
            return b"".join([*lines[:where], line + b"\n", *lines[where:]])

        yield f"in line {where + 1} {words}", insert, FREE if words in _MAY_BE else SAID
    yield "without its start", lambda before: before.split(b"\n", 1)[1], SEALED
    yield "shuffled", lambda before: b"".join(sorted(before.splitlines(keepends=True)))


def journal_lines() -> Iterator[Named]:
    yield from _any_lines(SEALED)

    def second(**changed: Any) -> Change:
        def change(before: bytes) -> bytes:
            head, line = before.splitlines()[:2]
            entry = {key: one for key, one in {**json.loads(line), **changed}.items() if one is not DELETED}
            return head + b"\n" + json.dumps(entry).encode() + b"\n"

        return change

    yield "another base", lambda before: before.replace(b'"base": "', b'"base": "0')
    yield "another format", lambda before: before.replace(b'"format": 1', b'"format": 9')
    yield "a foreign line", lambda before: before + b'{"kind": "moon"}\n'
    yield "null at the end", lambda before: before + b"null\n"
    yield "deep at the end", lambda before: before + DEEP + b"\n"
    yield "a half line", lambda before: before + b'{"kind": "se'
    yield "undone too often", second(kind="undo", table=DELETED)
    yield "without a table", second(table=DELETED)
    yield "rows that are none", second(table={"row": [99999]})
    yield "negative rows", second(table={"row": [-1]})
    yield "rows as text", second(table={"row": ["x"]})
    yield "huge rows", second(table={"row": [10**30]})
    yield "another revision", second(revision="0123456789ab")
    yield "a time that is none", second(time="yesterday")
    yield "a table in a file that is gone", second(table=DELETED, file="0" * 32)
    yield "a foreign name of a file", second(table=DELETED, file="../../x")
    yield (
        "an edit of columns that are none",
        second(kind="set", table={"row": [1], "column": [999], "was": [0], "now": [1]}),
    )
    yield (
        "an edit to what is no target",
        second(kind="set", table={"row": [1], "column": [0], "was": [0], "now": [77777]}),
    )
    yield "an unknown split", second(kind="assign", table={"row": [1], "split": ["moon"], "group": [""]})
    yield "no split", second(kind="assign", table={"row": [1], "split": [None], "group": [None]})
    yield "pairs of nothing", second(kind="declare", table=DELETED, declared={"flip_pairs": [["x"], []]})
    yield "how as text", second(how="by hand")
    yield "a long note", second(note=LONG), FREE


def decisions() -> Iterator[Named]:
    may_be = ("no parts", "an unknown kind", "accepted by an edit that is none")
    line = {"kind": "x", "parts": ["0"], "decision": "dismissed", "time": "2026-01-02T03:04:05Z"}
    for words, content in {
        "null": None,
        "a list": [],
        "another format": {"format": 9, "reviewed": []},
        "decided in another way": {"format": 1, "reviewed": [{**line, "decision": "burned"}]},
        "no parts": {"format": 1, "reviewed": [{**line, "parts": []}]},
        "parts of another type": {"format": 1, "reviewed": [{**line, "parts": [5]}]},
        "accepted by an edit that is none": {
            "format": 1,
            "reviewed": [{**line, "decision": "accepted", "chain": "x", "rows": [99999]}],
        },
        "an unknown kind": {"format": 1, "reviewed": [line]},
        "rows below zero": {"format": 1, "reviewed": [{**line, "rows": [-1]}]},
    }.items():
        yield words, always(json.dumps(content).encode()), FREE if words in may_be else SAID
    yield "deep", always(DEEP)
    yield from any_file()
