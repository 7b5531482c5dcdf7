"""The verdict: is B better than A, by how much, by which metrics, on which labels, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from lib import tasks
from lib.core.arrays import Bools
from lib.core.errors import UserError
from lib.evaluation.verdicts import images, sides
from lib.evaluation.verdicts.gains import LEVEL, Gain, LabelGain
from lib.evaluation.verdicts.images import VALID, Common
from lib.evaluation.verdicts.sides import OWN, Side
from lib.metrics import intervals, paired, sign_tests
from lib.metrics.measures import Measure
from lib.metrics.paired import DRAWS, Difference
from lib.metrics.resampling import Groups
from lib.metrics.scores import METRICS, defined
from lib.tasks.base import Task
from lib.training.runs import Run

#: The chance with which a true difference is to be seen where images are counted.
POWER = 0.8
#: Of the normal distribution: a difference that is so many standard errors longer than half an interval is seen with
#: that chance.
_BEYOND = NormalDist().inv_cdf(POWER)
#: Nobody labels more images than this to tell two models apart.
_MOST_IMAGES = 1_000_000


@dataclass(frozen=True, eq=False)
class Verdict:
    """Two sides on their common images.

    Attributes
    ----------
    a, b : Side
    images : Common
        Those that they are compared on, and how many were left out for which reason.
    split : str
        See `lib.evaluation.verdicts.images.CHOICES`.
    at : str
        See `lib.evaluation.verdicts.sides.side`.
    metrics : dict of str to Gain
        By name: the one that was asked for first, then the task's others.
    labels : tuple of LabelGain
        In the order of the names.
    test : str
        What the p values of the labels are of, in words.
    """

    a: Side
    b: Side
    images: Common
    split: str
    at: str
    metrics: dict[str, Gain]
    labels: tuple[LabelGain, ...]
    test: str

    @property
    def task(self) -> Task:
        """The task of both."""
        return tasks.get(self.a.runs[0].config.task)

    @property
    def names(self) -> tuple[str, ...]:
        """The labels, points or values."""
        return self.a.answers[0].names

    @property
    def headline(self) -> Gain:
        """The gain that the verdict is about."""
        return next(iter(self.metrics.values()))

    @property
    def better(self) -> str:
        """``a`` or ``b`` where one is better by more than chance, else ""."""
        return self.headline.better

    @property
    def has_seeds(self) -> bool:
        """Whether the luck of the seed is in the intervals: one of the sides has several runs."""
        return len(self.a.runs) > 1 or len(self.b.runs) > 1

    @property
    def detectable(self) -> float | None:
        """The smallest true difference that these images and runs would show in four of five cases; None if open."""
        low, high = self.headline.interval.ends
        return defined((high - low) / 2 + _BEYOND * float(self.headline.difference.error))

    @property
    def images_needed(self) -> int | None:
        """How many images would show the difference in four of five cases, if it truly is as large as it came out.

        None where that is not open, is no number of images that could be had, or where more images alone would not
        do: with several runs a side their luck is part of what blurs it.
        """
        gain, detectable = self.headline, self.detectable
        if gain.judged != intervals.CHANCE or self.has_seeds or not gain.interval.value or detectable is None:
            return None
        needed = len(self.images) * (detectable / gain.interval.value) ** 2  # errors fall with the root of the images
        return int(np.ceil(needed)) if len(self.images) < needed <= _MOST_IMAGES else None

    @property
    def flattered(self) -> bool:
        """Whether thresholds were chosen on the images that the sides are compared on, so that numbers are too good."""
        return any(sides.flattered(side, self.at, self.split) for side in (self.a, self.b))


def compare(
    first: Sequence[Run],
    second: Sequence[Run],
    split: str = VALID,
    *,
    at: str | float = OWN,
    metric: str | None = None,
    n: int = DRAWS,
) -> Verdict:
    """Return the verdict on two sides; takes about a second for 5,000 images of 80 labels.

    Parameters
    ----------
    first, second : sequence of Run
        The runs of A and of B: one, or several seeds of one choice.
    split : str
        ``valid``, ``test``, or ``either``: images that each run kept from its training one way or the other.
    at : str or float
        ``own``: each run's threshold, or one for all labels from 0 to 1, or the name of a set that every run has.
    metric : str, optional
        What the verdict is about, of `Task.compared`; default is the headline.
    n : int
        Bootstrap draws.

    Raises
    ------
    UserError
        If they cannot be compared (see `images.refusal`), have no image in common, or for thresholds or a metric that
        there are not.
    """
    if refused := images.refusal(first, second, split):
        raise UserError(refused)
    task = tasks.get(first[0].config.task)
    order = sorted(task.compared, key=lambda name: name != metric)
    if metric is not None and metric not in order:
        raise UserError(f"There is no metric {metric!r} of {task.name} runs: choose one of {', '.join(task.compared)}.")
    common = images.common(first, second, split)
    if not len(common):
        raise UserError(f"The runs have no image in common that they can be compared on. {common.words()}")
    a = sides.side("A", first, common.rows[: len(first)], split, at)
    b = sides.side("B", second, common.rows[len(first) :], split, at)
    overall, each = _differences(task, a, b, Groups(common.groups), n)
    gains = {name: Gain(name, METRICS[name], overall[name]) for name in order}
    labels, test = _labels(task, a, b, common, each)
    return Verdict(a, b, common, split, str(at), gains, labels, test)


def _differences(
    task: Task, a: Side, b: Side, groups: Groups, n: int
) -> tuple[dict[str, Difference], dict[str, Difference]]:
    measured: list[list[list[Measure]]] = [
        [task.measures(answer, thresh) for answer, thresh in zip(side.answers, side.threshs, strict=True)]
        for side in (a, b)
    ]
    overall: dict[str, Difference] = {}
    each: dict[str, Difference] = {}
    for kind in range(len(measured[0][0])):
        first, second = ([run[kind] for run in side] for side in measured)
        of_kind = paired.differences(first, second, groups, n=n, level=LEVEL)
        overall |= of_kind.overall
        each |= of_kind.each
    return overall, each


def _labels(
    task: Task, a: Side, b: Side, common: Common, each: dict[str, Difference]
) -> tuple[tuple[LabelGain, ...], str]:
    """Return the gain of every name, and what its p value is of, in words."""
    names, (_, cells) = a.answers[0].names, task.far_off(a.answers[0])
    known = np.count_nonzero(~np.isnan(cells), axis=0)
    truth = task.cells(a.answers[0].targs, names) if task.has_labels else None
    only: list[Bools] = []
    if not task.is_decided or max(len(a.runs), len(b.runs)) > 1:
        p = np.asarray(each[next(iter(task.compared_each))].p)
    else:
        right = [task.right(side.answers[0], side.threshs[0])[1] for side in (a, b)]
        only = [(right[0] == 1) & (right[1] == 0), (right[1] == 1) & (right[0] == 0)]
        p = sign_tests.sign_flip(only[1].astype(np.int64) - only[0].astype(np.int64), Groups(common.groups))
    corrected = sign_tests.holm(p)
    rows = tuple(
        LabelGain(
            name,
            column,
            int(known[column]),
            None if truth is None else int(np.count_nonzero(truth[:, column] == 1)),
            {metric: Gain(metric, about, each[metric].at(column)) for metric, about in task.compared_each.items()},
            only_a=int(only[0][:, column].sum()) if only else None,
            only_b=int(only[1][:, column].sum()) if only else None,
            p=float(p[column]),
            p_holm=float(corrected[column]),
        )
        for column, name in enumerate(names)
    )
    return rows, _test_words(bool(only), max(len(a.runs), len(b.runs)) > 1, common.n_groups < len(common))


def _test_words(is_paired: bool, is_of_seeds: bool, is_grouped: bool) -> str:
    """Say what p values are of: signs of discordant images, or Student's t."""
    if is_paired:
        return "McNemar's exact test" + (", of the sums of groups" if is_grouped else "")
    return f"Student's t of {'groups of images' if is_grouped else 'images'}{' and of runs' if is_of_seeds else ''}"
