"""The process that does experiments: ``python -m lib.evaluation.experiments.worker FOLDER LOCK``.

It answers `lib.evaluation.experiments.questions.ExperimentQuestion`, one after the other, and stays for a while: torch
and the features of the pictures are then at hand for the next.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions import json_answers, serve
from lib.datasets import store
from lib.evaluation.experiments.known import EXPERIMENTS, LARGE, SIZE, TRAIN, VALID
from lib.evaluation.experiments.questions import (
    SAMPLE,
    SAMPLE_IMAGES,
    Answer,
    Ends,
    ExperimentQuestion,
    ExperimentsFolder,
)
from lib.importing import samples
from lib.metrics import intervals, means
from lib.metrics.intervals import Interval
from lib.metrics.resampling import FEWEST
from lib.metrics.scores import defined
from lib.tasks.base import Task

#: What the interval does not hold for, and what is said where it holds 0.
_NOT_TRAININGS = (
    "The interval holds for other validation pictures, not for other trainings: each was done once, and other pictures "
    "to learn from may change the order."
)
_UNDECIDED = "These pictures do not tell which is better."


class Worker(serve.Worker[ExperimentQuestion]):
    """Does one experiment after the other."""

    kind = ExperimentQuestion
    failure = "The experiment could not be done"

    @classmethod
    def place_in(cls, folder: Path) -> ExperimentsFolder:
        return ExperimentsFolder(folder)

    def respond(self, question: ExperimentQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        began, progress = time.monotonic(), serve.ProgressTeller(question)
        progress(0, 0, "Starting PyTorch")
        from lib.training.learner import trials
        from lib.training.learner.bench import Bench

        def tell(words: str) -> None:
            progress(0, 0, words)

        dataset = _dataset(question.place, request, progress)
        bench = Bench(dataset, TRAIN, VALID, tell)
        trial = trials.TRIALS[request["experiment"]](bench, SIZE, LARGE)
        answer = concluded(request["experiment"], dataset, trial.wrong, trial.groups)
        answer["n_train"], answer["facts"] = trial.n_train, trial.facts
        answer["seconds"] = round(time.monotonic() - began, 1)
        return json_answers.pack(answer)


def _dataset(place: Any, request: dict[str, Any], progress: serve.ProgressTeller) -> Dataset:
    """Return the dataset that is asked about, or the sample, drawn on first use."""
    if request["experiment"] not in EXPERIMENTS:
        raise UserError(f"There is no experiment {request['experiment']!r}: ask for another one.")
    if request["dataset"]:
        return store.load(place.workspace, request["dataset"], request["revision"])
    samples.ensure(place.own, SAMPLE, progress, images=SAMPLE_IMAGES)
    return store.load(place.own, SAMPLE)


def concluded(experiment: str, dataset: Dataset, wrong: list[np.ndarray], groups: np.ndarray) -> Answer:
    """Return what errors of the same pictures say of the options.

    Parameters
    ----------
    experiment : str
    dataset : Dataset
    wrong : list of ndarray of shape (N,) or (N, K)
        `lib.tasks.base.Task.wrongness` of each option.
    groups : ndarray of int, shape (N,)
    """
    task, columns = tasks.get(dataset.task), [part.reshape(len(part), -1) for part in wrong]
    each = [means.pooled(part, groups) for part in columns]
    order = sorted(range(len(each)), key=lambda at: float(each[at].value))
    best, following = order[0], order[1]
    gain = means.pooled_difference(columns[following], columns[best], groups)
    verdict = intervals.judged(gain)
    differing, counted = _differing(columns[following], columns[best], groups)
    return {
        "options": [_headline(task, one) for one in each],
        "best": best,
        "next": following,
        "gain": _ends(gain),
        "verdict": verdict,
        "differing": differing,
        "counted": counted,
        "metric": task.metric_title,
        "unit": task.unit_of(dataset.names),
        "larger_is_better": task.larger_is_better,
        "n_train": 0,
        "n_valid": len(groups),
        "sentence": _sentence(experiment, task, dataset, each, (best, following), gain, verdict, (differing, counted)),
        "facts": [],
        "seconds": 0.0,
    }


def _differing(first: np.ndarray, second: np.ndarray, groups: np.ndarray) -> tuple[int, str]:
    """Return on how many groups of pictures two sets of errors differ, and of how many, in words."""
    differs = ((first != second) & ~(np.isnan(first) & np.isnan(second))).any(axis=1)
    total = len(np.unique(groups))
    unit = "pictures" if total == len(groups) else "groups of pictures"
    return len(np.unique(groups[differs])), f"{total:,} {unit}"


def _headline(task: Task, wrong: Interval) -> Ends:
    """Return a mean of `Task.wrongness` as the headline metric has it."""
    if not task.larger_is_better:
        return _ends(wrong)
    return _ends(Interval(1 - wrong.value, 1 - wrong.high, 1 - wrong.low))


def _ends(interval: Interval) -> Ends:
    low, high = (defined(float(end)) for end in interval.ends)
    return {"value": float(interval.value), "low": low, "high": high}


def _sentence(
    experiment: str,
    task: Task,
    dataset: Dataset,
    each: list[Interval],
    order: tuple[int, int],
    gain: Interval,
    verdict: str,
    apart: tuple[int, str],
) -> str:
    """Return what was learned in one sentence."""
    titles = EXPERIMENTS[experiment].options

    def words(value: float) -> str:
        return task.format(value, dataset.names)

    def reached(at: int) -> str:
        ends = _headline(task, each[at])
        return f"{words(ends['value'])} with {titles[at]}"

    best, following = order
    beside = f"{task.metric_title} is {reached(best)} and {reached(following)}"
    if verdict == intervals.SAME:
        return f"{beside}: the same."
    by = f"{words(float(gain.value))} ({gain.words(words)})"
    if verdict == intervals.BETTER:
        return f"{beside}: better by {by}. {_NOT_TRAININGS}"
    if verdict == intervals.CHANCE:
        return f"{beside}: a difference of {by}, which may be chance. {_UNDECIDED} {_NOT_TRAININGS}"
    differing, counted = apart
    if not differing:
        return f"{beside}: the same on all {counted}, too few to say that it is on others."
    if differing >= FEWEST and gain.value == 0:
        return f"{beside}. They err differently on {differing} of {counted}, but as often on each: none is better here."
    return f"{beside}. They differ on {differing} of {counted}: too few to tell it from chance."


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
