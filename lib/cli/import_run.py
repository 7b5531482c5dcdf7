"""The command ``import-run``: takes in the bundle of a run."""

from __future__ import annotations

import argparse
import warnings
from dataclasses import asdict
from pathlib import Path

from lib.cli.common import print_json, progress_line
from lib.core import given_paths
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace


def import_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``import-run``."""
    command.add_argument("bundle", type=Path, metavar="DIR|ZIP", help="what `export RUN --bundle` has written")


def run_import(chosen: argparse.Namespace) -> int:
    """Make a run of a bundle, with a dataset of what it knows where the run's own is not here."""
    workspace = Workspace.find(chosen.workspace)
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of torch, about itself
        from lib.export.bundle import taking

        taken = taking.take(workspace, given_paths.expanded(chosen.bundle).resolve(), progress_line())
    if chosen.json:
        return print_json(asdict(taken))
    print(f"Run {taken.run} of the dataset {taken.dataset}")
    if taken.is_stand_in:
        print(
            f"That dataset is not here: {taken.dataset} was made of what the bundle knows, the targets of the images "
            "that were predicted and the example pictures."
        )
    print(f"Next: {PROGRAM} evaluate {taken.run}, or {PROGRAM} predict {taken.run} PICTURE")
    return 0
