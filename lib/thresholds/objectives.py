"""Threshold objectives in words, and the thresholds that they choose. numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np

from lib.core.errors import UserError
from lib.metrics import counts
from lib.metrics.counts import CurveCounts
from lib.metrics.decisions import Decisions
from lib.thresholds.rules import RULES, borrow

#: What a miss or a false alarm may cost at most.
MOST_COST = 1e6


@dataclass(frozen=True)
class Option:
    """One number of an objective: what it is called, its help and unit, and from where to where it may be."""

    name: str
    title: str
    help: str
    default: float
    least: float
    most: float
    unit: str = ""


@dataclass(frozen=True)
class Objective:
    """One sense of "best".

    Attributes
    ----------
    name : str
        In files and on the command line.
    title, help : str
        On a page.
    phrase : str
        How it is said with its options, see `words`.
    options : tuple of Option
    needs_truth : bool
        Whether it is judged by the truth; otherwise by the predictions alone.
    """

    name: str
    title: str
    help: str
    phrase: str
    options: tuple[Option, ...] = ()
    needs_truth: bool = True


_ALL = (
    Objective(
        "f_beta",
        "F-score",
        "Balances precision and recall: beta 1 weighs them equally, 2 favors recall, 0.5 favors precision.",
        "highest F{beta:g}",
        (Option("beta", "Beta", "How many times as much recall counts as precision.", 1.0, 0.01, 100.0),),
    ),
    Objective(
        "precision",
        "Precision at least",
        "Highest recall among the thresholds whose precision is high enough.",
        "highest recall with a precision of at least {least:g}",
        (Option("least", "Minimum precision", "Share of the predicted images that must be right.", 0.9, 0.0, 1.0),),
    ),
    Objective(
        "recall",
        "Recall at least",
        "Fewest false positives among the thresholds whose recall is high enough.",
        "highest precision with a recall of at least {least:g}",
        (Option("least", "Minimum recall", "Share of the images with the label that must be found.", 0.9, 0.0, 1.0),),
    ),
    Objective(
        "positives",
        "Limit on predictions",
        "For a review budget: somebody looks at everything that is predicted. Needs predictions only, no labels.",
        "at most {most:g} of 1,000 images predicted",
        (
            Option(
                "most", "Maximum predicted", "Images per 1,000, of each label.", 50.0, 0.0, 1000.0, "per 1,000 images"
            ),
        ),
        needs_truth=False,
    ),
    Objective(
        "cost",
        "Lowest cost",
        "Weighs the cost of a miss against the cost of a false alarm.",
        "lowest cost where a miss costs {miss:g} and a false alarm {alarm:g}",
        (
            Option("miss", "Cost of a miss", "The label is there and not predicted.", 1.0, 0.0, MOST_COST),
            Option("alarm", "Cost of a false alarm", "The label is predicted and not there.", 1.0, 0.0, MOST_COST),
        ),
    ),
    Objective(
        "accuracy", "Accuracy", "Makes the fewest errors: misses and false alarms alike.", "highest accuracy_multi"
    ),
)
#: Every objective by its name.
OBJECTIVES: dict[str, Objective] = {objective.name: objective for objective in _ALL}


@dataclass(frozen=True)
class Choice:
    """One threshold a label, shape (C,) each.

    Attributes
    ----------
    index : ndarray of int64
        Into `lib.metrics.counts.grid`.
    reached : ndarray of bool
        False where the demand cannot be met and the nearest was taken, or where nothing is known to choose from and
        0.5 was taken. Of a label that borrowed it is said of the numbers with what was borrowed.
    n_pos : ndarray of int64
        The label's own positives.
    pooled : ndarray of bool
        Whether it borrowed from all labels together, see `lib.thresholds.rules.FEWEST`.
    """

    index: np.ndarray
    reached: np.ndarray
    n_pos: np.ndarray
    pooled: np.ndarray

    @property
    def thresh(self) -> np.ndarray:
        """The thresholds, float32 of shape (C,)."""
        return counts.grid()[self.index]


# --- choosing ----------------------------------------------------------------------------------------------


def choose(decisions: Decisions, objective: str, **options: float) -> Choice:
    """Return the threshold of each label that is best by an objective.

    Of equally good thresholds the middle of the longest run is taken, the lowest of equally long ones. Demands are met
    in this order: "precision" takes the highest recall of the thresholds that meet it, of these the highest precision;
    "recall" the other way round; where no threshold meets the demand, the one that comes nearest to it, of these the
    best of the other. "positives" takes the lowest threshold that meets it, not the middle.

    A label with fewer than `lib.thresholds.rules.FEWEST` positives, or negatives, would follow chance: what is missing
    is borrowed from all labels together, see `lib.thresholds.rules.borrow`. A label without any positive takes the one
    threshold of `choose_one`. "positives" needs no truth, so nothing is borrowed for it.

    Parameters
    ----------
    decisions : Decisions
        Possibly of no image.
    objective : str
        One of `OBJECTIVES`.
    **options : float
        Its options; the default is taken where one is left out.

    Returns
    -------
    Chosen

    Raises
    ------
    UserError
        If there is no such objective or option, or an option is out of its range.
    """
    settled = with_defaults(objective, options)
    own = count(decisions, OBJECTIVES[objective].needs_truth)
    pool = CurveCounts(*(part.sum(axis=-1, keepdims=True) for part in own))
    index, reached, pooled = choose_from_counts(own, pool, objective, settled)
    return Choice(index, reached, np.count_nonzero(decisions.truth == 1, axis=0), pooled)


def choose_one(decisions: Decisions, objective: str, **options: float) -> tuple[int, bool]:
    """Return the one threshold that is best for all labels together, by their summed counts; see `choose`.

    For "positives" the mean over the labels of how many images are predicted.

    Returns
    -------
    index : int
        Into `lib.metrics.counts.grid`.
    reached : bool
    """
    settled = with_defaults(objective, options)
    pool = CurveCounts(
        *(part.sum(axis=-1, keepdims=True) for part in count(decisions, OBJECTIVES[objective].needs_truth))
    )
    index, reached = RULES[objective](pool, **settled)
    return int(index[0]), bool(reached[0])


def choose_from_counts(
    own: CurveCounts, pool: CurveCounts, objective: str, options: Mapping[str, float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ``index, reached, pooled``, each (K,), from counts; ``pool`` has K columns or one for all.

    ``options`` are complete, see `with_defaults`.
    """
    rule = RULES[objective]
    if not OBJECTIVES[objective].needs_truth:
        return *rule(own, **options), np.zeros(own.pos.shape, dtype=bool)
    tp, few_pos = borrow(own.tp, own.pos, pool.tp, pool.pos)
    fp, few_neg = borrow(own.fp, own.neg, pool.fp, pool.neg)
    index, reached = rule(CurveCounts(tp, fp, own.pos, own.neg), **options)
    alone = (own.pos == 0) & few_pos
    if alone.any():
        shared, met = rule(pool, **options)
        index, reached = np.where(alone, shared, index), np.where(alone, met, reached)
    return index, reached, few_pos | few_neg


