"""The forms of a journal's lines, as they lie on disk."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from lib.core import json_files, people
from lib.datasets.journal.tables import HASH

#: What is declared of targets, by `lib.datasets.journal.replay.DECLARED`: pairs of names, or None to take it back.
Declared = dict[str, list[list[str]] | None]


class Head(TypedDict):
    """The first line."""

    format: json_files.Count
    base: str


class End(TypedDict):
    """How many bytes of whole lines the journal has at least, and when the last of them was written."""

    bytes: json_files.Count
    time: str


class How(TypedDict, total=False):
    """How splits were made, see `lib.datasets.splits.plan.Plan`."""

    by: str
    group: str
    valid: float
    test: float
    folds: int
    fold: int
    seed: int


class Line(TypedDict):
    """Every other line, see `journal.Entry`; ``table`` is checked by `journal.COLUMNS`."""

    kind: Literal["set", "exclude", "include", "assign", "declare", "import", "undo", "redo"]
    time: Annotated[str, Meta(pattern=r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")]
    note: str
    revision: Annotated[str, Meta(pattern=r"\A[0-9A-Za-z._-]{1,64}\Z")]
    table: NotRequired[dict[str, list[int | float | str | None]]]
    file: NotRequired[Annotated[str, Meta(pattern=rf"\A({HASH.pattern})?\Z")]]
    declared: NotRequired[Declared]
    how: NotRequired[How]
    user: NotRequired[Annotated[str, Meta(max_length=people.MOST)]]
