"""What small models are tried on: some pictures of a dataset, what bodies see in them, and how wrong heads are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import torch

from lib import tasks
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.learning import CLASSES
from lib.tasks.types import Predictions
from lib.training import options, run_metrics
from lib.training.learner import build, closed_form, data, features, inference
from lib.training.learner.cross_validation import Problem, some_groups

SEED = 42


@dataclass(frozen=True)
class Trial:
    """How wrong each option was on the same pictures.

    Attributes
    ----------
    wrong : list of ndarray of shape (N,) or (N, K)
        `lib.tasks.base.Task.wrongness`, one an option.
    groups : ndarray of int, shape (N,)
        Of the pictures.
    n_train : int
        Pictures that were learned from, at most.
    facts : list of str
        What else was counted, a sentence each; names in them are not escaped.
    """

    wrong: list[np.ndarray]
    groups: np.ndarray
    n_train: int
    facts: list[str]


class Bench:
    """Some pictures of a dataset, and what bodies see in them.

    Parameters
    ----------
    dataset : Dataset
    most_train, most_valid : int
        Pictures to learn from, and to be judged by.
    tell : callable
        Is told in words what is done. What it raises ends the work.
    """

    def __init__(self, dataset: Dataset, most_train: int, most_valid: int, tell: Callable[[str], None]):
        self.dataset, self.tell = dataset, tell
        self.task = tasks.get(dataset.task)
        self.train, self.valid = (
            _some(dataset, split, most) for split, most in (("train", most_train), ("valid", most_valid))
        )
        self.scale = self.task.fit_scale(dataset.targs[dataset.index("train")])

    def targets(self, rows: np.ndarray) -> np.ndarray:
        """Return what heads are fitted to."""
        return self.task.linear_targets(self.dataset.targs[rows], self.dataset.sizes[rows], self.scale)

    def seen(self, rows: np.ndarray, size: int, *, pretrained: bool = True) -> np.ndarray:
        """Return the features of pictures of ``size`` pixels, float32 of shape (n, D)."""
        config = self.config(size, pretrained=pretrained)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(SEED)
            network, _ = build.linear_network(
                config, self.task, self.task.n_out(self.dataset.names), pretrained=pretrained
            )

        def tell(done: int, total: int) -> None:
            self.tell(f"Looking at pictures: {done:,} of {total:,}")

        return features.of_rows(
            network[0], config, self.dataset, rows.tolist(), self.task.pool_grid, data.best_device(), tell=tell
        ).values

    def config(self, size: int, *, pretrained: bool) -> TrainConfig:
        """Return the configuration of the body."""
        config = options.configure_quick(self.dataset, {"size": size, "seed": SEED})
        return replace(config, pretrained=pretrained)

    def head(self, values: np.ndarray, rows: np.ndarray) -> closed_form.Head:
        """Return the best linear head for the features of ``rows``, as a quick model has it."""
        self.tell("Fitting a head")
        return closed_form.fit(self.task.linear_fit, self._problem(values, self.targets(rows), rows))

    def _problem(self, values: np.ndarray, targets: np.ndarray, rows: np.ndarray) -> Problem:
        groups = run_metrics.groups(self.dataset, rows)
        return Problem(values, targets, groups, self.dataset.names, self.task.pool_grid**2, SEED)

    def softmax_head(self, values: np.ndarray, rows: np.ndarray) -> closed_form.Head:
        """Return the best softmax head for pictures with labels: each is shown once for each of its labels."""
        self.tell("Fitting a head")
        picture, label = np.nonzero(self.dataset.targs[rows] == 1)
        problem = self._problem(values[picture], label, rows[picture])
        return closed_form.fit(CLASSES, replace(problem, groups=run_metrics.groups(self.dataset, rows)[picture]))

    def preds(self, head: closed_form.Head, values: np.ndarray) -> np.ndarray:
        """Return what a head predicts from the features of the validation pictures."""
        return self.decoded(acts_of(head, values))

    def decoded(self, acts: np.ndarray) -> np.ndarray:
        """Return the acts of the validation pictures after the activation, in the task's natural form."""
        with torch.inference_mode():
            activated = inference.activation(self.task, self.dataset.names)(torch.from_numpy(acts.astype(np.float32)))
        return self.task.decode(data.as_numpy(activated), self.dataset.sizes[self.valid], self.scale)

    def wrong(self, preds: np.ndarray, thresh: float | None = None) -> np.ndarray:
        """Return how wrong predictions of the validation pictures are."""
        predictions = Predictions.of(self.dataset, self.valid, preds)
        usual = self.config(64, pretrained=True).thresh
        return self.task.wrongness(predictions, usual if thresh is None else thresh)

    def baseline(self) -> np.ndarray:
        """Return what the baseline predicts of the validation pictures."""
        train, sizes = self.dataset.index("train"), self.dataset.sizes
        return self.task.baseline(self.dataset.targs[train], sizes[train], sizes[self.valid], self.dataset.names)

    def trial(self, wrong: list[np.ndarray], facts: list[str], n_train: int | None = None) -> Trial:
        """Return the result."""
        groups = run_metrics.groups(self.dataset, self.valid)
        return Trial(wrong, groups, len(self.train) if n_train is None else n_train, facts)


def _some(dataset: Dataset, split: str, most: int) -> np.ndarray:
    """Return some rows of a split, whole groups, the same every time."""
    rows = dataset.index(split)
    return rows[some_groups(run_metrics.groups(dataset, rows), most, SEED)]


def acts_of(head: closed_form.Head, values: np.ndarray) -> np.ndarray:
    """Return what a head makes of features, float64 of shape (n, n_out)."""
    return values.astype(np.float64) @ head.weight.T + head.bias
