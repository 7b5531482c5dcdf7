"""The choices of a training: what each means, what it may be, and what is sensible for a dataset."""

from __future__ import annotations

import dataclasses
import math
import shlex
from dataclasses import dataclass
from typing import Any

from lib import tasks
from lib.core.config import DEFAULT, HEATMAP, LR_FIND, TRAIN, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.tasks.learnable import LEAST_TO_TRAIN
from lib.training import architectures


@dataclass(frozen=True)
class Option:
    """One choice: its title, one line of help, and the numbers it may be."""

    title: str
    help: str
    low: float = -math.inf
    high: float = math.inf


#: By the name of the field of `lib.core.config.TrainConfig`.
OPTIONS = {
    "arch": Option(
        "Architecture",
        "The network: small is for small data without pretrained weights; resnet18, 34 and 50 are torchvision's; every "
        "other name is timm's.",
    ),
    "pretrained": Option("Pretrained", "Start from weights learned on ImageNet: far better unless pictures are tiny."),
    "weights": Option(
        "Weights file", "Pretrained weights in a .safetensors or .pth file on this machine, if not downloaded."
    ),
    "size": Option(
        "Image size (px)", "Every picture is squished to a square of this side: larger sees more, slower.", 16, 1024
    ),
    "bs": Option("Batch size (images)", "Images per step: larger is steadier and needs more memory.", 2, 4096),
    "augment": Option(
        "Augment",
        "Train on copies slightly turned, enlarged, brighter or darker: less learning by heart.",
    ),
    "flip": Option(
        "Mirror",
        "With Augment, mirror half of the pictures left to right: good for animals and cars, wrong for letters, "
        "signs and whatever else has a left and a right. Left and right points change places.",
    ),
    "freeze_epochs": Option("Frozen epochs", "Epochs of the first fit, in which only the new head learns.", 0, 1000),
    "epochs": Option("Epochs", "Epochs of the second fit, in which the whole network learns.", 1, 1000),
    "base_lr": Option(
        "Base learning rate", "Highest learning rate of the first fit; half of it in the second.", 1e-7, 10
    ),
    "lr_mult": Option(
        "Rate divisor", "In the second fit the first layers learn this much slower: 100 keeps pretrained ones.", 1, 1e4
    ),
    "head": Option(
        "Head",
        "What makes the answer of what the network sees: default is the book's, numbers from the whole picture; "
        "heatmap draws a map for each point and takes the mean place on it, which finds points about twice as well in "
        "several times the time (points only).",
    ),
    "loss": Option(
        "Loss",
        "What is minimised: default is the task's own for the head; with mse few large errors count most, l1 takes all "
        "as they are, huber is between the two, and with wing small errors count most (l1 and huber for points and "
        "values, wing for points).",
    ),
    "thresh": Option("Threshold", "A label is predicted where its probability is above this (multi-label only).", 0, 1),
    "wd": Option(
        "Weight decay", "Pulls weights towards zero, against learning by heart; 0.01 is fastai's, 0.1 is strong.", 0, 10
    ),
    "patience": Option(
        "Early stopping (epochs)",
        "End the second fit when the validation loss has not fallen for so many epochs, and keep the best epoch's "
        "model; 0 never does, which suits the one-cycle schedule: its last epochs are usually the best.",
        0,
        1000,
    ),
    "class_weights": Option(
        "Class weights",
        "Rare labels count as much as frequent ones in the loss, so that they are not drowned out; their probabilities "
        "then come out too high.",
    ),
    "focal_gamma": Option(
        "Focal loss gamma",
        "Above 0 the loss turns away from what is right already, towards hard and rare labels; 2 is usual, 0 is off.",
        0,
        10,
    ),
    "mixed_precision": Option(
        "Mixed precision",
        "Compute in bfloat16 where that is safe: less memory, and about half the time on a processor made for it that "
        "does nothing else; beside other work it can take longer. A device without bfloat16 is refused.",
    ),
    "progressive": Option(
        "Progressive resizing",
        "Train on pictures of half the size at first, never under 32 px, and let them grow to the full size by two "
        "thirds of the epochs: about a quarter less computing; small details and points can come out somewhat worse.",
    ),
    "seed": Option("Seed", "The same seed and choices give the same numbers on the same processor.", 0, 2**31 - 1),
}

