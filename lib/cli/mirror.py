"""The command ``mirror``: follows a run and writes what TensorBoard, W&B or MLflow read."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.cli.common import print_json, run_option, say, stopped_softly
from lib.core.sentences import count
from lib.core.workspace import Workspace
from lib.export import mirror_questions
from lib.export.mirror.following import Mirrored, mirror
from lib.export.mirror_questions import TARGETS


def mirror_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``mirror``."""
    run_option(command)
    command.add_argument("--to", choices=tuple(TARGETS), required=True, help="the tool, whose package is an extra")
    command.add_argument("folder", metavar="DIR", type=Path, help="where to; several runs may share it")
    command.add_argument("--once", action="store_true", help="write what is there and end, also while the run goes on")


def run_mirror(chosen: argparse.Namespace) -> int:
    """Follow a run until it is over, and say what was written."""
    with stopped_softly() as stop:
        workspace = Workspace.find(chosen.workspace)
        mirrored = mirror(workspace, chosen.run_id, chosen.to, chosen.folder, once=chosen.once, stop=stop)
    view = mirror_questions.view(chosen.to, chosen.folder)
    if mirrored.damage:
        say(mirrored.damage)
    if mirrored.others:
        say(_others(mirrored))
    if chosen.json:
        return print_json(
            {
                "run": chosen.run_id,
                "to": chosen.to,
                "folder": str(chosen.folder.resolve()),
                "state": mirrored.state,
                "step": mirrored.step,
                "values": mirrored.values,
                "texts": mirrored.texts,
                "others": len(mirrored.others),
                "view": view,
            }
        )
    print(
        f"{chosen.folder}: run {chosen.run_id}, {mirrored.state}, to step {mirrored.step:,}; "
        f"{count(mirrored.values, 'new value')}. Next: {view}"
    )
    return 0


def _others(mirrored: Mirrored) -> str:
    steps = sorted(step for _, step in mirrored.others)
    return (
        f"Of steps {steps[0]:,} to {steps[-1]:,}, {count(len(mirrored.others), 'value')} in the folder are not those "
        "that the run has now: it was resumed after they had been written. Mirror it into a new folder for these."
    )
