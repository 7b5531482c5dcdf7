"""The command ``import``: reads a source, prints what was understood, and stores it as a dataset."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lib import tasks
from lib.cli import import_fastai
from lib.cli.common import one_line, print_json, progress_line
from lib.core import given_paths, in_place, sentences
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace
from lib.importing import importer, unpack
from lib.importing.columns import OF, ROLES
from lib.importing.dry_run import DryRun, dry_run
from lib.importing.parsed import UnsureError
from lib.importing.questions import limits

_NAMES = 12  # labels listed


def import_options(command: argparse.ArgumentParser) -> None:
    """Add the options of ``import``."""
    command.add_argument("path", type=Path, nargs="?", help="a folder, a zip or a Parquet file")
    import_fastai.option(command)
    command.add_argument("--name", help="name of the dataset; default: that of the folder or zip")
    command.add_argument("--dry-run", action="store_true", help="print what would be imported without storing it")
    where = command.add_mutually_exclusive_group()
    where.add_argument(
        "--in-place",
        action="store_true",
        help="use a folder's images in place, below your home or the folders in $MANYHOT_ROOTS, or fail; "
        "default: where that is allowed",
    )
    where.add_argument("--copy", action="store_true", help="copy the images into the workspace")
    command.add_argument("--valid", type=float, metavar="FRACTION", help="fraction of validation images (default 0.2)")
    command.add_argument("--seed", type=int, default=42, help="seed of the random split (default 42)")
    command.add_argument(
        "--stratify",
        action="store_true",
        help="stratify the validation images by label, class, value range or keypoint",
    )
    command.add_argument(
        "--group",
        metavar="REGEX",
        help="its first capture in the file name is the image's group; no split divides a group",
    )
    command.add_argument("--task", help="read the source as this task where several are possible")
    command.add_argument(
        "--choice",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="answer to a question that --dry-run asks; may be given several times",
    )
    command.add_argument(
        "--yes",
        action="store_true",
        help="take the safe answer to each question that import asks first, such as to keep every person in one split, "
        "and print it",
    )
    command.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=ROLE",
        help=f"what a column of the table holds: {', '.join(ROLES)} (or 'x of nose'); may be given several times",
    )


def parse_choices(given: Iterable[str]) -> dict[str, str]:
    """Return ``NAME=VALUE`` arguments as a mapping.

    Raises
    ------
    UserError
        If one has no equals sign or no name.

    Examples
    --------
    >>> parse_choices(["points=percent", "group=(.*)_"])
    {'points': 'percent', 'group': '(.*)_'}
    """
    answers = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UserError(f"--choice is {text!r}: expected NAME=VALUE, for instance --choice points=percent.")
        answers[name.strip()] = value
    return answers


def parse_columns(given: Iterable[str]) -> dict[str, str]:
    """Return ``NAME=ROLE`` arguments as a mapping; the last equals sign parts them, as names may have some.

    Raises
    ------
    UserError
        If one has no equals sign or no name.

    Examples
    --------
    >>> parse_columns(["dx=labels", "a=b=ignore"])
    {'dx': 'labels', 'a=b': 'ignore'}
    """
    roles = {}
    for text in given:
        name, equals, role = text.rpartition("=")
        if not equals or not name.strip():
            raise UserError(f"--column is {text!r}: expected NAME=ROLE, for instance --column dx=labels.")
        roles[name.strip()] = role.strip()
    return roles


def choice_flags(fixes: Iterable[dict]) -> str:
    """Return what to type for each of ``fixes``, see `lib.importing.parsed.Fix.to_json`."""
    return "; ".join(f"{fix['title']}: --choice '{fix['choice']}={fix['value']}'" for fix in fixes)


def run_import(chosen: argparse.Namespace) -> int:
    """Import a folder or a zip, or say what that would do."""
    chosen.choice = parse_choices(chosen.choice)
    chosen.column = parse_columns(chosen.column)
    import_fastai.resolve(chosen)
    try:
        with limits.explain_memory(chosen.path.name):
            return _dry_run(chosen) if chosen.dry_run else _store(chosen)
    except UnsureError as error:
        raise UserError(_asked(error)) from error


def _asked(error: UnsureError) -> str:
    """Return what an import asks, with what to type for each answer."""
    safe = ", or --yes for the safe answer" if any(fix.safe for fix in error.fixes) else ""
    return f"{error} ({choice_flags([fix.to_json() for fix in error.fixes])}{safe})"


def _import_arguments(chosen: argparse.Namespace) -> dict[str, Any]:
    """Return how a source is to be read, the same for an import and for its dry run."""
    return {
        "workspace": Workspace.find(chosen.workspace),
        "source": chosen.path,
        "name": chosen.name,
        "valid": chosen.valid,
        "seed": chosen.seed,
        "group": chosen.group,
        "stratify": chosen.stratify,
        "task": chosen.task,
        "choices": chosen.choice,
        "columns": chosen.column,
        "yes": chosen.yes,
        "progress": progress_line(),
    }


def _store(chosen: argparse.Namespace) -> int:
    """Import a folder or a zip and print what was understood."""
    report = importer.import_dataset(**_import_arguments(chosen), in_place=_in_place_roots(chosen)).to_json()
    if chosen.json:
        return print_json(report)
    print(f"{report['dataset']}: {report['images']:,} images, {report['task']}, read as {report['format']}")
    print(f"{tasks.get(report['task']).noun}: {', '.join(report['classes'])}")
    print("splits: " + ", ".join(f"{name} {count:,}" for name, count in report["splits"].items()))
    _print_columns(report["columns"])
    _print_answered(report["answered"])
    for problem in report["problems"]:
        print(f"- {problem['sentence']} For instance {', '.join(problem['examples'][:3])}.")
    for fix in report["fixes"]:
        print(f"? {fix['question']} {fix['title']}: --choice '{fix['choice']}={fix['value']}'")
    print(f"Next: {PROGRAM} train {report['dataset']}")
    return 0


def _in_place_roots(chosen: argparse.Namespace) -> list[Path] | None:
    """Return below which folders pictures may stay where they are, None where they are to be copied."""
    roots = _allowed_roots(chosen)
    packed = (
        roots is not None and not chosen.in_place and unpack.is_packed(given_paths.expanded(chosen.path), chosen.choice)
    )
    return None if packed else roots


def _allowed_roots(chosen: argparse.Namespace) -> list[Path] | None:
    """Return as `_in_place_roots` does, not having looked whether pictures are packed, which takes a while.

    Raises
    ------
    UserError
        If they may not stay where they are and were not to be copied.
    """
    if chosen.copy:
        return None
    source = given_paths.expanded(chosen.path)
    if not chosen.in_place:
        return in_place.fitting(source)
    roots = in_place.allowed(Path.home())
    in_place.check_root(source, roots)
    return roots


def _dry_run(chosen: argparse.Namespace) -> int:
    """Print what an import would do; the same as the Data page does, with ``--json`` as one document."""
    _allowed_roots(chosen)
    trial = dry_run(**_import_arguments(chosen))
    if chosen.json:
        print_json(trial.to_json())
    elif trial.format:
        _print_dry_run(trial)
    if trial.error:
        unsaid = trial.questions and (chosen.json or not trial.format)
        raise UserError(f"{trial.error} ({choice_flags(trial.questions)})" if unsaid else trial.error)
    if not chosen.json:
        print("Nothing was stored (dry run).")
    return 0


def _print_dry_run(trial: DryRun) -> None:
    task = tasks.get(trial.task)
    print(f"{trial.dataset}: {trial.images:,} images, {task.title.lower()}, read as {trial.format}")
    print(f"{task.nouns} ({len(trial.classes):,}): {sentences.listed(trial.classes, _NAMES, show=one_line)}")
    if trial.splits:
        print("splits: " + ", ".join(f"{name} {count:,}" for name, count in trial.splits.items()))
    _print_columns(trial.columns)
    _print_answered(trial.answered)
    print("for instance:")
    for sample in trial.samples:
        print(f"  {sentences.printable(sample.file)}: {sample.target}")
    for problem in trial.problems:
        some = f" (of {problem['among']:,} opened)" if problem["among"] < trial.images else ""
        examples = ", ".join(map(sentences.printable, problem["examples"][:3]))
        print(f"- {problem['sentence']}{some} For instance {examples}.")
        print_questions(problem["fixes"])
    print_questions(trial.questions)
    if not trial.complete:
        print(f"{trial.opened:,} of {trial.images:,} images were opened, spread evenly; the import opens all.")


def _print_columns(columns: Iterable[dict]) -> None:
    """Print which columns have which role, on one line; nothing where there is no table."""
    names_of: dict[str, list[str]] = {}
    for column in columns:
        role = column["role"].partition(OF)[0]
        names_of.setdefault(role, []).append(column["name"])
    if names_of:
        listed = (f"{role}: {sentences.listed(names, _NAMES, show=one_line)}" for role, names in names_of.items())
        print(f"columns: {'; '.join(listed)} (another role: --column NAME=ROLE)")


def _print_answered(fixes: Iterable[dict]) -> None:
    """Print which answers ``--yes`` took."""
    for fix in fixes:
        print(f"answered: {fix['question']} {choice_flags([fix])}")


def print_questions(fixes: Iterable[dict]) -> None:
    """Print each question with what to type for the other answer."""
    for fix in fixes:
        print(f"? {fix['question']} {choice_flags([fix])}")
