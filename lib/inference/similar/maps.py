"""A map of all pictures of a dataset: asked for on disk, computed from their features by the same worker, read here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.core.arrays import Floats, Ints
from lib.core.dataset import Dataset
from lib.core.questions import asking
from lib.inference.similar import features, questions
from lib.inference.similar.questions import AskedMap, Seen, SeenQuestion
from lib.training.runs import Run

#: Change with what is in an answer.
_VERSION = 1


@dataclass(frozen=True)
class Map:
    """Where pictures stand.

    Attributes
    ----------
    key : str
        Tells it from other maps.
    rows : ndarray of int32, shape (n,)
        Rows of the dataset, ascending: all whose picture could be read.
    positions : ndarray of float32, shape (n, 2)
        From 0 to 1, see `lib.inference.similar.tsne.arrange`.
    n_drawn : int
        How many of them t-SNE placed.
    kept : float
        From `lib.inference.similar.tsne.neighbors_kept`.
    """

    key: str
    rows: Ints
    positions: Floats
    n_drawn: int
    kept: float


def question(dataset: Dataset, of: Run | None = None) -> SeenQuestion:
    """Return the question for a map, whether or not it was asked; raises as `lib.inference.similar.features.question`.

    Parameters
    ----------
    dataset : Dataset
    of : Run, optional
        By whose network pictures are like each other; without it the one that comes with the installation.
    """
    return SeenQuestion(Seen.of(dataset), asking.name_of(dict(_content(dataset, of))))


def ask(dataset: Dataset, of: Run | None = None) -> SeenQuestion:
    """Ask for a map, and for the features that it is made of; returns at once.

    Raises
    ------
    UserError
        If the run has no model (yet), or the dataset's folder cannot be written to.
    """
    features.ask(dataset, of)
    asked = question(dataset, of)
    questions.put(asked, _content(dataset, of), lambda: read(dataset, of) is not None)
    return asked


def read(dataset: Dataset, of: Run | None = None) -> Map | None:
    """Return the map; None where there is none, or what there is is damaged. Raises as `question`."""
    return _answers.of(question(dataset, of), len(dataset))


def _read(asked: SeenQuestion, n_pictures: int) -> Map:
    kinds: questions.Kinds = {
        "rows": (np.int32, 1),
        "positions": (np.float32, 2),
        "drawn": (np.int64, 1),
        "kept": (np.float32, 1),
    }
    arrays = questions.arrays(asked, kinds)
    rows, positions = np.array(arrays["rows"]), np.array(arrays["positions"])
    questions.check_rows(rows, n_pictures)
    if positions.shape != (len(rows), 2) or not ((positions >= 0) & (positions <= 1)).all():
        raise ValueError("expected a place from 0 to 1 for every row")
    if not len(arrays["drawn"]) == len(arrays["kept"]) == 1:
        raise ValueError("expected one number each")
    return Map(asked.id, rows, positions, int(arrays["drawn"][0]), float(arrays["kept"][0]))


_answers = questions.Answers(_read)


def _content(dataset: Dataset, of: Run | None) -> AskedMap:
    known = features.question(dataset, of)
    return {"kind": questions.MAP, "features": known.id, "base": dataset.base, "version": _VERSION}
