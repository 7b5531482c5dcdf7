"""What labeling in the order of `lib.evaluation.label_next` gains over labeling at random.

``python -m benchmarks label-next --data FOLDER``, with the folders vehicles and faces in it; shapes are drawn. Each
dataset starts with 20 labeled images and gains batches of 20, by this order and at random, from the same start, over
five seeds. After each batch the quick model's head is fitted anew to what is labeled, on features that were computed
once, and measured on images that are never labeled. The uncertainty of points is the spread over changed copies, whose
features are computed once as well. The choices of `lib.metrics.selection` were made with other seeds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from fastai.torch_core import set_seed
from scipy import stats
from scipy.special import expit

from lib import tasks
from lib.core.arrays import Floats, Ints
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import importer, samples
from lib.metrics import scores, selection
from lib.tasks.learning import LABELS
from lib.training import options, run_metrics
from lib.training.learner import augment, build, closed_form, data, features, nets, normalization, spread
from lib.training.learner.closed_form import Head
from lib.training.learner.cross_validation import Problem
from lib.training.learner.inference import Model

SEEDS, START, BATCH, BATCHES = range(5), 20, 20, 8
#: Changed copies of an image of points, and images to choose from and to measure on, at most.
_COPIES, _MOST = 3, 600
_CHANGES = 0


@dataclass(frozen=True)
class _Pictures:
    """A dataset with features (N, D), what a head is fitted to, and the directions that the order compares."""

    dataset: Dataset
    values: Floats
    targets: Floats
    directions: Floats
    groups: Ints
    pool: Ints
    test: Ints
    spread: Callable[[Head, Ints], Floats] | None


def measure(folder: Path) -> dict[str, str | float]:
    """Return by dataset and metric what random order and this order reach, and the gain with its interval."""
    measured: dict[str, str | float] = {}
    with tempfile.TemporaryDirectory(prefix="label-next-") as scratch:
        for name in ("vehicles", "shapes", "faces"):
            of = _pictures(_dataset(Workspace(Path(scratch)), folder, name))
            random, chosen = (
                np.array([_curve(of, seed, by_order) for seed in SEEDS]) for by_order in (False, True)
            )  # (seeds, batches + 1, metrics)
            for m, title in enumerate(_titles(of)):
                measured |= _told(f"{name}, {title}", random[..., m], chosen[..., m])
    return measured


def _told(name: str, random: Floats, chosen: Floats) -> dict[str, str | float]:
    """Return what is said of one metric of which larger is better, each (seeds, batches + 1)."""
    sign = -1 if random.mean() < 0 else 1  # an error is measured as its negative
    gains = (chosen - random)[:, 1:].mean(axis=1)
    half = stats.t.ppf(0.975, len(gains) - 1) * gains.std(ddof=1) / np.sqrt(len(gains))
    least = np.flatnonzero(chosen.mean(axis=0) >= random.mean(axis=0)[-1])
    labeled = START + BATCH * np.arange(BATCHES + 1)
    ends = [f"{gains.mean() - half:+.4f}", f"{gains.mean() + half:+.4f}"]
    reached = f"{labeled[least[0]]}" if len(least) else f"more than {labeled[-1]}"
    return {
        f"{name}: with {START}": sign * float(random[:, 0].mean()),
        f"{name}: with {labeled[-1]} at random": sign * float(random[:, -1].mean()),
        f"{name}: with {labeled[-1]} in this order": sign * float(chosen[:, -1].mean()),
        f"{name}: better by, mean of batches": f"{gains.mean():+.4f} ({ends[0]} to {ends[1]})",
        f"{name}: images for {labeled[-1]} at random": reached,
    }


def _titles(of: _Pictures) -> tuple[str, ...]:
    return ("accuracy_multi", "mAP") if of.spread is None else ("mean error (px)",)


def _curve(of: _Pictures, seed: int, by_order: bool) -> list[list[float]]:
    """Return the metrics after each batch; both orders start with the same images."""
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(of.pool)
    labeled, curve = shuffled[:START], []
    while True:
        head = _fitted(of, labeled)
        curve.append(_metrics(of, head))
        if len(curve) > BATCHES:
            return curve
        rest = np.setdiff1d(of.pool, labeled)
        if by_order:
            chosen = selection.choose(_uncertainty(of, head, rest), of.directions[rest], of.directions[labeled], BATCH)
            labeled = np.concatenate([labeled, rest[chosen]])
        else:
            labeled = shuffled[: len(labeled) + BATCH]


def _fitted(of: _Pictures, labeled: Ints) -> Head:
    task = tasks.get(of.dataset.task)
    about = of.dataset.names, task.pool_grid**2
    return closed_form.fit(
        task.linear_fit, Problem(of.values[labeled], of.targets[labeled], of.groups[labeled], *about)
    )


def _acts(of: _Pictures, head: Head, rows: Ints) -> Floats:
    acts: Floats = of.values[rows] @ head.weight.T + head.bias
    return acts


def _uncertainty(of: _Pictures, head: Head, rows: Ints) -> Floats:
    task, sizes = tasks.get(of.dataset.task), of.dataset.sizes[rows]
    spread = None if of.spread is None else of.spread(head, rows)
    preds = expit(_acts(of, head, rows))
    unknown = np.ones((len(rows), len(of.dataset.names)), dtype=bool)
    return task.uncertainty(preds, spread, unknown, sizes, of.dataset.targs)


def _metrics(of: _Pictures, head: Head) -> list[float]:
    acts, truth = _acts(of, head, of.test), of.targets[of.test]
    if of.spread is None:
        probs, there = expit(acts).astype(np.float32), truth.astype(np.int8)
        return [float(((probs > 0.5) == there).mean()), float(np.nanmean(scores.average_precision(probs, there)))]
    apart = (acts - truth).reshape(len(truth), -1, 2) * (of.dataset.sizes[of.test][:, None] / 2)
    return [-float(np.nanmean(np.linalg.norm(apart, axis=-1)))]


# --- what is computed once ---------------------------------------------------------------------------------


def _dataset(workspace: Workspace, folder: Path, name: str) -> Dataset:
    if name in samples.SAMPLES:
        samples.ensure(workspace, name, progress=lambda *_: None)
    else:
        importer.import_dataset(workspace, folder / name, name=name, yes=True)
    return store.load(workspace, name)


def _pictures(dataset: Dataset) -> _Pictures:
    task, config = tasks.get(dataset.task), options.configure_quick(dataset, {})
    body = build.linear_network(config, task, task.n_out(dataset.names), pretrained=True)[0][0]
    rng = np.random.default_rng(0)
    pool, test = dataset.index("train"), np.concatenate([dataset.index("valid"), dataset.index("test")])
    has_spread = task.linear_fit != LABELS
    if has_spread:
        pool, test = (np.sort(rng.permutation(rows)[:_MOST]) for rows in (pool, test))
    used = np.sort(np.concatenate([pool, test]))
    known = features.of_rows(body, config, dataset, used.tolist(), task.pool_grid, torch.device("cpu")).values
    values = np.zeros((len(dataset), known.shape[1]), dtype=np.float32)
    values[used] = known
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    means = values.reshape(len(values), task.pool_grid**2 + 1, -1)[:, :-1].mean(axis=1)  # as features of pictures are
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    stats_of = normalization.of(config)
    model = Model(torch.nn.Sequential(body, torch.nn.Identity()), task, dataset.names, scale, config, stats=stats_of)
    return _Pictures(
        dataset,
        values,
        task.linear_targets(dataset.targs, dataset.sizes, scale),
        means,
        run_metrics.groups(dataset, np.arange(len(dataset))),
        pool,
        test,
        _spread_of(model, dataset, pool) if has_spread else None,
    )


def _spread_of(model: Model, dataset: Dataset, pool: Ints) -> Callable[[Head, Ints], Floats]:
    """Return what measures the spread over changed copies as `lib.training.learner.spread` does, for any head."""
    changed = data.batch_tfms(model.task, replace(model.config, augment=True), stats=model.stats)
    pictures, pool_to = data.Pictures(dataset, model.config.size), nets.WhereAndWhether(model.task.pool_grid)
    seen: dict[int, np.ndarray] = {}
    for row in pool.tolist():
        set_seed(_CHANGES)  # every picture is changed in the same ways
        with torch.inference_mode():
            square = pictures.batch([row])
            copies = [model.batch(square), model.batch(np.repeat(square, _COPIES, axis=0), changed)]
            seen[row] = pool_to(model.net(torch.cat(copies))).numpy().astype(np.float16)
    swapped = model.task.flip_order(dataset)
    assert augment.affine_of(changed) is not None

    def of_head(head: Head, rows: Ints) -> Floats:
        weight, parts = head.weight.T.astype(np.float32), []
        for row in rows.tolist():
            acts = seen[row].astype(np.float32) @ weight + head.bias
            of_row = spread._of_points(model, acts[0], acts[1:], dataset.sizes[[row]], changed, swapped)
            parts.append(of_row[2])
        return np.concatenate(parts)

    return of_head
