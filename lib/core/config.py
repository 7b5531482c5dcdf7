"""TrainConfig: the configuration of a run, everything that its numbers depend on."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

# --- kinds of run ----------------------------------------------------------------------------------------
TRAIN, LR_FIND = "train", "lr_find"


# --- heads and losses: what a task brings itself, and the head that draws a map a point ------------------
DEFAULT, HEATMAP = "default", "heatmap"


@dataclass(frozen=True)
class TrainConfig:
    """Everything that a run depends on; the names are fastai's where fastai has one.

    Attributes
    ----------
    dataset, revision, task : str
        What is trained on, and the state it was in.
    arch : str
        ``small``, one of torchvision's, or a timm name.
    pretrained : bool
        Start from weights learned on ImageNet.
    weights : str or None
        Path of a file with pretrained weights instead of a download.
    size : int
        Side in pixels of the square that every picture is squished to.
    bs : int
        Images a batch.
    augment : bool
        Show slightly turned, enlarged, brighter or darker copies in training.
    freeze_epochs, epochs : int
        Epochs of the first fit (only the head learns) and of the second (everything learns).
    base_lr, lr_mult : float
        As in ``fine_tune``: the head's highest rate, and by how much lower the first layers' is.
    thresh : float
        Threshold of ``accuracy_multi``; other tasks ignore it.
    seed : int
    kind : str
        ``train``, or ``lr_find`` for the learning-rate finder, which leaves no model.
    wd : float
        Weight decay, as in fastai's optimizers.
    patience : int
        Epochs of the second fit without a lower validation loss after which it ends; 0 is never.
    class_weights : bool
        Let rare labels count as much as frequent ones in the loss.
    focal_gamma : float
        Exponent of the focal loss, which turns down what is right already; 0 is the block's own loss.
    mixed_precision : bool
        Compute in bfloat16 where that is safe.
    progressive : bool
        Begin with smaller pictures and let them grow to ``size``.
    flip : bool
        Mirror half of the pictures left to right where ``augment`` is on.
    head : str
        ``default`` is fastai's, or that of ``small``: numbers from the whole picture. ``heatmap`` draws a map a point.
    loss : str
        ``default`` is the task's own for the head, ``mse``, ``l1``, ``huber`` or ``wing`` another one of numbers.
    """

    dataset: str
    revision: str
    task: str
    arch: str
    pretrained: bool
    weights: str | None
    size: int
    bs: int
    augment: bool
    freeze_epochs: int
    epochs: int
    base_lr: float
    lr_mult: float
    thresh: float
    seed: int
    # What earlier versions did not know, with what they did.
    kind: str = TRAIN
    wd: float = 0.01
    patience: int = 0
    class_weights: bool = False
    focal_gamma: float = 0.0
    mixed_precision: bool = False
    progressive: bool = False
    flip: bool = False
    head: str = DEFAULT
    loss: str = DEFAULT

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> TrainConfig:
        """Return the configuration in ``values``; keys it does not know are left out.

        Raises
        ------
        TypeError
            If a key is missing that every version wrote.
        """
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})
