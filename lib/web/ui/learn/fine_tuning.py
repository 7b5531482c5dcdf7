"""Panel: fine-tuning batch by batch: what is frozen when, a rate for each group of layers, one-cycle."""

from __future__ import annotations

from typing import Any

from lib.core.config import TRAIN
from lib.training import runs
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
        ("0.002", "0.001", "0.00001"),
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
#: A resnet as fastai splits it: `_resnet_split`, two groups of the body and the head.
_GROUPS = (
    {"title": "body, first half", "layers": ["stem", "1", "2"]},
    {"title": "body, second half", "layers": ["3", "4"]},
    {"title": "head", "layers": ["head"]},
)
#: The book's call in chapter 6, and as many batches as leave its curves smooth.
_BOOK = {"title": "The book's", "epochs": 3, "freezeEpochs": 4, "baseLr": 3e-3, "lrMult": 100.0, "batches": 20}


def _content(context: Context) -> dict[str, Any]:
    return {"groups": _GROUPS, "recipes": [_BOOK, *_own(context)]}


def _own(context: Context) -> list[dict[str, Any]]:
    """Return the choices of the last training of the dataset, none if there is none."""
    if context.dataset is None:
        return []
    for run in runs.list_runs(context.workspace):
        config = run.config
        if config.kind != TRAIN or config.dataset != context.dataset.name:
            continue
        if n_batches := run.refresh().history.started.get("n_batches"):
            return [
                {
                    "title": "Your last run's",
                    "epochs": config.epochs,
                    "freezeEpochs": config.freeze_epochs,
                    "baseLr": config.base_lr,
                    "lrMult": config.lr_mult,
                    "batches": n_batches,
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
)
