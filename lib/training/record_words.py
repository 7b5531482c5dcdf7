"""The record of a run by title: its choices, machine and versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.core.config import CHOICES, QUICK
from lib.training.runs import Run

_TITLES = {
    "dataset": "Dataset",
    "revision": "Dataset revision",
    "task": "Task",
    "kind": "Kind of run",
    "split_by": "Groups",
    "n_train": "Images in train",
    "n_valid": "Images in valid",
    "n_batches": "Batches per epoch",
    "fold": "Fold of the label audit",
    "n_params": "Parameters of the model",
    "loss": "Loss (class)",
    "device": "Device",
    "threads": "Threads",
    "processes": "Processes",
    "platform": "Operating system",
    "machine": "Processor",
    "python": "Python",
}
#: Choices that a quick model depends on.
_OF_A_QUICK_MODEL = ("arch", "pretrained", "weights", "size", "head", "thresh", "seed", "normalize")


def choices(run: Run) -> dict[str, Any]:
    """Return what ``run`` was trained with, by title."""
    titles = _TITLES | {name: choice.title for name, choice in CHOICES.items()}
    named = run.config.to_json()
    if run.config.kind == QUICK:  # the others have no part in it
        named = {name: value for name, value in named.items() if name not in CHOICES or name in _OF_A_QUICK_MODEL}
    return {titles[name]: value for name, value in named.items()}


def machine(run: Run) -> dict[str, Any]:
    """Return where ``run`` was trained, with which versions, by title."""
    started: Mapping[str, Any] = run.history.started
    rows = {_TITLES[name]: value for name, value in started.items() if name in _TITLES and value != ""}
    rows |= started.get("versions", {})
    if git := started.get("git"):
        rows["Manyhot's commit"] = git["commit"] + (" with changes" if git["changed"] else "")
    return rows
