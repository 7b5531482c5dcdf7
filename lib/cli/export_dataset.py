"""The command ``export-dataset``: writes a dataset to a zip."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.cli import common
from lib.core import given_paths, sentences
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.export.dataset import FORMS, prepare, write


def export_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``export-dataset``."""
    forms = "; ".join(f"{name}: {form.help}" for name, form in FORMS.items())
    command.add_argument("dataset", help="name of a dataset")
    command.add_argument("--format", required=True, choices=FORMS, help=forms.replace("%", "%%"))
    command.add_argument("--output", type=Path, metavar="FILE", help="the zip; default: DATASET-FORMAT.zip here")


def run_export(chosen: argparse.Namespace) -> int:
    """Write a dataset to a zip that imports as the same dataset."""
    dataset = store.load(Workspace.find(chosen.workspace), chosen.dataset)
    export = prepare(dataset, chosen.format)
    path = given_paths.expanded(chosen.output or export.file_name).resolve()
    if path.exists():
        raise UserError(f"{path} is there already: choose another name with --output, or delete it.")
    if not path.parent.is_dir():
        raise UserError(f"{path.parent} is no folder: make it, or choose another place with --output.")
    write(export, path, common.progress_line())
    if chosen.json:
        return common.print_json(
            {
                "dataset": dataset.name,
                "revision": dataset.revision,
                "format": export.form,
                "images": len(export.dataset),
                "file": str(path),
                "bytes": path.stat().st_size,
                "task": export.task,
                "notes": export.notes,
            }
        )
    print(f"{path}: {len(export.dataset):,} images of {dataset.name}, {sentences.size(path.stat().st_size)}")
    for note in export.notes:
        print(f"- {note}")
    print(f"Next: {PROGRAM} import {path}" + (f" --task {export.task}" if export.task else ""))
    return 0