def count(decisions: Decisions, needs_truth: bool = True) -> CurveCounts:
    """Return the counts of each label at each threshold of the grid; without truth, every label counts as absent."""
    truth = decisions.truth if needs_truth else np.zeros_like(decisions.truth)
    counted = counts.counts(decisions.scores, truth, counts.grid())
    return CurveCounts(
        counted.tp, counted.fp, np.count_nonzero(truth == 1, axis=0), np.count_nonzero(truth == 0, axis=0)
    )


# --- objectives as words -----------------------------------------------------------------------------------


def with_defaults(objective: str, options: Mapping[str, float]) -> dict[str, float]:
    """Return all options of an objective, defaults included; UserError where one is not as it has to be."""
    if objective not in OBJECTIVES:
        raise UserError(f"There is no objective {objective!r}: choose one of {', '.join(OBJECTIVES)}.")
    by_name = {option.name: option for option in OBJECTIVES[objective].options}
    for name, value in options.items():
        if name not in by_name:
            expected = f"it has {', '.join(by_name)}" if by_name else "it has none, leave it out"
            raise UserError(f"The objective {objective} has no option {name!r}: {expected}.")
        option = by_name[name]
        if not (isinstance(value, Real) and option.least <= value <= option.most):  # NaN is nowhere
            raise UserError(
                f"{option.title} ({name}) of the objective {objective} is {value!r}: expected {option.least:g} to "
                f"{option.most:.10g}, choose a number in between."
            )
    values = {name: float(options.get(name, option.default)) for name, option in by_name.items()}
    if objective == "cost" and not any(values.values()):
        raise UserError("The objective cost has a miss and a false alarm that both cost 0: give one of them a cost.")
    return values


def words(objective: str, **options: float) -> str:
    """Say an objective with its options.

    Examples
    --------
    >>> words("f_beta", beta=2)
    'highest F2'
    """
    settled = with_defaults(objective, options)
    return OBJECTIVES[objective].phrase.format(**settled)


def parse(text: str) -> tuple[str, dict[str, float]]:
    """Return the name and all options of an objective as written on the command line; UserError if it is none.

    Examples
    --------
    >>> parse("cost:miss=5")
    ('cost', {'miss': 5.0, 'alarm': 1.0})
    """
    name, _, rest = text.partition(":")
    options: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in rest.split(","))):
        key, _, value = part.partition("=")
        try:
            options[key.strip()] = float(value)
        except ValueError:
            raise UserError(
                f"The objective {text!r} has {part!r}: expected option=number, as in precision:least=0.9."
            ) from None
    return name.strip(), with_defaults(name.strip(), options)
