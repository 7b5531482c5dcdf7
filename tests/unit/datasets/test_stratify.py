"""Iterative stratification matches its paper, and labels are spread more evenly than by chance."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from lib.datasets.splits import stratify


def literal(labels: np.ndarray, ratios: np.ndarray, ties: np.ndarray) -> list[int]:
    """Figure 1 of Sechidis, Tsoumakas and Vlahavas (2011), line by line, one image at a time."""
    images = list(range(len(labels)))
    wanted = [len(images) * r for r in ratios]  # c_j
    wanted_of = [[sum(labels[:, label]) * r for r in ratios] for label in range(labels.shape[1])]
    put: dict[int, int] = {}
    while images:
        left = {label: [i for i in images if labels[i, label]] for label in range(labels.shape[1])}
        left = {label: having for label, having in left.items() if having}
        if left:
            rarest = min(left, key=lambda label: len(left[label]))  # of equal ones the first
            batch, lacks = left[rarest], wanted_of[rarest]
        else:
            batch, lacks = list(images), [0.0] * len(ratios)
        for i in batch:
            most = [j for j in range(len(ratios)) if lacks[j] == pytest.approx(max(lacks), abs=1e-9)]
            room = max(wanted[j] for j in most)
            most = [j for j in most if wanted[j] == pytest.approx(room, abs=1e-9)]
            chosen = most[int(ties[i] * len(most))] if len(most) > 1 else most[0]
            put[i] = chosen
            images.remove(i)
            wanted[chosen] -= 1
            for label in np.flatnonzero(labels[i]):
                wanted_of[label][chosen] -= 1
    return [put[i] for i in range(len(labels))]


@pytest.mark.parametrize("ratios", [(0.8, 0.2), (0.7, 0.2, 0.1), (0.25,) * 4, (0.2,) * 5])
@pytest.mark.parametrize("seed", range(4))
def test_iterative_is_the_papers_algorithm(ratios, seed):
    """The fast form puts every image where the paper's algorithm, written out literally, puts it."""
    rng = np.random.default_rng(seed)
    labels = (rng.random((60, 7)) < rng.uniform(0.02, 0.5, 7)).astype(np.int8)
    ties = rng.random(60)
    fold = stratify.iterative(labels, np.ones(60, dtype=int), np.array(ratios), ties)
    assert fold.tolist() == literal(labels, np.array(ratios), ties)


def off(part: np.ndarray, counts: np.ndarray, ratios: np.ndarray) -> float:
    """Mean distance of a label's count in a part from its share, in parts of the latter."""
    target = np.outer(ratios, counts.sum(axis=0))
    have = np.stack([counts[part == p].sum(axis=0) for p in range(len(ratios))])
    return float((np.abs(have - target) / np.maximum(target, 1)).mean())


def test_labels_are_spread_more_evenly_than_by_chance():
    """In the mean over seeds, and in nearly each of them, the labels' shares are nearer to those of all images."""
    ratios = np.array([0.7, 0.2, 0.1])
    unevenness = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        labels = (rng.random((400, 15)) < np.geomspace(0.4, 0.01, 15)).astype(np.int8)
        ones = np.ones(400, dtype=int)
        even = stratify.deal(labels, ones, ratios, np.random.default_rng(seed))
        chance = stratify.deal(labels[:, :0], ones, ratios, np.random.default_rng(seed))
        assert np.bincount(even).tolist() == np.bincount(chance).tolist() == [280, 80, 40]  # sizes are exact
        unevenness.append((off(even, labels, ratios), off(chance, labels, ratios)))
    even, chance = np.mean(unevenness, axis=0)
    assert even < 0.3 * chance


def test_classes_are_as_even_as_scikit_learns():
    """Every fold has each class as often as scikit-learn's StratifiedKFold has it: off by less than one."""
    rng = np.random.default_rng(1)
    classes = rng.choice(6, 503, p=[0.5, 0.2, 0.15, 0.1, 0.04, 0.01])
    counts = np.eye(6, dtype=int)[classes]
    part = stratify.deal(counts, np.ones(503, dtype=int), np.full(5, 0.2), np.random.default_rng(0))
    ours = np.stack([counts[part == fold].sum(axis=0) for fold in range(5)])
    theirs = [
        counts[held].sum(axis=0) for _, held in StratifiedKFold(5, shuffle=True, random_state=0).split(classes, classes)
    ]
    assert np.abs(ours - counts.sum(axis=0) / 5).max() <= np.abs(np.stack(theirs) - counts.sum(axis=0) / 5).max() < 1
    assert set(ours.sum(axis=1)) == {100, 101}


