"""The process that makes dry runs and imports: ``python -m lib.importing.questions.worker FOLDER LOCK``.

It answers `lib.importing.questions.ask.ImportQuestion`, each in a fork with the limits of
`lib.importing.questions.limits`.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lib.core import budget, cleanup, given_paths
from lib.core.questions import forks, json_answers, serve
from lib.importing import dry_run, importer, samples, unpack, uploads
from lib.importing.parsed import UnsureError
from lib.importing.questions import ask, limits
from lib.importing.questions.ask import Imported, ImportQuestion, Imports

_FOR_PICTURES = 0.6  # of an import's memory, what pictures that are being decoded may take


class Worker(forks.Worker[ImportQuestion]):
    """Makes dry runs, imports and samples, several at a time."""

    kind = ImportQuestion
    failure = "The import could not be done"

    @classmethod
    def place_in(cls, folder: Path) -> Imports:
        return Imports(folder)

    def limits(self, question: ImportQuestion, request: dict[str, Any]) -> forks.Limits:
        quiet = limits.QUIET_SECONDS if request["kind"] == ask.CHECK else limits.QUIET_SECONDS_OF_IMPORT
        return forks.Limits(memory=limits.max_memory(), quiet=quiet)

    def respond(self, question: ImportQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        tell = serve.ProgressTeller(question)
        tell(0, 0, "Reading")
        answer = _ANSWERS[request["kind"]]
        budget.use(budget.of_worker(limits.max_memory() * _FOR_PICTURES))
        with limits.explain_memory(Path(question.about).name, limits.max_memory()):
            try:
                return json_answers.pack(answer(question, request, tell))
            except MemoryError:
                forks.lift_memory_limit()
                raise

    def too_quiet(self, question: ImportQuestion, seconds: float) -> str:
        what = {ask.CHECK: "check", ask.SAMPLE: "drawing"}.get(question.kind, "import")
        has_tables = question.kind != ask.SAMPLE
        advice = " Its tables or annotation files may be too large: split them up." if has_tables else ""
        return (
            f"The {what} of {Path(question.about).name} was ended: nothing was heard of it for {seconds:,.0f} s."
            f"{advice} A slow or full disk can be the cause as well."
        )

    def killed(self, question: ImportQuestion, number: int) -> str:
        if number != signal.SIGKILL:
            return question.died()
        return f"{question.died()} Where nobody killed it, the computer's memory was full: close other programs."

    def ended(self) -> None:
        cleanup.sweep(self.place.workspace)  # type: ignore[attr-defined]


def _check(question: ImportQuestion, request: dict[str, Any], tell: serve.ProgressTeller) -> dry_run.DryRun:
    return dry_run.dry_run(
        question.place.workspace,
        Path(request["source"]),
        **request["options"],
        choices=request["choices"],
        progress=tell,
        with_pictures=True,
    )


def _import(question: ImportQuestion, request: dict[str, Any], tell: serve.ProgressTeller) -> Imported:
    workspace, source, folders_in_place = question.place.workspace, Path(request["source"]), request.get("in_place")
    roots = None if folders_in_place is None else [Path(place) for place in folders_in_place]
    if roots is not None and unpack.is_packed(given_paths.expanded(source), request["choices"]):
        roots = None
    try:
        report = importer.import_dataset(
            workspace,
            source,
            **request["options"],
            choices=request["choices"],
            progress=tell,
            in_place=roots,
        )
    except UnsureError as error:
        asked, columns = ([one.to_json() for one in part] for part in (error.fixes, error.columns))
        return Imported(None, str(error), asked, columns)
    uploads.discard(workspace, source)
    return Imported(report)


def _sample(question: ImportQuestion, request: dict[str, Any], tell: serve.ProgressTeller) -> Imported:
    samples.ensure(question.place.workspace, request["name"], tell)
    return Imported(None)


_ANSWERS: dict[str, Callable[[ImportQuestion, dict[str, Any], serve.ProgressTeller], dry_run.DryRun | Imported]]
_ANSWERS = {ask.CHECK: _check, ask.IMPORT: _import, ask.SAMPLE: _sample}

if __name__ == "__main__":
    sys.exit(serve.main(Worker))
