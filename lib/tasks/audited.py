"""The label audit's side of a task: which cells the answers of models that never saw an image speak against."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from lib.core import sentences
from lib.core.arrays import Bools, Floats, Targets
from lib.core.decimals import plain
from lib.metrics import exchanged, points, suspicion
from lib.metrics.suspicion import LEAST_EXAMPLES
from lib.tasks import mirror
from lib.tasks.editing import Change
from lib.tasks.planting import (
    Planting,
    PlantingClass,
    PlantingLabels,
    PlantingPoints,
    PlantingValues,
    examples_beside,
)
from lib.tasks.suspicions import Answers, Proposal, Suspicions
from lib.tasks.types import split_unit, three_digits

#: What confident learning does not take for an error is proposed all the same where it is more probable than not.
WRONG_LEAST = 0.5
#: From how many times the usual distance on a point or a value is proposed.
POINT_LEAST, VALUE_LEAST = 4.0, 4.0


class Audited(Planting):
    """The part of a task that audits labels."""

    #: What an audit goes through, in words, and one of it.
    audited_words: ClassVar[str]
    cell_noun: ClassVar[str]

    @abstractmethod
    def suspicions(self, answers: Answers) -> Suspicions:
        """Return how suspicious each cell is."""

    def _enough(self, answers: Answers) -> Bools:
        """Return of which kinds the model that answered an image has learned enough examples, shape (N, kinds).

        What was planted is no example: a model that says nothing of five images says nothing of six, one of them wrong.
        """
        kinds = self.example_kinds(answers.dataset.targs)
        kinds[self.cell_differs(answers.dataset.targs, answers.targs)] = -1
        beside = examples_beside(kinds, answers.fold, self.kinds_a_name * len(answers.dataset.names))
        enough = np.zeros((len(answers.fold), beside.shape[1]), dtype=bool)
        rows = np.flatnonzero(answers.fold >= 0)
        enough[rows] = beside[answers.fold[rows]] >= LEAST_EXAMPLES
        return enough

    def propose(self, answers: Answers, row: int, column: int) -> Proposal:
        """Return what the answer proposes for a cell, against what it is in ``answers.dataset``."""
        dataset, names = answers.dataset, answers.dataset.names
        was = np.asarray(dataset.targs[row])
        now = self._proposed(was, self.answer_at(answers, row), column)
        before, after = (
            f"{self.cell_names(names)[column]}: {self.cell_words(one, column, names)}" for one in (was, now)
        )
        title, reason = self._title(was, now, column, names), self._reason(answers, row, column)
        return Proposal(title, reason, _changes(was, now), before, after, column)

    def answer_at(self, answers: Answers, row: int) -> Floats:
        """Return the answer to one image as it is held against single cells of it."""
        answer: Floats = answers.preds[row]
        return answer

    def propose_swap(self, answers: Answers, row: int, pairs: Sequence[int]) -> Proposal:
        """Return the proposal to exchange pairs of points."""
        raise NotImplementedError(f"targets of the task {type(self).__name__} have no pairs")

    @abstractmethod
    def _proposed(self, was: Targets, pred: Floats, column: int) -> Targets:
        """Return an image's target with the cell as the answer has it."""

    @abstractmethod
    def _title(self, was: Targets, now: Targets, column: int, names: Sequence[str]) -> str:
        """Return what is proposed in a few words."""

    @abstractmethod
    def _reason(self, answers: Answers, row: int, column: int) -> str:
        """Return what speaks for it in a few words."""


def _changes(was: Targets, now: Targets) -> tuple[Change, ...]:
    before, after = np.atleast_1d(was).reshape(-1), np.atleast_1d(now).reshape(-1)
    differ = ~((before == after) | ((before != before) & (after != after)))
    return tuple(Change(int(at), _value(before[at]), _value(after[at])) for at in np.flatnonzero(differ))


def _value(value: float) -> float | None:
    return None if value != value else plain(np.float64(value)) if isinstance(value, np.floating) else int(value)


def _never(judged: Bools) -> tuple[int, ...]:
    """Return the columns of which no cell may be judged."""
    return tuple(np.flatnonzero(~judged.any(axis=0)).tolist())


