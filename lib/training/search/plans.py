"""What a search was asked for: the space, the budget, halving; and the configuration of a trial."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lib import tasks
from lib.core.config import CHOICES, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.training import group, launch, launchers, options
from lib.training.launchers import launched
from lib.training.launchers.launched import Launch
from lib.training.search import space as spaces
from lib.training.search.space import Dimension, Value

#: Trials where nobody says how many, and at most; minutes at most, a week; runs that may be at work at once.
TRIALS, MOST_TRIALS, MOST_MINUTES, MOST_AT_ONCE = 20, 1000, 7 * 24 * 60.0, 64
#: Of how many trials one goes on at a halving, where nobody says.
FACTOR = 3


@dataclass(frozen=True)
class Halving:
    """Successive halving: after so many epochs, and ``factor`` times as many, and so on, only the best go on.

    Attributes
    ----------
    epochs : int
        After which a trial is first compared with those that came as far, and at once where it came later.
    factor : int
        One of so many goes on.
    """

    epochs: int
    factor: int = FACTOR

    @classmethod
    def of_epochs(cls, total: int, factor: int = FACTOR) -> Halving:
        """Return what suits trainings of ``total`` epochs: a first look so late that there is one more at most.

        Rates rise and fall once in a training, so that its first epochs say little.

        Examples
        --------
        >>> Halving.of_epochs(20).epochs, Halving.of_epochs(4).epochs, Halving.of_epochs(1).epochs
        (6, 1, 1)
        """
        return cls(max(1, total // max(1, factor)), factor)


@dataclass(frozen=True)
class Plan:
    """What a search was asked for; nothing of it changes.

    Attributes
    ----------
    dataset, revision, task : str
    space : dict of str to Dimension
        What varies, by the name of the choice.
    given : dict
        Choices that are the same in all trials; all others are the usual ones for what varies.
    trials : int
        How many runs are started at most.
    minutes : float or None
        After which none is started and those at work stop after their epoch; None is no limit.
    halving : Halving or None
        None lets every trial train to its end.
    seed : int
        Of what is drawn.
    seeds : int
        Of so many seeds, its own included, the best choice is trained at the end.
    at_once : int or None
        How many runs may be at work, or wait for the device, at once; None is as many as there is `room` for.
    where : Launch or None
        Where runs are at work; None is as the environment states.
    user : str
        Who started it, "" where nobody logs in.
    """

    dataset: str
    revision: str
    task: str
    space: dict[str, Dimension]
    given: dict[str, Value] = field(default_factory=dict)
    trials: int = TRIALS
    minutes: float | None = None
    halving: Halving | None = None
    seed: int = 0
    seeds: int = 1
    at_once: int | None = 1
    where: Launch | None = None
    user: str = ""

    @property
    def most_trials(self) -> int:
        """How many trials there can be: no more than there are combinations."""
        return int(min(self.trials, spaces.count(self.space)))

    def config(self, dataset: Dataset, varied: Mapping[str, Any]) -> TrainConfig:
        """Return the configuration of the trial of these choices."""
        return options.configure(dataset, {**self.given, **varied})

    def first_config(self, dataset: Dataset) -> TrainConfig:
        """Return the configuration of the first option of each choice, or its lowest number."""
        return self.config(dataset, {name: spaces.first(name, one) for name, one in self.space.items()})


def check(plan: Plan, dataset: Dataset) -> None:
    """Look whether a plan can be searched on a dataset: its numbers, its space, and its first combination.

    Raises
    ------
    UserError
        For the first of it that cannot be.
    """
    check_numbers(plan)
    both = sorted(plan.space.keys() & plan.given.keys())
    if both:
        raise UserError(f"The choice {both[0]} is given and varies: leave out one of the two.")
    first = plan.first_config(dataset)
    options.check(first, dataset)
    if plan.halving:
        _check_halving(plan, plan.halving, dataset)
    launch.with_seeds(first, plan.seeds)
    where = plan.where or launched.usual()
    group.check(first, where)
    launchers.of(where.launcher).prepare(where)


def _check_halving(plan: Plan, halving: Halving, dataset: Dataset) -> None:
    """Look whether trials can be compared at the same epoch: all have the same number of them, and more than that."""
    first = {name: spaces.first(name, one) for name, one in plan.space.items()}
    tried = [{**first, name: value} for name, one in plan.space.items() for value in spaces.ends(name, one)]
    lengths = {config.freeze_epochs + config.epochs for config in (plan.config(dataset, varied) for varied in tried)}
    if len(lengths) > 1:
        raise UserError(
            f"The trials would have {min(lengths):,} to {max(lengths):,} epochs, and those that are stopped early are "
            "compared at the same epoch, where a shorter one is further along its schedule: choose the same epochs and "
            "frozen epochs for all, or let all train to their end.",
            flags="--epochs N --freeze-epochs N, or leave out --halving",
        )
    if halving.epochs >= max(2, *lengths):  # of one epoch each none can be, which halving's usual number needs not say
        raise UserError(
            f"The trials have {max(lengths):,} epochs, so that none can be stopped early after {halving.epochs:,}: "
            "choose fewer epochs before the first halving."
        )


def room(where: Launch | None) -> int:
    """Return how many runs there is room for at once: on Ray as many as it has GPUs, or CPUs, for; else one.

    Raises
    ------
    UserError
        If Ray does not answer.
    """
    where = where or launched.usual()
    if where.launcher == launched.LOCAL:
        return 1
    has = launchers.of(where.launcher).resources()
    processes = where.processes * where.nodes
    each = where.gpus if where.gpus is not None else float(bool(has.gpus))
    places = has.gpus / each if each else has.cpus / (where.cpus or 1)
    return max(1, min(MOST_AT_ONCE, int(places / processes)))


def check_numbers(plan: Plan) -> None:
    """Look whether a plan can be one that was started, without its dataset; raises UserError if not."""
    tasks.get(plan.task)
    spaces.check(plan.space)
    if unknown := sorted(plan.given.keys() - CHOICES.keys()):
        raise UserError(f"There is no choice {unknown[0][:40]!r} that could be given.")
    numbers: list[tuple[str, float, float, float]] = [
        ("Trials", plan.trials, 1, MOST_TRIALS),
        ("Seed of the search", plan.seed, 0, 2**31 - 1),
        ("Seeds of the best choice", plan.seeds, 1, launch.MOST_SEEDS),
    ]
    if plan.at_once is not None:
        numbers.append(("Runs at once", plan.at_once, 1, MOST_AT_ONCE))
    if plan.minutes is not None:
        numbers.append(("Minutes", plan.minutes, 0.01, MOST_MINUTES))
    if plan.halving:
        numbers += [
            ("Epochs before the first halving", plan.halving.epochs, 1, 1000),
            ("Of how many trials one goes on", plan.halving.factor, 2, 20),
        ]
    for what, value, low, high in numbers:
        if not low <= value <= high:
            raise UserError(f"{what}: expected {low:g} to {high:.10g}, found {value:.10g}.")