def test_groups_are_as_even_as_scikit_learns():
    """With groups of 1 to 24 images the folds are in the mean at least as even as StratifiedGroupKFold's."""
    unevenness, ratios = [], np.full(5, 0.2)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(1, 25, 80)
        group, likes = np.repeat(np.arange(80), sizes), rng.dirichlet(np.full(6, 0.5), 80)
        classes = np.array([rng.choice(6, p=likes[g]) for g in group])
        images = np.eye(6, dtype=int)[classes]
        counts = np.stack([images[group == g].sum(axis=0) for g in range(80)])
        ours = stratify.deal(counts, sizes, ratios, np.random.default_rng(seed))[group]
        theirs = np.empty(len(group), dtype=int)
        folds = StratifiedGroupKFold(5, shuffle=True, random_state=seed).split(images, classes, group)
        for fold, (_, held) in enumerate(folds):
            theirs[held] = fold
        unevenness.append((off(ours, images, ratios), off(theirs, images, ratios)))
    ours, theirs = np.mean(unevenness, axis=0)
    assert ours <= theirs


def test_groups_with_many_labels_do_not_drift():
    """Where nearly every group has nearly every label, the frequent ones stay even too, and so do the sizes."""
    ratios, unevenness = np.array([0.7, 0.2, 0.1]), []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        counts = rng.binomial(5, np.geomspace(0.4, 0.005, 30), (800, 30))
        sizes = np.full(800, 5)
        even = stratify.deal(counts, sizes, ratios, np.random.default_rng(seed))
        chance = stratify.deal(counts[:, :0], sizes, ratios, np.random.default_rng(seed))
        assert np.bincount(even).tolist() == [560, 160, 80]
        unevenness.append([off(even, counts, ratios), off(chance, counts, ratios)])
    even, chance = np.mean(unevenness, axis=0)
    assert even < 0.25 * chance


def test_many_rare_labels_do_not_shrink_a_part():
    """A hundred labels of 7 images round down a hundred times in the paper's algorithm; the parts keep their sizes."""
    labels, ones, ratios = np.repeat(np.eye(100, dtype=int), 7, axis=0), np.ones(700, dtype=int), np.array([0.8, 0.2])
    alone = stratify.iterative(labels, ones, ratios, np.random.default_rng(0).random(700))
    assert np.bincount(alone).tolist() == [600, 100]  # what is mended
    part = stratify.deal(labels, ones, ratios, np.random.default_rng(0))
    assert np.bincount(part).tolist() == [560, 140]
    assert set(labels[part == 1].sum(axis=0)) <= {1, 2}


def test_improve_lowers_what_it_says_it_lowers():
    """The sum over parts of (count - target)² / target, sizes weighted with all labels, never rises."""
    ratios, lower = np.array([0.6, 0.3, 0.1]), 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(1, 9, 50)
        counts = rng.binomial(sizes[:, None], rng.uniform(0.05, 0.5, 8))
        part = np.r_[0, 1, 2, rng.integers(0, 3, 47)]
        columns, weight = np.c_[counts, sizes], np.r_[np.ones(8), 8]

        def cost(part: np.ndarray, columns: np.ndarray = columns, weight: np.ndarray = weight) -> float:
            target = np.outer(ratios, columns.sum(axis=0))
            have = np.stack([columns[part == p].sum(axis=0) for p in range(3)])
            return float((weight * (have - target) ** 2 / target).sum())

        better = stratify.improve(part, counts, sizes, ratios)
        assert set(better) == {0, 1, 2} and cost(better) <= cost(part)
        lower += cost(better) < 0.2 * cost(part)
    assert lower == 10


@pytest.mark.parametrize("n_strata", [0, 3])
def test_no_part_is_empty_and_the_seed_decides(n_strata):
    """As many units as parts suffice, one giant group included; equal seeds deal equally, others not."""
    sizes = np.array([90, 1, 1, 1])
    counts = np.minimum(np.ones((4, n_strata), dtype=int), sizes[:, None])
    for seed in range(5):
        part = stratify.deal(counts, sizes, np.full(4, 0.25), np.random.default_rng(seed))
        assert sorted(part) == [0, 1, 2, 3]
    many = np.random.default_rng(0).integers(0, 2, (200, n_strata))
    first, again, other = (
        stratify.deal(many, np.ones(200, dtype=int), np.array([0.8, 0.2]), np.random.default_rng(seed)).tolist()
        for seed in (1, 1, 2)
    )
    assert first == again != other
    with pytest.raises(ValueError, match="4 units for 5 parts"):
        stratify.deal(counts, sizes, np.full(5, 0.2), np.random.default_rng(0))
