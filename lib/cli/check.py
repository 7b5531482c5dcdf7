"""The command ``check``: looks for bad data and prints or writes the findings."""

from __future__ import annotations

import argparse
from pathlib import Path

from lib.cli import common
from lib.core import files, given_paths, processes, sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.core.workspace import Workspace
from lib.datasets import checks, store
from lib.datasets.checks import Result, fingerprints, reviewed
from lib.datasets.checks.fingerprints import Fingerprints
from lib.datasets.checks.scan import Scanner
from lib.export import findings

_FORMS = {".csv": findings.csv_bytes, ".json": findings.json_bytes}
_SHOWN = 5


def check_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``check``."""
    command.add_argument("dataset", help="name of a dataset")
    command.add_argument("--output", type=Path, metavar="FILE", help="write all findings to FILE, .csv or .json")
    command.add_argument("--all", action="store_true", help="print also the findings that were dismissed")
    command.add_argument(
        "--no-pictures",
        action="store_true",
        help="skip checks that need a scan of all images; earlier scans are still used",
    )


def run_check(chosen: argparse.Namespace) -> int:
    """Look for bad data and print what there is; the exit status is 0 also where something is found."""
    workspace = Workspace.find(chosen.workspace)
    dataset = store.load(workspace, chosen.dataset)
    path = _output_path(chosen.output)
    prints = fingerprints.read(dataset) if chosen.no_pictures else _scan_images(dataset)
    review = reviewed.review(dataset, checks.run(dataset, prints))
    if path is not None:
        try:
            files.write_atomic(path, _FORMS[path.suffix.lower()](dataset, review))
        except OSError as error:
            raise UserError(f"{path} cannot be written ({reason(error)}): choose another with --output.") from error
    if chosen.json:
        return common.print_json(findings.to_json(dataset, review))
    print(f"{dataset.name}, {len(dataset.included):,} images: {findings.summary(review.open)}")
    _print(dataset, review.open)
    if review.done:
        hint = "" if chosen.all or not review.dismissed.cases else "; --all prints them too"
        print(f"Reviewed: {review.accepted:,} accepted, {review.dismissed.cases:,} dismissed{hint}.")
    if chosen.all:
        _print(dataset, review.dismissed, "dismissed: ")
    print(findings.checked_words(review.open))
    if path is not None:
        print(f"Written: {path}")
    return 0


def _print(dataset: Dataset, result: Result, decision: str = "") -> None:
    for finding in result.findings:
        print(f"{finding.severity.upper():<8} {decision}{sentences.printable(finding.sentence)}")
        about = [(f"row {row}: {dataset.items['original'].iat[row]}", row) for row in finding.rows]
        about = about or [(dataset.names[column], column) for column in finding.columns]
        for name, place in about[:_SHOWN]:
            why = finding.details.get(place, "")
            print(f"         - {sentences.printable(name)}" + (f" ({sentences.printable(why)})" if why else ""))
        if len(about) > _SHOWN:
            print(f"           and {sentences.more(len(about) - _SHOWN)}: --json or --output FILE has them all")


def _output_path(path: Path | None) -> Path | None:
    if path is None:
        return None
    path = given_paths.expanded(path).resolve()
    if path.suffix.lower() not in _FORMS:
        raise UserError(f"{path.name} ends in {path.suffix!r}: expected a name that ends in .csv or .json.")
    if path.is_dir() or not path.parent.is_dir():
        raise UserError(f"{path} cannot be a file: expected a name in a folder that exists.")
    return path


def _scan_images(dataset: Dataset) -> Fingerprints:
    """Return what the pictures look like, looked through now as far as they were not."""
    folder = Scanner.of(dataset).lock_in
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with processes.inheritable_lock(folder) as lock:
            if lock is None:
                raise UserError(
                    f"The pictures of {dataset.name} are being looked through by another process: wait for it, stop it "
                    "on the page, or check with --no-pictures."
                )
            return fingerprints.measure(dataset, common.progress_line())
    except OSError as error:
        raise UserError(
            f"The folder {folder} cannot be written to ({reason(error)}): make room there, or check with --no-pictures."
        ) from error
