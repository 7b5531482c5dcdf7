"""Small models for the experiments of `lib.evaluation.experiments`: heads on features of a body that does not learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from scipy.special import softmax
from torch.nn import functional as F

from lib.metrics import counts
from lib.metrics.scores import mean_known
from lib.tasks.learning import CLASSES, LABELS, VALUES
from lib.tasks.types import three_digits
from lib.training import run_metrics
from lib.training.learner.bench import SEED, Bench, Trial, acts_of
from lib.training.learner.cross_validation import folds, some_groups

#: Epochs and batch size of the heads that are trained step by step.
_EPOCHS, _BATCH = 5, 16
_FEW = 20
#: Largest act that is told apart from others: beyond it every probability is 0 or 1.
_LARGEST_ACT = 80.0


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
    aside = folds(run_metrics.groups(bench.dataset, bench.train), 4, SEED)[0]
    fitted_on, tuned_on = bench.train[~aside], bench.train[aside]
    values, others, seen = (bench.seen(rows, size) for rows in (fitted_on, tuned_on, bench.valid))
    soft, sigmoid = bench.softmax_head(values, fitted_on), bench.head(values, fitted_on)

    def by_softmax(of: np.ndarray) -> np.ndarray:
        return softmax(acts_of(soft, of), axis=1).astype(np.float32)

    def by_sigmoid(of: np.ndarray) -> np.ndarray:
        acts = acts_of(sigmoid, of).clip(-_LARGEST_ACT, _LARGEST_ACT)
        return (1 / (1 + np.exp(-acts))).astype(np.float32)

    wrong, facts = [], []
    targs, there = bench.dataset.targs, bench.dataset.targs[bench.valid] == 1
    several = there.sum(axis=1) > 1
    for name, predict in (("softmax", by_softmax), ("sigmoid", by_sigmoid)):
        preds = predict(seen)
        thresh = _best_threshold(predict(others), targs[tuned_on])
        named = preds > np.float32(thresh)
        wrong.append(bench.wrong(preds, thresh))
        of_several = ""
        if several.any():
            of_several = (
                f"of the labels on pictures with several it finds {_percent(named[several][there[several]])}, and "
            )
        facts.append(
            f"{name}: threshold {thresh:.3g}; {of_several}the probabilities of a picture add up to {_ends(preds)}."
        )
    if not several.any():
        facts.append("No validation picture has several labels: what softmax cannot say is not asked here.")
    return bench.trial(wrong, facts, len(fitted_on))


def _ends(preds: np.ndarray) -> str:
    """Return from what to what the probabilities of a picture add up, one number where that is the same for all."""
    least, most = (f"{end:.3g}" for end in (preds.sum(axis=1).min(), preds.sum(axis=1).max()))
    return least if least == most else f"at least {least}, at most {most}"


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
    value = bench.task.format(_headline(bench, float(mean_known(bench.wrong(bench.baseline())))), bench.dataset.names)
    return [f"The baseline, {bench.task.baseline_title}, has {value}."]


def _headline(bench: Bench, wrong: float) -> float:
    return 1 - wrong if bench.task.larger_is_better else wrong


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
        bench.tell(f"Training a head at {_rate(lr)}")
        layer, loss = _trained(x, y, torch.from_numpy(known), bench, lr)
        with torch.inference_mode():
            acts = layer(torch.from_numpy((seen - mean) / std)).numpy()
        acts = np.nan_to_num(acts).clip(-_LARGEST_ACT, _LARGEST_ACT) if bench.task.linear_fit != VALUES else acts
        wrong.append(bench.wrong(bench.decoded(acts)))
        facts.append(f"At {_rate(lr)} the training loss ends at {three_digits(loss)}.")
    return bench.trial(wrong, [*facts, *_baseline(bench)])


def _rate(lr: float) -> str:
    """Return a rate as the Learn page writes it: ``1e-5``, ``0.003``."""
    return f"{lr:g}".replace("e-0", "e-")


def _trained(
    x: torch.Tensor, y: torch.Tensor, known: torch.Tensor, bench: Bench, lr: float
) -> tuple[torch.nn.Linear, float]:
    """Return a head after some epochs, and the mean loss of all pictures then."""
    kind = bench.task.linear_fit
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
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
    half = bench.train[some_groups(run_metrics.groups(bench.dataset, bench.train), len(bench.train) // 2, SEED)]
    wrong = []
    for rows, side in ((bench.train, size), (half, large)):
        head = bench.head(bench.seen(rows, side), rows)
        wrong.append(bench.wrong(bench.preds(head, bench.seen(bench.valid, side))))
    facts = [f"{len(bench.train):,} pictures of {size} px, and {len(half):,} of {large} px."]
    return bench.trial(wrong, [*facts, *_baseline(bench)])


def few(bench: Bench, size: int, _large: int) -> Trial:
    """A head of few pictures, and the baseline."""
    rows = bench.train[some_groups(run_metrics.groups(bench.dataset, bench.train), _FEW, SEED)]
    head = bench.head(bench.seen(rows, size), rows)
    preds = bench.preds(head, bench.seen(bench.valid, size))
    facts = [f"The baseline, {bench.task.baseline_title}, knows the training targets and sees no picture."]
    return bench.trial([bench.wrong(preds), bench.wrong(bench.baseline())], [*head.notes[:3], *facts], len(rows))


#: By the name of the experiment in `lib.evaluation.experiments.known`.
TRIALS: dict[str, Callable[[Bench, int, int], Trial]] = {
    "threshold": threshold,
    "activation": activation,
    "weights": weights,
    "rate": rate,
    "pictures": pictures,
    "few": few,
}
