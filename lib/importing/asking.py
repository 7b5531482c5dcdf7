"""Reads a source and settles what an import asks first: open questions are raised, or their safe answers taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lib.importing import formats, series
from lib.importing.options import Options
from lib.importing.parsed import Fix, Parsed, UnsureError
from lib.importing.tree import Tree


def read(tree: Tree, options: Options) -> tuple[Parsed, Options]:
    """Return what a source says, no picture opened yet, and the options with the answers that were taken.

    Raises
    ------
    UserError
        If it cannot be read; `UnsureError` if something has to be asked before it is imported.
    """
    options.progress(0, 0, "Reading the labels")
    while True:
        parsed, error = None, None
        try:
            parsed = formats.parse(tree, options.task, options.choices, options.columns)
            parsed.fixes += series.questions(parsed, options) if parsed.files else []
            fixes = blocking(parsed.fixes)
        except UnsureError as unsure:
            error, fixes = unsure, unsure.fixes
        safe = {fix.choice: fix for fix in fixes if fix.safe and fix.choice not in options.choices}
        if not options.yes or not safe:
            break
        options = replace(
            options,
            choices={**options.choices, **{choice: fix.value for choice, fix in safe.items()}},
            answered=(*options.answered, *safe.values()),
        )
    if error is not None or parsed is None:
        raise error or AssertionError
    ask(parsed, options)
    return parsed, options


def ask(parsed: Parsed, options: Options) -> None:
    """Raise what blocks an import, all of it at once.

    Raises
    ------
    UnsureError
        If there is something, and this is an import.
    """
    fixes = blocking(parsed.fixes)
    if fixes and options.asks:
        raise UnsureError(" ".join(dict.fromkeys(fix.question for fix in fixes)), fixes)


def blocking(fixes: Iterable[Fix]) -> list[Fix]:
    """Return the answers to what an import asks first."""
    return [fix for fix in fixes if fix.blocks]
