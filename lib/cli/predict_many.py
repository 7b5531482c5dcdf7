"""The command ``predict`` with ``--out``: many pictures to a file, or what arrives in a folder."""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from lib import tasks
from lib.cli import terminal
from lib.cli.common import print_json, progress_line, say, stopped_softly
from lib.core import depth, given_paths
from lib.core.errors import UserError
from lib.core.sentences import count, word
from lib.core.workspace import Workspace
from lib.export.many import formats, joining, watching
from lib.export.many.joining import Summary
from lib.export.many.table import Reading
from lib.inference.many import on_ray, shards, sources, work
from lib.metrics import unlike
from lib.thresholds import sets
from lib.thresholds.sets_file import DEFAULT
from lib.training import runs
from lib.training.launchers import launched, ray_jobs
from lib.training.launchers.launched import LAUNCHERS, RAY, VARIABLE
from lib.training.runs import Run

if TYPE_CHECKING:
    from lib.inference.many.work import Asked

#: Exit codes: the file is written but some pictures have an error in it; ended by Ctrl+C, to be gone on with.
SOME_FAILED, INTERRUPTED = 3, 130


def many_options(command: argparse.ArgumentParser) -> None:
    """Add the options of `run_many`."""
    endings = ", ".join(one.suffix for one in formats.FORMATS)
    command.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the answers for all pictures of folders, zips and tables of paths (.csv) to a file, by its ending "
        f"{endings}; the same command goes on where it was cut off",
    )
    command.add_argument("--watch", action="store_true", help="answer what arrives in the folder PATH, until Ctrl+C")
    command.add_argument(
        "--abstain", type=float, metavar="BAND", help="labels at most so far from their threshold are unsure"
    )
    command.add_argument(
        "--root", type=Path, metavar="DIR", help="where paths in tables lie (default: the table's folder)"
    )
    command.add_argument(
        "--on",
        choices=LAUNCHERS,
        help=f"where: this machine or Ray, see `launchers`; default: ${VARIABLE}, else local; Ray's machines have to "
        "see the workspace, the pictures and FILE by the same paths",
    )
    command.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="on Ray: how many processes answer (default: one for each GPU, or for each CPU where there is none)",
    )
    command.add_argument("--no-unlike", action="store_true", help="do not compare pictures with those of the training")


def check(chosen: argparse.Namespace) -> None:
    """Look whether the options go together.

    Raises
    ------
    UserError
        If not.
    """
    if chosen.out is None:
        names = {"--watch": chosen.watch, "--no-unlike": chosen.no_unlike}
        names |= {"--abstain": chosen.abstain is not None, "--root": chosen.root is not None}
        names |= {"--on": chosen.on is not None, "--workers": chosen.workers is not None}
        asked = [name for name, is_chosen in names.items() if is_chosen]
        if asked:
            verb = word(len(asked), "needs", "need")
            raise UserError(f"{' and '.join(asked)} {verb} --out FILE, where the answers are written: name one.")
        return
    if chosen.watch and (len(chosen.paths) > 1 or not chosen.paths[0].is_dir()):
        raise UserError(f"--watch takes one folder, found {', '.join(map(str, chosen.paths))}: name one that is there.")
    if chosen.watch and formats.suffix_of(chosen.out) != ".csv":
        raise UserError(f"What arrives is added to a table: expected a file that ends in .csv, found {chosen.out}.")
    if chosen.watch and chosen.on == RAY:
        raise UserError("What arrives in a folder is answered on this machine: leave out --on ray, or --watch.")
    if chosen.workers is not None and (_on(chosen) != RAY or chosen.workers < 1):
        raise UserError(
            f"--workers takes a number from 1 with --on ray, found {chosen.workers}: leave it out, or add it."
        )
    if not chosen.watch and _on(chosen) == RAY:
        ray_jobs.address()
    if chosen.abstain is not None and not 0 <= chosen.abstain <= 1:
        raise UserError(f"--abstain takes a number from 0 to 1, found {chosen.abstain:g}.")