#: fastai book, chapter 6: `fine_tune(3, base_lr=3e-3, freeze_epochs=4)` at 128 px.
BOOK = {"size": 128, "bs": 64, "freeze_epochs": 4, "epochs": 3, "base_lr": 3e-3, "lr_mult": 100.0}
#: Nothing learned yet: first layers must learn as fast as last ones, and freezing them keeps them random.
SCRATCH = {"size": 64, "bs": 32, "freeze_epochs": 1, "base_lr": 1e-2, "lr_mult": 1.0}
#: Heat maps have cells of 4 pixels: at 96 px a point is found a fifth better than at 64, in twice the time.
HEATMAP_SCRATCH = {"size": 96}
#: Images seen in all when training from scratch: about a minute with ``small`` at 64 px on two cores.
_IMAGES_SEEN = 25_000
_COMMON = {
    "augment": True,
    "thresh": 0.5,
    "seed": 42,
    "weights": None,
    "wd": 0.01,  # fastai's own
    "patience": 0,
    "class_weights": False,
    "focal_gamma": 0.0,
    "mixed_precision": False,
    "progressive": False,
    "flip": False,
    "head": DEFAULT,
    "loss": DEFAULT,
}
#: What may be chosen as head and loss by any task, and what it is called.
HEADS = {DEFAULT: "Numbers from the whole picture (the book's)", HEATMAP: "A heat map for each point"}
LOSSES = {
    DEFAULT: "The head's own",
    "mse": "Mean squared error",
    "l1": "Mean absolute error (L1)",
    "huber": "Huber",
    "wing": "Wing",
}


def defaults(
    dataset: Dataset, *, arch: str | None = None, pretrained: bool | None = None, head: str | None = None
) -> dict[str, Any]:
    """Return sensible options for ``dataset``, given what is chosen already.

    Parameters
    ----------
    dataset : Dataset
        A built-in sample brings its own architecture.
    arch, pretrained, head
        Chosen, or None. Without ``arch`` it is the book's resnet18, or ``small`` from scratch.

    Returns
    -------
    dict
        A value for every option.
    """
    own = dataset.defaults
    if arch is None:
        from_scratch = pretrained is False or (pretrained is None and own.get("pretrained") is False)
        arch = architectures.SMALL if from_scratch else "resnet18"
    if pretrained is None:
        pretrained = arch != architectures.SMALL
    made = {**_COMMON, "arch": arch, "pretrained": pretrained, **(BOOK if pretrained else SCRATCH)}
    n_train = max(1, len(dataset.index("train")))
    if head is not None:
        made["head"] = head
    if not pretrained:
        made.update(HEATMAP_SCRATCH if head == HEATMAP else {})
        made["epochs"] = min(30, max(5, round(_IMAGES_SEEN / n_train)))
        made.update({key: value for key, value in own.items() if key not in ("arch", "pretrained")})
    made["bs"] = min(made["bs"], max(2, n_train // 4))
    return made


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
    made = defaults(dataset, **{name: given.get(name) for name in ("arch", "pretrained", "head")})
    made.update(given)
    return TrainConfig(dataset=dataset.name, revision=dataset.revision, task=dataset.task, **made)


def check(config: TrainConfig, dataset: Dataset) -> None:
    """Check all that can be known before a worker starts; takes seconds at most.

    Raises
    ------
    UserError
        For the first option that cannot work, with what to choose instead.
    """
    for field in dataclasses.fields(config):
        option, value = OPTIONS.get(field.name), getattr(config, field.name)
        if option and isinstance(value, (int, float)) and not option.low <= value <= option.high:
            raise UserError(
                f"{option.title} ({field.name}) is {value:g}: expected {option.low:g} to {option.high:.10g}, choose "
                "one in between."
            )
    if (config.class_weights or config.focal_gamma) and not tasks.get(config.task).has_labels:
        raise UserError(
            f"Class weights and the focal loss are for labels, and {dataset.name} has none ({config.task}): leave out "
            "class_weights and focal_gamma."
        )
    check_flip(config, dataset)
    _check_known("head", config.head, tasks.get(config.task).heads, dataset)
    _check_known("loss", config.loss, tasks.get(config.task).losses, dataset)
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


def _check_known(name: str, found: str, known: tuple[str, ...], dataset: Dataset) -> None:
    """Refuse a head or a loss that the task does not know."""
    if found in known:
        return
    choices = f"expected one of {', '.join(known)}" if len(known) > 1 else f"which knows its own only: leave out {name}"
    raise UserError(f"The {name} {found[:80]!r} was chosen for {dataset.name} ({dataset.task}), {choices}.")


_COMMANDS = {TRAIN: "train", LR_FIND: "lr-find"}


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
    for name in OPTIONS:
        value, flag = getattr(config, name), name.replace("_", "-")
        if value is None:
            continue
        if isinstance(value, bool):
            usual = name in ("pretrained", "augment")
            if value != usual:
                words.append(f"--no-{flag}" if usual else f"--{flag}")
        else:
            words += [f"--{flag}", f"{value!r}" if isinstance(value, float) else str(value)]
    return shlex.join(words)
