"""Questions to a run's model, put on disk without torch: a worker that keeps it loaded answers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

from lib import tasks
from lib.core import digests, files, sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions import asking
from lib.core.questions.requests import QUESTION, Question
from lib.inference import forms
from lib.inference.candidates import Candidates
from lib.training import events
from lib.training.runs import Run

#: Bytes that the pictures of one question may have together.
MOST_BYTES = 4 * 2**30
#: Copies of a picture over which the spread is measured, the picture itself among them.
COPIES = 8
#: Change with what the answer of a `Spread` or a `Predict` means, so that an older one is not read.
_SPREAD_VERSION = 3
_PREDICT_VERSION = 2


@dataclass(frozen=True)
class ModelQuestion(Question):
    """One question to the model of a run."""

    module: ClassVar[str] = "lib.inference.worker"
    loads: ClassVar[str] = "Loading torch and the model"
    waits: ClassVar[str] = "Waiting for the model"
    worker: ClassVar[str] = "The worker that asks the model"
    forms: ClassVar[Mapping[str, type]] = {
        "grad_cam": forms.GradCam,
        "predict": forms.Predict,
        "spread": forms.Spread,
        "candidates": forms.Candidates,
    }

    @property
    def run(self) -> Run:
        """Whose model is asked."""
        return cast(Run, self.place)


@dataclass(frozen=True)
class GradCam:
    """A request: where in pictures of the run's dataset is what speaks for a label.

    The answer has ``maps`` (n, h, w), ``peaks`` (n,) and ``acts`` (n,), see `lib.training.learner.grad_cam.HeatMaps`.

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
        """Return the request as it is kept.

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
    """A picture that somebody brought.

    Attributes
    ----------
    name : str
        What the file is called where it comes from; only ever shown.
    path : pathlib.Path
        Where it is now.
    digest : str
        Hash of its bytes, see `lib.core.digests`.
    n_bytes : int
    is_deep : bool
        Whether it has more than 8 bits a channel, see `lib.core.depth`.
    """

    name: str
    path: Path
    digest: str
    n_bytes: int
    is_deep: bool = False

    @classmethod
    def of(cls, path: Path, name: str, *, is_deep: bool = False) -> Picture:
        """Return the picture in the file ``path``."""
        return cls(name, path, digests.of_file(path), path.stat().st_size, is_deep)


@dataclass(frozen=True)
class Predict:
    """A request: what the model predicts for these pictures, and how certain it is of points and numbers.

    The answer is read by `lib.export.answers.of_question`; what is there of it meanwhile by `of_part`.
    """

    kind: ClassVar[str] = "predict"
    pictures: tuple[Picture, ...]

    def to_json(self, run: Run) -> dict[str, Any]:
        """Return the request as it is kept.

        Raises
        ------
        UserError
            If there is no picture, or they are too much at once.
        """
        if not self.pictures:
            raise UserError("There is no image to predict: bring at least one.")
        if (n_bytes := sum(one.n_bytes for one in self.pictures)) > MOST_BYTES:
            together, most = sentences.sizes(n_bytes, MOST_BYTES)
            raise UserError(
                f"The {len(self.pictures):,} images have {together} together: expected at most {most}. Bring fewer at "
                "once."
            )
        described = [{"name": one.name, "digest": one.digest, "is_deep": one.is_deep} for one in self.pictures]
        copies = {"copies": COPIES, "seed": 0, "version": _PREDICT_VERSION}
        return {"kind": self.kind, "pictures": described, **copies}

    def keep(self, folder: Path) -> None:
        """Keep the pictures in ``folder``, called by their numbers: without a second copy where the disk can."""
        if not folder.exists():  # else it was asked before, and withdrawn
            with files.new_folder(folder) as new:
                for number, one in enumerate(self.pictures):
                    try:
                        os.link(one.path, new / str(number))
                    except OSError:
                        shutil.copyfile(one.path, new / str(number))


@dataclass(frozen=True)
class Spread:
    """A request: how far the model's points scatter over copies of a split's images, changed as in training.

    The answer has ``first`` and ``mean`` (N, K, 2) and ``spread`` (N, K) in pixels, see
    `lib.training.learner.spread.Spread`, row for row with the run's predictions of the split.

    Attributes
    ----------
    split : str
    copies : int
        Of each image; the first is the image as it is.
    seed : int
        The same seed gives the same copies.
    """

    kind: ClassVar[str] = "spread"
    split: str
    copies: int = COPIES
    seed: int = 0

    def to_json(self, run: Run) -> dict[str, Any]:
        """Return the request as it is kept.

        Raises
        ------
        UserError
            If the run learned no points, did not predict the split, or its dataset is not as it was.
        """
        dataset = dataset_of(run)
        if tasks.get(run.config.task).coordinates(dataset.targs[:0]) is None:
            raise UserError(f"The run {run.id} learned no points: choose a run of keypoints.")
        if self.copies < 2:
            raise UserError(f"The spread of {self.copies} copies is not defined: ask for at least 2.")
        rows = [int(row) for row in run.predictions(self.split).items]
        request = {"kind": self.kind, "split": self.split, "copies": int(self.copies), "seed": int(self.seed)}
        return {**request, "rows": rows, "revision": dataset.revision, "version": _SPREAD_VERSION}

    def keep(self, folder: Path) -> None:
        """Do nothing: the pictures are the dataset's."""


ModelRequest = GradCam | Predict | Spread | Candidates


def ask(run: Run, request: ModelRequest) -> ModelQuestion:
    """Ask the model of ``run`` and see to it that a worker is there; returns at once.

    The same request to the same model is the same question, see `lib.core.questions.asking.ask`.

    Raises
    ------
    UserError
        If it cannot be asked: the run has no model, the request does not fit it, or the disk is full.

    Examples
    --------
    ::

        question = ask(run, GradCam(label=2, rows=(0, 7)))
        while question.state().active:
            ...  # look again in a moment
        maps = question.result()["maps"]  # (2, h, w); `UserError` with a sentence where there is no answer
    """
    question, content = _question(run, request)
    asking.ask(question, content, keep=request.keep)
    return question


def existing(run: Run, request: ModelRequest) -> ModelQuestion | None:
    """Return the question of a request that was put to the run's model and not withdrawn since, else None.

    Raises
    ------
    UserError
        As `ask`.
    """
    question, _ = _question(run, request)
    return question if question.path(QUESTION).is_file() else None


def _question(run: Run, request: ModelRequest) -> tuple[ModelQuestion, dict[str, Any]]:
    """Return the question that a request makes, and what it is on disk."""
    content = {"model": model_id(run), **request.to_json(run)}
    return ModelQuestion(run, asking.name_of(content)), content


def find(run: Run, name: str) -> ModelQuestion | None:
    """Return the question called ``name``, which may come from an address; None if there is none."""
    return asking.find(run, name, ModelQuestion)


def start_worker(run: Run) -> bool:
    """Start the worker before there is a question, so that its answer comes sooner; return False if there is one.

    Raises
    ------
    UserError
        If the run has no model, or the disk is full.
    """
    run.result()
    return asking.start_worker(run, ModelQuestion)


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
            f"The dataset {run.config.dataset} changed after this training, or is gone, so its images may be others: "
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
    return digests.of((run.folder / events.MANIFEST).read_bytes())
