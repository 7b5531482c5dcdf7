"""How a run's model is asked something without loading torch: on disk, and a worker that keeps it loaded answers."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from filelock import FileLock

from lib import launch, protocol, tasks, tickets
from lib import workspace as ws
from lib.data.dataset import Dataset
from lib.errors import UserError
from lib.runs import Run
from lib.tickets import ANSWER, FOLDER, LOG, PROGRESS, QUESTION, Ticket

#: Bytes that the pictures of one question may have together.
MOST_BYTES = 2**30
_DOOR = ".door.lock"


@dataclass(frozen=True)
class GradCam:
    """Where in pictures of the run's dataset is what speaks for a label?

    The answer has ``maps`` (n, h, w), ``peaks`` (n,) and ``acts`` (n,), see `lib.learner.grad_cam.HeatMaps`.

    Attributes
    ----------
    label : int
        Which of the run's names.
    rows : tuple of int
        Rows of the dataset.
    """

    kind: ClassVar[str] = "grad_cam"
    label: int
    rows: tuple[int, ...]

    def to_json(self, run: Run) -> dict[str, Any]:
        """Return the question as it is kept.

        Raises
        ------
        UserError
            If the run has no such label, or its dataset is not as it was.
        """
        names = run.names()
        if not tasks.get(run.config.task).has_labels or not 0 <= self.label < len(names):
            raise UserError(f"The run {run.id} has no label number {self.label}: choose a label of a run with labels.")
        dataset = dataset_of(run)
        if not self.rows or min(self.rows) < 0 or max(self.rows) >= len(dataset):
            raise UserError(f"The dataset {dataset.name} has rows 0 to {len(dataset) - 1}: ask about some of them.")
        rows = [int(row) for row in self.rows]
        return {"kind": self.kind, "label": int(self.label), "rows": rows, "revision": dataset.revision}

    def keep(self, folder: Path) -> None:
        """Do nothing: the pictures are the dataset's."""


@dataclass(frozen=True)
class Picture:
    """A picture that somebody brought: its name, its file's bytes, and its size in pixels as shown."""

    name: str
    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Predict:
    """What does the model say of these pictures?

    The answer has ``preds``, a row a picture in the task's natural form, and ``sizes`` (n, 2).
    """

    kind: ClassVar[str] = "predict"
    pictures: tuple[Picture, ...]

    def to_json(self, run: Run) -> dict[str, Any]:
        """Return the question as it is kept.

        Raises
        ------
        UserError
            If there is no picture, or they are too much at once.
        """
        if not self.pictures:
            raise UserError("There is no picture to predict: bring at least one.")
        if (found := sum(len(one.content) for one in self.pictures)) > MOST_BYTES:
            raise UserError(
                f"The {len(self.pictures):,} pictures have {found / 2**20:,.0f} MB together: expected at most "
                f"{MOST_BYTES / 2**20:,.0f}. Bring fewer at once."
            )
        described = [
            {"name": one.name, "digest": _hash(one.content), "width": one.width, "height": one.height}
            for one in self.pictures
        ]
        return {"kind": self.kind, "pictures": described}

    def keep(self, folder: Path) -> None:
        """Write the pictures into ``folder``, called by their numbers."""
        if not folder.exists():  # else it was asked before, and withdrawn
            with ws.new_folder(folder) as made:
                for number, one in enumerate(self.pictures):
                    (made / str(number)).write_bytes(one.content)


def ask(run: Run, question: GradCam | Predict) -> Ticket:
    """Ask the model of ``run`` and see to it that a worker is there; returns at once.

    The same question about the same model is the same ticket: it is worked on once, and its answer found again. Where
    it failed it stays so, that a page that asks whenever it is drawn does not repeat what cannot work; see `ask_again`.

    Raises
    ------
    UserError
        If it cannot be asked: the run has no model, the question does not fit it, or the disk is full.

    Examples
    --------
    ::

        ticket = ask(run, GradCam(label=2, rows=(0, 7)))
        while ticket.state().active:
            ...  # look again in a moment
        maps = ticket.result()["maps"]  # (2, h, w); `UserError` with a sentence where there is no answer
    """
    content = {"model": model_id(run), **question.to_json(run)}
    ticket = Ticket(run, _hash(json.dumps(content, sort_keys=True).encode()))
    with _asking(run):
        if not ticket.path(QUESTION).exists():
            ticket.forget()
            question.keep(ticket.folder)
            ws.write_json(ticket.path(QUESTION), content)
            _start_worker(run)
            tickets.prune(run)
        elif not ticket.state().active:
            ticket.path(QUESTION).touch()  # what is used is kept
    return ticket


def ask_again(ticket: Ticket) -> None:
    """Forget the answer or the error of a question and have it answered anew.

    Raises
    ------
    UserError
        If it was withdrawn, or the disk is full.
    """
    content = ticket.request()
    with _asking(ticket.run):
        ticket.forget()
        ws.write_json(ticket.path(QUESTION), content)
        _start_worker(ticket.run)


def find(run: Run, name: str) -> Ticket | None:
    """Return the question called ``name``, which may come from an address; None if there is none."""
    if not tickets.ID.fullmatch(name):
        return None
    ticket = Ticket(run, name)
    return ticket if ticket.path(QUESTION).is_file() else None


def start_worker(run: Run) -> bool:
    """Start the worker before there is a question, so that its answer comes sooner; return False if there is one.

    Raises
    ------
    UserError
        If the run has no model, or the disk is full.
    """
    run.result()
    with _asking(run):
        return _start_worker(run)


def _start_worker(run: Run) -> bool:
    folder = run.folder / FOLDER
    if protocol.is_alive(folder):
        return False
    for path in folder.glob(f"*{PROGRESS}"):  # what a worker died of is not tried again without being asked
        ticket = Ticket(run, path.name.removesuffix(PROGRESS))
        if not ticket.path(ANSWER).exists():
            ticket.refuse(tickets.died(run))
        path.unlink(missing_ok=True)
    return launch.spawn("lib.inference_worker", run.folder, lock_in=folder, log=folder / LOG)


@contextlib.contextmanager
def _asking(run: Run) -> Iterator[None]:
    folder = run.folder / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        with door(run):
            yield
    except OSError as error:
        raise UserError(
            f"The folder {folder} cannot be written to ({error.strerror or error}): make room on its disk, or allow "
            "writing there."
        ) from error


def door(run: Run) -> FileLock:
    """Return the lock under which questions are put and a worker leaves, after it has looked a last time.

    Without it a question that comes at that moment would wait for a worker that is gone.
    """
    return FileLock(run.folder / FOLDER / _DOOR, thread_local=False)


def dataset_of(run: Run) -> Dataset:
    """Return the dataset of ``run`` as it was trained on.

    Raises
    ------
    UserError
        If it is gone or has changed.
    """
    dataset = run.dataset()
    if dataset is None:
        raise UserError(
            f"The dataset {run.config.dataset} changed after this training, or is gone, so its pictures may be others: "
            "train again."
        )
    return dataset


def model_id(run: Run) -> str:
    """Return what tells the run's model from the one that it had before it was resumed.

    Raises
    ------
    UserError
        If the run has no model (yet).
    """
    run.result()
    return _hash((run.folder / protocol.MANIFEST).read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=8).hexdigest()
