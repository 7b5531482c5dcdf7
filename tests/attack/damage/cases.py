"""The damage corpus: what may have happened to each file of a run and of a data set, one change a case, all seeded."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.checks import reviewed
from lib.datasets.journal import journal
from lib.thresholds import sets_file
from lib.training import events
from lib.training.search import study
from tests import unsealed
from tests.attack.damage import array_changes, json_changes, line_changes
from tests.attack.damage.changes import FOLDER, LINK, SAID, SEALED, Change, Named, flipped, replaced, texts
from tests.attack.damage.seeds import MADE, QUICK_VICTIM, SEARCH, TASKS, VICTIM, WAITING

#: Whose file it is: of the runs that are spoiled, the one that waits, the data set, or the search.
RUN, AWAITED, DATASET, SEARCHED = "run", "awaited", "dataset", "search"


@dataclass(frozen=True)
class Case:
    """One change of one file.

    Attributes
    ----------
    task : str
    file : str
        Below the folder whose it is.
    what : str
        What was changed.
    of : str
        Whose file it is: `RUN`, `AWAITED`, `DATASET` or `SEARCHED`.
    change : callable
        From the file's bytes to those in their place.
    expected : str
        What it must lead to: one of `lib.tests.attack.damage.changes.SAID`, ``SEALED`` and ``FREE``.
    """

    task: str
    file: str
    what: str
    of: str
    change: Change
    expected: str = SAID

    def __str__(self) -> str:
        return f"{self.task} · {self.file} · {self.what}"

    @property
    def of_run(self) -> bool:
        """Whether it is a file of the run `VICTIM`."""
        return self.of == RUN

    @property
    def kind(self) -> str:
        """The case without its task."""
        return f"{self.file} · {self.what}"

    def apply(self, workspace: Workspace) -> None:
        """Change the file, of a training and of a quick model alike.

        Where its checksum alone can tell it is left there; else the file is as of a version without any.
        """
        folders = {
            RUN: [workspace.run(VICTIM), workspace.run(QUICK_VICTIM)],
            AWAITED: [workspace.run(WAITING)],
            DATASET: [workspace.dataset(MADE)],
            SEARCHED: [study.of(workspace, SEARCH)],
        }
        for folder in folders[self.of]:
            with _same_times(folder):
                self._change(folder)

    def _change(self, folder: Path) -> None:
        path = folder / self.file
        if self.expected != SEALED:
            _strip(folder, path, self.of)
        content = self.change(path.read_bytes() if path.is_file() else b"")
        if isinstance(content, bytes):
            path.write_bytes(content)
            return
        path.unlink()
        if content == FOLDER:
            path.mkdir()
        elif content == LINK:
            path.symlink_to("/etc/hostname")


@contextlib.contextmanager
def _same_times(folder: Path) -> Iterator[None]:
    """Keep when the files of ``folder`` were written, which some views show."""
    times = {path: path.stat() for path in folder.iterdir()}
    yield
    for path, was in times.items():
        if path.exists():
            os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def _strip(folder: Path, path: Path, of: str) -> None:
    """Take out the checksums of a data set, or of a file of anything else."""
    if of == DATASET:
        unsealed.strip_dataset(folder)
    elif path.suffix in (".json", ".jsonl") and path.is_file():
        unsealed.strip(path)


def cases(source: Workspace, task: str, seed: int = 0) -> list[Case]:
    """Return the cases of ``task``, whose whole files are in ``source``; the same seed gives the same cases.

    Changes that mean the same of every task are shared among the tasks: each has every fourth of them.
    """
    rng = np.random.default_rng([seed, *task.encode()])
    run, dataset = source.run(VICTIM), source.dataset(MADE)
    json_file = json_changes.json_file
    searched, waiting = study.of(source, SEARCH), source.run(WAITING)
    per_file: dict[tuple[str, str], Iterator[Named]] = {
        (events.CONFIG, RUN): json_file(run / events.CONFIG, rng, json_changes.CONFIG, 8),
        (events.MANIFEST, RUN): json_file(run / events.MANIFEST, rng, json_changes.MANIFEST, 8),
        (events.EVENTS, RUN): line_changes.event_lines(rng),
        (events.PREDS, RUN): array_changes.predictions(task),
        (events.NAME, RUN): texts(),
        (sets_file.FILE, RUN): json_file(run / sets_file.FILE, rng, {}, 3),
        (store.HEAD, DATASET): json_file(dataset / store.HEAD, rng, json_changes.DATASET, 6),
        (store.ITEMS, DATASET): array_changes.items(),
        (store.TARGS, DATASET): array_changes.targets(task),
        (journal.FILE, DATASET): line_changes.journal_lines(),
        (reviewed.FILE, DATASET): line_changes.decisions(),
        (study.PLAN, SEARCHED): _replaced(json_file(searched / study.PLAN, rng, json_changes.PLAN, 8)),
        (study.TRIALS, SEARCHED): _replaced(json_file(searched / study.TRIALS, rng, json_changes.TRIALS, 8)),
        (events.LAUNCH, AWAITED): _replaced(json_file(waiting / events.LAUNCH, rng, json_changes.LAUNCH, 6)),
    }
    every = [Case(task, file, *_whole(of, *named)) for (file, of), all_ in per_file.items() for named in all_]
    own = TASKS.index(task)
    return [case for place, case in enumerate(every) if _is_of_task(case) or place % len(TASKS) == own]


def _is_of_task(case: Case) -> bool:
    """Return whether the change means something else for each task."""
    return case.file == store.TARGS or case.what.startswith(_OF_TASK)


#: Fields and arrays of which other tasks have others.
_OF_TASK = ("names", "metrics", "task", "splits", "scale", "preds", "targs", "baseline", "quick")


def _whole(of: str, what: str, change: Change, expected: str = SAID) -> tuple[str, str, Change, str]:
    return what, of, change, expected


def _replaced(changes: Iterator[Named]) -> Iterator[Named]:
    """Yield ``changes`` of a JSON file, those of single bits, and what may lie in its place."""
    yield from changes
    yield from flipped()
    yield from replaced()
