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
from tests import unsealed
from tests.attack.damage import array_changes, json_changes, line_changes
from tests.attack.damage.changes import SAID, SEALED, Change, Named, texts
from tests.attack.damage.seeds import MADE, QUICK_VICTIM, TASKS, VICTIM


@dataclass(frozen=True)
class Case:
    """One change of one file.

    Attributes
    ----------
    task : str
    file : str
        Below the folder of the run or of the data set.
    what : str
        What was changed.
    of_run : bool
        Whether it is a file of the run `VICTIM`, else of the data set `MADE`.
    change : callable
        From the file's bytes to those in their place.
    expected : str
        What it must lead to: one of `lib.tests.attack.damage.changes.SAID`, ``SEALED`` and ``FREE``.
    """

    task: str
    file: str
    what: str
    of_run: bool
    change: Change
    expected: str = SAID

    def __str__(self) -> str:
        return f"{self.task} · {self.file} · {self.what}"

    @property
    def kind(self) -> str:
        """The case without its task."""
        return f"{self.file} · {self.what}"

    def apply(self, workspace: Workspace) -> None:
        """Change the file, of a training and of a quick model alike.

        Where its checksum alone can tell it is left there; else the file is as of a version without any.
        """
        folders = [workspace.run(VICTIM), workspace.run(QUICK_VICTIM)] if self.of_run else [workspace.dataset(MADE)]
        for folder in folders:
            with _same_times(folder):
                self._change(folder)

    def _change(self, folder: Path) -> None:
        path = folder / self.file
        if self.expected != SEALED:
            _strip(folder, path, self.of_run)
        path.write_bytes(self.change(path.read_bytes() if path.is_file() else b""))


@contextlib.contextmanager
def _same_times(folder: Path) -> Iterator[None]:
    """Keep when the files of ``folder`` were written, which some views show."""
    times = {path: path.stat() for path in folder.iterdir()}
    yield
    for path, was in times.items():
        if path.exists():
            os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def _strip(folder: Path, path: Path, of_run: bool) -> None:
    """Take out the checksums of a data set, or of a file of a run."""
    if not of_run:
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
    per_file: dict[tuple[str, bool], Iterator[Named]] = {
        (events.CONFIG, True): json_file(run / events.CONFIG, rng, json_changes.CONFIG, 8),
        (events.MANIFEST, True): json_file(run / events.MANIFEST, rng, json_changes.MANIFEST, 8),
        (events.EVENTS, True): line_changes.event_lines(rng),
        (events.PREDS, True): array_changes.predictions(task),
        (events.NAME, True): texts(),
        (sets_file.FILE, True): json_file(run / sets_file.FILE, rng, {}, 3),
        (store.HEAD, False): json_file(dataset / store.HEAD, rng, json_changes.DATASET, 6),
        (store.ITEMS, False): array_changes.items(),
        (store.TARGS, False): array_changes.targets(task),
        (journal.FILE, False): line_changes.journal_lines(),
        (reviewed.FILE, False): line_changes.decisions(),
    }
    every = [Case(task, file, *_whole(of_run, *named)) for (file, of_run), all_ in per_file.items() for named in all_]
    own = TASKS.index(task)
    return [case for place, case in enumerate(every) if _is_of_task(case) or place % len(TASKS) == own]


def _is_of_task(case: Case) -> bool:
    """Return whether the change means something else for each task."""
    return case.file == store.TARGS or case.what.startswith(_OF_TASK)


#: Fields and arrays of which other tasks have others.
_OF_TASK = ("names", "metrics", "task", "splits", "scale", "preds", "targs", "baseline", "quick")


def _whole(of_run: bool, what: str, change: Change, expected: str = SAID) -> tuple[str, bool, Change, str]:
    return what, of_run, change, expected
