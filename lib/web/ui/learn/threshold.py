"""Panel: accuracy_multi on ten cells by hand, and on the user's own run."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib import tasks
from lib.evaluation import results
from lib.metrics import counts, scores
from lib.training import runs
from lib.training.runs import Run
from lib.web.ui import address, choose_run, guard, links, words
from lib.web.ui.learn import examples, recorded_predictions
from lib.web.ui.learn.panel import Context, Panel, Question

CODE = """\
from functools import partial
import torch
from fastai.metrics import accuracy_multi

targs = torch.tensor([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0]])
preds = torch.tensor([[.92, .61, .08, .55, .27], [.12, .45, .34, .03, .18]])  # after sigmoid
at_half = accuracy_multi(preds, targs, sigmoid=False)
at_fifth = partial(accuracy_multi, thresh=0.2, sigmoid=False)(preds, targs)
nothing = accuracy_multi(torch.zeros(2, 5), targs, sigmoid=False)
perfect = torch.where(targs == 1, .98, .02)
trap = accuracy_multi(perfect, targs)  # sigmoid once more
print(at_half, at_fifth, nothing, trap)
"""
#: Thresholds from 0 to 1 at which a run's curve is drawn.
_POINTS = 201

_QUESTIONS = (
    Question(
        "Three of ten cells are true. What does predicting nothing score?",
        ("0.0", "0.3", "0.7"),
        2,
        "Seven cells are 0 and are predicted 0: right. That is why a baseline stands beside every number.",
    ),
    Question(
        "You have probabilities from get_preds. Which call is right?",
        ("accuracy_multi(preds, targs)", "accuracy_multi(preds, targs, sigmoid=False)"),
        1,
        "By default it applies sigmoid itself: a second one lifts as good as every cell above 0.5.",
    ),
    Question(
        "The threshold goes from 0.5 to 0.2. What changes?",
        ("More labels are predicted", "The model is retrained", "The loss falls"),
        0,
        "Only the decision: nothing in the model, and no probability, moves.",
    ),
)


def _content(context: Context) -> dict[str, Any]:
    run, shown = _run(context), None
    with guard.errors():  # of the run: the cells are there without it
        shown = None if run is None else _of_run(run)
    noun = tasks.get(context.dataset.task).nouns if context.dataset is not None else "labels"
    return {
        "examples": examples.of(context.dataset).to_json(),
        "noun": noun if examples.with_labels(context.dataset) is not None else "labels",
        "run": shown or _recorded(),
    }


def _run(context: Context) -> Run | None:
    """Return the run that the address names, else the newest, of those of the dataset that have predictions."""
    dataset = examples.with_labels(context.dataset)
    if dataset is None:
        return None
    about = (dataset.name, dataset.task)
    of_it = [run for run in runs.list_runs(context.workspace) if (run.config.dataset, run.config.task) == about]
    of_it.sort(key=lambda run: run.id != st.query_params.get(address.RUN))
    return next((run for run in of_it if not run.damage() and run.manifest() is not None), None)


def _curves(preds: np.ndarray, targs: np.ndarray) -> dict[str, Any]:
    """Return accuracy_multi of predictions, both (N, C), at thresholds from 0 to 1, at the book's, and of no label."""
    threshs, book = counts.grid(_POINTS), counts.book_grid()
    return {
        "threshs": threshs.astype(float).tolist(),
        "accuracy": counts.sweep_accuracy(preds, targs, threshs).tolist(),
        "book": {
            "threshs": book.astype(float).tolist(),
            "accuracy": counts.sweep_accuracy(preds, targs, book).tolist(),
        },
        "nothing": scores.predict_nothing(targs),
    }


@st.cache_resource(max_entries=8)
def _of_predictions(run: str, version: int, _run: Run) -> dict[str, Any] | None:
    """Return what is drawn of a run, None where no label of its validation images is known."""
    decided = results.labeled(_run, "valid")
    if not decided.known.any():
        return None
    return {"split": words.images(len(decided), "valid"), **_curves(decided.scores, decided.truth)}


def _of_run(run: Run) -> dict[str, Any] | None:
    curves = _of_predictions(run.id, results.version(run), run)
    return curves and {"own": True, "title": choose_run.label(run), **curves}


def _recorded() -> dict[str, Any]:
    """Return what is drawn where no run of the dataset has predictions."""
    preds = np.array(recorded_predictions.PROBS, dtype=np.float32)[:, None]
    targs = (np.arange(len(preds)) < recorded_predictions.PRESENT).astype(np.int8)[:, None]
    split = words.images(recorded_predictions.IMAGES, "valid")
    return {"own": False, "title": recorded_predictions.TITLE, "split": split, **_curves(preds, targs)}


def _below(context: Context) -> None:
    examples.offer(context)
    run = _run(context)
    if run is not None:
        chosen = {address.RUN: run.id}
        links.link("analyze", "Drag it with all pictures of your run", ":material/query_stats:", chosen=chosen)


PANEL = Panel(
    "threshold",
    "Threshold",
    "Drag the threshold, or a cell. A cell is predicted where its probability is above the threshold. Targets are the "
    "pictures' own; the ten probabilities are invented, for you to drag.",
    _QUESTIONS,
    CODE,
    _content,
    below=_below,
)