def _percent(probability: float) -> str:
    """Return a probability as people read it; what rounds to all or nothing is not called so.

    Examples
    --------
    >>> _percent(0.034), _percent(0.9999), _percent(0.00001)
    ('3.4 %', 'over 99.9 %', 'under 0.1 %')
    """
    share = 100 * probability
    return "over 99.9 %" if share > 99.9 else "under 0.1 %" if share < 0.1 else f"{share:.3g} %"


_NEVER_SAW = "a model that never saw this image"


class AuditedLabels(PlantingLabels, Audited):
    """Labels: one that is missing, or one that should not be there."""

    audited_words, cell_noun = "cells of the label matrix", "cell"

    def suspicions(self, answers: Answers) -> Suspicions:
        truth = np.where((answers.fold >= 0)[:, None], answers.targs, -1)
        judged = np.logical_and.reduce(self._enough(answers).reshape(*truth.shape, 2), axis=-1)
        probs = np.nan_to_num(answers.preds, nan=0.5)
        scores = suspicion.of_labels(probs, truth, judged)
        proposed = suspicion.confident_labels(probs, truth, judged) | (np.nan_to_num(scores) > WRONG_LEAST)
        return Suspicions(scores, proposed, too_few=_never(judged))

    def _proposed(self, was: Targets, pred: Floats, column: int) -> Targets:
        now = was.copy()
        now[column] = 1 - was[column]
        return now

    def _title(self, was: Targets, now: Targets, column: int, names: Sequence[str]) -> str:
        return f"{names[column]}: {'missing' if now[column] else 'spurious'} label?"

    def _reason(self, answers: Answers, row: int, column: int) -> str:
        state = self.cell_words(answers.dataset.targs[row], column, answers.dataset.names)
        return f"labeled {state}; {_NEVER_SAW} gives it {_percent(float(answers.preds[row, column]))}"


class AuditedClass(PlantingClass, Audited):
    """One class an image: another one."""

    audited_words, cell_noun = "images", "image"

    def suspicions(self, answers: Answers) -> Suspicions:
        rows = np.flatnonzero(answers.fold >= 0)
        enough = self._enough(answers)
        judged = rows[enough[rows, answers.targs[rows]]]
        scores, proposed = np.full((len(answers.fold), 1), np.nan), np.zeros((len(answers.fold), 1), dtype=bool)
        if len(judged):
            probs = np.where(enough[judged], answers.preds[judged], 0)
            wrong = suspicion.of_classes(answers.preds[judged], answers.targs[judged])
            scores[judged, 0] = wrong
            proposed[judged, 0] = suspicion.confident_classes(probs, answers.targs[judged]) | (wrong > WRONG_LEAST)
        return Suspicions(scores, proposed, too_few=_never(enough))

    def _proposed(self, was: Targets, pred: Floats, column: int) -> Targets:
        others = pred.copy()
        others[int(was)] = -1
        return np.asarray(others.argmax(), dtype=was.dtype)

    def _title(self, was: Targets, now: Targets, column: int, names: Sequence[str]) -> str:
        return f"{names[int(now)]} instead of {names[int(was)]}?"

    def _reason(self, answers: Answers, row: int, column: int) -> str:
        preds, names = answers.preds[row], answers.dataset.names
        was = np.asarray(answers.dataset.targs[row])
        now = int(self._proposed(was, preds, column))
        shares = [f"{names[one]} {_percent(float(preds[one]))}" for one in (now, int(was))]
        return f"labeled {names[int(was)]}; {_NEVER_SAW} gives {' and '.join(shares)}"


