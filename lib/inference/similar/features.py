"""Features of all pictures of a dataset, one vector a picture: asked for on disk, computed by a worker, read here.

They are what the body of a run's network, or of the pretrained network that comes with the installation, gives its
head: the mean of each channel. Edits change no picture, so they are of what was imported, whichever revision is shown;
and a picture that is imported again is not computed again (`lib.training.learner.pooled`).

Examples
--------
::

    question = features.ask(dataset)  # or ask(dataset, run); returns at once
    while question.state().active:
        ...  # look again in a moment
    known = features.read(dataset)  # None where there is no answer (yet), or it is damaged
    known.rows  # (n,) rows of the dataset
    known.values  # (n, D), each of length 1
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.core import tensor_files
from lib.core.arrays import Floats, Ints
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.core.questions import asking
from lib.core.questions.requests import ANSWER
from lib.inference import ask as model_asking
from lib.inference.similar import questions
from lib.inference.similar.questions import AskedFeatures, Seen, SeenQuestion
from lib.training import bundled
from lib.training.runs import Run

#: Side in pixels of the square that the pretrained network sees: small where pictures are, or there are very many.
SMALL, LARGE = 128, 224
_SMALL_SIDE, _MANY = 160, 20_000
#: Change with what is in an answer.
_VERSION = 1


@dataclass(frozen=True)
class Features:
    """What a network sees in the pictures of a dataset.

    Attributes
    ----------
    key : str
        Tells them from features of other pictures, or by another network.
    rows : ndarray of int32, shape (n,)
        Rows of the dataset, ascending: all whose picture could be read.
    reduced : ndarray of float32, shape (n, R)
        Directions along the first ``R`` of their principal axes, see `lib.inference.similar.reduced`: inner products
        of these are nearly those of the whole directions.
    left_out : int
        Pictures that could not be read.
    path : pathlib.Path
        Where the whole directions are, which are not kept in memory.
    """

    key: str
    rows: Ints
    reduced: Floats
    left_out: int
    path: Path

    @property
    def values(self) -> Floats:
        """The directions in which the network sees the pictures, see `some`; read at each call."""
        return self.some(np.arange(len(self.rows)))

    def some(self, indices: Ints) -> Floats:
        """Return the directions of ``rows[indices]``, float32 of shape (m, D), each of length 1.

        Raises
        ------
        UserError
            If they are not there any more.
        """
        try:
            directions: Floats = tensor_files.mapped(self.path)["values"][indices].astype(np.float32)
        except (OSError, ValueError, KeyError, IndexError) as error:
            gone = f"The features {self.path} cannot be read any more ({reason(error)}): ask again."
            raise UserError(gone) from error
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        return directions


def size_of(dataset: Dataset) -> int:
    """Return the side in pixels of the square that the pretrained network sees of the pictures of ``dataset``."""
    is_small = len(dataset) > _MANY or float(np.median(dataset.sizes.min(axis=1))) <= _SMALL_SIDE
    return SMALL if is_small else LARGE


def question(dataset: Dataset, of: Run | None = None) -> SeenQuestion:
    """Return the question for the features of ``dataset``, whether or not it was asked.

    Parameters
    ----------
    dataset : Dataset
    of : Run, optional
        Whose network sees the pictures; without it the pretrained one that comes with the installation.

    Raises
    ------
    UserError
        If the run has no model (yet).
    """
    return SeenQuestion(Seen.of(dataset), asking.name_of(dict(_content(dataset, of))))


def ask(dataset: Dataset, of: Run | None = None) -> SeenQuestion:
    """Ask for features and see to it that a worker is there; returns at once. An answer that is damaged is made anew.

    Raises
    ------
    UserError
        If the run has no model (yet), or the dataset's folder cannot be written to.
    """
    asked = question(dataset, of)
    questions.put(asked, _content(dataset, of), lambda: read(dataset, of) is not None)
    return asked


def read(dataset: Dataset, of: Run | None = None) -> Features | None:
    """Return the features; None where there are none, or what there is is damaged. Raises as `question`."""
    return of_question(question(dataset, of), len(dataset))


def of_question(asked: SeenQuestion, n_pictures: int) -> Features | None:
    """Return the answer to a question for features of ``n_pictures`` pictures; None as `read`."""
    return _answers.of(asked, n_pictures)


def _read(asked: SeenQuestion, n_pictures: int) -> Features:
    kinds: questions.Kinds = {
        "rows": (np.int32, 1),
        "values": (np.float16, 2),
        "reduced": (np.float32, 2),
        "left_out": (np.int64, 1),
    }
    arrays = questions.arrays(asked, kinds)
    rows, reduced = np.array(arrays["rows"]), np.array(arrays["reduced"])
    questions.check_rows(rows, n_pictures)
    if not len(rows) == len(arrays["values"]) == len(reduced) or arrays["left_out"].shape != (1,):
        raise ValueError("expected as many features as rows")
    if not np.isfinite(reduced).all():
        raise ValueError("expected finite numbers")
    return Features(asked.id, rows, reduced, int(arrays["left_out"][0]), asked.path(ANSWER))


_answers = questions.Answers(_read)


def _content(dataset: Dataset, of: Run | None) -> AskedFeatures:
    """Return the question as it is on disk: all that the answer depends on."""
    return {
        "kind": questions.FEATURES,
        "base": dataset.base,
        "run": "" if of is None else of.id,
        "model": bundled.DIGEST if of is None else model_asking.model_id(of),
        "size": size_of(dataset) if of is None else of.config.size,
        "version": _VERSION,
    }
