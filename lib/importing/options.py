"""Options of an import, and what was read of its source so far."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from lib.core.depth import OWN, Rule
from lib.core.pictures import Probe
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree

#: Called with how many pictures are done, how many there are, and what is being done.
Progress = Callable[[int, int, str], None]


def no_progress(done: int, total: int, text: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Options:
    """How a source is to be read, see `lib.importing.importer.import_dataset`.

    ``scratch`` is a folder for what is cut out of pictures, None where they have to stay what they are. ``asks`` is
    whether an open question that blocks an import is raised, ``yes`` whether its safe answer is taken instead, and
    ``answered`` what was answered so.
    """

    name: str
    valid: float | None = None
    seed: int = 42
    group: str | None = None
    task: str | None = None
    progress: Progress = no_progress
    defaults: dict = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    stratify: bool = False
    scratch: Path | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    asks: bool = False
    yes: bool = False
    answered: tuple[Fix, ...] = ()


@dataclass
class ReadSource:
    """A source that was read and of which some or all pictures were opened.

    Attributes
    ----------
    tree : Tree
    parsed : Parsed
        Without the rows whose picture cannot be opened.
    opened : ndarray of int, shape (n,)
        Rows whose picture was opened, ascending.
    probes : list of Probe
        Of those.
    some : set of str
        Kinds of problems that were looked for in the opened pictures only; empty if all were opened.
    checked : Parsed, optional
        The opened rows once the reader's check has seen them; row for row with ``probes``.
    end : float, optional
        Time of the monotonic clock after which no more is opened.
    value_range : Rule
        How more than 8 bits a channel become 8 in all pictures, see `lib.core.depth`; of those that were opened.
    among : int
        Rows that were looked at for ``some``, where that are more than were opened in the end.
    """

    tree: Tree
    parsed: Parsed
    opened: np.ndarray
    probes: list[Probe]
    some: set[str] = field(default_factory=set)
    checked: Parsed | None = None
    end: float | None = None
    value_range: Rule = OWN
    among: int = 0

    @property
    def complete(self) -> bool:
        """Whether every picture was opened."""
        return len(self.opened) == len(self.parsed.files)

    @property
    def sizes(self) -> np.ndarray:
        """(width, height) of the opened pictures, shape (n, 2)."""
        return np.array([(one.width, one.height) for one in self.probes])

    def part(self) -> Parsed:
        """Return the rows whose pictures were opened: all, or a copy of some with problems of their own."""
        return self.parsed if self.complete else _kept(replace(self.parsed, problems=Problems()), self.opened)

    def take_over(self, part: Parsed, before: list[str], probes: list[Probe] | None = None) -> None:
        """Note what the reader's check did to `part`: rows left out of ``before``, problems, targets in pixels.

        ``probes`` are those of its rows, where they are not the pictures any more that were opened.
        """
        self.checked = part
        gone = set(before).difference(part.files)
        if probes is None:
            probes = [one for one, file in zip(self.probes, before, strict=True) if file not in gone]
        self.probes = probes
        if part is self.parsed:
            self.opened = np.arange(len(part.files))
            return
        self.some |= set(part.problems.examples)
        self.parsed.problems.take(part.problems)
        if gone:
            stays = np.array([file not in gone for file in self.parsed.files])
            new_rows = np.cumsum(stays) - 1
            self.opened = new_rows[self.opened[stays[self.opened]]]
            self.parsed.keep(stays)


def _kept(parsed: Parsed, chosen: np.ndarray) -> Parsed:
    rows = np.zeros(len(parsed.files), dtype=bool)
    rows[chosen] = True
    parsed.keep(rows)
    return parsed