class AuditedPoints(PlantingPoints, Audited):
    """Points: one in a wrong place, or pairs that were exchanged."""

    audited_words, cell_noun = "points", "point"

    def suspicions(self, answers: Answers) -> Suspicions:
        rows = np.flatnonzero(answers.fold >= 0)
        pairs = mirror.pairs(answers.dataset) or []
        targs, preds, sizes = answers.targs[rows], answers.preds[rows], answers.dataset.sizes[rows]
        by_row = exchanged.find(preds, targs, sizes, pairs)
        righted = exchanged.put_right(targs, pairs, by_row)
        scores = np.full((len(answers.fold), targs.shape[1]), np.nan)
        scores[rows] = suspicion.of_points(preds, righted, sizes)
        enough = self._enough(answers)
        scores[~enough] = np.nan
        with np.errstate(invalid="ignore"):
            proposed = scores >= POINT_LEAST
        swaps = {int(rows[place]): ones for place, ones in by_row.items()}
        for row, ones in swaps.items():  # which is one proposal, not two a pair
            proposed[row, [point for one in ones for point in pairs[one]]] = False
        return Suspicions(scores, proposed, swaps, _never(enough))

    def propose_swap(self, answers: Answers, row: int, pairs: Sequence[int]) -> Proposal:
        names, every = answers.dataset.names, mirror.pairs(answers.dataset) or []
        was = np.asarray(answers.dataset.targs[row])
        chosen = [every[one] for one in pairs]
        now = exchanged.put_right(was[None], every, {0: tuple(pairs)})[0]
        off = [float(np.nansum(points.distances(answers.preds[row][None], one[None]))) for one in (was, now)]
        every_words = f"all {len(pairs):,} pairs"
        words = sentences.listed([f"{names[left]} and {names[right]}" for left, right in chosen], 3, rest="more pairs")
        which = every_words if len(pairs) == len(every) > 1 else words
        nearer = three_digits(min(off[0] / max(off[1], 1e-9), 999))
        before = sentences.listed([self.cell_words(was, point, names) for pair in chosen for point in pair], 4)
        after = sentences.listed([self.cell_words(now, point, names) for pair in chosen for point in pair], 4)
        return Proposal(
            "Left and right exchanged?",
            f"{which}; exchanged back the points are {nearer} times nearer to the answer of {_NEVER_SAW}",
            _changes(was, now),
            f"pairs {before}",
            f"pairs {after}",
            chosen[0][0],
        )

    def answer_at(self, answers: Answers, row: int) -> Floats:
        """Return the predicted shape laid on the labeled one: where the whole face is may be found a bit beside it."""
        return suspicion.laid_on(answers.dataset.targs[row], answers.preds[row]).clip(0, answers.dataset.sizes[row])

    def _proposed(self, was: Targets, pred: Floats, column: int) -> Targets:
        now = was.copy()
        now[column] = np.round(pred[column].astype(np.float64), 2)
        return now

    def _title(self, was: Targets, now: Targets, column: int, names: Sequence[str]) -> str:
        return f"{sentences.named(names[column], 'point')}: wrong place?"

    def _reason(self, answers: Answers, row: int, column: int) -> str:
        off = points.distances(self.answer_at(answers, row)[None], answers.dataset.targs[[row]])[0, column]
        return f"{three_digits(float(off))} px from where {_NEVER_SAW} has it in the shape"


class AuditedValues(PlantingValues, Audited):
    """Numbers: another value."""

    audited_words, cell_noun = "values", "value"

    def suspicions(self, answers: Answers) -> Suspicions:
        rows = np.flatnonzero(answers.fold >= 0)
        scores = np.full((len(answers.fold), answers.targs.shape[1]), np.nan)
        scores[rows] = suspicion.of_values(answers.preds[rows], answers.targs[rows])
        enough = self._enough(answers)
        scores[~enough] = np.nan
        with np.errstate(invalid="ignore"):
            return Suspicions(scores, scores >= VALUE_LEAST, too_few=_never(enough))

    def _proposed(self, was: Targets, pred: Floats, column: int) -> Targets:
        now = was.copy()
        now[column] = float(f"{float(pred[column]):.4g}")
        return now

    def _title(self, was: Targets, now: Targets, column: int, names: Sequence[str]) -> str:
        return f"{sentences.named(split_unit(names[column])[0], 'value')}: another value?"

    def _reason(self, answers: Answers, row: int, column: int) -> str:
        unit = split_unit(answers.dataset.names[column])[1]
        answer, labeled = (float(one[row, column]) for one in (answers.preds, answers.dataset.targs))
        return (
            f"labeled {three_digits(labeled)} {unit}".strip()
            + f"; {_NEVER_SAW} says {three_digits(answer)} {unit}".rstrip()
        )
