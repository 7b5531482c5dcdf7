"""The file of threshold sets in a run's folder: how it is written and checked.

The file is for people too: ``{"format": 1, "sets": {name: {..., "thresholds": {label: value}}}}``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

import numpy as np
from msgspec import Meta

from lib.core import checksums, digests, files, json_files, locks, people, workspace
from lib.core.decimals import plain
from lib.core.errors import DamagedError, UserError, reason
from lib.thresholds.objectives import MOST_COST
from lib.training import events
from lib.training.runs import Run

#: The file in a run's folder, and what is locked by whoever changes it.
FILE, LOCK = "thresholds.json", ".thresholds.lock"
FORMAT = 1
#: The set that every run has without a file: what it began with.
DEFAULT = "default"
#: What a run may keep at most.
MOST_SETS, MOST_NOTE, MOST_BYTES = 100, 2000, 64 * 2**20
#: Seconds to wait for another tab that saves at the same moment.
_PATIENCE = 10.0


class _About(TypedDict):
    """What the file says of a set beside its thresholds, see `ThresholdSet`."""

    split: str
    objective: str
    options: dict[str, bool | int | float | str | None]
    created: str
    note: Annotated[str, Meta(max_length=MOST_NOTE)]
    preds: str
    user: NotRequired[Annotated[str, Meta(max_length=people.MOST)]]


_Cost = Annotated[float, Meta(ge=0, le=MOST_COST)]


class _Set(_About):
    thresholds: dict[str, Annotated[float, Meta(ge=0, le=1)]]
    costs: NotRequired[dict[str, tuple[_Cost, _Cost]]]


class _File(TypedDict):
    format: json_files.Count
    sets: Annotated[dict[str, _Set], Meta(max_length=MOST_SETS)]


@dataclass(frozen=True, eq=False)
class ThresholdSet:
    """One threshold a label, under a name.

    Attributes
    ----------
    name : str
        1 to 64 letters, digits, ``.``, ``_`` or ``-``.
    thresh : ndarray of float32, shape (C,)
        In the order of the run's names, each from 0 to 1. A label is predicted where its score is above, strictly.
    split : str
        The images that they were chosen on, "" where they were not chosen on any.
    objective : str
        Name in `lib.thresholds.objectives.OBJECTIVES`, "" where they were set by hand.
    options : dict
        The objective's: numbers, texts, true, false or none by name.
    created : str
        Date and time, ISO 8601 with the zone; "" for the set that every run begins with.
    note : str
        What the user says of it.
    preds : str
        Digest of the predictions that they were chosen on; saving sets it where it is "".
    user : str
        Who chose them, "" where nobody logs in.
    costs : dict
        What a miss and a false alarm of each label cost, ``(miss, alarm)`` by label, where they were chosen by that.
    """

    name: str
    thresh: np.ndarray
    split: str = "valid"
    objective: str = ""
    options: dict[str, Any] = field(default_factory=dict)
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))
    note: str = ""
    preds: str = ""
    user: str = field(default_factory=people.at_work)
    costs: dict[str, tuple[float, float]] = field(default_factory=dict)


def digest(run: Run) -> str:
    """Return a short id of what the run predicted; it changes if a stopped run goes on.

    Raises
    ------
    UserError
        If its predictions cannot be read.
    """
    path = run.folder / events.PREDS
    try:
        return digest_of(path)
    except OSError as error:
        raise UserError(
            f"The file {path} of this run is damaged ({reason(error)}): put it back from a copy, or start the "
            "training again."
        ) from error


def digest_of(path: Path) -> str:
    """Return `digest` of the predictions in a file; raises OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]


def state(folder: Path) -> str:
    """Return what tells the states of the file in a run's folder apart; one that cannot be read is as none."""
    try:
        content = (folder / FILE).read_bytes()
    except OSError:  # whoever needs what is in it says why it cannot be read
        content = b""
    return digests.of(content)


def by_label(one: ThresholdSet, names: tuple[str, ...]) -> dict[str, float]:
    """Return each label's threshold with as few decimals as its float32 needs, as people and JSON take it.

    Examples
    --------
    >>> by_label(ThresholdSet("x", np.array([0.3, 1], dtype=np.float32)), ("car", "bus"))
    {'car': 0.3, 'bus': 1.0}
    """
    return {name: plain(value) for name, value in zip(names, one.thresh, strict=True)}


