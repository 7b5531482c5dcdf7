"""Panel: labels as a vector, a row without labels, a cell that nobody knows."""

from __future__ import annotations

from typing import Any

from lib.web.ui.learn import examples
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = '''\
from fastai.vision.all import *

labels = ["bus car", "car", "", "bike"]  # one picture each, as a table has them
vocab = sorted({name for text in labels for name in text.split()})
one_hot = MultiCategorize(vocab=vocab), OneHotEncode(c=len(vocab))

def target(text):
    """Return the row of zeros and ones of the labels in `text`."""
    return Pipeline(one_hot)(text.split())

targs = torch.stack([target(text) for text in labels])
print(vocab, targs, sep="\\n")
'''

_QUESTIONS = (
    Question(
        "A picture shows none of the labels. What is its target?",
        ("None: leave it out", "A row of zeros", "A label “nothing”"),
        1,
        "A row of zeros is a target like any other: the model learns that it may answer with no label at all.",
    ),
    Question(
        "Nobody looked whether there is a car. What goes into that cell?",
        ("0", "1", "unknown"),
        2,
        "A 0 teaches “no car”. Manyhot leaves an unknown cell out of loss and metrics; fastai alone does not.",
    ),
)


def _content(context: Context) -> dict[str, Any]:
    return examples.of(context.dataset).to_json()


PANEL = Panel(
    "one-hot",
    "One-hot",
    "Type labels, or click a cell: it becomes 1, then ? for “nobody knows”, then 0.",
    _QUESTIONS,
    CODE,
    _content,
    below=examples.offer,
)
