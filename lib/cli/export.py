"""The command ``export``: writes a run's predictions or thresholds to a file, or all of it as a bundle."""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.cli import export_bundle, export_code, output, without_dataset
from lib.cli.common import print_json
from lib.core import formulas
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.export import predictions
from lib.thresholds import sets
from lib.thresholds.sets_file import DEFAULT
from lib.training import runs


def export_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``export``."""
    command.add_argument("run_id", metavar="RUN", help="id of a run, see `runs`; with --push alone also a bundle")
    command.add_argument("--split", choices=("valid", "test"), help="which images (default valid)")
    command.add_argument("--thresholds", metavar="NAME", help="a saved set, see `thresholds` (default: as trained)")
    command.add_argument(
        "--format",
        choices=tuple(_FORMATS),
        help="csv: a table for spreadsheets; json: the same with run and thresholds; thresholds: these alone, as JSON "
        f"(default csv). {formulas.WORDS} JSON has them as they are.",
    )
    command.add_argument(
        "--output", metavar="FILE", help="where to, - for stdout (default: named by run, images and thresholds, here)"
    )
    export_bundle.bundle_options(command)
    export_code.code_options(command)


def run_export(chosen: argparse.Namespace) -> int:
    """Write every prediction of a run, or its thresholds alone, to a file; or all of the run as a bundle."""
    if export_code.is_asked_for(chosen):
        return export_code.run_export_code(chosen)
    if export_bundle.is_asked_for(chosen):
        return export_bundle.run_export_bundle(chosen)
    chosen.split, chosen.format = chosen.split or "valid", chosen.format or "csv"
    if chosen.json and chosen.output == "-":
        raise UserError("--json and --output - both write to stdout: leave one of them out.")
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    one = sets.get(run, chosen.thresholds or DEFAULT)
    form = _FORMATS[chosen.format]
    content = form.content(run, chosen.split, one)
    if not form.part:
        without_dataset.say_why(run, "Images are called by their rows in the dataset, not by their files.")
    if chosen.output == "-":
        sys.stdout.buffer.write(content)
        return 0
    path = Path(chosen.output or predictions.file_name(run, form.part or chosen.split, one, form.suffix))
    output.write({path: content})
    images = None if form.part else len(run.predictions(chosen.split).items)
    if chosen.json:
        return print_json(
            {
                "run": run.id,
                "format": chosen.format,
                "split": None if form.part else chosen.split,
                "images": images,
                "thresholds": one.name,
                "file": str(path.resolve()),
            }
        )
    print(f"{path}: {f'{images:,} {chosen.split} images' if images is not None else 'thresholds'} of run {run.id}")
    return 0


@dataclass(frozen=True)
class _Format:
    """How an export is made, its suffix, and what it is a part of a run in place of a split's predictions."""

    content: Any
    suffix: str
    part: str = ""


_FORMATS = {
    "csv": _Format(predictions.csv_bytes, "csv"),
    "json": _Format(predictions.json_bytes, "json"),
    "thresholds": _Format(lambda run, _, one: predictions.thresholds_bytes(run, one), "json", "thresholds"),
}
