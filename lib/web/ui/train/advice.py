"""Advice from the curves of a training, in sentences."""

from __future__ import annotations

import streamlit as st

from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.training import advice, events
from lib.training.runs import Run
from lib.web.ui import guard

_ADVICE, _FINDING, _FINE = ":material/lightbulb:", ":material/search:", ":material/check:"
#: With fewer epochs curves say little.
_FEW = 5


def show(run: Run, task: Task, dataset: Dataset, baseline: float | None) -> None:
    """Show what the curves of ``run`` say and what its worker found; of a run that goes on only what is unusual."""
    epochs = list(run.history.epochs)
    if not epochs:
        return
    finished = run.state == events.FINISHED
    sentences = advice.advise(
        run.config,
        epochs,
        run.history.batches()["loss"][: int(epochs[-1]["step"])],  # of whole epochs: words change with them only
        baseline,
        task.larger_is_better,
        task.metric,
        unit=task.unit_of(dataset.names),
        finished=finished,
    )
    lines = [(_ADVICE, sentence) for sentence in sentences]
    lines += [(_FINDING, str(sentence)) for sentence in epochs[-1].get("findings") or []]
    if not lines and finished:
        counted = "1 epoch" if len(epochs) == 1 else f"{len(epochs)} epochs"
        far = f", as far as {counted} can tell" if len(epochs) < _FEW else ""
        fine = "no loss turned upwards for long, jumped or stood still."
        lines = [(_FINE, f"Nothing unusual{far}: {fine}")]
    if lines:
        st.subheader("What the curves say")
        st.markdown("\n\n".join(f"{icon} {guard.escape(sentence)}" for icon, sentence in lines))
