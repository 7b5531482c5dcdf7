"""The counts that the browser computes with are exact, and each formula is scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from lib.metrics import counts, decisions, sweep
from lib.metrics.decisions import Decisions
from lib.metrics.sweep import FORMULAS, MULTI_LABEL, SINGLE_LABEL
from tests.unit.decided import decisions_of

GRID = counts.grid()


def random_decisions(seed: int = 0, n: int = 120, labels: int = 6) -> Decisions:
    """Return decisions with ties on the grid."""
    rng = np.random.default_rng(seed)
    return decisions_of(rng.random((n, labels)).round(2), rng.integers(0, 2, (n, labels)))


def unpacked(content: bytes) -> dict[str, np.ndarray]:
    """Read the bytes as ``lab/numbers.js`` does."""
    numbers = np.frombuffer(content, dtype="<u4").astype(np.int64)
    labels, bins, images, known, base_right = numbers[:5]
    rest = np.split(numbers[5:], np.cumsum([labels * bins, labels * bins, labels, labels]))
    above = [part.reshape(labels, bins)[:, ::-1].cumsum(axis=1)[:, ::-1][:, 1:] for part in rest[:2]]
    return {
        "tp": above[0],
        "fp": above[1],
        "base_tp": rest[2],
        "base_fp": rest[3],
        "right": rest[4],
        "head": np.array([images, known, base_right]),
    }


@pytest.mark.parametrize("place", [0, 7, 350, 500, 730, 1000])
def test_what_travels_is_exact_at_every_threshold(place):
    """TP and FP of each label, and images that are all right, are scikit-learn's, ties at the threshold included."""
    cells = random_decisions()
    nothing = decisions_of(np.zeros_like(cells.scores), cells.truth)
    content = unpacked(sweep.sweep_of(cells, nothing, 0.5).to_bytes())
    predicted = cells.scores > GRID[place]
    matrices = sk.multilabel_confusion_matrix(cells.truth, predicted)
    assert content["tp"][:, place].tolist() == matrices[:, 1, 1].tolist()
    assert content["fp"][:, place].tolist() == matrices[:, 0, 1].tolist()
    assert content["right"][place] == sk.accuracy_score(cells.truth, predicted, normalize=False)
    assert content["head"].tolist() == [120, 120, int((cells.truth == 0).all(axis=1).sum())]
    assert not content["base_tp"].any()


def test_the_baseline_travels_with_its_own_hits():
    """A baseline that predicts one class for all has that class's positives as hits and the others as false alarms."""
    truth = np.eye(3, dtype=np.int8)[[0, 0, 1, 2]]
    always = decisions_of(np.tile(np.array([1, 0, 0], dtype=np.float32), (4, 1)), truth)
    content = unpacked(sweep.sweep_of(always, always, 0.0).to_bytes())
    assert content["base_tp"].tolist() == [2, 0, 0]
    assert content["base_fp"].tolist() == [2, 0, 0]
    assert content["head"].tolist() == [4, 4, 2]


def test_unknown_cells_travel_nowhere():
    """An image of which nothing is known is an image, but none that could be right; unknown cells are in no count."""
    cells = decisions_of(np.full((3, 2), 0.9, dtype=np.float32), np.array([[1, -1], [-1, -1], [0, 1]], dtype=np.int8))
    content = unpacked(sweep.sweep_of(cells, cells, 0.5).to_bytes())
    assert content["tp"][:, 500].tolist() == [1, 1]
    assert content["fp"][:, 500].tolist() == [1, 0]
    assert content["head"].tolist() == [3, 2, 1]
    assert content["right"][500] == 1


@pytest.mark.parametrize("name", list(FORMULAS))
def test_formulas_are_scikit_learns(name):
    """Every number that can be drawn is scikit-learn's, of all labels together and of one."""
    cells = random_decisions(1)
    predicted = decisions.predicted(cells, 0.4)
    theirs = {
        "accuracy_multi": lambda t, p: sk.accuracy_score(t.ravel(), p.ravel()),
        "hamming_loss": lambda t, p: sk.hamming_loss(t.ravel(), p.ravel()),
        "precision": lambda t, p: sk.precision_score(t.ravel(), p.ravel()),
        "recall": lambda t, p: sk.recall_score(t.ravel(), p.ravel()),
        "f1": lambda t, p: sk.f1_score(t.ravel(), p.ravel()),
        "predicted_per_image": lambda t, p: p.sum() / len(p),
    }[name]
    for chosen in (slice(None), [2]):
        truth, decided = cells.truth[:, chosen], predicted[:, chosen]
        tn, fp, fn, tp = (np.array(part) for part in sk.confusion_matrix(truth.ravel(), decided.ravel()).ravel())
        assert FORMULAS[name](tp, fp, fn, tn, len(truth)) == pytest.approx(theirs(truth, decided))


def test_formulas_say_not_defined():
    """A precision of nothing predicted and a recall of nothing true are no numbers, not 0."""
    zero, some = np.array(0), np.array(4)
    assert np.isnan(FORMULAS["precision"](zero, zero, some, some, 8))
    assert np.isnan(FORMULAS["recall"](zero, some, zero, some, 8))
    assert np.isnan(FORMULAS["f1"](zero, zero, zero, some, 8))


def test_every_curve_has_its_formula():
    """What a task draws can be computed; the first one is the headline, defined for one label as well."""
    for curves in (MULTI_LABEL, SINGLE_LABEL):
        assert {curve.name for curve in curves} <= {*FORMULAS, "subset_accuracy"}
        assert curves[0].of_one
        assert len({curve.name for curve in curves}) == len(curves)


def test_bands_stand_on_the_grid():
    """The band is worked out at thresholds that the curve has too."""
    assert sweep.band_grid().tolist() == GRID[::10].tolist()
    assert len(sweep.band_grid()) == 101
