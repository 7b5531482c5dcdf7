"""What the curves of a training say, in one sentence, with the choices of a next training that follow it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import streamlit as st

from lib.core.config import CHOICES, TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.training import advice, events
from lib.training.advice.curves import Curves
from lib.training.advice.diagnosis import Diagnosis
from lib.training.runs import Run
from lib.web.ui import guard, links
from lib.web.ui.train import form

_ADVICE, _FINDING, _FINE = ":material/lightbulb:", ":material/search:", ":material/check:"
#: With fewer epochs curves say little.
_FEW = 5


def show(run: Run, task: Task, dataset: Dataset, baseline: float | None) -> None:
    """Show in one line what the curves of ``run`` say, with what follows of it, and the way to the results.

    What its worker found comes after that; of a run that goes on only what is unusual is said.
    """
    diagnosis = _diagnose(run, task, dataset, baseline)
    lines = [f"{icon} {guard.escape(sentence)}" for icon, sentence in _sentences(run, diagnosis)]
    has_results = run.state not in events.ACTIVE and run.recorded() is not None
    if not lines and not has_results:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="says"):
        st.markdown(lines[0] if lines else "", width="stretch")
        if more := lines[1:]:
            with st.popover("More", icon=":material/more_horiz:"):
                st.markdown("\n\n".join(more))
        if diagnosis and diagnosis.changes:
            _offer(run, diagnosis.changes)
        if has_results:
            links.link("analyze", "Analyze", ":material/query_stats:")


def _diagnose(run: Run, task: Task, dataset: Dataset, baseline: float | None) -> Diagnosis | None:
    """Return the most likely cause of what the curves of ``run`` show, None where nothing is unusual."""
    epochs = list(run.history.epochs)
    if not epochs:
        return None
    curves = Curves.of(
        run.config,
        epochs,
        run.history.batches()["loss"][: int(epochs[-1]["step"])],  # of whole epochs: words change with them only
        metric=task.metric,
        baseline=baseline,
        larger_is_better=task.larger_is_better,
        unsure_loss=lambda value: task.unsure_loss(value, dataset.names),
        unit=task.unit_of(dataset.names),
        n_train=run.history.started.get("n_train", 0),
        n_valid=run.history.started.get("n_valid", 0),
        finished=run.state == events.FINISHED,
    )
    return advice.diagnose(curves)


def _sentences(run: Run, diagnosis: Diagnosis | None) -> list[tuple[str, str]]:
    """Return what there is to say, each sentence with its sign, most important first."""
    epochs = list(run.history.epochs)
    lines = [(_ADVICE, diagnosis.sentence)] if diagnosis else []
    lines += [(_FINDING, str(sentence)) for sentence in (epochs[-1].get("findings") if epochs else None) or []]
    if not lines and epochs and run.state == events.FINISHED:
        counted = "1 epoch" if len(epochs) == 1 else f"{len(epochs)} epochs"
        far = f", as far as {counted} can tell" if len(epochs) < _FEW else ""
        lines = [(_FINE, f"Nothing unusual{far}: no reason in the curves to change a choice.")]
    return lines


def _offer(run: Run, changes: Mapping[str, Any]) -> None:
    """Offer to put the run's choices into the form, with those changed that the diagnosis names."""
    words = " and ".join(f"{CHOICES[name].title}: {_words(value)}" for name, value in changes.items())
    st.button(
        f"Choose {words}",
        icon=":material/tune:",
        key=f"advice-{run.id}",
        on_click=_take,
        args=(dataclasses.replace(run.config, **changes),),
        help="Puts this run's choices into the form with this change; nothing is trained before you click Train.",
    )


def _take(config: TrainConfig) -> None:
    form.take(config)
    guard.draw_whole_page(toast="The form has this run's choices with the change.")


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}"
