"""Time to count hits and misses at 1,001 thresholds, and whether other libraries get the same counts."""

from __future__ import annotations

import contextlib
import itertools
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator

import numpy as np
import torch
from fastai.metrics import accuracy_multi
from sklearn import metrics as sk

from lib.metrics import counts

with contextlib.suppress(ImportError):  # a peer that nothing in the project needs
    from torchmetrics.classification import MultilabelPrecisionRecallCurve

_SIZES = (5_000, 20), (40_000, 80), (125_000, 600)
_GRID = counts.grid()
#: Seconds of one turn of a peer, and turns: it and ours take them one after the other.
_PATIENCE, _TURNS = 3, 4
#: Cells times thresholds that torchmetrics gets at once; it needs about 30 bytes for each. The quickest of several.
_BATCH = 2_000_000

Results = dict[str, float | int | str]


def measure() -> Results:
    """Return how long ours and its peers take, in turns, their ratios, and whether all count the same."""
    results: Results = {
        "torch threads": torch.get_num_threads(),
        "unknown cells, TP and FP equal scikit-learn's": _unknown(),
    }
    for shape in _SIZES:
        preds, targs = _like_a_model(*shape)
        size = f"{shape[0]:,} x {shape[1]}"
        for measured in (_ours, _fastai, _sklearn, _torchmetrics):
            results |= {f"{size}, {name}": value for name, value in measured(preds, targs)}
    return results


