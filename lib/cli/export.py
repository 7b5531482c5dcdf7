"""The command ``export``: writes a run's predictions or thresholds to a file, or all of it as a bundle."""

from __future__ import annotations

import argparse
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.cli import export_code, output
from lib.cli.common import print_json, progress_line, run_option
from lib.core import formulas
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.export import predictions
from lib.export.bundle import contents
from lib.thresholds import sets
from lib.thresholds.sets_file import DEFAULT
from lib.training import runs


def export_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``export``."""
    run_option(command)
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
    command.add_argument(
        "--bundle",
        type=Path,
        metavar="DIR|ZIP",
        help="a new folder, or a zip where it ends in .zip, with the model as ONNX and safetensors, all sets of "
        "thresholds, a model card, and a script that predicts with onnxruntime alone; `import-run` takes it in",
    )
    command.add_argument(
        "--push",
        metavar="OWNER/NAME",
        help="upload the bundle's folder to this repository of the Hugging Face hub as well, which is made private",
    )
    command.add_argument("--public", action="store_true", help="make the repository of --push one for everybody")
    export_code.code_options(command)


def run_export(chosen: argparse.Namespace) -> int:
    """Write every prediction of a run, or its thresholds alone, to a file; or all of the run as a bundle."""
    if chosen.bundle is None and (chosen.push or chosen.public):
        raise UserError("--push and --public are about a bundle: say with --bundle DIR where its folder goes.")
    if export_code.is_asked_for(chosen):
        return export_code.run_export_code(chosen)
    if chosen.bundle is not None:
        return _bundle(chosen)
    chosen.split, chosen.format = chosen.split or "valid", chosen.format or "csv"
    if chosen.json and chosen.output == "-":
        raise UserError("--json and --output - both write to stdout: leave one of them out.")
    run = runs.load(Workspace.find(chosen.workspace), chosen.run_id)
    one = sets.get(run, chosen.thresholds or DEFAULT)
    form = _FORMATS[chosen.format]
    content = form.content(run, chosen.split, one)
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


def _bundle(chosen: argparse.Namespace) -> int:
    if asked := [f"--{name}" for name in ("split", "thresholds", "format", "output") if getattr(chosen, name)]:
        raise UserError(f"A bundle has all splits and thresholds of the run: leave out {' and '.join(asked)}.")
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of torch, about itself
        from lib.export.bundle import making, push

        run, path = runs.load(Workspace.find(chosen.workspace), chosen.run_id), chosen.bundle.expanduser().resolve()
        if chosen.push and path.suffix.lower() == ".zip":
            raise UserError(f"--push uploads a folder, and {path.name} is a zip: leave out its ending.")
        if chosen.push:
            push.check(chosen.push)
        manifest = making.write(run, path, progress_line())
        address = push.push(path, chosen.push, public=chosen.public) if chosen.push else None
    parity = manifest["parity"]
    if chosen.json:
        about = {"run": run.id, "bundle": str(path), "files": len(manifest["files"]) + 1, "parity": parity}
        return print_json({**about, "pushed": address})
    print(f"{path}: the bundle of run {run.id}")
    print(
        f"ONNX differs from PyTorch by {parity['onnx']:.2g} {parity['unit']} at most on all {parity['images']:,} "
        f"{parity['split']} images, PyTorch from what the run recorded by {parity['recorded']:.2g}."
    )
    if address:
        print(f"It is at {address}")
    print(f"Next: python {contents.SCRIPT} --self-test there, or {PROGRAM} import-run {path} in another workspace")
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
