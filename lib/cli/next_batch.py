"""The command ``next``: which pictures of a dataset to label next."""

from __future__ import annotations

import argparse
import time

from lib import tasks
from lib.cli.common import one_line, print_json, progress_line, say, stopped_softly
from lib.core import sentences, times
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions.requests import FAILED
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import pace
from lib.evaluation.label_next import ranking
from lib.evaluation.label_next.ranking import Asked
from lib.training import runs
from lib.training.runs import Run

#: Seconds between two looks at how far the model is; and the exit code where somebody stopped it.
_EVERY, _INTERRUPTED = 0.3, 130


def next_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``next``."""
    command.add_argument("dataset", help="name of a dataset in which something is unknown")
    command.add_argument("--run", dest="run_id", metavar="RUN", help="whose model ranks (default: the newest that can)")
    command.add_argument(
        "--count", type=int, default=ranking.BATCH, metavar="N", help="how many pictures (default %(default)s)"
    )


def run_next(chosen: argparse.Namespace) -> int:
    """Rank the pictures that wait for labels and print the next ones to label."""
    if chosen.count < 1:
        raise UserError(f"--count is {chosen.count}: expected at least 1.")
    workspace = Workspace.find(chosen.workspace)
    dataset = store.load(workspace, chosen.dataset)
    waiting = ranking.waiting(dataset)
    if not len(waiting):
        raise UserError(ranking.nothing_waits(dataset))
    run = _run(workspace, dataset, chosen.run_id)
    asked = ranking.ask(dataset, run)
    if not _answered(asked):
        say("Stopped: what was seen of the pictures by then is kept.")
        return _INTERRUPTED
    ranked = ranking.read(dataset, run)
    if ranked is None:
        raise UserError("The answer is not there any more: ask again.")
    rows = ranked.batch(dataset, chosen.count)
    by_row = dict(zip(ranked.rows.tolist(), ranked.uncertainty.tolist(), strict=True))
    names = dataset.items["original"].astype(str).tolist()
    took = pace.measured(dataset)
    task = tasks.get(dataset.task)
    if chosen.json:
        return print_json(
            {
                "dataset": dataset.name,
                "revision": dataset.revision,
                "run": run.id,
                "waiting": len(waiting),
                "asked": len(ranked.rows),
                "uncertainty": task.uncertainty_title,
                "seconds_per_picture": took.seconds if took else None,
                "pictures": [{"row": row, "file": names[row], "uncertainty": by_row[row]} for row in rows.tolist()],
            }
        )
    print(f"{_words(dataset, len(waiting), len(ranked.rows))} The next {len(rows):,} by the model of run {run.id}:")
    for row in rows.tolist():
        print(f"{by_row[row]:8.3f}  {one_line(names[row], 100)}")
    print(f"The number is the uncertainty: {task.uncertainty_title}.")
    if took:
        about = times.duration(took.seconds * len(rows))
        print(f"About {about}: {took.seconds:.0f} s a picture, the median of {took.pictures:,} labeled here.")
    return 0


def _words(dataset: Dataset, waiting: int, asked: int) -> str:
    words = f"{sentences.count(waiting, 'picture')} of {dataset.name} {sentences.word(waiting, 'waits', 'wait')}"
    drawn = f", {asked:,} of them, drawn at random, were looked at" if asked < waiting else ""
    return f"{words} for labels{drawn}."


def _run(workspace: Workspace, dataset: Dataset, name: str | None) -> Run:
    if name is not None:
        return runs.load(workspace, name)
    able = ranking.able(workspace, dataset)
    if not able:
        raise UserError(
            f"There is no model yet that knows the targets of {dataset.name}: train a quick one on what is labeled.",
            flags="train --quick",
        )
    return able[0]


def _answered(asked: Asked) -> bool:
    """Wait for the answers; return whether they came, not where somebody stopped it."""
    progress = progress_line()
    with stopped_softly() as stop:
        while (state := asked.state()).active:
            if stop.is_set():
                asked.cancel()
                return False
            if state.total:
                progress(state.done, state.total, state.message or "Asking the model")
            time.sleep(_EVERY)
    if state.name == FAILED:
        raise UserError(state.message)
    return True
