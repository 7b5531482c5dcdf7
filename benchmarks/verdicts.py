"""How often a verdict on two models is wrong where they are equal, and right where one is better: simulated answers.

Two choices of training are simulated: an image is as hard as it is, each choice finds it easier or harder in its own
way, each run of a choice differs by image and in all images, and one choice is better by ``effect``. Without it every
verdict is wrong. With it the share of verdicts is the power, beside what each trial says its power is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from lib.metrics import intervals, measures, paired, ranking, sign_tests
from lib.metrics.measures import Measure
from lib.metrics.paired import Difference
from lib.metrics.resampling import Groups

TRIALS = 1000
_LEVEL = 0.95


@dataclass(frozen=True)
class Scenario:
    """What is compared.

    Attributes
    ----------
    groups, each : int
        Groups of images, and images of each.
    names : int
        Labels or points.
    runs : tuple of two int
        Seeds a side.
    metric : str
        ``accuracy_multi``, ``f1_macro``, ``subset_accuracy``, ``map``, ``error_px`` or ``pck_05``.
    luck : float
        Standard deviation of what a run is better in all images; how hard images are has 1.
    effect : float
        By how much the second choice is better, likewise.
    easy : float
        The mean of all: 2.5 gives few errors.
    share : float
        Prevalence of labels.
    """

    groups: int = 150
    each: int = 1
    names: int = 5
    runs: tuple[int, int] = (1, 1)
    metric: str = "accuracy_multi"
    luck: float = 0.0
    effect: float = 0.0
    easy: float = 1.0
    share: float = 0.3

    def sides(self, rng: np.random.Generator) -> tuple[list[list[Measure]], Groups]:
        """Return what the runs of both sides answered, and the groups of the images."""
        of = np.repeat(np.arange(self.groups), self.each)
        shape, whole = (len(of), self.names), (self.groups, self.names)
        truth = (rng.random(shape) < self.share).astype(np.int8)
        hard = self.easy + rng.normal(size=shape)
        sides = []
        for side, count in enumerate(self.runs):
            taste = hard + 0.4 * rng.normal(size=shape) + 0.4 * rng.normal(size=whole)[of] + side * self.effect
            runs = [taste + 0.5 * rng.normal(size=shape) + self.luck * rng.normal() for _ in range(count)]
            sides.append([self._measure(skill, truth) for skill in runs])
        return sides, Groups(of)

    def _measure(self, skill: np.ndarray, truth: np.ndarray) -> Measure:
        if self.metric == "error_px":
            return measures.of_errors(np.exp(-0.7 * skill), self.metric)  # a few are far off
        if self.metric == "pck_05":
            right = np.full((*skill.shape, 2), 50.0)  # of pictures of 100 px: two of a hundred are beyond the limit
            off = 2 * np.exp(-0.7 * skill)[..., None] * np.array([1.0, 0.0])
            return measures.of_points(right + off, right, np.full((len(skill), 2), 100.0))
        toward_truth = np.where(truth == 1, skill, -skill)
        if self.metric == "map":
            return ranking.Ranking(toward_truth, truth)
        return measures.of_decisions(toward_truth > 0, truth)


class Outcome(NamedTuple):
    """What came of many trials, as shares: how often the sides were called different, and any one of the labels.

    ``stated`` is the mean power that the trials state for the true difference.
    """

    verdicts: float
    labels: float
    stated: float


def simulate(scenario: Scenario, trials: int = TRIALS, *, n: int = 1000, seed: int = 0) -> Outcome:
    """Return how often the sides were called different; ``n`` draws each."""
    rng = np.random.default_rng(seed)
    called, any_label, wholes = [], [], []
    for _ in range(trials):
        sides, groups = scenario.sides(rng)
        found = paired.differences(*sides, groups, n=n, level=_LEVEL)
        whole = found.overall[scenario.metric]
        called.append(intervals.judged(whole.interval) in (intervals.BETTER, intervals.WORSE))
        any_label.append(bool((sign_tests.holm(_p(found.each, sides, groups)) < 1 - _LEVEL).any()))
        wholes.append(whole)
    return Outcome(float(np.mean(called)), float(np.mean(any_label)), _stated(wholes))


def _p(each: dict[str, Difference], sides: Sequence[Sequence[Measure]], groups: Groups) -> np.ndarray:
    first, second = (side[0].cells for side in sides)
    if "accuracy" in each and all(len(side) == 1 for side in sides):
        return sign_tests.sign_flip((first - second).astype(np.int64), groups)
    return next(iter(each.values())).p


def _stated(found: Sequence[Difference]) -> float:
    true = abs(float(np.mean([one.interval.value for one in found])))
    powers = []
    for one in found:
        half = (float(one.interval.high) - float(one.interval.low)) / 2
        powers.append(NormalDist().cdf((true - half) / float(one.error)) if np.isfinite(half) and one.error > 0 else 0)
    return float(np.mean(powers))


_PLAIN = Scenario()
SCENARIOS = {
    "150 images, 5 labels": _PLAIN,
    "20 images, 1 label": replace(_PLAIN, groups=20, names=1),
    "200 images, 1 label, few errors": replace(_PLAIN, groups=200, names=1, easy=3.0),
    "150 images, macro F1 of rare labels": replace(_PLAIN, metric="f1_macro", share=0.06),
    "150 images, mAP": replace(_PLAIN, metric="map"),
    "150 images, mAP of rare labels": replace(_PLAIN, metric="map", share=0.06),
    "150 images, errors of 5 points": replace(_PLAIN, metric="error_px"),
    "25 images, errors of 1 point": replace(_PLAIN, groups=25, names=1, metric="error_px"),
    "80 images, PCK of 5 points": replace(_PLAIN, groups=80, metric="pck_05"),
    "100 images, all labels right": replace(_PLAIN, groups=100, metric="subset_accuracy"),
    "10 groups of 15 images": replace(_PLAIN, groups=10, each=15),
    "40 groups of 5 images": replace(_PLAIN, groups=40, each=5, names=3),
    "2 and 2 seeds, no luck": replace(_PLAIN, runs=(2, 2)),
    "2 and 2 seeds": replace(_PLAIN, runs=(2, 2), luck=0.15),
    "3 and 3 seeds": replace(_PLAIN, runs=(3, 3), luck=0.15),
    "3 and 3 seeds, much luck": replace(_PLAIN, runs=(3, 3), luck=0.5),
    "5 and 5 seeds": replace(_PLAIN, runs=(5, 5), luck=0.15),
    "1 and 3 seeds": replace(_PLAIN, runs=(1, 3), luck=0.15),
}
#: Where one choice is better: as above, with this effect.
POWERED = {
    "150 images, 5 labels": 0.22,
    "150 images, mAP": 0.22,
    "150 images, errors of 5 points": 0.25,
    "40 groups of 5 images": 0.3,
    "3 and 3 seeds": 0.4,
    "5 and 5 seeds": 0.35,
}


def measure(trials: int = TRIALS) -> dict[str, float]:
    """Return the share of verdicts of each scenario without a difference, and with one beside the stated power."""
    measured: dict[str, float] = {}
    for name, scenario in SCENARIOS.items():
        outcome = simulate(scenario, trials)
        measured[f"equal: {name}"] = outcome.verdicts
        if scenario.metric != "map":  # labels are judged by their decisions
            measured[f"  any one by Holm, {name}"] = outcome.labels
    one_run = simulate(replace(_PLAIN, luck=0.15), trials)
    measured["1 and 1 run whose luck nobody knows"] = one_run.verdicts
    for name, effect in POWERED.items():
        outcome = simulate(replace(SCENARIOS[name], effect=effect), trials)
        measured[f"better: {name}"] = outcome.verdicts
        measured[f"  stated power, {name}"] = outcome.stated
    return measured
