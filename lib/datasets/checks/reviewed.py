"""What a person decided about the findings of the checks, kept with the dataset in one file.

A dismissed case was looked at and is fine: it stays dismissed over revisions and scans as long as its pictures and what
is said of them are the same, also where only some of a group's pictures are left. An accepted one is kept with the
edit that carried out its fix, and counts as reviewed as long as that edit stands and is not taken back by hand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final, Literal, NotRequired, TypedDict

from lib.core import files, json_files, times
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.core.splits import EXCLUDED
from lib.datasets.checks import Result
from lib.datasets.checks.case_keys import Key, keys_of
from lib.datasets.checks.finding import AUDIT, Finding
from lib.datasets.journal import journal, replay, writer
from lib.datasets.journal.journal import Entry

#: In the dataset's folder.
FILE = "reviewed.json"
FORMAT = 1
Decision = Literal["accepted", "dismissed"]
ACCEPTED: Final = "accepted"
DISMISSED: Final = "dismissed"


class _Line(TypedDict):
    kind: str
    parts: list[str]
    decision: Decision
    time: str
    chain: NotRequired[str]
    rows: NotRequired[list[json_files.Count]]


class _File(TypedDict):
    format: json_files.Count
    reviewed: list[_Line]


@dataclass(frozen=True)
class Decided:
    """What was decided about a case.

    Attributes
    ----------
    decision : Decision
    time : str
        When, in UTC.
    chain : str
        Of an accepted one, that of the journal's entry which carried out its fix, see `journal.Entry`.
    rows : tuple of int
        Of an accepted one, its rows.
    """

    decision: Decision
    time: str
    chain: str = ""
    rows: tuple[int, ...] = ()


@dataclass(frozen=True)
class Reviewed:
    """What was decided, by case; see `read`."""

    decisions: dict[Key, Decided]

    @cached_property
    def _dismissed(self) -> dict[tuple[str, str], list[frozenset[str]]]:
        """Those that were dismissed, by kind and each of their parts."""
        by_part: dict[tuple[str, str], list[frozenset[str]]] = {}
        for (kind, parts), decided in self.decisions.items():
            for part in parts if decided.decision == DISMISSED else ():
                by_part.setdefault((kind, part), []).append(parts)
        return by_part

    def covering(self, key: Key) -> list[Key]:
        """Return the dismissed cases that ``key`` is, or is a part of."""
        kind, parts = key
        return [(kind, whole) for whole in self._dismissed.get((kind, next(iter(parts))), []) if whole >= parts]


@dataclass(frozen=True)
class Review:
    """The findings of a dataset in the light of what was decided.

    Attributes
    ----------
    open, dismissed : Result
    accepted : int
        How many were accepted, by an edit that stands, and are found no more.
    """

    open: Result
    dismissed: Result
    accepted: int

    @property
    def done(self) -> int:
        """How many were reviewed."""
        return self.dismissed.cases + self.accepted

    @property
    def total(self) -> int:
        """How many there are, reviewed or open."""
        return self.done + self.open.cases


def review(dataset: Dataset, result: Result) -> Review:
    """Return which of the findings of checks are open, and how many were reviewed.

    Raises
    ------
    UserError
        If what was decided cannot be read.
    """
    decided = read(dataset)
    keys = {id(finding): keys_of(dataset, finding) for finding in result.findings}
    dismissed = {finding: [bool(decided.covering(key)) for key in keys[finding]] for finding in keys}

    def is_dismissed(finding: Finding, place: int) -> bool:
        return dismissed[id(finding)][place]

    present = {key for of_finding in keys.values() for key in of_finding}
    accepted = {key for key in standing(dataset) if key[0] != AUDIT} - present
    open_ = result.kept(lambda finding, place: not is_dismissed(finding, place))
    return Review(open_, result.kept(is_dismissed), len(accepted))


def standing(dataset: Dataset) -> list[Key]:
    """Return the accepted cases whose fix stands: its edit was not undone, and nobody took it back by hand.

    Raises
    ------
    UserError
        If what was decided cannot be read.
    """
    accepted = {key: one for key, one in read(dataset).decisions.items() if one.decision == ACCEPTED}
    chains = {one.chain for one in accepted.values()}
    with journal.naming_damage(dataset.path):
        done = journal.effective(journal.read_until(dataset.path, dataset.base, dataset.chain))[0] if accepted else []
        fixes = [entry for entry in journal.standing(done) if entry.chain in chains]
        taken_back = {entry.chain: _taken_back(dataset, entry) for entry in fixes}
    return [
        key for key, one in accepted.items() if one.chain in taken_back and taken_back[one.chain].isdisjoint(one.rows)
    ]


def _taken_back(dataset: Dataset, entry: Entry) -> set[int]:
    """Return the rows of an edit that are as they were before it, though it was not undone."""
    if entry.kind not in (journal.EXCLUDE, journal.SET):
        return set()
    table = journal.table(dataset.path, entry)
    rows = table["row"]
    if entry.kind == journal.EXCLUDE:
        is_back = dataset.items["split"].to_numpy(dtype=object)[rows] != EXCLUDED
    else:
        value = replay.flat(dataset.targs)[rows, table["column"]]
        is_back = (value == table["was"]) | ((value != value) & (table["was"] != table["was"]))
        is_back &= table["was"] != table["now"]
    return set(rows[is_back].tolist())


# --- on disk -----------------------------------------------------------------------------------------------


def read(dataset: Dataset) -> Reviewed:
    """Return what was decided about the findings of ``dataset``; a second call costs nothing until that changes.

    Raises
    ------
    UserError
        If the file is damaged or cannot be read.
    """
    path = dataset.path / FILE
    try:
        status = path.stat()
    except FileNotFoundError:
        return Reviewed({})
    except OSError as error:
        raise _unreadable(path, error) from error
    return _read(path, status.st_mtime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=8)
def _read(path: Path, _modified: int, _size: int, _inode: int) -> Reviewed:
    try:
        kept = json_files.read(path, _File)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if kept["format"] != FORMAT:
        raise UserError(
            f"What was reviewed, {path}, has format {kept['format']}, this version reads {FORMAT}: open the dataset "
            "with the version that wrote it, or move the file elsewhere to review the findings anew."
        )
    lines = kept["reviewed"]
    return Reviewed({(one["kind"], frozenset(one["parts"])): _decided(one) for one in lines})


def _decided(line: _Line) -> Decided:
    return Decided(line["decision"], line["time"], line.get("chain", ""), tuple(line.get("rows", ())))


def _unreadable(path: Path, error: Exception) -> UserError:
    return UserError(
        f"What was reviewed, {path}, cannot be read ({reason(error)}): put an older copy back, or move the file "
        "elsewhere to review the findings anew."
    )


def dismiss(dataset: Dataset, keys: Iterable[Key]) -> None:
    """Keep that some cases are fine as they are.

    Raises
    ------
    UserError
        If the dataset's folder cannot be written to, or what was decided before cannot be read.
    """
    _change(dataset, dict.fromkeys(keys, Decided(DISMISSED, times.utc())), ())


def accept(edited: Dataset, rows: Mapping[Key, Collection[int]]) -> None:
    """Keep that the fix of some cases was carried out, by the edit that gave ``edited``.

    Parameters
    ----------
    edited : Dataset
        As the edit returned it.
    rows : mapping of Key to collection of int
        The rows of each case.

    Raises
    ------
    UserError
        As `dismiss`.
    """
    now = times.utc()
    _change(edited, {key: Decided(ACCEPTED, now, edited.chain, tuple(of_case)) for key, of_case in rows.items()}, ())


def bring_back(dataset: Dataset, keys: Collection[Key]) -> None:
    """Have some dismissed cases open again, with the groups that they are a part of.

    Raises
    ------
    UserError
        As `dismiss`.
    """
    _change(dataset, {}, keys)


def _change(dataset: Dataset, new: dict[Key, Decided], back: Collection[Key]) -> None:
    path = dataset.path / FILE
    with writer.locked(dataset.path):
        now = read(dataset)
        gone = {*back, *(covering for key in back for covering in now.covering(key))}
        decisions = {key: decision for key, decision in now.decisions.items() if key not in gone} | new
        try:
            files.write_json(path, {"format": FORMAT, "reviewed": _lines(decisions)})
        except OSError as error:
            raise UserError(
                f"What was reviewed cannot be written to {path} ({reason(error)}): make room there, or allow writing."
            ) from error


def _lines(decisions: dict[Key, Decided]) -> list[_Line]:
    lines = []
    for (kind, parts), one in decisions.items():
        line = _Line(kind=kind, parts=sorted(parts), decision=one.decision, time=one.time)
        if one.decision == ACCEPTED:
            line |= {"chain": one.chain, "rows": list(one.rows)}
        lines.append(line)
    return lines
