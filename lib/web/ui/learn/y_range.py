"""Panel: ``y_range``, a sigmoid that is scaled to the range of the targets."""

from __future__ import annotations

from typing import Any

from lib.web.ui.learn import drawn_face
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
from fastai.vision.all import *

low, high = -1, 1
acts = torch.tensor([-8.0, 0.0, 1.0, 8.0], requires_grad=True)
preds = acts.sigmoid() * (high - low) + low  # what y_range=(low, high) puts at the end of the head
preds.sum().backward()

same = torch.allclose(preds, sigmoid_range(acts, low, high))
needed = torch.logit((torch.tensor(0.8) - low) / (high - low))  # the activation for a target of 0.8
print(same, preds, acts.grad, needed)
"""

_QUESTIONS = (
    Question(
        "An activation of 0 with y_range=(−1, 1): what is predicted?",
        ("−1", "0", "0.5"),
        1,
        "The sigmoid of 0 is a half: the middle of the range.",
    ),
    Question(
        "Ages from 0 to 100. Which y_range lets the model say 100?",
        ("(0, 100)", "(0, 101)", "(0, 1)"),
        1,
        "The ends themselves would take an infinite activation, so the range is a little wider than the targets.",
    ),
    Question(
        "The activation is 8 and the prediction far off. Why does it learn slowly?",
        ("the sigmoid is flat there", "the loss is small", "8 is above the range"),
        0,
        "Where the curve is flat its slope, and with it the gradient, is nearly 0.",
    ),
)


def _content(context: Context) -> dict[str, Any]:
    width = drawn_face.SIZE[0]
    return {
        "ranges": [
            {
                "title": "x of a point",
                "low": -1,
                "high": 1,
                "from": 0,
                "to": width,
                "words": f"{{}} px of a picture of {width}",
            },
            {"title": "an age in years", "low": 0, "high": 100, "from": 0, "to": 100, "words": ""},
        ]
    }


PANEL = Panel(
    "y-range",
    "y_range",
    "Drag the activation along the curve, and the target up and down at its right.",
    _QUESTIONS,
    CODE,
    _content,
)
