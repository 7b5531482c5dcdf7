"""The process that looks into weights files: ``python -m lib.training.weights_worker FOLDER LOCK``.

It answers `lib.training.weights_questions.WeightsQuestion`, each in a fork with limits: a page has no torch, and what
comes from outside is read where it can take down nothing else.
"""

from __future__ import annotations

import contextlib
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np

from lib.core.config import TrainConfig
from lib.core.errors import UserError, reason
from lib.core.questions import asking, forks, json_answers, requests, serve
from lib.core.questions.requests import Place
from lib.training import bundled, weights_files
from lib.training.weights_files import Kept
from lib.training.weights_questions import TAKE, Answer, WeightsFolder, WeightsQuestion

#: Bytes of memory that torch may take for itself, and how many times the file's size what is made of it may take.
_TORCH, _TIMES = 4 * 2**30, 6
#: Seconds that looking into a file may take, torch's start included.
_MOST_S = 180.0


class Worker(forks.Worker[WeightsQuestion]):
    """Looks into one file after the other, and ends."""

    kind = WeightsQuestion
    failure = "The weights file could not be looked into"
    idle = 0.0
    most_at_once = 1  # each takes gigabytes; and what is known of a kept file has one writer

    def __init__(self, place: Place):
        super().__init__(place)
        self.ended()

    @classmethod
    def place_in(cls, folder: Path) -> WeightsFolder:
        return WeightsFolder(folder)

    def limits(self, question: WeightsQuestion, request: dict[str, Any]) -> forks.Limits:
        size = 0
        with contextlib.suppress(OSError):  # it is gone, which `respond` says
            size = question.file(request).stat().st_size
        return forks.Limits(memory=_TORCH + _TIMES * size, seconds=_MOST_S)

    def respond(self, question: WeightsQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        file = question.file(request)
        try:
            return json_answers.pack(_answer(question, request, file))
        except UserError as error:
            question.remove_file()
            raise UserError(str(error).replace(str(file), request["name"])) from error

    def too_long(self, question: WeightsQuestion, seconds: float) -> str:
        return f"Reading the weights file {question.name} took more than {seconds:.0f} seconds: choose another file."

    def killed(self, question: WeightsQuestion, number: int) -> str:
        why = f"what reads it was ended by {signal.Signals(number).name}"
        advice = ", or close other programs" if number == signal.SIGKILL else ""  # as where the memory is full
        return f"The weights file {question.name} cannot be read ({why}): choose another file{advice}."

    def ended(self) -> None:
        """Remove uploads of questions that were withdrawn, answered or refused; others can be asked again."""
        folder = self.place.folder / requests.FOLDER
        with asking.door(self.place):
            for path in [one for one in folder.glob("*") if one.is_dir() and requests.ID.fullmatch(one.name)]:
                question = WeightsQuestion(WeightsFolder(self.place.folder), path.name)
                if not question.is_wanted or question.path(requests.ANSWER).exists() or question.is_refused:
                    question.remove_file()


def _answer(question: WeightsQuestion, request: dict[str, Any], file: Path) -> Answer:
    tell, name = serve.ProgressTeller(question), request["name"]
    tell(0, 0, "Starting PyTorch")
    try:
        n_tensors, misfits = _look_into(file, request["architectures"], tell)
    except MemoryError:
        forks.lift_memory_limit()
        raise UserError(
            f"The weights file {name} cannot be read (it takes more memory than {_TIMES} times its size): choose "
            "another file."
        ) from None
    misfits = {arch: misfit.replace(str(file), name) for arch, misfit in misfits.items()}
    if request["kind"] != TAKE:
        if kept := weights_files.known(file):
            weights_files.write(file, {**kept, "misfits": kept["misfits"] | misfits})
        return Answer(file=file.name, misfits=misfits)
    tell(0, 0, "Keeping it")
    kept = Kept(name=name, size=file.stat().st_size, n_tensors=n_tensors, misfits=misfits)
    path = _keep(question, file, kept)
    question.remove_file()
    return Answer(file=path.name, misfits=misfits)


def _look_into(file: Path, architectures: list[str], tell: serve.ProgressTeller) -> tuple[int, dict[str, str]]:
    """Return how many tensors a file has, and for each architecture why it does not fit, "" if it does.

    Raises
    ------
    UserError
        If it is no weights file.
    """
    from lib.training.learner import loading, weights

    tell(0, 0, "Reading")
    n_tensors, misfits = len(weights.read(file)), {}
    for arch in architectures:
        tell(0, 0, f"Comparing with {arch}")
        config = TrainConfig("", "", "", arch, True, str(file), 64, 2, False, 0, 1, 1e-3, 1.0, 0.5, 0)
        misfits[arch] = loading.misfit(config)
    return n_tensors, misfits


def _keep(question: WeightsQuestion, upload: Path, kept: Kept) -> Path:
    """Move an upload to where weights are kept, named after its digest; return where that is.

    Raises
    ------
    UserError
        If it cannot be kept.
    WithdrawnError
        If it was withdrawn.
    """
    path = question.place.folder / f"{bundled.digest_of(upload)}{upload.suffix}"
    before = weights_files.known(path)
    misfits = {**(before["misfits"] if before else {}), **kept["misfits"]}
    question.check()
    try:
        weights_files.write(path, {**kept, "misfits": misfits})
        upload.replace(path)
    except OSError as error:
        if not path.exists():
            weights_files.facts(path).unlink(missing_ok=True)
        question.check()
        raise UserError(f"The weights cannot be kept in {path.parent} ({reason(error)}): make room there.") from error
    return path


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
