"""Panel: the learning-rate finder on a recorded search, one's own where there is one."""

from __future__ import annotations

import math
from typing import Any

from lib.core.config import LR_FIND
from lib.training import runs
from lib.web.ui.learn import recorded_search
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
from fastai.vision.all import *

torch.manual_seed(0)
x = torch.randn(640, 4)
items = list(zip(x, x @ torch.randn(4, 1)))
dls = DataLoaders.from_dsets(items, items, bs=64)
learn = Learner(dls, nn.Linear(4, 1), loss_func=MSELossFlat())

with learn.no_bar(), learn.no_logging():
    suggested = learn.lr_find(show_plot=False, suggest_funcs=(valley, slide, minimum, steep))
rates, losses = learn.recorder.lrs, learn.recorder.losses  # of 100 batches at most, smoothed
print(suggested, rates[0], rates[-1])
"""

_QUESTIONS = (
    Question(
        "What does the finder change from batch to batch?",
        ("the rate, by the same factor", "the rate, by the same step", "the batch size"),
        0,
        "From 1e-7 to 10 in 100 batches: each gets 1.2 times the rate of the one before.",
    ),
    Question(
        "Why not take the rate with the lowest loss?",
        ("it is too slow", "there the loss is about to explode", "it is what to take"),
        1,
        "At the lowest point it no longer falls. A tenth of that rate is what “minimum” suggests.",
    ),
    Question(
        "How much of the search is left in the weights afterwards?",
        ("nothing", "the best batch's", "all of it"),
        0,
        "fastai saves the weights before the search and puts them back.",
    ),
)
_RECORDED = {
    "title": "A recorded run",
    "words": "Recorded on the sample of colored shapes: the small network, its body frozen, batches of 32 pictures.",
    "count": recorded_search.COUNT,
    "losses": recorded_search.LOSSES,
}


def _content(context: Context) -> dict[str, Any]:
    return {"recordings": [*_own(context), _RECORDED]}


def _own(context: Context) -> list[dict[str, Any]]:
    """Return the last search of the dataset, none if there is none with a curve."""
    if context.dataset is None:
        return []
    for run in runs.list_runs(context.workspace):
        if run.config.kind != LR_FIND or run.config.dataset != context.dataset.name:
            continue
        history = run.refresh().history
        losses, count = history.batches()["loss"].tolist(), history.started.get("n_steps")
        if count and len(losses) > count // 5 and all(map(math.isfinite, losses)):
            config = run.config
            words = f"Your last search on {config.dataset}: {config.arch}, batches of {config.bs} pictures."
            return [{"title": "Your last search", "words": words, "count": count, "losses": losses}]
    return []


PANEL = Panel(
    "learning-rate",
    "Learning-rate finder",
    "Drag through the batches, or play them; choose how the curve is read.",
    _QUESTIONS,
    CODE,
    _content,
)
