"""Which pictures of a dataset to label next, by how uncertain a run's model is of them and how unlike they are.

Examples
--------
::

    asked = ranking.ask(dataset, run)  # returns at once
    while asked.state().active:
        ...  # look again in a moment
    ranked = ranking.read(dataset, run)  # None where there is no answer (yet)
    rows = ranked.batch(dataset, 20)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib import tasks
from lib.core.arrays import Floats, Ints
from lib.core.dataset import Dataset
from lib.core.questions import asking
from lib.core.questions.requests import DONE, FAILED, State
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.inference import ask as model_asking
from lib.inference.ask import ModelQuestion
from lib.inference.candidates import Candidates
from lib.inference.similar import features
from lib.inference.similar.features import Features
from lib.inference.similar.questions import SeenQuestion
from lib.metrics import selection
from lib.training import runs
from lib.training.runs import Run

#: Pictures of a batch, and pictures that a model is asked about at once: of more, so many are drawn at random.
BATCH, MOST = 20, 5_000


@dataclass(frozen=True)
class Asked:
    """The questions whose answers rank pictures: what the model says of them, and what they look like."""

    predictions: ModelQuestion
    features: SeenQuestion

    def state(self) -> State:
        """Return how far they are: the first that is not done."""
        states = [one.state() for one in (self.features, self.predictions)]
        return next((one for one in states if one.name != DONE), states[-1])

    def cancel(self) -> None:
        """Withdraw what is still worked on; what was seen of the pictures by then is kept."""
        for one in (self.predictions, self.features):
            if one.state().active:
                one.cancel()


@dataclass(frozen=True)
class Ranking:
    """Pictures that wait for labels.

    Attributes
    ----------
    rows : ndarray of int, shape (n,)
        Those that the model was asked about and whose picture could be read, the most uncertain first.
    uncertainty : ndarray of shape (n,)
        In the unit of `lib.tasks.unlabeled.Unlabeled.uncertainty_title`.
    seen : Features
        What all pictures of the dataset look like.
    """

    rows: Ints
    uncertainty: Floats
    seen: Features

    def batch(self, dataset: Dataset, count: int) -> Ints:
        """Return the rows to label next, the first one first; fewer where fewer wait, see `selection.choose`.

        Parameters
        ----------
        dataset : Dataset
            As it is now: what was labeled since the ranking counts as labeled.
        count : int
        """
        waits = np.zeros(len(dataset), dtype=bool)
        waits[waiting(dataset)] = True
        places = np.searchsorted(self.seen.rows, self.rows)
        is_seen = np.append(self.seen.rows, -1)[places] == self.rows
        open_ = is_seen & waits[self.rows]
        included = np.zeros(len(dataset), dtype=bool)
        included[dataset.included] = True
        labeled = self.seen.reduced[(included & ~waits)[self.seen.rows]]
        chosen = selection.choose(self.uncertainty[open_], self.seen.reduced[places[open_]], labeled, count)
        rows: Ints = self.rows[open_][chosen]
        return rows


def waiting(dataset: Dataset) -> Ints:
    """Return the rows of included pictures of which something is to be labeled, ascending."""
    task, rows = tasks.get(dataset.task), dataset.included
    waits: Ints = rows[task.unknown_parts(dataset.targs[rows]).any(axis=1)]
    return waits


def asked_rows(dataset: Dataset) -> tuple[int, ...]:
    """Return the rows that a model is asked about: those that wait, of more than `MOST` so many drawn at random.

    While a batch is labeled these stay the same, so that the model is not asked again: they are drawn of what waited
    when the dataset was imported, and the next ones are taken when all of them are labeled.
    """
    now = waiting(dataset)
    before = waiting(store.imported(dataset.path))
    base = before if np.isin(now, before).all() else now
    drawn = base if len(base) <= MOST else np.random.default_rng(0).permutation(base)
    for start in range(0, len(drawn), MOST):
        part = drawn[start : start + MOST]
        if np.isin(part, now).any():
            return tuple(np.sort(part).tolist())
    return ()


def able(workspace: Workspace, dataset: Dataset) -> list[Run]:
    """Return the runs whose models can be asked about ``dataset``, the newest first: they have its very targets."""
    alike = [run for run in runs.list_runs(workspace) if run.config.task == dataset.task]
    return [run for run in alike if (left := run.recorded()) and tuple(left["names"]) == dataset.names]


def ask(dataset: Dataset, run: Run) -> Asked:
    """Ask a run's model about the pictures that wait, and what all pictures look like; returns at once.

    What failed before is asked again.

    Raises
    ------
    UserError
        If the run cannot be asked about this dataset, or a folder cannot be written to.
    """
    asked = Asked(model_asking.ask(run, _request(dataset)), features.ask(dataset))
    for question in (asked.predictions, asked.features):
        if question.state().name == FAILED:
            asking.ask_again(question)
    return asked


def existing(dataset: Dataset, run: Run) -> Asked | None:
    """Return the questions if they were asked and not withdrawn since, else None; raises as `ask`."""
    predictions = model_asking.existing(run, _request(dataset))
    seen = features.question(dataset)
    return Asked(predictions, seen) if predictions is not None and seen.is_wanted else None


def read(dataset: Dataset, run: Run) -> Ranking | None:
    """Return the ranking, None where the answers are not there (yet); raises as `ask`."""
    asked = existing(dataset, run)
    if asked is None or asked.state().name != DONE:
        return None
    seen = features.read(dataset)
    if seen is None:
        return None
    answer = asked.predictions.result()
    rows = answer["rows"]
    task = tasks.get(dataset.task)
    unknown = task.unknown_parts(dataset.targs[rows])
    uncertainty = task.uncertainty(answer["preds"], answer.get("spread"), unknown, dataset.sizes[rows], dataset.targs)
    order = np.argsort(-np.nan_to_num(uncertainty, nan=-np.inf), kind="stable")
    return Ranking(rows[order], uncertainty[order], seen)


def nothing_waits(dataset: Dataset) -> str:
    """Return in a sentence why no picture of ``dataset`` waits, and what to do."""
    task = tasks.get(dataset.task)
    if not task.can_wait:
        return (
            f"Every image of {dataset.name} has its {task.noun}, so none waits for labels: ask a model about new "
            "pictures on the Predict page, which shows the least certain ones first."
        )
    return (
        f"Of every image of {dataset.name} everything is known, so none waits for labels: put pictures without labels "
        "beside the labeled ones, import them together and keep those without."
    )


def labeled(dataset: Dataset, rows: Sequence[int]) -> int:
    """Return of how many of ``rows`` everything is known by now, or which are excluded."""
    waits = set(waiting(dataset).tolist())
    return sum(row not in waits for row in rows)


def _request(dataset: Dataset) -> Candidates:
    return Candidates(dataset, asked_rows(dataset))
