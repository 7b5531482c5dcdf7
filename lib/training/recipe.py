"""The recommended recipe: rules that fit a training's choices to the data, each with the sentence that says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lib import tasks
from lib.core.config import BOOK, CHOICES, HEATMAP, LINEAR, RECOMMENDED, TrainConfig
from lib.core.dataset import Dataset
from lib.training import architectures

#: The pretrained network that the recipe takes.
NETWORK = architectures.LITE0
#: From so many training images on the statistics of their batches are as good as those of the pretraining.
_MANY = 3000
#: Batches are as large as leaves so many steps: fewer teach little. But these are the smallest, where a head begins at
#: the quick model, and where maps begin at nothing; and the largest.
_STEPS, _SMALL, _SMALL_OF_MAPS, _LARGE_BATCH = 300, 16, 8, 64
#: Images that a pretrained network sees in all, between fewest and most epochs.
_SEEN, _FEWEST, _MOST = 2400, 3, 12
#: A network that learned with pictures of 224 px sees best at that size; more images than this take too long at it.
_LARGE, _USUAL = 224, 128
#: Heat maps have cells of 4 pixels.
_MAPS = 96
_TOO_MANY_FOR_LARGE = 10_000
#: Images that a network sees in all when it learns from scratch: about a minute with ``small`` at 64 px on two cores.
_SEEN_FROM_SCRATCH, _FEWEST_FROM_SCRATCH, _MOST_FROM_SCRATCH = 25_000, 5, 30


@dataclass(frozen=True)
class Reason:
    """Why a choice is what it is.

    Attributes
    ----------
    name : str
        Of the choice, as in `lib.core.config.CHOICES`.
    value : str
        What was chosen, in words.
    sentence : str
        Why.
    """

    name: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Seen:
    """What the rules look at: the number of training images, and the head."""

    n_train: int
    head: str

    @classmethod
    def of(cls, dataset: Dataset, head: str) -> Seen:
        """Look at ``dataset``."""
        return cls(max(1, len(dataset.index("train"))), head)


@dataclass(frozen=True)
class Rule:
    """A rule: the values of the choices that it makes, and why.

    Attributes
    ----------
    name : str
        The choice that it is about; others may have to follow.
    values : callable
        Return the choices by name.
    why : callable
        Return the sentence.
    """

    name: str
    values: Callable[[Seen], Mapping[str, Any]]
    why: Callable[[Seen], str]


def _head_why(seen: Seen) -> str:
    if seen.head == HEATMAP:
        return "A map for each point finds it about twice as well as numbers from the whole image."
    return "One layer with a bias: it begins as the baseline or the quick model, and few images can teach it."


def _start(seen: Seen) -> dict[str, Any]:
    if seen.head == LINEAR:
        return {"quick_start": True, "freeze_epochs": 0}
    frozen = 0 if seen.head == HEATMAP else CHOICES["freeze_epochs"].usual
    return {"quick_start": False, "freeze_epochs": frozen}


def _start_why(seen: Seen) -> str:
    if seen.head == LINEAR:
        return (
            "The head begins as the quick model's, so no frozen epochs; where training does not beat it on the "
            "validation images, the run keeps it."
        )
    if seen.head == HEATMAP:
        return "The quick model has no maps. The head begins at the mean shape, so no frozen epochs."
    return "Only a linear head can begin as the quick model's: this one begins at random, so frozen epochs come first."


def _base_lr(seen: Seen) -> float:
    return {LINEAR: 6e-4, HEATMAP: 4e-3}.get(seen.head, CHOICES["base_lr"].usual)


def _base_lr_why(seen: Seen) -> str:
    if seen.head == LINEAR:
        return "A low learning rate keeps what the quick model and the pretraining know."
    if seen.head == HEATMAP:
        return "The new head has to learn its maps from scratch, which takes a higher learning rate."
    return "The book's learning rate, which suits a new head on a pretrained network."


def _lr_mult(seen: Seen) -> float:
    return {LINEAR: 1.0, HEATMAP: 5.0}.get(seen.head, CHOICES["lr_mult"].usual)


def _lr_mult_why(seen: Seen) -> str:
    if seen.head == LINEAR:
        return "The head is fitted already, so head and body learn at the same rate."
    return f"The first layers learn {_lr_mult(seen):g} times more slowly than the head: they fit most pictures already."


def _size(seen: Seen) -> int:
    if seen.head == HEATMAP:
        return _MAPS
    return _LARGE if seen.n_train < _TOO_MANY_FOR_LARGE else _USUAL


def _size_why(seen: Seen) -> str:
    if _size(seen) == _LARGE:
        return "Pretrained networks have learned with pictures of about this size, and see small things in them."
    if seen.head == HEATMAP:
        return "Points are found to fractions of a cell: larger pictures take longer and gain little."
    return f"{seen.n_train:,} training images take too long at {_LARGE} px."


def _bs(seen: Seen) -> int:
    small = _SMALL_OF_MAPS if seen.head == HEATMAP else _SMALL
    bs = small
    while 2 * bs <= min(_LARGE_BATCH, _epochs(seen) * seen.n_train / _STEPS):
        bs *= 2
    return min(bs, max(2, seen.n_train // 4))


def _bs_why(seen: Seen) -> str:
    if _bs(seen) == _LARGE_BATCH:
        return f"So many images make {_STEPS} steps and more in large batches, which take less time."
    return "Small batches make more steps of few images."


def _epochs(seen: Seen) -> int:
    return min(_MOST, max(_FEWEST, round(_SEEN / seen.n_train)))


def _steps_why(seen: Seen) -> str:
    steps = _epochs(seen) * (seen.n_train // _bs(seen))
    return f"{seen.n_train:,} training images give about {steps:,} steps."


def _keeps(seen: Seen) -> bool:
    return seen.n_train < _MANY


def _keeps_why(seen: Seen) -> str:
    if _keeps(seen):
        return f"{seen.n_train:,} images are too few for statistics of their own: those of the pretraining are better."
    return f"{seen.n_train:,} images are enough for statistics of their own."


def _scratch_epochs(seen: Seen) -> int:
    return min(_MOST_FROM_SCRATCH, max(_FEWEST_FROM_SCRATCH, round(_SEEN_FROM_SCRATCH / seen.n_train)))


def _scratch_epochs_why(seen: Seen) -> str:
    return f"They show {_scratch_epochs(seen) * seen.n_train:,} images to a network that starts from random weights."


#: What the recommended recipe decides for pretrained networks, in the order of the form.
RULES = (
    Rule("head", lambda seen: {"head": seen.head}, _head_why),
    Rule("size", lambda seen: {"size": _size(seen)}, _size_why),
    Rule("quick_start", _start, _start_why),
    Rule("base_lr", lambda seen: {"base_lr": _base_lr(seen)}, _base_lr_why),
    Rule("lr_mult", lambda seen: {"lr_mult": _lr_mult(seen)}, _lr_mult_why),
    Rule("keep_stats", lambda seen: {"keep_stats": _keeps(seen)}, _keeps_why),
    Rule("bs", lambda seen: {"bs": _bs(seen)}, _bs_why),
    Rule("epochs", lambda seen: {"epochs": _epochs(seen)}, _steps_why),
)

#: What is decided where all layers learn from the start.
SCRATCH_RULES = (Rule("epochs", lambda seen: {"epochs": _scratch_epochs(seen)}, _scratch_epochs_why),)


def values(dataset: Dataset, *, head: str, pretrained: bool = True) -> dict[str, Any]:
    """Return what the rules choose, by the name of the choice.

    Parameters
    ----------
    dataset : Dataset
    head : str
        The network's, chosen already.
    pretrained : bool
        Whether the network has learned before.
    """
    return values_of(Seen.of(dataset, head), pretrained=pretrained)


def values_of(seen: Seen, *, pretrained: bool = True) -> dict[str, Any]:
    """Return what `values` does, of a dataset that is not at hand."""
    rules = RULES if pretrained else SCRATCH_RULES
    return {name: value for rule in rules for name, value in rule.values(seen).items()}


def head(dataset: Dataset) -> str:
    """Return the head that the recipe takes for a pretrained network."""
    return tasks.get(dataset.task).recommended_head


def reasons(config: TrainConfig, dataset: Dataset) -> list[Reason]:
    """Return why the choices of ``config`` are what they are, one sentence each; what was changed by hand is left out.

    Parameters
    ----------
    config : TrainConfig
    dataset : Dataset
    """
    if config.recipe == BOOK:
        sentence = "The fastai book's chapter 6: fine_tune with the same numbers for any data."
        return [Reason("recipe", CHOICES["recipe"].options[BOOK], sentence)]
    chosen = config.to_json()
    lines = []
    if not config.pretrained:
        lines.append(Reason("arch", config.arch, _scratch_why(config, dataset)))
    elif config.arch == NETWORK:
        lines.append(Reason("arch", config.arch, "Its weights come with the installation: nothing is downloaded."))
    seen = Seen.of(dataset, config.head)
    for rule in RULES if config.pretrained else SCRATCH_RULES:
        if all(chosen[name] == value for name, value in rule.values(seen).items()):
            lines.append(Reason(rule.name, _words(chosen[rule.name]), rule.why(seen)))
    return lines


def _scratch_why(config: TrainConfig, dataset: Dataset) -> str:
    if dataset.defaults.get("pretrained") is False:
        return "This sample's pictures are drawn and small: a small network of its own learns them from the start."
    return "Without pretrained weights all layers learn from the start, at one rate and for more epochs."


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def is_recommended(recipe: str | None) -> bool:
    """Return whether a recipe, by default the usual one, is the recommended one."""
    return (recipe or CHOICES["recipe"].usual) == RECOMMENDED
