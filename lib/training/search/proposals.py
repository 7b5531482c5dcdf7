"""What Optuna is asked: which choices to try next, and whether a trial is worth its next epochs.

Its studies are in memory only: nothing of it is stored, and nothing is unpickled. A search that goes on after its
process ended asks again from the first trial on, with the same seed, which gives the same answers.
"""

from __future__ import annotations

import importlib.util
import math
from typing import TYPE_CHECKING, Any

from lib.core.config import CHOICES
from lib.core.errors import UserError
from lib.training.search.plans import Plan
from lib.training.search.space import Dimension, typed

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def need_optuna() -> None:
    """Raise UserError where Optuna is not installed."""
    if importlib.util.find_spec("optuna") is None:
        raise UserError(
            "A search needs the package optuna, which is not installed here: install it as requirements-search.txt "
            "says.",
            flags="pip install -r requirements-search.txt",
        )


class Proposals:
    """The trials of one search, by their numbers from 0.

    Parameters
    ----------
    plan : Plan
    larger_is_better : bool
        Of the values that are reported.
    """

    def __init__(self, plan: Plan, *, larger_is_better: bool):
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
        if plan.halving:
            pruner = optuna.pruners.SuccessiveHalvingPruner(
                min_resource=plan.halving.epochs, reduction_factor=plan.halving.factor
            )
        self._study = optuna.create_study(
            direction="maximize" if larger_is_better else "minimize",
            sampler=optuna.samplers.RandomSampler(seed=plan.seed),
            pruner=pruner,
        )
        # In one order, whoever wrote the space: it decides what is drawn.
        self._distributions = {name: _distribution(name, one) for name, one in sorted(plan.space.items())}
        self._space = plan.space
        self._trials: list[optuna.trial.Trial] = []
        self._reported: dict[int, int] = {}

    def choices(self, number: int) -> dict[str, Any]:
        """Return what varies of trial ``number``, by name."""
        while len(self._trials) <= number:
            self._trials.append(self._study.ask(self._distributions))
        params = self._trials[number].params
        return {name: typed(name, self._space[name], value) for name, value in params.items()}

    def is_worth_more(self, number: int, epoch: int, value: float | None) -> bool:
        """Report the ``value`` of an ``epoch``, from 1, of a trial; return whether it should go on.

        Each epoch counts once, in their order. A value that is not defined ends a trial where halving has a look.
        """
        self.choices(number)
        if epoch <= self._reported.get(number, 0):
            return True
        self._reported[number] = epoch
        trial = self._trials[number]
        trial.report(math.nan if value is None else value, epoch)
        return not trial.should_prune()


def _distribution(name: str, dimension: Dimension) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    choice = CHOICES[name]
    if dimension.options:
        return CategoricalDistribution(dimension.options)
    if choice.kind is int:
        return IntDistribution(int(dimension.low), int(dimension.high), step=dimension.step(choice))
    return FloatDistribution(dimension.low, dimension.high, log=dimension.is_log(choice))
