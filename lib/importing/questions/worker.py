"""The process that makes dry runs and imports: ``python -m lib.importing.questions.worker FOLDER LOCK``.

It answers `lib.importing.questions.ask.Question`, each in a fork with the limits of `lib.importing.questions.limits`.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.core import cleanup
from lib.core.questions import forks, serve
from lib.importing import dry_run, importer, samples, unpack, uploads
from lib.importing.parsed import UnsureError
from lib.importing.questions import ask, limits
from lib.importing.questions.ask import Imported, Imports, Question


class Worker(forks.Worker[Question]):
    """Makes dry runs, imports and samples, several at a time."""

    kind = Question
    failure = "The import could not be done"

    @classmethod
    def place_in(cls, folder: Path) -> Imports:
        return Imports(folder)

    def limits(self, question: dict[str, Any]) -> forks.Limits:
        quiet = limits.QUIET_SECONDS if question["kind"] == ask.CHECK else limits.QUIET_SECONDS_OF_IMPORT
        return forks.Limits(memory=limits.max_memory(), quiet=quiet)

    def respond(self, ticket: Question, question: dict[str, Any]) -> dict[str, np.ndarray]:
        tell = serve.Telling(ticket)
        tell(0, 0, "Reading")
        answer = _ANSWERS[question["kind"]]
        with limits.explain_memory(Path(ticket.about).name, limits.max_memory()):
            try:
                return ask.packed(answer(ticket, question, tell))
            except MemoryError:
                forks.lift_memory_limit()
                raise

    def too_quiet(self, ticket: Question, seconds: float) -> str:
        what = {ask.CHECK: "check", ask.SAMPLE: "drawing"}.get(ticket.kind, "import")
        advice = "" if ticket.kind == ask.SAMPLE else " Its tables or annotation files may be too large: split them up."
        return (
            f"The {what} of {Path(ticket.about).name} was ended: nothing was heard of it for {seconds:,.0f} s.{advice} "
            "A slow or full disk can be the cause as well."
        )

    def killed(self, ticket: Question, number: int) -> str:
        if number != signal.SIGKILL:
            return ticket.died()
        return f"{ticket.died()} Where nobody killed it, the computer's memory was full: close other programs."

    def ended(self) -> None:
        cleanup.sweep(self.place.workspace)  # type: ignore[attr-defined]


def _check(ticket: Question, question: dict[str, Any], tell: serve.Telling) -> dry_run.DryRun:
    return dry_run.dry_run(
        ticket.imports.workspace,
        Path(question["source"]),
        **question["options"],
        choices=question["choices"],
        progress=tell,
        with_pictures=True,
    )


def _import(ticket: Question, question: dict[str, Any], tell: serve.Telling) -> Imported:
    workspace, source, places = ticket.imports.workspace, Path(question["source"]), question.get("in_place")
    roots = None if places is None else [Path(place) for place in places]
    if roots is not None and unpack.is_packed(source.expanduser(), question["choices"]):
        roots = None
    try:
        report = importer.import_dataset(
            workspace,
            source,
            **question["options"],
            choices=question["choices"],
            progress=tell,
            in_place=roots,
        )
    except UnsureError as error:
        asked, columns = ([one.to_json() for one in part] for part in (error.fixes, error.columns))
        return Imported(None, str(error), asked, columns)
    uploads.discard(workspace, source)
    return Imported(report)


def _sample(ticket: Question, question: dict[str, Any], tell: serve.Telling) -> Imported:
    samples.ensure(ticket.imports.workspace, question["name"], tell)
    return Imported(None)


_ANSWERS: dict[str, Callable[[Question, dict[str, Any], serve.Telling], dry_run.DryRun | Imported]]
_ANSWERS = {ask.CHECK: _check, ask.IMPORT: _import, ask.SAMPLE: _sample}

if __name__ == "__main__":
    sys.exit(serve.main(Worker))
