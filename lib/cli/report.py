"""The command ``report``: writes a run's numbers, pictures and the drag to one HTML file."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib import tasks
from lib.cli import without_dataset
from lib.cli.common import print_json, progress_line, run_option, say
from lib.core import given_paths, sentences
from lib.core.errors import DamagedError
from lib.core.workspace import Workspace
from lib.export.report import making
from lib.thresholds import sets
from lib.thresholds.sets_file import DEFAULT
from lib.training import runs


def report_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``report``."""
    run_option(command)
    command.add_argument("file", type=Path, metavar="FILE.html", help="where to; what is there is replaced")
    command.add_argument("--split", choices=("valid", "test"), default="", help="whose images (default valid)")
    command.add_argument(
        "--thresholds", metavar="NAME", default=DEFAULT, help="a saved set, see `thresholds` (default: as trained)"
    )


def run_report(chosen: argparse.Namespace) -> int:
    """Write the report."""
    run, path = runs.load(Workspace.find(chosen.workspace), chosen.run_id), given_paths.expanded(chosen.file).resolve()
    made = making.write(run, path, split=chosen.split, thresholds=chosen.thresholds, tell=progress_line())
    without_dataset.say_why(run, "The report has no pictures.")
    if tasks.get(run.config.task).has_labels:
        try:
            sets.read_all(run)
        except DamagedError as error:
            say(f"The report lists no kept thresholds. {error}")
    if chosen.json:
        told = {"run": run.id, "file": str(path), "bytes": made.size, "split": made.split}
        return print_json({**told, "thresholds": made.thresholds, "pictures": made.pictures})
    print(f"{path}: the report of run {run.id}, {sentences.size(made.size)}. It needs no server and no network.")
    return 0
