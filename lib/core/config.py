"""The configuration of a run: everything that its numbers depend on, each choice declared once."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from lib.core.choices import ALSO, FITS, NETWORK, OVERFITTING, PLAIN, RARE, SPEED, choice, declared, with_choices
from lib.core.fold import Fold

# --- kinds of run ----------------------------------------------------------------------------------------
TRAIN, QUICK, LR_FIND = "train", "quick", "lr_find"
#: Those that leave a model and predictions.
WITH_MODEL = (TRAIN, QUICK)

# --- recipes: what the other choices are by default ----------------------------------------------------
RECOMMENDED, BOOK = "recommended", "book"

# --- heads and losses: what a task brings itself, a head that draws a map a point, one linear layer --------
DEFAULT, HEATMAP, LINEAR = "default", "heatmap", "linear"

# --- normalization of pictures: what a network was pretrained with, or always ImageNet's -------------------
NETWORK_OWN, IMAGENET = "network", "imagenet"


@with_choices
class TrainConfig:
    """Everything that a run depends on; the names are fastai's where fastai has one.

    A field that is a choice says here all that is known of it, see `lib.core.choices.Choice`: bounds, form, command
    line and record are made of it. Usual values are those of the fastai book's chapter 6,
    ``fine_tune(3, base_lr=3e-3, freeze_epochs=4)`` at 128 px, which `lib.training.recipe` fits to the data. From
    scratch the first layers must learn as fast as the last ones, and freezing them keeps them random.

    Attributes
    ----------
    dataset, revision, task : str
        What is trained on, and the state it was in.
    kind : str
        ``train``, or ``lr_find`` for the learning-rate finder, which leaves no model.
    fold : Fold, optional
        Of a training of a label audit, which part of the images it is held to; None of all others.
    """

    dataset: str
    revision: str
    task: str
    arch: str = choice(
        title="Architecture",
        help="The network: small is for small data without pretrained weights; resnet18, 34 and 50 are torchvision's; "
        "every other name is timm's.",
        section=NETWORK,
        usual="resnet18",
        scratch="small",
        metavar="A",
    )
    pretrained: bool = choice(
        title="Pretrained",
        help="Start from weights learned on ImageNet: far better unless images are tiny.",
        section=NETWORK,
        usual=True,
        scratch=False,
        off_help="train from scratch",
    )
    weights: str | None = choice(
        title="Weights file",
        help="Pretrained weights in a .safetensors or .pth file on this machine, if not downloaded.",
        section=ALSO,
        needs="pretrained",
        metavar="FILE",
        placeholder="/path/to/resnet18.safetensors",
    )
    size: int = choice(
        title="Image size (px)",
        help="Every image is squished to a square of this side: larger sees more, slower.",
        section=FITS,
        usual=128,
        scratch=64,
        # Heat maps have cells of 4 pixels: at 96 px a point is found a fifth better than at 64, in twice the time.
        scratch_heads={HEATMAP: 96},
        low=16,
        high=1024,
        step=32,
        metavar="PX",
    )
    bs: int = choice(
        title="Batch size (images)",
        help="Images per step: larger is steadier and needs more memory.",
        section=FITS,
        usual=64,
        scratch=32,
        low=2,
        high=4096,
        metavar="N",
    )
    augment: bool = choice(
        title="Augment",
        help="Train on copies slightly turned, enlarged, brighter or darker: less overfitting.",
        section=OVERFITTING,
        usual=True,
        off_help="train on the images as they are",
    )
    freeze_epochs: int = choice(
        title="Frozen epochs",
        help="Epochs of the first fit, in which only the new head learns.",
        section=FITS,
        usual=4,
        scratch=1,
        low=0,
        high=1000,
        metavar="N",
    )
    epochs: int = choice(
        title="Epochs",
        help="Epochs of the second fit, in which the whole network learns.",
        section=FITS,
        usual=3,  # from scratch as many as the dataset needs, see `lib.training.options.defaults`
        low=1,
        high=1000,
        metavar="N",
    )
    base_lr: float = choice(
        title="Base learning rate",
        help="Highest learning rate of the first fit; half of it in the second.",
        section=FITS,
        usual=3e-3,
        scratch=1e-2,
        low=1e-7,
        high=10,
        metavar="R",
    )
    lr_mult: float = choice(
        title="Rate divisor",
        help="In the second fit the first layers learn this much slower: 100 keeps pretrained ones.",
        section=ALSO,
        usual=100.0,
        scratch=1.0,
        low=1,
        high=1e4,
        metavar="M",
    )
    thresh: float = choice(
        title="Threshold",
        help="A label is predicted where its probability is above this (multi-label only).",
        section=ALSO,
        usual=0.5,
        low=0,
        high=1,
        step=0.01,
        metavar="T",
        slider=True,
        form_help="It can be changed after the training.",
        task="uses_thresh",
    )
    seed: int = choice(
        title="Seed",
        help="The same seed and choices give the same numbers on the same processor.",
        section=ALSO,
        usual=42,
        low=0,
        high=2**31 - 1,
        metavar="S",
    )
    # What earlier versions did not know, with what they did: that is the usual value too where none is declared.
    kind: str = TRAIN
    wd: float = choice(
        default=0.01,  # fastai's own
        title="Weight decay",
        help="Pulls weights towards zero, against overfitting; 0.01 is fastai's, 0.1 is strong.",
        section=OVERFITTING,
        low=0,
        high=10,
        step=0.01,
        metavar="W",
    )
    patience: int = choice(
        default=0,
        title="Early stopping (epochs)",
        help="End the second fit when the validation loss has not fallen for so many epochs, and keep the best "
        "epoch's model; 0 never does, which suits the one-cycle schedule: its last epochs are usually the best.",
        section=OVERFITTING,
        low=0,
        high=1000,
        metavar="EPOCHS",
    )
    class_weights: bool = choice(
        default=False,
        title="Class weights",
        help="Rare labels count as much as frequent ones in the loss, so that they are not drowned out; their "
        "probabilities then come out too high.",
        section=RARE,
        task="has_labels",
    )
    focal_gamma: float = choice(
        default=0.0,
        title="Focal loss gamma",
        help="Above 0 the loss turns away from what is right already, towards hard and rare labels; 2 is usual, 0 is "
        "off.",
        section=RARE,
        task="has_labels",
        low=0,
        high=10,
        step=0.5,
        metavar="G",
    )
    mixed_precision: bool = choice(
        default=False,
        title="Mixed precision",
        help="Compute in bfloat16 where that is safe: less memory, and about half the time on a processor made for it "
        "that does nothing else; beside other work it can take longer. A device without bfloat16 is refused.",
        section=SPEED,
    )
    progressive: bool = choice(
        default=False,
        title="Progressive resizing",
        help="Train on images of half the size at first, never under 32 px, and let them grow to the full size by two "
        "thirds of the epochs: about a quarter less computing; small details and points can come out somewhat worse.",
        section=SPEED,
    )
    flip: bool = choice(
        default=False,
        title="Mirror",
        help="With Augment, mirror half of the images left to right: good for animals and cars, wrong for letters, "
        "signs and whatever else has a left and a right. Left and right points change places.",
        section=OVERFITTING,
        varies=True,
    )
    head: str = choice(
        default=DEFAULT,
        title="Head",
        help="What makes the answer of what the network sees: default is the book's, numbers from the whole image; "
        "heatmap draws a map for each point and takes the mean place on it, which finds points about twice as well in "
        "several times the time (points only); linear is one layer on the mean and the largest value of each channel "
        "(labels and values), as the quick model's.",
        section=NETWORK,
        options={
            DEFAULT: "Numbers from the whole image (the book's)",
            HEATMAP: "A heat map for each point",
            LINEAR: "One linear layer",
        },
        task="heads",
    )
    loss: str = choice(
        default=DEFAULT,
        title="Loss",
        help="What is minimised: default is the task's own for the head; with mse few large errors count most, l1 "
        "takes all as they are, huber is between the two, and with wing small errors count most (l1 and huber for "
        "points and values, wing for points).",
        section=PLAIN,
        options={
            DEFAULT: "The head's own",
            "mse": "Mean squared error",
            "l1": "Mean absolute error (L1)",
            "huber": "Huber",
            "wing": "Wing",
        },
        task="losses",
    )
    normalize: str = choice(
        default=IMAGENET,
        title="Normalization",
        help="The mean and standard deviation that pictures are brought to: network is what a pretrained network has "
        "learned with, and ImageNet's from scratch; imagenet is always ImageNet's, as runs of earlier versions had it.",
        section=ALSO,
        needs="pretrained",
        options={NETWORK_OWN: "The network's own", IMAGENET: "ImageNet's"},
    )

    recipe: str = choice(
        default=BOOK,
        title="Recipe",
        help="What the other choices are by default: recommended fits them to the data and says why; book has the "
        "numbers of the fastai book's chapter 6.",
        section=NETWORK,
        usual=RECOMMENDED,
        options={RECOMMENDED: "Recommended", BOOK: "The book's"},
    )
    quick_start: bool = choice(
        default=False,
        title="Start from the quick model",
        help="Begin with the quick model's head, fitted on frozen features, instead of a head that knows nothing; "
        "where the training does not beat it on the validation images, the run keeps it. For pretrained networks with "
        "the linear head.",
        section=ALSO,
        varies=True,
    )
    keep_stats: bool = choice(
        default=False,
        title="Keep batch-norm statistics",
        help="The network's body normalizes by the means and variances of its pretraining, also while it learns: "
        "those of small batches of few pictures are worse. For pretrained networks.",
        section=OVERFITTING,
        needs="pretrained",
        varies=True,
    )
    label_smoothing: float = choice(
        default=0.0,
        title="Label smoothing",
        help="Above 0 so much of the true answer is shared evenly among all answers in the loss: the model gets less "
        "sure, and wrong labels cost less; 0.1 is usual, 0 is off. Not with the focal loss.",
        section=OVERFITTING,
        task="has_labels",
        low=0,
        high=0.5,
        step=0.05,
        metavar="E",
    )
    ema_decay: float = choice(
        default=0.0,
        title="Averaged weights (decay)",
        help="Above 0 the model that is validated, kept and saved has an exponential moving average of the weights "
        "after each batch, and of batch-norm statistics: 0.9 is about the last ten batches, 0.99 the last hundred; 0 "
        "is off. It takes memory for one more copy of the weights.",
        section=OVERFITTING,
        low=0,
        high=0.9999,
        step=0.1,
        metavar="D",
    )

    fold: Fold | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the configuration as plain JSON."""
        return {name: value for name, value in asdict(self).items() if name != "fold" or value is not None}


#: Every choice of a training, by the name of its field.
CHOICES = declared(TrainConfig)
