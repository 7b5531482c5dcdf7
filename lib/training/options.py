"""Defaults and checks of training choices for a dataset, and the command that reproduces a run."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from lib import tasks
from lib.core import digests, picture_cache, sentences
from lib.core.config import (
    BOOK,
    CHOICES,
    LINEAR,
    LR_FIND,
    NETWORK_OWN,
    QUICK,
    RECOMMENDED,
    TRAIN,
    TrainConfig,
)
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.tasks.learnable import LEAST_TO_TRAIN
from lib.training import architectures
from lib.training import recipe as recipes


def defaults(
    dataset: Dataset,
    *,
    recipe: str | None = None,
    arch: str | None = None,
    pretrained: bool | None = None,
    head: str | None = None,
) -> dict[str, Any]:
    """Return sensible options for ``dataset``, given what is chosen already.

    Parameters
    ----------
    dataset : Dataset
        A built-in sample brings its own architecture.
    recipe, arch, pretrained, head
        Chosen, or None. Without ``recipe`` it is the recommended one. Without ``arch`` it is the network that comes
        with the installation, by the book resnet18, and from scratch ``small``.

    Returns
    -------
    dict
        A value for every option.
    """
    own = dataset.defaults
    recommended = recipes.is_recommended(recipe)
    if arch is None:
        from_scratch = pretrained is False or (pretrained is None and own.get("pretrained") is False)
        arch = CHOICES["arch"].default(pretrained=not from_scratch, head=head)
        if recommended and not from_scratch:
            arch = recipes.NETWORK
    if pretrained is None:
        pretrained = arch != architectures.SMALL
    if head is None and recommended and pretrained:
        head = recipes.head(dataset)
    usual = {name: choice.default(pretrained=pretrained, head=head) for name, choice in CHOICES.items()}
    usual |= {"arch": arch, "pretrained": pretrained, "normalize": NETWORK_OWN}
    usual["recipe"] = RECOMMENDED if recommended else BOOK
    n_train = max(1, len(dataset.index("train")))
    if head is not None:
        usual["head"] = head
    if not pretrained:
        usual |= recipes.values(dataset, head=usual["head"], pretrained=False)
        usual.update({key: value for key, value in own.items() if key not in ("arch", "pretrained")})
    elif recommended:
        usual |= recipes.values(dataset, head=usual["head"])
    usual["bs"] = min(usual["bs"], max(2, n_train // 4))
    return usual


def configure(dataset: Dataset, chosen: dict[str, Any]) -> TrainConfig:
    """Return the configuration of a training: what is ``chosen`` over the defaults.

    Parameters
    ----------
    dataset : Dataset
    chosen : dict
        Some of the options; None counts as not chosen.
    """
    given = {key: value for key, value in chosen.items() if value is not None}
    if given.get("weights") and "pretrained" not in given:
        given["pretrained"] = True
    if given.get("weights"):
        given["weights"] = weights_path(given["weights"])
    values = defaults(dataset, **{name: given.get(name) for name in ("recipe", "arch", "pretrained", "head")})
    values.update(given)
    return TrainConfig(dataset=dataset.name, revision=dataset.revision, task=dataset.task, **values)


def weights_path(written: str) -> str:
    """Return the whole path of a weights file: it is read from elsewhere, and later."""
    return str(Path(os.path.expanduser(written)).absolute())  # noqa: PTH111 - `Path`'s raises where there is no such home


#: Sizes of the pictures of a quick model: a first answer, and a better one.
QUICK_SIZES = (128, 224)
#: The choices that a quick model has.
QUICK_CHOICES = ("arch", "weights", "size", "thresh", "seed")


def configure_quick(dataset: Dataset, chosen: dict[str, Any]) -> TrainConfig:
    """Return the configuration of a quick model: what is ``chosen`` of `QUICK_CHOICES` over its defaults.

    Raises
    ------
    UserError
        If something else is chosen, which a quick model does not have.
    """
    given = {key: value for key, value in chosen.items() if value is not None}
    if others := sorted(set(given) - set(QUICK_CHOICES)):
        raise UserError(
            f"A quick model has no {sentences.listed(others, 3)}: leave that out, or start a training instead. It has "
            f"{sentences.listed(list(QUICK_CHOICES), len(QUICK_CHOICES))}.",
            flags="leave out --quick",
        )
    own = {"arch": architectures.LITE0, "size": QUICK_SIZES[0], "head": LINEAR, "normalize": NETWORK_OWN}
    return replace(configure(dataset, {"pretrained": True, **own, **given}), kind=QUICK)


def used(config: TrainConfig) -> dict[str, Any]:
    """Return the fields of a configuration that have a part in what its run reaches: of a quick model only its own."""
    values = config.to_json()
    if config.kind != QUICK:
        return values
    return {name: value for name, value in values.items() if name not in CHOICES or name in QUICK_CHOICES}


@lru_cache(maxsize=8192)  # of all runs at each look
def configuration(config: TrainConfig) -> str:
    """Return a hash of all that a run depends on but for its seed: dataset, revision, kind and choices."""
    # 1 and 1.0, as one or the other way to choose gives them, are the same choice.
    but_seed = {
        name: float(value) if type(value) is int else value for name, value in used(config).items() if name != "seed"
    }
    return digests.of(json.dumps(but_seed, sort_keys=True).encode())


def check(config: TrainConfig, dataset: Dataset) -> None:
    """Check all that can be known before a worker starts; takes seconds at most.

    Raises
    ------
    UserError
        For the first option, or variable of the environment, that cannot work, with what to choose instead.
    """
    picture_cache.limit()
    for name, choice in CHOICES.items():
        value = getattr(config, name)
        if isinstance(value, (int, float)) and not choice.low <= value <= choice.high:
            raise UserError(
                f"{choice.title} ({name}) is {value:g}: expected {choice.low:g} to {choice.high:.10g}, choose one in "
                "between."
            )
    task = tasks.get(config.task)
    _check_loss_of_labels(config, dataset)
    check_flip(config, dataset)
    _check_quick_start(config)
    for name, choice in CHOICES.items():
        if choice.options and not (config.kind == QUICK and name == "head"):  # which is the quick model's own
            _check_known(name, getattr(config, name), choice.known(task), dataset)
    n_train = len(dataset.index("train"))
    if n_train < LEAST_TO_TRAIN:
        raise UserError(
            f"The training set of {dataset.name} has {n_train} image: expected at least {LEAST_TO_TRAIN}. Add "
            "images, take excluded ones back, or divide it anew under Splits with fewer to validate with."
        )
    if config.bs > n_train:
        raise UserError(
            f"The batch size is {config.bs} but the training set of {dataset.name} has {n_train} images: choose a "
            f"batch size of at most {n_train}."
        )
    architectures.check(config.arch)
    if config.pretrained:
        architectures.check_weights(config.arch, config.weights)
    elif config.weights:
        raise UserError("A weights file was given although the training starts from scratch: leave out one of the two.")


def _check_loss_of_labels(config: TrainConfig, dataset: Dataset) -> None:
    """Refuse what changes the loss of labels where there are none, and what would undo each other."""
    has_choices = config.class_weights or config.focal_gamma or config.label_smoothing
    if has_choices and not tasks.get(config.task).has_labels:
        raise UserError(
            f"Class weights, the focal loss and label smoothing are for labels, and {dataset.name} has none "
            f"({config.task}): leave out class_weights, focal_gamma and label_smoothing."
        )
    if config.focal_gamma and config.label_smoothing:
        raise UserError(
            f"The focal loss (focal_gamma {config.focal_gamma:g}) turns away from what is sure, and label smoothing "
            f"({config.label_smoothing:g}) makes nothing sure: choose one of the two, and leave the other at 0."
        )


def check_flip(config: TrainConfig, dataset: Dataset) -> None:
    """Check whether a training of ``config`` may mirror the pictures of ``dataset``.

    Raises
    ------
    UserError
        If it shall and nobody knows what the targets are then.
    """
    task = tasks.get(config.task)
    if config.flip and not task.can_flip(dataset):
        words = task.flip_words(dataset)
        raise UserError(f"Mirroring was chosen for {dataset.name} ({config.task}): leave out flip. {words}")


def _check_quick_start(config: TrainConfig) -> None:
    """Refuse to keep or begin with what a network from scratch does not have."""
    if config.keep_stats and not config.pretrained:
        raise UserError(
            "Batch-norm statistics can be kept of a pretrained network only, and this one starts from scratch: leave "
            "out keep_stats."
        )
    if config.quick_start and not (config.pretrained and config.head == LINEAR):
        raise UserError(
            f"Only a pretrained network with the linear head can start from the quick model (head {config.head}, "
            f"pretrained {str(config.pretrained).lower()}): leave out quick_start, or choose the linear head.",
            flags="--head linear",
        )


def _check_known(name: str, chosen: str, known: tuple[str, ...], dataset: Dataset) -> None:
    """Refuse what the task does not know, such as a head or a loss."""
    if chosen in known:
        return
    choices = f"expected one of {', '.join(known)}" if len(known) > 1 else f"which knows its own only: leave out {name}"
    raise UserError(f"The {name} {chosen[:80]!r} was chosen for {dataset.name} ({dataset.task}), {choices}.")


_COMMANDS = {TRAIN: "train", LR_FIND: "lr-find", QUICK: "train"}


def command(config: TrainConfig) -> str:
    """Return what to type to get the same numbers on the same processor, every option spelled out.

    Examples
    --------
    >>> from lib.core.config import TrainConfig
    >>> chosen = ("small", False, None, 64, 32, True, 1, 20, 0.01, 1.0, 0.5, 42)
    >>> config = TrainConfig("faces", "c858498b8e51", "keypoints", *chosen)
    >>> command(config).partition(" --freeze")[0]
    'python -m lib train faces --arch small --no-pretrained --size 64 --bs 32'
    """
    words = [*PROGRAM.split(), _COMMANDS[config.kind], config.dataset]
    is_quick = config.kind == QUICK
    words += ["--quick"] if is_quick else []
    for name, choice in CHOICES.items():
        if not is_quick or name in QUICK_CHOICES:
            words += choice.words(getattr(config, name))
    return shlex.join(words)
