"""One number of both sides, of all images or of one label, point or value: the difference and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lib.metrics import intervals
from lib.metrics.intervals import Interval
from lib.metrics.paired import Difference
from lib.metrics.scores import Metric, defined

#: How sure a verdict is.
LEVEL = 0.95


@dataclass(frozen=True, eq=False)
class Gain:
    """One number of both sides: a metric, or a metric of one label, point or value.

    Attributes
    ----------
    name : str
        As in `lib.metrics.scores.METRICS` or `lib.tasks.measured.Measured.compared_each`.
    about : Metric
        What it is called and whether larger is better.
    difference : Difference
        Of shape (), B minus A.
    """

    name: str
    about: Metric
    difference: Difference

    @property
    def a(self) -> float:
        """The number of A, the mean of its runs; NaN where it is not defined."""
        return float(self.difference.first)

    @property
    def b(self) -> float:
        """The number of B."""
        return float(self.difference.second)

    @cached_property
    def interval(self) -> Interval:
        """B minus A with its 95 % interval, floats."""
        return Interval(*(float(end) for end in self.difference.interval))

    @cached_property
    def gain(self) -> Interval:
        """The same turned so that above 0 B is better."""
        value, low, high = self.interval
        return self.interval if self.about.larger_is_better else Interval(-value, -high, -low)

    @property
    def judged(self) -> str:
        """Whether B is `intervals.BETTER` or `intervals.WORSE` than A, or what else, see `intervals.judged`."""
        return intervals.judged(self.gain)

    @property
    def better(self) -> str:
        """``a`` or ``b`` where one is better by more than chance, else ""."""
        return {intervals.BETTER: "b", intervals.WORSE: "a"}.get(self.judged, "")

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON; what is not defined is None."""
        value, low, high = map(defined, self.interval)
        return {
            "metric": self.name,
            "a": defined(self.a),
            "b": defined(self.b),
            "difference": value,
            "interval": [low, high],
            "better": self.better or None,
            "b_is": self.judged,
        }


@dataclass(frozen=True, eq=False)
class LabelGain:
    """One label, point or value.

    Attributes
    ----------
    name : str
    column : int
        Which of the names it is.
    known : int
        Images in which it is known.
    present : int or None
        Of labels, in how many of these it is there.
    gains : dict of str to Gain
        Those of `Task.compared_each`; the first decides.
    only_a, only_b : int or None
        Images of which only A, or only B, is right about the label; None of numbers and of several runs a side.
    p : float
        Of no difference in the first of the gains, see `lib.evaluation.verdicts.verdicts.Verdict.test`; NaN where too
        few differ.
    p_holm : float
        Corrected for all labels together by Holm.
    """

    name: str
    column: int
    known: int
    present: int | None
    gains: dict[str, Gain]
    only_a: int | None
    only_b: int | None
    p: float
    p_holm: float

    @property
    def first(self) -> Gain:
        """The gain that decides."""
        return next(iter(self.gains.values()))

    @property
    def better(self) -> str:
        """``a`` or ``b`` where one is better by the corrected p value, else ""."""
        if not self.p_holm < 1 - LEVEL:
            return ""
        return "b" if self.first.gain.value > 0 else "a"

    @property
    def is_opposed(self) -> bool:
        """Whether another of its metrics is better, by its own interval, with the other side.

        A side that predicts a rare label hardly ever has more decisions right, and may have the lower F1.
        """
        return any(gain.better not in ("", self.better) for gain in self.gains.values()) and bool(self.better)

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON; what is not defined is None."""
        whole = {name: getattr(self, name) for name in ("name", "known", "present", "only_a", "only_b")}
        gains = {name: one.to_json() for name, one in self.gains.items()}
        return {
            **whole,
            "metrics": gains,
            "p": defined(self.p),
            "p_holm": defined(self.p_holm),
            "better": self.better or None,
        }
