"""What ``export`` does with ``--script`` and ``--notebook``: a run in plain fastai."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.cli import output
from lib.cli.common import print_json
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.export.code import files
from lib.export.code.facts import Facts
from lib.training import runs

#: Options of ``export`` that say nothing here.
_OTHERS = ("split", "thresholds", "format", "output", "bundle", "push", "public")


def code_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
    command.add_argument(
        "--script",
        metavar="FILE.py",
        help="write a script in plain fastai that trains this very run again, and FILE-labels.csv beside it",
    )
    command.add_argument("--notebook", metavar="FILE.ipynb", help="the same as a notebook")


def is_asked_for(chosen: argparse.Namespace) -> bool:
    """Return whether a script or a notebook is wanted."""
    return bool(chosen.script or chosen.notebook)


def run_export_code(chosen: argparse.Namespace) -> int:
    """Write what is wanted, each with its table of labels."""
    if asked := [f"--{name}" for name in _OTHERS if getattr(chosen, name) not in (None, False)]:
        raise UserError(
            f"A script and a notebook have all splits and targets of the run: leave out {' and '.join(asked)}."
        )
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    facts = Facts.of(run)
    contents: dict[Path, bytes] = {}
    for path, text in ((chosen.script, files.script), (chosen.notebook, files.notebook)):
        if path is None:
            continue
        file = Path(path)
        table, head = files.beside(file)
        contents[table] = files.table(facts)
        if began := files.head(facts):
            contents[head] = began
        contents[file] = text(facts, table.name, head.name)
    output.write(contents)
    if chosen.json:
        paths = [str(file.resolve()) for file in contents]
        return print_json({"run": run.id, "files": paths, "differences": facts.differences})
    for file in contents:
        print(file)
    for sentence in facts.differences:
        print(f"Other than in the run: {sentence}")
    return 0
