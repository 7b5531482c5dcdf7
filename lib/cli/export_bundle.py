"""What ``export`` does with ``--bundle`` and ``--push``: all of a run in a folder or zip, here and on the hub."""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path

from lib.cli.common import print_json, progress_line
from lib.core import given_paths
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.export.bundle import arriving, contents
from lib.export.bundle.contents import BundleManifest
from lib.training import runs

#: Options of ``export`` that say nothing here.
_OTHERS = ("split", "thresholds", "format", "output")


def bundle_options(command: argparse.ArgumentParser) -> None:
    """Add the options."""
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
        help="upload the bundle, or one that is there already in place of RUN, to this repository of the Hugging Face "
        "hub, made private",
    )
    command.add_argument("--public", action="store_true", help="make the repository of --push one for everybody")


def is_asked_for(chosen: argparse.Namespace) -> bool:
    """Return whether a bundle is wanted."""
    return bool(chosen.bundle or chosen.push or chosen.public)


def run_export_bundle(chosen: argparse.Namespace) -> int:
    """Make the bundle of a run, and upload it; or upload one that was made before."""
    if asked := [f"--{name}" for name in _OTHERS if getattr(chosen, name)]:
        raise UserError(f"A bundle has all splits and thresholds of the run: leave out {' and '.join(asked)}.")
    if not chosen.push and chosen.public:
        raise UserError("--public is about the repository of --push: say with --push OWNER/NAME which one.")
    path = given_paths.expanded(chosen.bundle or chosen.run_id).resolve()
    if chosen.bundle is None and not arriving.is_bundle(path):
        raise UserError(
            f"--push uploads a bundle, and {chosen.run_id} is none: name the folder or zip of one, or say with "
            "--bundle DIR|ZIP where that of a run goes."
        )
    with warnings.catch_warnings(action="ignore", category=FutureWarning):  # of torch, about itself
        manifest, address = _made_and_pushed(chosen, path)
    run, parity = manifest["origin"]["run"], manifest["parity"]
    if chosen.json:
        about = {"run": run, "bundle": str(path), "files": len(manifest["files"]) + 1, "parity": parity}
        return print_json({**about, "pushed": address})
    print(f"{path}: the bundle of run {run}")
    print(
        f"ONNX differs from PyTorch by {parity['onnx']:.2g} {parity['unit']} at most on all {parity['images']:,} "
        f"{parity['split']} images, PyTorch from what the run recorded by {parity['recorded']:.2g}."
    )
    if address:
        print(f"It is at {address}")
    print(f"Next: python {contents.SCRIPT} --self-test there, or {PROGRAM} import-run {path} in another workspace")
    return 0


def _made_and_pushed(chosen: argparse.Namespace, path: Path) -> tuple[BundleManifest, str | None]:
    from lib.export.bundle import making, push, reading

    if chosen.push:
        push.check(chosen.push)
    if chosen.bundle is not None:
        manifest = making.write(runs.load(Workspace.find(chosen.workspace), chosen.run_id), path, progress_line())
        if not chosen.push:
            return manifest, None
    with reading.opened(path) as bundle:
        return bundle.manifest, push.push(bundle.folder, chosen.push, public=chosen.public, kept=path)