def _like_a_model(n: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions, most near 0 and a quarter of the rows exactly on thresholds, and 5 % positives."""
    rng = np.random.default_rng(0)
    preds, targs = np.empty((n, classes), np.float32), np.empty((n, classes), np.int8)
    for begin in range(0, n, 5_000):
        rows = slice(begin, begin + 5_000)
        targs[rows] = rng.random(targs[rows].shape, dtype=np.float32) < 0.05
        acts = rng.standard_normal(targs[rows].shape, dtype=np.float32) * 2 - 5 + 6 * targs[rows]
        preds[rows] = 1 / (1 + np.exp(-acts))
    preds[::4] = _GRID[np.rint(preds[::4] * 1000).astype(int)]
    return preds, targs


def _ours(preds: np.ndarray, targs: np.ndarray) -> Iterator[tuple[str, float]]:
    seconds = _again(preds, targs)
    yield "ours, median (ms)", 1000 * statistics.median(seconds)
    yield "ours, fastest (ms)", 1000 * min(seconds)
    tracemalloc.start()  # numpy tells it of every array
    counts.counts(preds, targs, _GRID)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    yield "ours, peak memory to the input's", peak / (preds.nbytes + targs.nbytes)


def _again(preds: np.ndarray, targs: np.ndarray) -> list[float]:
    """Return the seconds of counting, 3 to 50 times."""
    once = _timed(lambda: counts.counts(preds, targs, _GRID))
    return [_timed(lambda: counts.counts(preds, targs, _GRID)) for _ in range(int(np.clip(1 / once, 3, 50)))]


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


# --- the peers: how long, how many times ours, and whether the counts are the same --------------------------


def _fastai(preds: np.ndarray, targs: np.ndarray) -> Iterator[tuple[str, float | str]]:
    inputs, theirs = (torch.from_numpy(preds), torch.from_numpy(targs)), {}

    def at(t: int) -> None:
        theirs[t] = float(accuracy_multi(*inputs, thresh=float(_GRID[t]), sigmoid=False))

    yield from _peer("fastai's accuracy_multi", at, len(_GRID), "thresholds", preds, targs)
    sweep = counts.sweep_accuracy(preds, targs, _GRID)
    largest = max(abs(sweep[t] - value) for t, value in theirs.items())
    yield f"accuracy equals fastai's at {len(theirs):,} thresholds", _same(largest <= 1e-6, f"differs by {largest:g}")


def _sklearn(preds: np.ndarray, targs: np.ndarray) -> Iterator[tuple[str, float | str]]:
    done = set()

    def label(c: int) -> None:
        sk.precision_recall_curve(targs[:, c], preds[:, c])
        done.add(c)

    yield from _peer("scikit-learn's precision_recall_curve", label, preds.shape[1], "labels", preds, targs)
    counted = counts.counts(preds, targs, _GRID)
    same = all(_same_as_sklearn(counted, preds, targs, c) for c in done)
    yield f"TP and FP equal scikit-learn's of {len(done)} labels", _same(same)


def _torchmetrics(preds: np.ndarray, targs: np.ndarray) -> Iterator[tuple[str, float | str]]:
    if "MultilabelPrecisionRecallCurve" not in globals():
        yield "torchmetrics", "not installed"
        return
    above = torch.from_numpy(np.nextafter(_GRID, np.float32(np.inf)))  # it compares with >=, we with >
    metric = MultilabelPrecisionRecallCurve(preds.shape[1], thresholds=above, validate_args=False)
    rows, same = _BATCH // (preds.shape[1] * len(_GRID)), []

    def batch(i: int) -> None:
        metric.update(torch.from_numpy(preds[i * rows :][:rows]), torch.from_numpy(targs[i * rows :][:rows]))

    name, parts = "torchmetrics' MultilabelPrecisionRecallCurve", -(-len(preds) // rows)
    yield from _peer(name, batch, parts, f"batches of {rows}", preds, targs)
    for i in range(0, parts, max(1, parts // 20)):
        metric.reset()
        batch(i)
        theirs = metric.confmat.numpy()  # (T, C, 2, 2)
        counted = counts.counts(preds[i * rows :][:rows], targs[i * rows :][:rows], _GRID)
        same.append((counted.tp == theirs[:, :, 1, 1]).all() and (counted.fp == theirs[:, :, 0, 1]).all())
    yield f"TP and FP equal torchmetrics' in {len(same)} batches", _same(all(same))


def _peer(
    name: str, do: Callable[[int], object], parts: int, what: str, preds: np.ndarray, targs: np.ndarray
) -> Iterator[tuple[str, float]]:
    """Yield the seconds of a peer, and how many times ours they are.

    It does the parts of its work in a random order until its time is over, then ours has its turn. All parts are alike,
    so the median and the fastest one stand for all. The fastest is what other work on the machine disturbs least.
    """
    order = itertools.cycle(np.random.default_rng(0).permutation(parts).tolist())
    theirs, ours = [], []
    for _ in range(_TURNS):
        end, most = time.perf_counter() + _PATIENCE, len(theirs) + 2 * parts
        while time.perf_counter() < end and len(theirs) < most:
            part = next(order)
            theirs.append(_timed(lambda part=part: do(part)))
        ours += _again(preds, targs)
    if len(theirs) < parts:
        name += f", estimated from {len(theirs):,} of {parts:,} {what}"
    for kind, of in (("median", statistics.median), ("fastest", min)):
        yield f"{name}, {kind} (s)", parts * of(theirs)
        yield f"{name} to ours, {kind}", parts * of(theirs) / of(ours)


def _same(same: bool, otherwise: str = "no") -> str:
    return "yes" if same else otherwise


# --- the same counts ----------------------------------------------------------------------------------------


def _same_as_sklearn(counted: counts.Counts, preds: np.ndarray, targs: np.ndarray, c: int) -> bool:
    """Return whether one label's counts are scikit-learn's at every threshold; unknown cells are not given to it.

    It counts scores at or above each score there is: above ``t`` are those at or above the smallest score above ``t``.
    """
    known = targs[:, c] >= 0
    truth = targs[known, c]
    fpr, tpr, scores = sk.roc_curve(truth, preds[known, c], drop_intermediate=False)
    where = np.searchsorted(-scores, -_GRID, side="left") - 1  # the last of descending scores that is above; 0 is none
    tp, fp = (np.rint(rate * np.count_nonzero(truth == value)) for rate, value in ((tpr, 1), (fpr, 0)))
    return bool((tp[where] == counted.tp[:, c]).all() and (fp[where] == counted.fp[:, c]).all())


def _unknown() -> str:
    """Say whether counts leave out what nobody knows."""
    preds, targs = _like_a_model(*_SIZES[0])
    targs[np.random.default_rng(1).random(targs.shape) < 0.01] = -1
    counted = counts.counts(preds, targs, _GRID)
    return _same(all(_same_as_sklearn(counted, preds, targs, c) for c in range(targs.shape[1])))