def run_many(chosen: argparse.Namespace) -> int:
    """Write what the model of a run says of many pictures."""
    workspace, target = Workspace.find(chosen.workspace), given_paths.expanded(chosen.out).absolute()
    chosen.paths = [given_paths.expanded(path) for path in chosen.paths]
    run = runs.load(workspace, chosen.run_id)
    reading = _reading(run, chosen.thresholds, chosen.abstain)
    one = formats.of(target, reading.task)
    if not target.parent.is_dir() or target.is_dir():
        raise UserError(f"{target} cannot be a file: choose another name in a folder that is there.")
    for path in (target,) if one.is_table else (target, joining.remarks_of(target)):
        if path.exists() and any(given.exists() and path.samefile(given) for given in chosen.paths):
            raise UserError(f"{path} is what is asked about, and would be replaced: choose another name with --out.")
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of torch, about itself
        if chosen.watch:
            return _watch(chosen, workspace, run, reading, target)
        try:
            with sources.listed(chosen.paths, chosen.root) as entries, shards.opened(target) as folder:
                asked, reading = _asked(workspace, run, reading, compared=not chosen.no_unlike)
                n_actors = chosen.workers or 0
                paths = on_ray.answer_on(_on(chosen), asked, entries, folder, progress_line(), n_actors=n_actors)
                summary = joining.join(target, one, paths, reading)
                shards.remove(folder)
        except KeyboardInterrupt:
            say(f"\nInterrupted: what is answered is kept beside {target}, the same command goes on from there.")
            return INTERRUPTED
    return _tell(chosen, run, reading, target, summary, asked, None if one.is_table else joining.remarks_of(target))


def _on(chosen: argparse.Namespace) -> str:
    """Return the launcher that answers."""
    return chosen.on or launched.usual().launcher


def _watch(chosen: argparse.Namespace, workspace: Workspace, run: Run, reading: Reading, target: Path) -> int:
    with stopped_softly() as stop:
        asked, reading = _asked(workspace, run, reading, compared=not chosen.no_unlike)
        say(f"Answering what arrives in {chosen.paths[0]}, until Ctrl+C.")

        def tell(summary: Summary) -> None:
            terminal.rewrite(f"Answered: {summary.pictures:,}", is_last=False)

        summary = watching.watch(asked, chosen.paths[0], target, reading, stop, tell)
    return _tell(chosen, run, reading, target, summary, asked, None)


def _reading(run: Run, name: str | None, band: float | None) -> Reading:
    task = tasks.get(run.config.task)
    run.result()
    if task.has_labels:
        one = sets.get(run, name or DEFAULT)
        return Reading(run.id, task, run.names(), one.thresh, one.name, band)
    if name is not None or band is not None:
        raise UserError(
            f"The run {run.id} is of the task {task.name}, which has no thresholds: leave out --thresholds and "
            "--abstain."
        )
    return Reading(run.id, task, run.names(), run.config.thresh, "")


def _asked(workspace: Workspace, run: Run, reading: Reading, *, compared: bool) -> tuple[Asked, Reading]:
    """Return the loaded model, and ``reading`` with the distance from where on pictures are unlike the training's."""
    asked, why = work.load(workspace, run, progress_line(), compared=compared)
    if why:
        say(why)
    return asked, reading if asked.reference is None else reading.bounded(asked.reference.boundary)


def _tell(
    chosen: argparse.Namespace,
    run: Run,
    reading: Reading,
    target: Path,
    summary: Summary,
    asked: Asked,
    beside: Path | None,
) -> int:
    if remark := depth.remark(asked.model.value_range, summary.deep):
        say(remark)
    code = SOME_FAILED if summary.errors else 0
    if chosen.json:
        compared = None if asked.reference is None else asked.reference.boundary
        print_json(
            {
                "run": run.id,
                "dataset": run.config.dataset,
                "task": reading.task.name,
                "thresholds": reading.thresholds or None,
                "abstain": reading.band,
                "file": str(target),
                "remarks": str(beside) if beside else None,
                "unlike_above": compared,
                "false_alarms": None if compared is None else unlike.FALSE_ALARMS,
                **asdict(summary),
            }
        )
        return code
    print(f"{target}: {count(summary.pictures, 'picture')}{_words(summary, reading, asked)}")
    if beside:
        print(f"{beside}: distances to the training pictures, remarks and errors")
    return code


def _words(summary: Summary, reading: Reading, asked: Asked) -> str:
    words: list[str] = []
    add: Callable[[str], None] = words.append
    if reading.thresholds:
        add(f"by the thresholds {reading.thresholds!r}")
    if reading.band is not None:
        add(f"{summary.unsure:,} with a label within {reading.band:g} of its threshold")
    if asked.reference is not None:
        add(
            f"{summary.unlike:,} unlike those of the training (distance above {asked.reference.boundary:.3g}; of "
            f"pictures like the {asked.reference.n_valid:,} validation images {100 * unlike.FALSE_ALARMS:.0f} % are)"
        )
    if summary.repeats:
        add(f"{summary.repeats:,} repeated")
    if summary.errors:
        add(f"{summary.errors:,} not answered, each with its error")
    return "".join(f"; {one}" for one in words)
