"""Requests to a worker on disk: how each stands, and its answer.

Below the folder of its place (a run, a dataset, ...), in ``requests/``, a question has a name made of its content:
``NAME.json`` the question and ``NAME/`` its pictures (whoever asks), ``NAME.progress.json`` while it is worked on and
``NAME.part`` what of the answer is there by then, at last ``NAME.safetensors`` the answer or ``NAME.error.json`` one
sentence why there is none (the worker). Taking the question away withdraws it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NotRequired, Protocol, TypedDict, TypeVar

import numpy as np
from safetensors import SafetensorError

from lib.core import ages, files, inside, json_files, processes, tensor_files
from lib.core.errors import DamagedError, UserError, reason
from lib.core.json_files import Count

FOLDER, LOG = "requests", "worker.log"
#: What questions are called.
ID = re.compile(r"[0-9a-f]{16}")
QUESTION, PROGRESS, ANSWER, ERROR = ".json", ".progress.json", ".safetensors", ".error.json"
PART = ".part"
#: How a question stands.
WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"
#: Questions that are kept, and the bytes that all may have; the oldest go first.
MOST, MOST_BYTES = 100, 2**30


class WithdrawnError(Exception):
    """A question was taken back while it was worked on."""


@dataclass(frozen=True)
class State:
    """How a question stands.

    Attributes
    ----------
    name : str
        ``waiting``, ``working``, ``done`` or ``failed``.
    done, total : int
        Of what is counted in the step at hand, mostly pictures, while it is worked on.
    message : str
        What it waits for, which step is at hand where the worker says so, or in one sentence why it failed and what
        to do.
    seconds : float
        Since it was asked, until it is done.
    step_seconds : float
        How long the worker was at the step at hand when it said how far it is; 0 where it does not say.
    """

    name: str
    done: int = 0
    total: int = 0
    message: str = ""
    seconds: float = 0.0
    step_seconds: float = 0.0

    @property
    def active(self) -> bool:
        """Whether an answer may still come."""
        return self.name in (WAITING, WORKING)


class _Progress(TypedDict):
    """How far the answer is, as the worker writes it; earlier versions told of no step."""

    done: Count
    total: Count
    loading: NotRequired[bool]
    text: NotRequired[str]
    seconds: NotRequired[float]


class _Error(TypedDict):
    """Why there is no answer."""

    message: str


class _Head(TypedDict):
    """What says how the rest of a question is read."""

    kind: NotRequired[str]


class Place(Protocol):
    """What is asked about: it has a folder and is called something. A run, a dataset."""

    @property
    def folder(self) -> Path:
        """Where its files are."""

    @property
    def id(self) -> str:
        """What it is called."""


@dataclass(frozen=True)
class Question:
    """One question about ``place``, by its name ``id``; each kind of question is a subclass with its own worker."""

    #: Module of the worker, see `lib.core.questions.serve.main`.
    module: ClassVar[str]
    #: What is said while the worker starts and gets ready, while another question is answered, and of one that is gone.
    starts: ClassVar[str] = "Starting"
    loads: ClassVar[str] = "Getting ready"
    waits: ClassVar[str] = "Waiting for another question"
    worker: ClassVar[str] = "The worker"
    #: What a question is read as, by its ``kind``; one that is not here, of another version, as any JSON object.
    forms: ClassVar[Mapping[str, type]] = {}
    #: Questions that are kept in a place, and the bytes that all may have; the oldest go first.
    most: ClassVar[int] = MOST
    most_bytes: ClassVar[int] = MOST_BYTES

    place: Place
    id: str

    @property
    def folder(self) -> Path:
        """Where the question's pictures are, called 0, 1, 2 and so on."""
        return self.place.folder / FOLDER / self.id

    def picture(self, number: int) -> Path:
        """Return the question's picture ``number``.

        Raises
        ------
        UserError
            If it leads out of the place's folder.
        """
        return inside.path(self.place.folder, f"{FOLDER}/{self.id}/{number}")

    def path(self, ending: str) -> Path:
        """Return one of the question's files, by one of `QUESTION`, `PROGRESS`, `PART`, `ANSWER` and `ERROR`."""
        return self.place.folder / FOLDER / (self.id + ending)

    def state(self) -> State:
        """Return how the question stands, also where its worker has died."""
        alive = processes.is_alive(self.place.folder / FOLDER)  # first: a worker answers before it ends
        if self.path(ANSWER).exists():
            return State(DONE)
        if (error := self._error()) is not None:
            return State(FAILED, message=error["message"])
        try:
            asked_at = self.path(QUESTION).stat().st_mtime
        except FileNotFoundError:
            return State(FAILED, message="This question was withdrawn: ask again.")
        progress, seconds = json_files.read_or_none(self.path(PROGRESS), _Progress), max(0.0, ages.since(asked_at))
        if alive and progress and not progress.get("loading", False):
            step = progress.get("text", ""), seconds, progress.get("seconds", 0.0)
            return State(WORKING, progress["done"], progress["total"], *step)
        if alive:
            message = self.loads if progress else self.waits
            return State(WAITING, message=message, seconds=seconds)
        if progress is None and processes.is_fresh(self.path(QUESTION)):
            return State(WAITING, message=self.starts, seconds=seconds)
        return State(FAILED, message=self.died())

    @property
    def is_first(self) -> bool:
        """Whether no question of its place is worked on, so that it waits for the worker alone."""
        return not any((self.place.folder / FOLDER).glob(f"*{PROGRESS}"))

    def request(self) -> dict[str, Any]:
        """Return the question.

        Raises
        ------
        UserError
            If it was withdrawn or is damaged.
        """
        try:
            content = json_files.read(self.path(QUESTION), dict[str, Any])
            form = self.forms.get(json_files.convert(content, _Head).get("kind", ""), dict[str, Any])
            return content | json_files.convert(content, form)
        except (OSError, ValueError) as error:
            gone = f"The question {self.id} to {self.place.id} is not there any more: ask again."
            raise UserError(gone) from error

    @property
    def settled(self) -> bool:
        """Whether there is an answer, or a sentence why there is none."""
        return self.path(ANSWER).exists() or self._error() is not None

    def _error(self) -> _Error | None:
        return json_files.read_or_none(self.path(ERROR), _Error)

    def result(self) -> dict[str, np.ndarray]:
        """Return the answer, arrays by name; the question's class says which.

        Raises
        ------
        UserError
            If there is no answer (yet), or it is damaged.
        """
        try:
            return dict(tensor_files.read(self.path(ANSWER)))
        except (OSError, ValueError, SafetensorError) as error:
            damaged = f"The answer {self.path(ANSWER)} cannot be read ({reason(error)}): delete it and ask again."
            raise DamagedError(self.state().message or damaged) from error

    def part(self) -> dict[str, np.ndarray]:
        """Return what of the answer is there while it is worked on, empty where the worker has shown nothing yet."""
        try:
            return dict(tensor_files.read(self.path(PART)))
        except (OSError, ValueError, SafetensorError):  # not yet, or no longer: the answer is there
            return {}

    def cancel(self) -> None:
        """Withdraw the question: the worker leaves it at its next word. What was kept for it stays until `prune`."""
        for ending in (QUESTION, ERROR):
            self.path(ending).unlink(missing_ok=True)

    @property
    def is_wanted(self) -> bool:
        """Whether the question was put and not withdrawn."""
        return self.path(QUESTION).exists()

    def check(self) -> None:
        """Go on, as the worker, only if the answer is still wanted.

        Raises
        ------
        WithdrawnError
            If nobody wants it any more.
        """
        if not self.is_wanted:
            raise WithdrawnError(self.id)

    def tell(self, done: int, total: int, *, loading: bool = False, text: str = "", seconds: float = 0.0) -> None:
        """Say, as the worker, how far the answer is.

        Parameters
        ----------
        done, total : int
        loading : bool
            Whether the worker is only getting ready.
        text : str
            Which step is at hand, where there are several.
        seconds : float
            How long it is at work on that.

        Raises
        ------
        WithdrawnError
            If nobody wants it any more.
        """
        self.check()
        step = {"text": text, "seconds": seconds} if text else {}
        files.write_json(self.path(PROGRESS), {"done": done, "total": total, "loading": loading, **step})

    def show(self, arrays: dict[str, np.ndarray]) -> None:
        """Show, as the worker, what of the answer is there, for `part`."""
        self.check()
        files.write_atomic(self.path(PART), tensor_files.pack(arrays, self.path(PART).name))

    def leave(self) -> None:
        """End, as the worker, the work on the question; an answer or an error comes first."""
        self.path(PROGRESS).unlink(missing_ok=True)
        self.path(PART).unlink(missing_ok=True)

    def refuse(self, message: str) -> None:
        """End, as the worker, the work on the question with one sentence why there is no answer.

        On a full disk that sentence takes the room of what the worker had said before.

        Raises
        ------
        OSError
            If it cannot be written even so.
        """
        try:
            files.write_json(self.path(ERROR), {"message": message})
            self.leave()
        except OSError:
            self.leave()
            files.write_json(self.path(ERROR), {"message": message})

    def died(self) -> str:
        """Return what to say of a worker that is gone."""
        return (
            f"{self.worker} crashed: it was killed, or the memory or the disk was full. Ask again to start it anew; "
            f"its log is {self.place.folder / FOLDER / LOG}."
        )

    def forget(self) -> None:
        """Remove all but the question and its pictures."""
        for ending in (ANSWER, ERROR, PROGRESS, PART):
            self.path(ending).unlink(missing_ok=True)


T = TypeVar("T", bound=Question)
