"""The command ``diff``: prints what changed between two revisions of a dataset."""

from __future__ import annotations

import argparse

import pandas as pd

from lib.cli import common
from lib.core import sentences
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import difference, revisions

_ROWS = 20  # of a table without --json
#: Characters of a name or a value that are printed.
_LONG = 60


def diff_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``diff``."""
    command.add_argument("dataset", help="name of a dataset")
    what = f"a revision, or the beginning of one, see `edits`; {revisions.NOW} or {revisions.IMPORT}"
    command.add_argument("before", metavar="REV", help=what)
    command.add_argument(
        "after", metavar="REV", nargs="?", default=revisions.NOW, help="what it is compared with (default: %(default)s)"
    )


def run_diff(chosen: argparse.Namespace) -> int:
    """Print in numbers and as a list what changed from one revision to the other."""
    workspace = Workspace.find(chosen.workspace)
    dataset = store.load(workspace, chosen.dataset)
    before, after = (
        store.load(workspace, chosen.dataset, revisions.find(dataset, text)) for text in (chosen.before, chosen.after)
    )
    differs = difference.compare(before, after)
    if chosen.json:
        return common.print_json(differs.to_json())
    print(f"{dataset.name}, from revision {before.revision} to {after.revision}: {differs.sentence()}")
    if differs.rows.size:
        _print("Images of each split", differs.splits)
        _print(f"Each {differs.task.noun}", differs.names)
        _print("Each change", differs.table)
    return 0


def _print(title: str, table: pd.DataFrame) -> None:
    table = table.loc[:, ~(table.isna() | (table == "")).all()]
    shown = table.head(_ROWS).map(lambda cell: common.one_line(cell, _LONG) if isinstance(cell, str) else cell)
    print(f"\n{title}")
    print(shown.to_string(index=False, float_format="{:.3g}".format, na_rep=""))
    if len(table) > _ROWS:
        print(f"  … {sentences.more(len(table) - _ROWS)}, all of them with --json")
