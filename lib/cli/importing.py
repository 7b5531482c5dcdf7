"""What ``python -m lib import`` says of a source before and while it is read: questions, examples, mismatches."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from lib import tasks
from lib.cli import common, import_fastai
from lib.cli.common import print_json, shown
from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.dry_run import DryRun, dry_run
from lib.importing.parsed import UnsureError

_NAMES = 12  # labels listed


def choices(given: Iterable[str]) -> dict[str, str]:
    """Return ``NAME=VALUE`` arguments as a mapping.

    Raises
    ------
    UserError
        If one has no equals sign or no name.

    Examples
    --------
    >>> choices(["points=percent", "group=(.*)_"])
    {'points': 'percent', 'group': '(.*)_'}
    """
    found = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UserError(f"--choice is {text!r}: expected NAME=VALUE, for instance --choice points=percent.")
        found[name.strip()] = value
    return found


def how(fixes: Iterable[dict]) -> str:
    """Return what to type for each of ``fixes``, see `lib.importing.parsed.Fix.to_json`."""
    return "; ".join(f"{fix['title']}: --choice '{fix['choice']}={fix['value']}'" for fix in fixes)


def run_import(chosen: argparse.Namespace) -> int:
    """Import a folder or a zip, or say what that would do."""
    chosen.choice = choices(chosen.choice)
    import_fastai.resolve(chosen)
    if chosen.dry_run:
        return run(chosen)
    try:
        return common.run_import(chosen)
    except UnsureError as error:
        raise UserError(f"{error} ({how([fix.to_json() for fix in error.fixes])})") from error


def run(chosen: argparse.Namespace) -> int:
    """Say what an import would do; the same as the Data page does, with ``--json`` as one document."""
    common.check_place(chosen)
    found = dry_run(**common.asked(chosen))
    if chosen.json:
        print_json(found.to_json())
    elif found.format:
        _say(found)
    if found.error:
        unsaid = found.questions and (chosen.json or not found.format)
        raise UserError(f"{found.error} ({how(found.questions)})" if unsaid else found.error)
    if not chosen.json:
        print("Nothing was stored (dry run).")
    return 0


def _say(found: DryRun) -> None:
    task = tasks.get(found.task)
    print(f"{found.dataset}: {found.images:,} images, {task.title.lower()}, read as {found.format}")
    print(f"{task.nouns} ({len(found.classes):,}): {sentences.listed(found.classes, _NAMES, show=shown)}")
    if found.splits:
        print("splits: " + ", ".join(f"{name} {count:,}" for name, count in found.splits.items()))
    print("for instance:")
    for sample in found.samples:
        print(f"  {_whole(sample.file)}: {sample.target}")
    for problem in found.problems:
        some = f" (of {problem['among']:,} opened)" if problem["among"] < found.images else ""
        print(f"- {problem['sentence']}{some} For instance {', '.join(map(_whole, problem['examples'][:3]))}.")
        ask(problem["fixes"])
    ask(found.questions)
    if not found.complete:
        print(f"{found.opened:,} of {found.images:,} pictures were opened, spread evenly; the import opens all.")


def _whole(text: str) -> str:
    """Return text as a terminal can show it, with its end, where names differ."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def ask(fixes: Iterable[dict]) -> None:
    """Print each question with what to type for the other answer."""
    for fix in fixes:
        print(f"? {fix['question']} {how([fix])}")
