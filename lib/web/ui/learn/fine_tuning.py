"""Panel: fine-tuning batch by batch: what is frozen when, a rate for each group of layers, one-cycle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lib.core.config import TRAIN
from lib.training import architectures, runs
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
from fastai.vision.all import *

x = torch.randn(64, 2)
dls = DataLoaders.from_dsets(list(zip(x, x)), list(zip(x, x)), bs=16)
body, head = nn.Linear(2, 2), nn.Linear(2, 2)
split = lambda model: [params(part) for part in model]
learn = Learner(dls, nn.Sequential(body, head), loss_func=MSELossFlat(), splitter=split)

with learn.no_bar(), learn.no_logging():
    learn.fine_tune(3, 2e-3, freeze_epochs=4)  # frozen at 2e-3, then all at 1e-3 / 100 to 1e-3
first, last = (hyper["lr"] for hyper in learn.opt.hypers)
print(last / first, learn.recorder.hps["mom"][0])  # of the second fit
"""

_QUESTIONS = (
    Question(
        "What learns in the frozen epochs?",
        ("The head alone", "The head, and batch norm in the body", "All layers, slowly"),
        1,
        "The body's weights are frozen, but fastai leaves batch norm free (train_bn), at a tenth of the head's rate.",
    ),
    Question(
        "fine_tune(3, 0.002): the highest rate of the head once all layers learn?",
        ("0.002", "0.001", "1e-5"),
        1,
        "fine_tune halves base_lr before it unfreezes.",
    ),
    Question(
        "lr_mult is 100 and there are three groups. The middle group's rate, of the head's?",
        ("a half", "a tenth", "a hundredth"),
        1,
        "The steps are even on a scale of powers: 1/100, 1/10, 1.",
    ),
    Question(
        "Where in one-cycle is momentum lowest?",
        ("where the rate is highest", "where the rate is lowest", "at the end"),
        0,
        "High rate, low momentum: 0.95 down to 0.85, and back as the rate falls.",
    ),
)
_HEAD = {"title": "head", "layers": ["head"]}
#: A resnet as fastai splits it: `_resnet_split`, two groups of the body and the head.
_OF_RESNETS = (
    {"title": "body, first half", "layers": ["stem", "1", "2"]},
    {"title": "body, second half", "layers": ["3", "4"]},
    _HEAD,
)
#: Layers of the bodies of networks that are split into body and head; other bodies are drawn as one.
_LAYERS = {
    architectures.SMALL: ["1", "2", "3", "4"],
    architectures.LITE0: ["stem", *(str(stage) for stage in range(1, 8)), "last"],
}
#: What the layers are called that fastai trains while the body around them is frozen.
_NORMS = {"BatchNorm": "batch norm", "InstanceNorm": "instance norm", "LayerNorm": "layer norm"}
#: The book's call in chapter 6, and as many batches as leave its curves smooth.
_BOOK = {
    "title": "The book's",
    "epochs": 3,
    "freezeEpochs": 4,
    "baseLr": 3e-3,
    "lrMult": 100.0,
    "batches": 20,
    "groups": _OF_RESNETS,
    "norms": [_NORMS["BatchNorm"]],
}


def _content(context: Context) -> dict[str, Any]:
    return {"recipes": [_BOOK, *_own(context)]}


def groups(arch: str) -> Sequence[dict[str, Any]]:
    """Return the groups of layers, each with its own rate, into which a network of ``arch`` is split."""
    if arch in architectures.TORCHVISION:
        return _OF_RESNETS
    return ({"title": "body", "layers": _LAYERS.get(arch, ["body"])}, _HEAD)


def norms(arch: str, started: Mapping[str, Any]) -> list[str] | None:
    """Return what of the body of ``arch`` learns while it is frozen, as a run's worker ``started`` with it.

    None if that is not known: runs of earlier versions do not tell, and other networks than these have other layers.
    """
    if arch in (architectures.SMALL, architectures.LITE0, *architectures.TORCHVISION):
        return [_NORMS["BatchNorm"]]
    told = started.get("free_norms")
    return None if told is None else [_NORMS[name] for name in told if name in _NORMS]


def _own(context: Context) -> list[dict[str, Any]]:
    """Return the choices of the last training of the dataset, none if there is none."""
    if context.dataset is None:
        return []
    for run in runs.list_runs(context.workspace):
        config = run.config
        if config.kind != TRAIN or config.dataset != context.dataset.name:
            continue
        started = run.refresh().history.started
        if n_batches := started.get("n_batches"):
            return [
                {
                    "title": "Your last run's",
                    "epochs": config.epochs,
                    "freezeEpochs": config.freeze_epochs,
                    "baseLr": config.base_lr,
                    "lrMult": config.lr_mult,
                    "batches": n_batches,
                    "groups": groups(config.arch),
                    "norms": norms(config.arch, started),
                }
            ]
    return []


PANEL = Panel(
    "fine-tuning",
    "Fine-tuning",
    "Drag the line of time through fine_tune, or play it. Filled layers learn, dashed ones are frozen.",
    _QUESTIONS,
    CODE,
    _content,
    about=(
        "This is transfer learning: the body learned from other pictures, the head is new. So the head learns first, "
        "with the body frozen: its first large errors would spoil what the body knows. Then all layers learn, with "
        "discriminative learning rates: early layers see edges and colors, which all pictures have, and need the least "
        "change. Each of the two fits is one-cycle: the rate goes up, then down to nearly 0."
    ),
)
