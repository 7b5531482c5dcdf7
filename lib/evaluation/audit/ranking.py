"""The ranking of a finished label audit: every answer of its folds put together, and the cells they speak against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.core.arrays import Bools, Ints
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets.splits import folding
from lib.metrics import intervals
from lib.metrics.intervals import Interval
from lib.metrics.suspicion import LEAST_EXAMPLES, order
from lib.tasks import mirror
from lib.tasks.base import Task
from lib.tasks.planting import Planted
from lib.tasks.suspicions import Answers, Proposal, Suspicions
from lib.tasks.types import Predictions
from lib.training import audits, run_metrics
from lib.training.audits import Audit

#: Proposals that are put before a person, and among which planted errors are looked for.
MOST = 200


class Place(NamedTuple):
    """What a proposal is about: a cell of a row, or exchanged pairs of points, by their places among all pairs."""

    row: int
    column: int
    pairs: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Dose:
    """How many planted errors stand among the first proposals.

    Attributes
    ----------
    what : str
        What was planted: cells as `lib.tasks.audited.Audited.audited_words` calls them, or images with exchanged pairs.
    planted, shown, found : int
        Errors planted; first proposals, planted or not; planted errors among these, at most `possible`.
    recall : Interval
        ``found / planted``; what belongs to one group of images is found together, see
        `lib.metrics.intervals.of_clusters`.
    precision : Interval
        ``found / shown``: a lower bound of the proposals' precision, since every real error among them counts against
        it.
    as_many : Dose or None
        The same among as many proposals as errors were planted, or all where there are fewer; None where the first
        proposals are as many already, and their number is no bound of the recall.
    """

    what: str
    planted: int
    shown: int
    found: int
    recall: Interval
    precision: Interval
    as_many: Dose | None = None

    @property
    def possible(self) -> int:
        """How many planted errors can stand among the first proposals at most."""
        return min(self.planted, self.shown)


@dataclass(frozen=True, eq=False)
class Ranking:
    """The cells of a dataset, by how much foreign answers speak against them.

    Attributes
    ----------
    audit : Audit
    answers : Answers
    suspicions : Suspicions
    planted : Planted
    groups : ndarray of int, shape (N,)
        Images that share a number belong together: of one group, or copies.
    """

    audit: Audit
    answers: Answers
    suspicions: Suspicions
    planted: Planted
    groups: Ints

    @property
    def task(self) -> Task:
        """What knows the targets."""
        return tasks.get(self.answers.dataset.task)

    @cached_property
    def places(self) -> list[Place]:
        """All that is proposed, planted or not, the most suspicious first: exchanged pairs before single cells."""
        swaps = [Place(row, self._pairs[ones[0]][0], ones) for row, ones in self.suspicions.swaps.items()]
        width = self.suspicions.scores.shape[1]
        proposed = self.suspicions.proposed.reshape(-1)
        cells = [Place(*divmod(at, width)) for at in order(self.suspicions.scores).tolist() if proposed[at]]
        return swaps + cells

    @cached_property
    def _touched(self) -> Bools:
        """Which cells are not what they are in the dataset, (N, U): planted errors, which nobody is ever shown."""
        return self.task.cell_differs(self.answers.dataset.targs, self.planted.targs)

    @cached_property
    def _pairs(self) -> list[tuple[int, int]]:
        """The pairs of left and right points; none where there are no points."""
        return mirror.pairs(self.answers.dataset) or []

    def columns(self, place: Place) -> list[int]:
        """Return which cells of its row a proposal is about."""
        return [point for one in place.pairs for point in self._pairs[one]] or [place.column]

    def is_planted(self, place: Place) -> bool:
        """Return whether a proposal is about something that was planted, as a whole or in part."""
        return bool(self._touched[place.row, self.columns(place)].any())

    @cached_property
    def shown(self) -> list[Place]:
        """What may be put before a person: nothing that was planted."""
        return [place for place in self.places if not self.is_planted(place)]

    def propose(self, place: Place) -> Proposal:
        """Return what is proposed at a place; the dataset itself, never what was planted, is what it differs from."""
        if place.pairs:
            return self.task.propose_swap(self.answers, place.row, place.pairs)
        return self.task.propose(self.answers, place.row, place.column)

    def score(self, place: Place) -> float | None:
        """Return how suspicious a cell is, None of exchanged pairs."""
        return None if place.pairs else float(self.suspicions.scores[place.row, place.column])

    def predictions(self) -> Predictions:
        """Return the answers beside the targets of the dataset, of all rows that have one."""
        rows = np.flatnonzero(self.answers.fold >= 0)
        return Predictions.of(self.answers.dataset, rows, self.answers.preds[rows])

    def metrics(self) -> dict[str, float | None]:
        """Return what the answers are worth, against the targets of the dataset, see `Task.metrics`."""
        return self.task.metrics(self.predictions(), self.audit.config.thresh)

    @property
    def too_few(self) -> list[str]:
        """Of what too few examples are known for a model to say anything."""
        return [self.answers.dataset.names[column] for column in self.suspicions.too_few]

    def doses(self, most: int = MOST) -> list[Dose]:
        """Return how many planted errors stand among the first ``most`` proposals; nothing where none was planted."""
        if not self.audit.fold.dose:
            return []
        cells, is_swapped = self.planted.cells, np.zeros((len(self.groups), 1), dtype=bool)
        is_swapped[list(self.planted.swaps)] = True
        swaps = [(place.row, 0) for place in self.places if place.pairs]
        singles = [(place.row, place.column) for place in self.places if not place.pairs]
        doses = [self._dose(self.task.audited_words, cells, singles, max(0, most - len(swaps)))]
        if self.planted.swaps:
            doses.append(self._dose("images with exchanged pairs", is_swapped, swaps, most))
        return doses

    def _dose(self, what: str, planted: Bools, proposed: Sequence[tuple[int, int]], most: int) -> Dose:
        """Return how many of ``planted`` are the first ``most`` of the cells ``proposed``."""
        listed = np.zeros_like(planted)
        for row, column in proposed[:most]:
            listed[row, column] = True
        both, n = planted & listed, int(planted.sum())
        right, of_planted, of_listed = (one.sum(axis=1) for one in (both, planted, listed))
        recall, precision = (intervals.of_clusters(right, of, self.groups) for of in (of_planted, of_listed))
        as_many = self._dose(what, planted, proposed, n) if most < min(n, len(proposed)) else None
        return Dose(what, n, int(listed.sum()), int(both.sum()), recall, precision, as_many)

    # --- in words ------------------------------------------------------------------------------------------

    def words(self) -> str:
        """Return what the answers are worth, in a sentence."""
        task, names = self.task, self.answers.dataset.names
        value = task.format(self.metrics()[task.metric], names)
        n = sentences.count(int((self.answers.fold >= 0).sum()), "image")
        return f"{n} answered by models that had not seen them: {task.metric_title} {value}."

    def dose_words(self, doses: Sequence[Dose]) -> list[str]:
        """Return what became of planted errors, a sentence for each kind."""
        return [_dose_words(dose) for dose in doses]

    def notes(self, judged_before: int) -> list[str]:
        """Return what else there is to know, in sentences; names are not escaped."""
        notes = []
        if judged_before:
            notes.append(f"{sentences.count(judged_before, 'proposal')} left out, because the cell was judged before.")
        if self.too_few:
            few = sentences.listed(self.too_few, 5)
            notes.append(f"Too few examples to judge {few}: at least {LEAST_EXAMPLES} of each kind beside its fold.")
        return notes


def _dose_words(dose: Dose) -> str:
    if not dose.planted:
        return f"No errors were planted ({dose.what}): there are too few examples to change one."
    many = dose.as_many
    bound = "" if many is None else f", where at most {dose.possible:,} can"
    words = (
        f"Of {dose.planted:,} planted errors ({dose.what}) {dose.found:,} stood among the first {dose.shown:,} "
        f"proposals{bound}: recall {_share(dose.recall)}, precision at least {_share(dose.precision)}, since every "
        "real error among them counts against it."
    )
    if many is None:
        return words
    among = "as many proposals as were planted" if many.shown == many.planted else f"all {many.shown:,} proposals"
    return f"{words} Among {among} stood {many.found:,}: recall {_share(many.recall)}."


def _share(interval: Interval) -> str:
    """Return a share with its interval."""
    if interval.value != interval.value:
        return "not defined"
    return f"{interval.value:.2f} ({interval.words('{:.2f}'.format)})"


def of_audit(workspace: Workspace, audit: Audit) -> Ranking:
    """Return the ranking of an audit whose folds are all done.

    Raises
    ------
    UserError
        If some are not, their predictions are damaged, or the dataset was imported anew since.
    """
    if len(audit.done) < audit.fold.count:
        raise UserError(
            f"The label audit of {audit.config.dataset} has answers of {len(audit.done)} of {audit.fold.count} folds: "
            "let it go on, or wait for it."
        )
    dataset = audits.as_seen(workspace, audit)
    divided = folding.divide_into(dataset, audit.fold)
    task = tasks.get(dataset.task)
    parts = [audit.runs[index].predictions("valid") for index in range(audit.fold.count)]
    shape = (len(dataset), *task.pred_shape(dataset.names))
    preds = np.full(shape, np.nan, dtype=np.float32)
    fold = np.full(len(dataset), -1)
    for index, part in enumerate(parts):
        preds[part.items], fold[part.items] = part.preds, index
    return ranked(Answers(dataset, divided.planted.targs, preds, fold), divided.planted, audit)


def ranked(answers: Answers, planted: Planted, audit: Audit) -> Ranking:
    """Return the ranking of answers."""
    dataset = answers.dataset
    groups = run_metrics.groups(folding.with_copies(dataset), np.arange(len(dataset)))
    return Ranking(audit, answers, tasks.get(dataset.task).suspicions(answers), planted, groups)
