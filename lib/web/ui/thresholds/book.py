"""The curve of the fastai book's chapter 6, and the code that draws it from this run's own file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import streamlit as st

from lib.core.workspace import Workspace
from lib.metrics import counts, intervals, paired, scores
from lib.tasks.types import Predictions
from lib.training import events
from lib.web.charts import calibration
from lib.web.components.chart import chart
from lib.web.ui import words
from lib.web.ui.analyze import line

#: What is said of the difference from predicting nothing.
_VERDICTS = {
    intervals.CHANCE: ", which may be chance",
    intervals.WORSE: ", which is worse",
    intervals.TOO_FEW: ", of too few images to tell",
}


def show(predictions: Predictions, groups: np.ndarray, run_id: str, split: str) -> None:
    """Show accuracy_multi at the book's 29 thresholds, and beside it the code that makes it.

    Parameters
    ----------
    predictions : Predictions
        Of labels.
    groups : ndarray of int, shape (N,)
        Images of one person or video share a number.
    run_id : str
    split : str
        Whose predictions they are.
    """
    targs = predictions.targs
    if not scores.known(targs).any():
        st.info(f"accuracy\\_multi is not defined, because nothing is known of {words.images(len(targs), split)}.")
        return
    threshs = counts.book_grid()
    accs = counts.sweep_accuracy(predictions.preds, targs, threshs)
    best, baseline = int(np.argmax(accs)), scores.predict_nothing(targs)
    predicted = predictions.preds > threshs[best].astype(predictions.preds.dtype)
    gain = paired.of_decisions(np.zeros_like(predicted), predicted, targs, groups)["accuracy_multi"]
    judged = intervals.judged(gain)
    more = intervals.difference_words(gain, partial(line.signed, write="{:.3f}".format))
    added = f"what the model adds is {more}{_VERDICTS.get(judged, '')}"
    if more == "the same":
        added = f"the model adds nothing at any of them{_VERDICTS.get(judged, '')}"
    st.markdown(
        f"The book tries {len(threshs)} thresholds from 0.05 to 0.95 and takes the best: here **{accs[best]:.4f}** at "
        f"**{threshs[best]:.3f}**, over {words.images(len(targs), split)} × {len(predictions.names):,} labels. "
        f"Predicting nothing is right in {baseline:.4f} of the cells; {added}. A threshold that is chosen and "
        "reported on the same images looks somewhat too good."
    )
    left, right = st.columns([3, 2], gap="medium")
    with left:
        alt = f"accuracy_multi at {len(threshs)} thresholds, best {accs[best]:.4f} at {threshs[best]:.3f}"
        chart(calibration.book(threshs, accs, baseline), key=f"book-{run_id}-{split}", alt=alt)
    with right:
        path = Workspace.find().run(run_id) / events.PREDS
        st.code(code(path, split, unknown=not scores.known(targs).all()), language="python", wrap_lines=True)


def code(path: Path, split: str, *, unknown: bool = False) -> str:
    """Return Python that draws the curve with fastai itself, from the predictions in ``path``.

    Parameters
    ----------
    path : pathlib.Path
        ``preds.safetensors`` of a run.
    split : str
    unknown : bool
        Whether some labels are unknown, which are then left out.
    """
    known = "known = targs >= 0  # -1: nobody knows\npreds, targs = preds[known], targs[known]\n" if unknown else ""
    return f"""import matplotlib.pyplot as plt
import torch
from fastai.vision.all import accuracy_multi
from safetensors.torch import load_file

tensors = load_file({str(path)!r})
preds = tensors["{split}.preds"]
targs = tensors["{split}.targs"]
{known}
threshs = torch.linspace(0.05, 0.95, 29)
# They are probabilities: no second sigmoid.
accs = torch.tensor([
    float(accuracy_multi(preds, targs, t, sigmoid=False))
    for t in threshs
])
best = accs.argmax()
print(f"{{accs[best]:.4f}} at {{threshs[best]:.3f}}")
plt.plot(threshs, accs)
plt.show()"""
