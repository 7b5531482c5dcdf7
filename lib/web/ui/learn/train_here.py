"""Panel: experiments of seconds, each with a prediction first, answered by a small training in the worker."""

from __future__ import annotations

from typing import Any

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions.requests import DONE, FAILED, QUESTION
from lib.evaluation.experiments import questions
from lib.evaluation.experiments.known import EXPERIMENTS
from lib.evaluation.experiments.questions import ExperimentQuestion
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
import torch
from fastai.metrics import accuracy_multi
from torch import nn

torch.manual_seed(1)
features = torch.randn(400, 16)  # what a frozen body sees
targs = (features @ torch.randn(16, 3) + torch.randn(400, 3) > 1.5).float()
head = nn.Linear(16, 3)
optimizer = torch.optim.Adam(head.parameters(), 0.01)
for _ in range(200):
    nn.functional.binary_cross_entropy_with_logits(head(features[:300]), targs[:300]).backward()
    optimizer.step(), optimizer.zero_grad()
scores = {thresh: accuracy_multi(head(features[300:]), targs[300:], thresh=thresh) for thresh in (0.2, 0.5)}
"""

_QUESTIONS = (
    Question(
        "Two models differ by 0.01, with an interval from −0.01 to 0.03. Which is better?",
        ("the one with the higher number", "these pictures do not tell", "neither: they are equal"),
        1,
        "The interval holds 0: with other pictures the order might be the other one. More pictures would narrow it.",
    ),
    Question(
        "Why is the difference taken picture by picture?",
        ("to have more numbers", "hard pictures are hard for both, and that cancels", "it is faster"),
        1,
        "What both find hard moves both numbers alike. The interval of the difference is narrower for it.",
    ),
)


def _content(context: Context) -> dict[str, Any]:
    dataset = context.dataset
    experiments = []
    for name, experiment in EXPERIMENTS.items():
        suits = questions.suits(name, dataset)
        experiments.append(
            {
                "name": name,
                "question": experiment.question,
                "options": list(experiment.options),
                "does": experiment.does,
                "sample": _state(context, name, None),
                "own": _state(context, name, dataset) if suits else None,
            }
        )
    return {"dataset": dataset.name if dataset else "", "experiments": experiments}


def _state(context: Context, name: str, dataset: Dataset | None) -> dict[str, Any]:
    """Return how an experiment stands: "" where it was not asked for, and its answer once there is one."""
    question = questions.question_of(context.workspace, name, dataset)
    if not _is_asked(question):
        return {"state": "", "words": "", "answer": None}
    state = question.state()
    if state.name == DONE:
        try:
            return {"state": DONE, "words": "", "answer": question.answer()}
        except UserError as error:
            return {"state": FAILED, "words": str(error), "answer": None}
    words = state.message if state.name == FAILED else f"{state.message or 'Starting'} · {state.seconds:,.0f} s"
    return {"state": state.name, "words": words, "answer": None}


def _is_asked(question: ExperimentQuestion) -> bool:
    return question.path(QUESTION).exists()


def _act(context: Context, sent: Any) -> None:
    """Start or stop the experiment that the browser names."""
    name = sent.get("experiment") if isinstance(sent, dict) else None
    if not isinstance(name, str) or name not in EXPERIMENTS:
        return
    dataset = context.dataset if sent.get("own") is True else None
    if sent.get("stop") is True:
        questions.question_of(context.workspace, name, dataset).cancel()
    else:
        questions.ask(context.workspace, name, dataset)


def _is_busy(context: Context) -> bool:
    """Return whether an experiment goes on."""
    for name in EXPERIMENTS:
        for dataset in (None, *([context.dataset] if questions.suits(name, context.dataset) else [])):
            question = questions.question_of(context.workspace, name, dataset)
            if _is_asked(question) and question.state().active:
                return True
    return False


PANEL = Panel(
    "train-here",
    "Train it here",
    "Say first what you expect: a small training of seconds answers, with how far chance may reach.",
    _QUESTIONS,
    CODE,
    _content,
    act=_act,
    is_busy=_is_busy,
)
