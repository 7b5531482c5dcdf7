"""The findings name what is odd, and nothing that is not."""

from __future__ import annotations

import numpy as np

from lib.metrics import findings

NAMES = [f"label {c}" for c in range(9)]


def test_a_label_below_the_threshold_everywhere_is_named():
    """A label that occurs and is never predicted is named with its highest probability; unknown cells do not count."""
    preds = np.tile(np.array([0.9, 0.3, 0.2], dtype=np.float32), (6, 1))
    targs = np.tile(np.array([1, 1, 0], dtype=np.int8), (6, 1))
    preds[2, 1] = 0.4567
    preds[3, 1], targs[3, 1] = 0.95, -1
    (sentence,) = findings.labels_never_predicted(preds, targs, 0.5, NAMES)
    assert sentence.startswith("The label 'label 1' occurs but is never predicted at threshold 0.5.")
    assert "highest probability of 'label 1' is 0.457" in sentence
    assert findings.labels_never_predicted(preds, targs, 0.4, NAMES) == []
    assert findings.labels_never_predicted(preds, np.full_like(targs, -1), 0.5, NAMES) == []


def test_a_probability_on_the_threshold_is_not_above_it():
    """A label is predicted strictly above the threshold, in the predictions' own precision, as everywhere."""
    preds, targs = np.full((3, 1), 0.3, dtype=np.float32), np.ones((3, 1), dtype=np.int8)
    assert findings.labels_never_predicted(preds, targs, 0.3, NAMES)
    assert not findings.labels_never_predicted(preds, targs, 0.29, NAMES)


def test_many_labels_are_counted_and_five_are_named():
    """The most frequent come first, long names are shortened, and how many more there are is said."""
    preds = np.zeros((9, 9), dtype=np.float32)
    targs = np.triu(np.ones((9, 9), dtype=np.int8))  # label c occurs in c + 1 images
    names = [*NAMES[:8], "a name\nthat goes on and on and on and on"]
    (sentence,) = findings.labels_never_predicted(preds, targs, 0.5, names)
    assert sentence.startswith(
        "9 labels occur but are never predicted at threshold 0.5: 'a name that goes on and on an…', "
    )
    assert "'label 7', 'label 6', 'label 5', 'label 4' and 4 more. " in sentence
    assert "label 3" not in sentence


def test_a_class_that_never_wins_is_named():
    """A class that occurs and is nowhere the most probable is named; one that does not occur is not."""
    preds = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 0]]
    assert findings.classes_never_predicted(preds, np.array([0, 1, 1, 2, 2]), NAMES) == [
        "The class 'label 2' occurs but is never predicted. Train longer, or add such images."
    ]
    assert findings.classes_never_predicted(preds, np.array([0, 1, 1, 0, 0]), NAMES) == []


def _points(n: int, factor: float) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions and truth of three points; of the second the predictions vary ``factor`` times as much."""
    rng = np.random.default_rng(0)
    targs = rng.normal(50, 10, (n, 3, 2)).astype(np.float32)
    preds = targs.copy()
    preds[:, 1] = 50 + factor * (targs[:, 1] - 50)
    return preds, targs


def test_a_point_that_stands_still_is_named():
    """Below a tenth of the true spread a point is named with that part; above it, or on few images, it is not."""
    (sentence,) = findings.points_that_stand_still(*_points(40, 0.04), NAMES[:3])
    assert sentence.startswith("The predicted places of 'label 1' barely vary between images: by 4 % of how much")
    assert findings.points_that_stand_still(*_points(40, 0.11), NAMES[:3]) == []
    assert findings.points_that_stand_still(*_points(9, 0.04), NAMES[:3]) == []


def test_missing_points_do_not_hide_or_make_a_finding():
    """Only images that have the point count, for how many there are and for how it varies."""
    preds, targs = _points(40, 0.04)
    preds[10:, 1] = np.random.default_rng(1).normal(50, 40, (30, 2))  # would be spread enough
    targs[10:, 1] = np.nan
    assert len(findings.points_that_stand_still(preds, targs, NAMES[:3])) == 1
    targs[9:, 1] = np.nan
    assert findings.points_that_stand_still(preds, targs, NAMES[:3]) == []


def test_images_of_different_sizes_do_not_hide_a_point_that_stands_still():
    """Always the middle of the picture varies in pixels; relative to the picture it stands still."""
    rng = np.random.default_rng(2)
    sizes = rng.integers(50, 900, (30, 2))
    targs, preds = rng.random((30, 1, 2)) * sizes[:, None], 0.5 * sizes[:, None]
    assert findings.points_that_stand_still(preds, targs, ["nose"]) == []
    assert "'nose'" in findings.points_that_stand_still(preds, targs, ["nose"], sizes)[0]


def test_values_that_stand_still_are_named():
    """A value whose predictions hardly vary is named; a constant truth cannot be judged and is not."""
    rng = np.random.default_rng(3)
    targs = rng.normal([170, 60, 0.1], [10, 5, 0], (20, 3)).astype(np.float32)
    preds = targs * np.float32([0.01, 0.01, 0])
    (sentence,) = findings.values_that_stand_still(preds, targs, ["height (cm)", "width (cm)", "none"])
    assert sentence.startswith(
        "The predictions of 'height (cm)', 'width (cm)' barely vary between images: those of 'height (cm)' by 1 % of"
    )
    assert findings.values_that_stand_still(targs, targs, NAMES[:3]) == []
    assert findings.values_that_stand_still(preds[:9], targs[:9], NAMES[:3]) == []
