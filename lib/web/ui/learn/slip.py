"""Panel: binary cross-entropy as the article printed it, beside the right one, and what a model learns from each."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.core.errors import UserError
from lib.core.questions import requests
from lib.metrics import scores
from lib.training.lessons import questions
from lib.web.ui.learn import examples
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
import torch

def as_printed(inputs, targets):
    inputs = inputs.sigmoid()
    return -torch.where(targets==1, 1-inputs, inputs).log().mean()

def binary_cross_entropy(inputs, targets):
    inputs = inputs.sigmoid()
    return -torch.where(targets==1, inputs, 1-inputs).log().mean()

targets = torch.tensor([[1, 0, 1, 0, 0]])
perfect = torch.where(targets == 1, 8.0, -8.0).double()  # 64 bits, as the figure
print(as_printed(perfect, targets), binary_cross_entropy(perfect, targets))
"""
#: Labels that are shown.
_MOST = 5

_QUESTIONS = (
    Question(
        "Activations of ±8, all right. What does the loss say, as printed?",
        ("0.0003", "about 8", "it stops with an error"),
        1,
        "It takes the logarithm of the probability that the truth was not given, 0.0003: that costs 8.0.",
    ),
    Question(
        "What would have warned you?",
        ("An error message", "The training loss", "A metric such as accuracy_multi"),
        2,
        "The loss falls all the same. A number that compares predictions with labels shows the opposite at once.",
    ),
)


def _content(context: Context) -> dict[str, Any]:
    of = examples.of(context.dataset)
    cells = _known(of) or _known(examples.of(None))
    return {
        "names": [name for name, _ in cells],
        "targs": [targ for _, targ in cells],
        "training": _training(context, of),
    }


def _known(of: examples.Examples) -> list[tuple[str, int]]:
    """Return known labels of the picture with the most of them, those that are present first."""
    targs = max(of.targs, key=lambda row: (row.count(1), row.count(0)))
    known = [(name, targ) for name, targ in zip(of.names, targs, strict=True) if targ >= 0]
    return sorted(known, key=lambda cell: -cell[1])[:_MOST]


def _question(context: Context) -> tuple[questions.LossesQuestion, dict[str, str]]:
    return questions.losses(context.workspace, examples.with_labels(context.dataset))


def _training(context: Context, of: examples.Examples) -> dict[str, Any]:
    question, _ = _question(context)
    shown: dict[str, Any] = {
        "state": "none",
        "message": "",
        "done": 0,
        "total": 0,
        "source": f"Pictures of {of.source}",
        "accuracy": [],
        "loss": [],
        "nothing": None,
        "n_train": 0,
        "n_valid": 0,
    }
    if not question.is_wanted:
        return shown
    state = question.state()
    shown |= {"state": state.name, "message": state.message, "done": state.done, "total": state.total}
    curves = None
    try:
        curves = None if state.name == requests.FAILED else question.curves()
    except UserError as error:
        shown |= {"state": requests.FAILED, "message": str(error)}
    if curves is not None:
        shown |= {
            "accuracy": _json(curves.accuracy),
            "loss": _json(curves.loss),
            "nothing": scores.defined(curves.nothing),
            "n_train": curves.n_train,
            "n_valid": curves.n_valid,
        }
    return shown


def _json(values: np.ndarray) -> list[list[float | None]]:
    return [[scores.defined(value) for value in row] for row in values.tolist()]


def _act(context: Context, sent: Any) -> None:
    question, content = _question(context)
    match sent:
        case {"do": "train"}:
            questions.ask(question, content)
        case {"do": "soon"} if not question.is_wanted:
            questions.get_ready(context.workspace)
        case {"do": "stop"}:
            question.cancel()


def _is_busy(context: Context) -> bool:
    question, _ = _question(context)
    return question.is_wanted and question.state().active


PANEL = Panel(
    "slip",
    "The slip",
    "Drag the line: what does being sure and right cost?",
    _QUESTIONS,
    CODE,
    _content,
    _act,
    _is_busy,
    below=examples.offer,
)
