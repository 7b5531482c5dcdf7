"""Panel: sigmoid and softmax side by side, and each loss step by step."""

from __future__ import annotations

from typing import Any

from lib.web.ui.learn import examples
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
import torch
from torch.nn import functional as F

acts = torch.tensor([[2.0, 0.5, -1.0]])
one_class, any_labels = torch.tensor([0]), torch.tensor([[1.0, 1.0, 0.0]])

cross_entropy = F.nll_loss(acts.log_softmax(dim=1), one_class)
of_truth = torch.where(any_labels == 1, acts.sigmoid(), 1 - acts.sigmoid())
binary = -of_truth.log().mean()
squared = ((acts - any_labels) ** 2).mean()
print(cross_entropy, binary, squared)
"""

_QUESTIONS = (
    Question(
        "Which one can answer “car and person”?",
        ("softmax", "sigmoid"),
        1,
        "softmax splits 1 among the labels, so no two can both be above 0.5. sigmoid looks at each activation alone.",
    ),
    Question(
        "Which two steps is cross-entropy made of?",
        ("log-softmax, then negative log likelihood", "sigmoid, then mean squared error", "softmax, then accuracy"),
        0,
        "The logarithm of the shares, then minus the one of the true class.",
    ),
    Question(
        "An error of 4 instead of 2: what does it cost in MSE?",
        ("twice as much", "four times as much", "the same"),
        1,
        "The error is squared: the square's side doubles, its area is four times as large.",
    ),
)


def _content(context: Context) -> dict[str, Any]:
    return examples.of(context.dataset).to_json()


PANEL = Panel(
    "losses",
    "Losses",
    "Drag an activation up or down, click a target. Arrows point where gradient descent pushes.",
    _QUESTIONS,
    CODE,
    _content,
    below=examples.offer,
)