def read(run: Run, names: tuple[str, ...]) -> dict[str, ThresholdSet]:
    """Return the sets in the run's file, in its order; none of what it says is believed.

    Raises
    ------
    UserError
        If it is damaged, or of other labels than ``names``.
    """
    path = run.folder / FILE
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES:,} bytes")
        return parsed(json_files.content(path, run.id), names)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise DamagedError(
            f"The thresholds in {path} cannot be used ({reason(error)}): put the file back from a copy, move it away "
            "or delete it; the run's default thresholds need none."
        ) from error


@contextmanager
def writing(run: Run, names: tuple[str, ...]) -> Iterator[dict[str, ThresholdSet]]:
    """Yield the run's sets, to be changed, and write them when the block ends well; nobody else writes meanwhile.

    Raises
    ------
    UserError
        As `read`, which leaves the file as it is, or if it cannot be written.
    ValueError
        If `read` could not read what is to be written.
    """
    path = run.folder / FILE
    try:
        with locks.held(run.folder / LOCK, _PATIENCE):
            saved = read(run, names)
            yield saved
            sets = {one.name: to_json(one, names) for one in saved.values()}
            text = json.dumps({"format": FORMAT, "sets": sets}, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
            if len(text.encode()) > MOST_BYTES:
                raise UserError(f"The thresholds of run {run.id} need more than {MOST_BYTES:,} bytes: delete a set.")
            parsed(text.encode(), names)
            files.write_atomic(path, checksums.sealed(text.encode(), checksums.name_of(path, run.id)))
    except TimeoutError as error:
        raise UserError(f"Somebody else is writing {path}: try again in a moment.") from error
    except OSError as error:
        raise UserError(
            f"The file {path} cannot be written ({reason(error)}): make room on its disk or allow writing there."
        ) from error


def to_json(one: ThresholdSet, names: tuple[str, ...]) -> dict[str, Any]:
    """Return a set as it stands in the file, without its name."""
    costs = {"costs": one.costs} if one.costs else {}
    return {**{key: getattr(one, key) for key in _About.__annotations__}, **costs, "thresholds": by_label(one, names)}


def parsed(text: bytes, names: tuple[str, ...]) -> dict[str, ThresholdSet]:
    """Return the sets in ``text``, the content of a file for labels ``names``; ValueError with what is wrong."""
    content = json_files.decode(text, _File)
    if content["format"] != FORMAT:
        raise ValueError(f"format: expected {FORMAT}, found {content['format']}")
    json.dumps(content, ensure_ascii=False, allow_nan=False).encode()  # what could not be written again
    return {name: _one(name, values, names) for name, values in content["sets"].items()}


def _one(name: str, values: _Set, names: tuple[str, ...]) -> ThresholdSet:
    subject = f"the set {name[:80]!r}"
    if not _can_be_kept(name):
        raise ValueError(f"{subject} has a name that cannot be used")
    if datetime.fromisoformat(values["created"]).tzinfo is None:
        raise ValueError(f"{subject} has a date without a zone")
    thresh = values["thresholds"]
    if set(thresh) != set(names):
        raise ValueError(f"{subject} is for other labels: {_difference(thresh, names)}")
    costs = values.get("costs", {})
    if costs and set(costs) != set(names):
        raise ValueError(f"{subject} has costs of other labels: {_difference(costs, names)}")
    threshs = np.array([thresh[label] for label in names], dtype=np.float32)
    return ThresholdSet(
        name,
        threshs,
        values["split"],
        values["objective"],
        dict(values["options"]),
        values["created"],
        values["note"],
        values["preds"],
        values.get("user", ""),
        costs,
    )


def _can_be_kept(name: str) -> bool:
    try:
        return workspace.check_name(name, "threshold set").casefold() != DEFAULT
    except UserError:
        return False


def _difference(thresholds: Collection[str], names: tuple[str, ...]) -> str:
    lacking, foreign = (sorted(a - b)[:3] for a, b in ((set(names), set(thresholds)), (set(thresholds), set(names))))
    parts = [f"{word} {', '.join(map(repr, some))}" for word, some in (("lacks", lacking), ("has", foreign)) if some]
    return f"it {' and '.join(parts)}"
