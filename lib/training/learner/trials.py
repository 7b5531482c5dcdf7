"""Small models for the experiments of `lib.evaluation.experiments`: heads on features of a body that does not learn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from scipy.special import softmax
from torch.nn import functional as F

from lib import tasks
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.metrics import counts
from lib.metrics.scores import mean_known
from lib.tasks.learning import CLASSES, LABELS, VALUES
from lib.tasks.types import Predictions, three_digits
from lib.training import options, run_metrics
from lib.training.learner import build, closed_form, data, features, inference
from lib.training.learner.cross_validation import Problem, folds, some_groups

_SEED = 42
#: Epochs and batch size of the heads that are trained step by step.
_EPOCHS, _BATCH = 5, 16
_FEW = 20
#: Largest act that is told apart from others: beyond it every probability is 0 or 1.
_LARGEST_ACT = 80.0


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
            torch.manual_seed(_SEED)
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
        config = options.configure_quick(self.dataset, {"size": size, "seed": _SEED})
        return replace(config, pretrained=pretrained)

    def head(self, values: np.ndarray, rows: np.ndarray) -> closed_form.Head:
        """Return the best linear head for the features of ``rows``, as a quick model has it."""
        self.tell("Fitting a head")
        return closed_form.fit(self.task.linear_fit, self._problem(values, self.targets(rows), rows))

    def _problem(self, values: np.ndarray, targets: np.ndarray, rows: np.ndarray) -> Problem:
        groups = run_metrics.groups(self.dataset, rows)
        return Problem(values, targets, groups, self.dataset.names, self.task.pool_grid**2, _SEED)

    def softmax_head(self, values: np.ndarray, rows: np.ndarray) -> closed_form.Head:
        """Return the best softmax head for pictures with labels: each is shown once for each of its labels."""
        self.tell("Fitting a head")
        picture, label = np.nonzero(self.dataset.targs[rows] == 1)
        problem = self._problem(values[picture], label, rows[picture])
        return closed_form.fit(CLASSES, replace(problem, groups=run_metrics.groups(self.dataset, rows)[picture]))

    def preds(self, head: closed_form.Head, values: np.ndarray) -> np.ndarray:
        """Return what a head predicts from the features of the validation pictures."""
        return self.decoded(_acts(head, values))

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

    def trial(self, wrong: list[np.ndarray], facts: list[str], n_train: int | None = None) -> Trial:
        """Return the result."""
        groups = run_metrics.groups(self.dataset, self.valid)
        return Trial(wrong, groups, len(self.train) if n_train is None else n_train, facts)


def _some(dataset: Dataset, split: str, most: int) -> np.ndarray:
    """Return some rows of a split, whole groups, the same every time."""
    rows = dataset.index(split)
    return rows[some_groups(run_metrics.groups(dataset, rows), most, _SEED)]


def _acts(head: closed_form.Head, values: np.ndarray) -> np.ndarray:
    return values.astype(np.float64) @ head.weight.T + head.bias


def threshold(bench: Bench, size: int, _large: int, at: tuple[float, ...] = (0.2, 0.5)) -> Trial:
    """One head, read at two thresholds."""
    head = bench.head(bench.seen(bench.train, size), bench.train)
    preds = bench.preds(head, bench.seen(bench.valid, size))
    there = bench.dataset.targs[bench.valid] == 1
    nothing = float(mean_known(bench.wrong(np.zeros(there.shape, dtype=np.float32))))
    facts = [
        f"At {thresh:g} it finds {_percent(preds[there] > np.float32(thresh))} of the labels that are there, and "
        f"{_percent(there[preds > np.float32(thresh)])} of what it names is there."
        for thresh in at
    ]
    facts.append(f"Naming nothing at all scores {three_digits(1 - nothing)}.")
    return bench.trial([bench.wrong(preds, thresh) for thresh in at], facts)


def _percent(shares: np.ndarray) -> str:
    return f"{100 * float(shares.mean()):.3g} %" if shares.size else "none"


def activation(bench: Bench, size: int, _large: int) -> Trial:
    """A softmax head and one with a sigmoid a label, each at the threshold that suits it on pictures set aside."""
    aside = folds(run_metrics.groups(bench.dataset, bench.train), 4, _SEED)[0]
    fitted_on, tuned_on = bench.train[~aside], bench.train[aside]
    values, others, seen = (bench.seen(rows, size) for rows in (fitted_on, tuned_on, bench.valid))
    soft, sigmoid = bench.softmax_head(values, fitted_on), bench.head(values, fitted_on)

    def by_softmax(of: np.ndarray) -> np.ndarray:
        return softmax(_acts(soft, of), axis=1).astype(np.float32)

    def by_sigmoid(of: np.ndarray) -> np.ndarray:
        acts = _acts(sigmoid, of).clip(-_LARGEST_ACT, _LARGEST_ACT)
        return (1 / (1 + np.exp(-acts))).astype(np.float32)

    wrong, facts = [], []
    targs, there = bench.dataset.targs, bench.dataset.targs[bench.valid] == 1
    several = there.sum(axis=1) > 1
    for name, predict in (("softmax", by_softmax), ("sigmoid", by_sigmoid)):
        preds = predict(seen)
        thresh = _best_threshold(predict(others), targs[tuned_on])
        named = preds > np.float32(thresh)
        wrong.append(bench.wrong(preds, thresh))
        facts.append(
            f"{name}: threshold {thresh:.3g}; of the labels on pictures with several it finds "
            f"{_percent(named[several][there[several]])}, and the probabilities of a picture add up to "
            f"{preds.sum(axis=1).min():.3g} to {preds.sum(axis=1).max():.3g}."
        )
    return bench.trial(wrong, facts, len(fitted_on))


def _best_threshold(preds: np.ndarray, targs: np.ndarray) -> float:
    """Return the threshold with the most cells right; of several the one in their middle."""
    grid = counts.grid()
    known = targs >= 0
    right = np.array([((preds > one) == (targs == 1))[known].mean() for one in grid])
    best = np.flatnonzero(right == right.max())
    return float(grid[best[len(best) // 2]])


def weights(bench: Bench, size: int, _large: int) -> Trial:
    """The same head on a body that learned from other pictures, and on one that never learned."""
    wrong = []
    for pretrained in (True, False):
        values = bench.seen(bench.train, size, pretrained=pretrained)
        head = bench.head(values, bench.train)
        wrong.append(bench.wrong(bench.preds(head, bench.seen(bench.valid, size, pretrained=pretrained))))
    return bench.trial(wrong, [f"Both bodies give {values.shape[1]:,} features a picture.", *_baseline(bench)])


def _baseline(bench: Bench) -> list[str]:
    value = bench.task.format(_headline(bench, float(mean_known(bench.wrong(baseline(bench))))), bench.dataset.names)
    return [f"The baseline, {bench.task.baseline_title}, has {value}."]


def _headline(bench: Bench, wrong: float) -> float:
    return 1 - wrong if bench.task.larger_is_better else wrong


def baseline(bench: Bench) -> np.ndarray:
    """Return what the baseline predicts of the validation pictures."""
    dataset = bench.dataset
    train = dataset.index("train")
    return bench.task.baseline(dataset.targs[train], dataset.sizes[train], dataset.sizes[bench.valid], dataset.names)


_LOSSES: dict[str, Callable[..., torch.Tensor]] = {
    LABELS: F.binary_cross_entropy_with_logits,
    CLASSES: F.cross_entropy,
    VALUES: F.mse_loss,
}


def rate(bench: Bench, size: int, _large: int, rates: tuple[float, ...] = (1e-5, 3e-3, 3.0)) -> Trial:
    """Heads that begin alike, trained step by step with Adam at different rates."""
    values, seen = bench.seen(bench.train, size), bench.seen(bench.valid, size)
    mean, std = values.mean(axis=0), values.std(axis=0) + 1e-6
    x, targets = torch.from_numpy((values - mean) / std), bench.targets(bench.train)
    known = np.isfinite(targets) if targets.ndim == 2 else np.ones(len(targets), dtype=bool)
    y = torch.from_numpy(np.where(known, targets, 0))
    y = y.long() if bench.task.linear_fit == CLASSES else y.float()
    wrong, facts = [], []
    for lr in rates:
        bench.tell(f"Training a head at {lr:g}")
        layer, loss = _trained(x, y, torch.from_numpy(known), bench, lr)
        with torch.inference_mode():
            acts = layer(torch.from_numpy((seen - mean) / std)).numpy()
        acts = np.nan_to_num(acts).clip(-_LARGEST_ACT, _LARGEST_ACT) if bench.task.linear_fit != VALUES else acts
        wrong.append(bench.wrong(bench.decoded(acts)))
        facts.append(f"At {lr:g} the training loss ends at {three_digits(loss)}.")
    return bench.trial(wrong, [*facts, *_baseline(bench)])


def _trained(
    x: torch.Tensor, y: torch.Tensor, known: torch.Tensor, bench: Bench, lr: float
) -> tuple[torch.nn.Linear, float]:
    """Return a head after some epochs, and the mean loss of all pictures then."""
    kind = bench.task.linear_fit
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        layer = torch.nn.Linear(x.shape[1], bench.task.n_out(bench.dataset.names))
        optimizer = torch.optim.Adam(layer.parameters(), lr=lr)
        for _ in range(_EPOCHS):
            for batch in torch.randperm(len(x)).split(_BATCH):
                optimizer.zero_grad()
                _loss(kind, layer(x[batch]), y[batch], known[batch]).backward()
                optimizer.step()
    with torch.inference_mode():
        return layer, float(_loss(kind, layer(x), y, known))


def _loss(kind: str, acts: torch.Tensor, y: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """Return the mean loss of what is known."""
    each: Any = _LOSSES[kind](acts, y, reduction="none")
    return (each * known).sum() / known.sum().clamp(min=1)


def pictures(bench: Bench, size: int, large: int) -> Trial:
    """All pictures, small, and half of them, large."""
    half = bench.train[some_groups(run_metrics.groups(bench.dataset, bench.train), len(bench.train) // 2, _SEED)]
    wrong = []
    for rows, side in ((bench.train, size), (half, large)):
        head = bench.head(bench.seen(rows, side), rows)
        wrong.append(bench.wrong(bench.preds(head, bench.seen(bench.valid, side))))
    facts = [f"{len(bench.train):,} pictures of {size} px, and {len(half):,} of {large} px."]
    return bench.trial(wrong, [*facts, *_baseline(bench)])


def few(bench: Bench, size: int, _large: int) -> Trial:
    """A head of few pictures, and the baseline."""
    rows = bench.train[some_groups(run_metrics.groups(bench.dataset, bench.train), _FEW, _SEED)]
    head = bench.head(bench.seen(rows, size), rows)
    preds = bench.preds(head, bench.seen(bench.valid, size))
    facts = [f"The baseline, {bench.task.baseline_title}, knows the training targets and sees no picture."]
    return bench.trial([bench.wrong(preds), bench.wrong(baseline(bench))], [*head.notes[:3], *facts], len(rows))


#: By the name of the experiment in `lib.evaluation.experiments.known`.
TRIALS: dict[str, Callable[[Bench, int, int], Trial]] = {
    "threshold": threshold,
    "activation": activation,
    "weights": weights,
    "rate": rate,
    "pictures": pictures,
    "few": few,
}
